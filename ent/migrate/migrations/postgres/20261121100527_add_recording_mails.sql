-- +goose Up
-- modify "recordings" table
ALTER TABLE "recordings" ADD COLUMN "limit_near_time" timestamptz NULL;
-- create "recording_mails" table
CREATE TABLE "recording_mails" ("id" uuid NOT NULL, "email" character varying NOT NULL, "status" character varying NOT NULL, "tries" bigint NOT NULL DEFAULT 0, "create_time" timestamptz NOT NULL, "update_time" timestamptz NOT NULL, "recording_id" uuid NOT NULL, "user_id" uuid NULL, PRIMARY KEY ("id"), CONSTRAINT "recording_mails_recordings_mails" FOREIGN KEY ("recording_id") REFERENCES "recordings" ("id") ON DELETE CASCADE, CONSTRAINT "recording_mails_users_recording_mails" FOREIGN KEY ("user_id") REFERENCES "users" ("id") ON DELETE CASCADE);
-- create index "recordingmail_recording_id_email" to table: "recording_mails"
CREATE UNIQUE INDEX "recordingmail_recording_id_email" ON "recording_mails" ("recording_id", "email");
-- create index "recordingmail_recording_id_user_id" to table: "recording_mails"
CREATE UNIQUE INDEX "recordingmail_recording_id_user_id" ON "recording_mails" ("recording_id", "user_id");
-- create index "recordingmail_user_id" to table: "recording_mails"
CREATE INDEX "recordingmail_user_id" ON "recording_mails" ("user_id");

-- +goose Down
-- reverse: create index "recordingmail_user_id" to table: "recording_mails"
DROP INDEX "recordingmail_user_id";
-- reverse: create index "recordingmail_recording_id_user_id" to table: "recording_mails"
DROP INDEX "recordingmail_recording_id_user_id";
-- reverse: create index "recordingmail_recording_id_email" to table: "recording_mails"
DROP INDEX "recordingmail_recording_id_email";
-- reverse: create "recording_mails" table
DROP TABLE "recording_mails";
-- reverse: modify "recordings" table
ALTER TABLE "recordings" DROP COLUMN "limit_near_time";
