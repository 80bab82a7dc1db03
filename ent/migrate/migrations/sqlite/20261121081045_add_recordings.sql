-- +goose Up
-- create "captures" table
CREATE TABLE `captures` (`id` uuid NOT NULL, `provider` text NOT NULL, `egress_id` text NULL, `path` text NOT NULL, `identity` text NOT NULL, `participation_id` uuid NULL, `track_sid` text NOT NULL, `status` text NOT NULL, `began` bool NOT NULL DEFAULT (false), `reason` text NULL, `error` text NULL, `ask_time` datetime NULL, `start_time` datetime NULL, `end_time` datetime NULL, `heard_time` datetime NOT NULL, `missed_time` datetime NULL, `create_time` datetime NOT NULL, `recording_id` uuid NOT NULL, PRIMARY KEY (`id`), CONSTRAINT `captures_recordings_captures` FOREIGN KEY (`recording_id`) REFERENCES `recordings` (`id`) ON DELETE CASCADE);
-- create index "capture_egress_id_provider" to table: "captures"
CREATE UNIQUE INDEX `capture_egress_id_provider` ON `captures` (`egress_id`, `provider`);
-- create index "capture_recording_id_track_sid" to table: "captures"
CREATE UNIQUE INDEX `capture_recording_id_track_sid` ON `captures` (`recording_id`, `track_sid`);
-- create "consents" table
CREATE TABLE `consents` (`id` uuid NOT NULL, `identity` text NOT NULL, `decision` text NOT NULL, `decide_time` datetime NOT NULL, `create_time` datetime NOT NULL, `meeting_id` uuid NOT NULL, PRIMARY KEY (`id`), CONSTRAINT `consents_meetings_consents` FOREIGN KEY (`meeting_id`) REFERENCES `meetings` (`id`) ON DELETE NO ACTION);
-- create index "consent_meeting_id_identity" to table: "consents"
CREATE UNIQUE INDEX `consent_meeting_id_identity` ON `consents` (`meeting_id`, `identity`);
-- create "recordings" table
CREATE TABLE `recordings` (`id` uuid NOT NULL, `provider` text NOT NULL, `mode` text NOT NULL, `identity` text NOT NULL, `participation_id` uuid NULL, `status` text NOT NULL, `reason` text NULL, `cause` text NOT NULL, `starter_id` uuid NULL, `request_id` text NULL, `title` text NOT NULL, `stop_cause` text NULL, `stop_time` datetime NULL, `start_time` datetime NULL, `end_time` datetime NULL, `duration_ms` integer NOT NULL DEFAULT (0), `expire_time` datetime NULL, `available_time` datetime NULL, `notify_time` datetime NULL, `expired_time` datetime NULL, `delete_time` datetime NULL, `processing` json NULL, `create_time` datetime NOT NULL, `update_time` datetime NOT NULL, `meeting_id` uuid NULL, `room_id` uuid NOT NULL, PRIMARY KEY (`id`), CONSTRAINT `recordings_meetings_recordings` FOREIGN KEY (`meeting_id`) REFERENCES `meetings` (`id`) ON DELETE SET NULL, CONSTRAINT `recordings_rooms_recordings` FOREIGN KEY (`room_id`) REFERENCES `rooms` (`id`) ON DELETE NO ACTION);
-- create index "recording_live" to table: "recordings"
CREATE UNIQUE INDEX `recording_live` ON `recordings` (`room_id`, `mode`, `identity`) WHERE end_time IS NULL;
-- create index "recording_starter_id_request_id" to table: "recordings"
CREATE UNIQUE INDEX `recording_starter_id_request_id` ON `recordings` (`starter_id`, `request_id`);
-- create index "recording_room_id_id" to table: "recordings"
CREATE INDEX `recording_room_id_id` ON `recordings` (`room_id`, `id`);
-- create index "recording_meeting_id" to table: "recordings"
CREATE INDEX `recording_meeting_id` ON `recordings` (`meeting_id`);
-- create index "recording_start_time" to table: "recordings"
CREATE INDEX `recording_start_time` ON `recordings` (`start_time`);
-- create index "recording_expire_time" to table: "recordings"
CREATE INDEX `recording_expire_time` ON `recordings` (`expire_time`) WHERE expire_time IS NOT NULL;
-- create index "recording_delete_time" to table: "recordings"
CREATE INDEX `recording_delete_time` ON `recordings` (`delete_time`) WHERE delete_time IS NOT NULL;
-- create "recording_accesses" table
CREATE TABLE `recording_accesses` (`id` uuid NOT NULL, `email` text NULL, `everyone` bool NOT NULL DEFAULT (false), `role` text NOT NULL, `create_time` datetime NOT NULL, `expire_time` datetime NULL, `recording_id` uuid NOT NULL, `user_id` uuid NULL, PRIMARY KEY (`id`), CONSTRAINT `recording_accesses_recordings_accesses` FOREIGN KEY (`recording_id`) REFERENCES `recordings` (`id`) ON DELETE CASCADE, CONSTRAINT `recording_accesses_users_recording_accesses` FOREIGN KEY (`user_id`) REFERENCES `users` (`id`) ON DELETE CASCADE);
-- create index "recordingaccess_recording_id_user_id" to table: "recording_accesses"
CREATE UNIQUE INDEX `recordingaccess_recording_id_user_id` ON `recording_accesses` (`recording_id`, `user_id`);
-- create index "recordingaccess_recording_id_email" to table: "recording_accesses"
CREATE UNIQUE INDEX `recordingaccess_recording_id_email` ON `recording_accesses` (`recording_id`, `email`) WHERE user_id IS NULL;
-- create index "recordingaccess_everyone" to table: "recording_accesses"
CREATE UNIQUE INDEX `recordingaccess_everyone` ON `recording_accesses` (`recording_id`) WHERE everyone;
-- create index "recordingaccess_user_id" to table: "recording_accesses"
CREATE INDEX `recordingaccess_user_id` ON `recording_accesses` (`user_id`);
-- create index "recordingaccess_email" to table: "recording_accesses"
CREATE INDEX `recordingaccess_email` ON `recording_accesses` (`email`);
-- create "recording_files" table
CREATE TABLE `recording_files` (`id` uuid NOT NULL, `key` text NOT NULL, `participation_id` uuid NULL, `track_sid` text NULL, `size` integer NOT NULL DEFAULT (0), `content_type` text NULL, `duration_ms` integer NOT NULL DEFAULT (0), `start_time` datetime NULL, `seen_time` datetime NULL, `create_time` datetime NOT NULL, `recording_id` uuid NOT NULL, PRIMARY KEY (`id`), CONSTRAINT `recording_files_recordings_files` FOREIGN KEY (`recording_id`) REFERENCES `recordings` (`id`) ON DELETE CASCADE);
-- create index "recordingfile_key" to table: "recording_files"
CREATE UNIQUE INDEX `recordingfile_key` ON `recording_files` (`key`);
-- create index "recordingfile_recording_id" to table: "recording_files"
CREATE INDEX `recordingfile_recording_id` ON `recording_files` (`recording_id`);

-- +goose Down
-- reverse: create index "recordingfile_recording_id" to table: "recording_files"
DROP INDEX `recordingfile_recording_id`;
-- reverse: create index "recordingfile_key" to table: "recording_files"
DROP INDEX `recordingfile_key`;
-- reverse: create "recording_files" table
DROP TABLE `recording_files`;
-- reverse: create index "recordingaccess_email" to table: "recording_accesses"
DROP INDEX `recordingaccess_email`;
-- reverse: create index "recordingaccess_user_id" to table: "recording_accesses"
DROP INDEX `recordingaccess_user_id`;
-- reverse: create index "recordingaccess_everyone" to table: "recording_accesses"
DROP INDEX `recordingaccess_everyone`;
-- reverse: create index "recordingaccess_recording_id_email" to table: "recording_accesses"
DROP INDEX `recordingaccess_recording_id_email`;
-- reverse: create index "recordingaccess_recording_id_user_id" to table: "recording_accesses"
DROP INDEX `recordingaccess_recording_id_user_id`;
-- reverse: create "recording_accesses" table
DROP TABLE `recording_accesses`;
-- reverse: create index "recording_delete_time" to table: "recordings"
DROP INDEX `recording_delete_time`;
-- reverse: create index "recording_expire_time" to table: "recordings"
DROP INDEX `recording_expire_time`;
-- reverse: create index "recording_start_time" to table: "recordings"
DROP INDEX `recording_start_time`;
-- reverse: create index "recording_meeting_id" to table: "recordings"
DROP INDEX `recording_meeting_id`;
-- reverse: create index "recording_room_id_id" to table: "recordings"
DROP INDEX `recording_room_id_id`;
-- reverse: create index "recording_starter_id_request_id" to table: "recordings"
DROP INDEX `recording_starter_id_request_id`;
-- reverse: create index "recording_live" to table: "recordings"
DROP INDEX `recording_live`;
-- reverse: create "recordings" table
DROP TABLE `recordings`;
-- reverse: create index "consent_meeting_id_identity" to table: "consents"
DROP INDEX `consent_meeting_id_identity`;
-- reverse: create "consents" table
DROP TABLE `consents`;
-- reverse: create index "capture_recording_id_track_sid" to table: "captures"
DROP INDEX `capture_recording_id_track_sid`;
-- reverse: create index "capture_egress_id_provider" to table: "captures"
DROP INDEX `capture_egress_id_provider`;
-- reverse: create "captures" table
DROP TABLE `captures`;
