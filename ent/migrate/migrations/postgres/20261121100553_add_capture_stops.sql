-- +goose Up
-- drop index "capture_recording_id_track_sid" from table: "captures"
DROP INDEX "capture_recording_id_track_sid";
-- modify "captures" table
ALTER TABLE "captures" ADD COLUMN "stop_time" timestamptz NULL;
-- create index "capture_recording_id_path" to table: "captures"
CREATE UNIQUE INDEX "capture_recording_id_path" ON "captures" ("recording_id", "path");
-- create index "capture_reason_heard_time" to table: "captures"
CREATE INDEX "capture_reason_heard_time" ON "captures" ("reason", "heard_time");
-- modify "recordings" table
ALTER TABLE "recordings" ADD COLUMN "despite_declined" boolean NULL;

-- +goose Down
-- reverse: modify "recordings" table
ALTER TABLE "recordings" DROP COLUMN "despite_declined";
-- reverse: create index "capture_reason_heard_time" to table: "captures"
DROP INDEX "capture_reason_heard_time";
-- reverse: create index "capture_recording_id_path" to table: "captures"
DROP INDEX "capture_recording_id_path";
-- reverse: modify "captures" table
ALTER TABLE "captures" DROP COLUMN "stop_time";
-- reverse: drop index "capture_recording_id_track_sid" from table: "captures"
CREATE UNIQUE INDEX "capture_recording_id_track_sid" ON "captures" ("recording_id", "track_sid");
