-- +goose Up
-- add column "stop_time" to table: "captures"
ALTER TABLE `captures` ADD COLUMN `stop_time` datetime NULL;
-- drop index "capture_recording_id_track_sid" from table: "captures"
DROP INDEX `capture_recording_id_track_sid`;
-- create index "capture_recording_id_path" to table: "captures"
CREATE UNIQUE INDEX `capture_recording_id_path` ON `captures` (`recording_id`, `path`);
-- create index "capture_reason_heard_time" to table: "captures"
CREATE INDEX `capture_reason_heard_time` ON `captures` (`reason`, `heard_time`);
-- add column "despite_declined" to table: "recordings"
ALTER TABLE `recordings` ADD COLUMN `despite_declined` bool NULL;

-- +goose Down
-- reverse: add column "despite_declined" to table: "recordings"
ALTER TABLE `recordings` DROP COLUMN `despite_declined`;
-- reverse: create index "capture_reason_heard_time" to table: "captures"
DROP INDEX `capture_reason_heard_time`;
-- reverse: create index "capture_recording_id_path" to table: "captures"
DROP INDEX `capture_recording_id_path`;
-- reverse: drop index "capture_recording_id_track_sid" from table: "captures"
CREATE UNIQUE INDEX `capture_recording_id_track_sid` ON `captures` (`recording_id`, `track_sid`);
-- reverse: add column "stop_time" to table: "captures"
ALTER TABLE `captures` DROP COLUMN `stop_time`;
