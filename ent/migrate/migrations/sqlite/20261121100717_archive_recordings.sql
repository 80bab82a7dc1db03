-- +goose Up
-- add column "move_time" to table: "recording_files"
ALTER TABLE `recording_files` ADD COLUMN `move_time` datetime NULL;
-- add column "archive_time" to table: "recording_files"
ALTER TABLE `recording_files` ADD COLUMN `archive_time` datetime NULL;
-- create index "recordingfile_to_archive" to table: "recording_files"
CREATE INDEX `recordingfile_to_archive` ON `recording_files` (`seen_time`) WHERE archive_time IS NULL;

-- +goose Down
-- reverse: create index "recordingfile_to_archive" to table: "recording_files"
DROP INDEX `recordingfile_to_archive`;
-- reverse: add column "archive_time" to table: "recording_files"
ALTER TABLE `recording_files` DROP COLUMN `archive_time`;
-- reverse: add column "move_time" to table: "recording_files"
ALTER TABLE `recording_files` DROP COLUMN `move_time`;
