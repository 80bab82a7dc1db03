-- +goose Up
-- modify "recording_files" table
ALTER TABLE "recording_files" ADD COLUMN "move_time" timestamptz NULL, ADD COLUMN "archive_time" timestamptz NULL;
-- create index "recordingfile_to_archive" to table: "recording_files"
CREATE INDEX "recordingfile_to_archive" ON "recording_files" ("seen_time") WHERE archive_time IS NULL;

-- +goose Down
-- reverse: create index "recordingfile_to_archive" to table: "recording_files"
DROP INDEX "recordingfile_to_archive";
-- reverse: modify "recording_files" table
ALTER TABLE "recording_files" DROP COLUMN "archive_time", DROP COLUMN "move_time";
