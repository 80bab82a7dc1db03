-- +goose Up
-- create "accesses" table
CREATE TABLE `accesses` (`id` uuid NOT NULL, `email` text NULL, `role` text NOT NULL, `create_time` datetime NOT NULL, `expire_time` datetime NULL, `room_id` uuid NOT NULL, `user_id` uuid NULL, PRIMARY KEY (`id`), CONSTRAINT `accesses_rooms_accesses` FOREIGN KEY (`room_id`) REFERENCES `rooms` (`id`) ON DELETE NO ACTION, CONSTRAINT `accesses_users_accesses` FOREIGN KEY (`user_id`) REFERENCES `users` (`id`) ON DELETE CASCADE);
-- create index "access_room_id_user_id" to table: "accesses"
CREATE UNIQUE INDEX `access_room_id_user_id` ON `accesses` (`room_id`, `user_id`);
-- create index "access_room_id_email" to table: "accesses"
CREATE UNIQUE INDEX `access_room_id_email` ON `accesses` (`room_id`, `email`) WHERE user_id IS NULL;
-- create index "access_user_id" to table: "accesses"
CREATE INDEX `access_user_id` ON `accesses` (`user_id`);
-- create index "access_email" to table: "accesses"
CREATE INDEX `access_email` ON `accesses` (`email`);
-- create "dispatch_rules" table
CREATE TABLE `dispatch_rules` (`id` uuid NOT NULL, `status` text NOT NULL DEFAULT ('absent'), `livekit_rule_id` text NULL, `digits` text NULL, `claim` uuid NULL, `claim_expire_time` datetime NULL, `failure_reason` text NULL, `update_time` datetime NOT NULL, `room_id` uuid NOT NULL, PRIMARY KEY (`id`), CONSTRAINT `dispatch_rules_rooms_dispatch_rule` FOREIGN KEY (`room_id`) REFERENCES `rooms` (`id`) ON DELETE NO ACTION);
-- create index "dispatch_rules_room_id_key" to table: "dispatch_rules"
CREATE UNIQUE INDEX `dispatch_rules_room_id_key` ON `dispatch_rules` (`room_id`);
-- create index "dispatchrule_status" to table: "dispatch_rules"
CREATE INDEX `dispatchrule_status` ON `dispatch_rules` (`status`);
-- create "meetings" table
CREATE TABLE `meetings` (`id` uuid NOT NULL, `provider` text NOT NULL, `provider_sid` text NOT NULL, `start_time` datetime NULL, `end_time` datetime NULL, `end_rank` text NULL, `create_time` datetime NOT NULL, `room_id` uuid NOT NULL, PRIMARY KEY (`id`), CONSTRAINT `meetings_rooms_meetings` FOREIGN KEY (`room_id`) REFERENCES `rooms` (`id`) ON DELETE NO ACTION);
-- create index "meeting_provider_provider_sid" to table: "meetings"
CREATE UNIQUE INDEX `meeting_provider_provider_sid` ON `meetings` (`provider`, `provider_sid`);
-- create index "meeting_room_id_end_time" to table: "meetings"
CREATE INDEX `meeting_room_id_end_time` ON `meetings` (`room_id`, `end_time`);
-- create "participations" table
CREATE TABLE `participations` (`id` uuid NOT NULL, `provider` text NOT NULL, `provider_sid` text NOT NULL, `identity` text NOT NULL, `display_name` text NULL, `kind` text NULL, `join_time` datetime NULL, `leave_time` datetime NULL, `leave_rank` text NULL, `leave_reason` text NULL, `phone_number` text NULL, `pass_id` text NULL, `create_time` datetime NOT NULL, `meeting_id` uuid NOT NULL, `room_id` uuid NOT NULL, PRIMARY KEY (`id`), CONSTRAINT `participations_meetings_participations` FOREIGN KEY (`meeting_id`) REFERENCES `meetings` (`id`) ON DELETE NO ACTION, CONSTRAINT `participations_rooms_participations` FOREIGN KEY (`room_id`) REFERENCES `rooms` (`id`) ON DELETE NO ACTION);
-- create index "participation_provider_provider_sid" to table: "participations"
CREATE UNIQUE INDEX `participation_provider_provider_sid` ON `participations` (`provider`, `provider_sid`);
-- create index "participation_live" to table: "participations"
CREATE INDEX `participation_live` ON `participations` (`room_id`) WHERE leave_time IS NULL;
-- create index "participation_meeting_id" to table: "participations"
CREATE INDEX `participation_meeting_id` ON `participations` (`meeting_id`);
-- create "pins" table
CREATE TABLE `pins` (`id` uuid NOT NULL, `pin_space` text NOT NULL, `digits` text NOT NULL, `create_time` datetime NOT NULL, `room_id` uuid NOT NULL, PRIMARY KEY (`id`), CONSTRAINT `pins_rooms_pins` FOREIGN KEY (`room_id`) REFERENCES `rooms` (`id`) ON DELETE NO ACTION);
-- create index "pin_pin_space_digits" to table: "pins"
CREATE UNIQUE INDEX `pin_pin_space_digits` ON `pins` (`pin_space`, `digits`);
-- create index "pin_room_id_pin_space" to table: "pins"
CREATE UNIQUE INDEX `pin_room_id_pin_space` ON `pins` (`room_id`, `pin_space`);
-- create "rooms" table
CREATE TABLE `rooms` (`id` uuid NOT NULL, `slug` text NOT NULL, `name` text NOT NULL, `access_level` text NOT NULL, `settings` json NOT NULL, `provider` text NOT NULL, `creator_id` uuid NOT NULL, `request_id` text NULL, `create_time` datetime NOT NULL, `update_time` datetime NOT NULL, `delete_time` datetime NULL, PRIMARY KEY (`id`));
-- create index "room_slug" to table: "rooms"
CREATE UNIQUE INDEX `room_slug` ON `rooms` (`slug`) WHERE delete_time IS NULL;
-- create index "room_creator_id_request_id" to table: "rooms"
CREATE UNIQUE INDEX `room_creator_id_request_id` ON `rooms` (`creator_id`, `request_id`);
-- create "users" table
CREATE TABLE `users` (`id` uuid NOT NULL, `issuer` text NOT NULL, `subject` text NOT NULL, `email` text NULL, `full_name` text NULL, `language` text NULL, `time_zone` text NULL, `first_seen_time` datetime NOT NULL, `update_time` datetime NOT NULL, PRIMARY KEY (`id`));
-- create index "user_issuer_subject" to table: "users"
CREATE UNIQUE INDEX `user_issuer_subject` ON `users` (`issuer`, `subject`);
-- create index "user_email" to table: "users"
CREATE INDEX `user_email` ON `users` (`email`);
-- create "webhook_events" table
CREATE TABLE `webhook_events` (`id` uuid NOT NULL, `provider` text NOT NULL, `event_id` text NOT NULL, `type` text NOT NULL, `room_name` text NULL, `room_sid` text NULL, `participant_sid` text NULL, `egress_id` text NULL, `body` blob NULL, `origin` text NOT NULL, `stated_time` datetime NULL, `received_time` datetime NOT NULL, `applied_time` datetime NULL, `outcome` text NOT NULL, `error` text NULL, `attempts` integer NOT NULL DEFAULT (0), PRIMARY KEY (`id`));
-- create index "webhookevent_provider_event_id" to table: "webhook_events"
CREATE UNIQUE INDEX `webhookevent_provider_event_id` ON `webhook_events` (`provider`, `event_id`);
-- create index "webhookevent_received_time" to table: "webhook_events"
CREATE INDEX `webhookevent_received_time` ON `webhook_events` (`received_time`);
-- create index "webhookevent_room_name" to table: "webhook_events"
CREATE INDEX `webhookevent_room_name` ON `webhook_events` (`room_name`);
-- create index "webhookevent_outcome" to table: "webhook_events"
CREATE INDEX `webhookevent_outcome` ON `webhook_events` (`outcome`);

-- +goose Down
-- reverse: create index "webhookevent_outcome" to table: "webhook_events"
DROP INDEX `webhookevent_outcome`;
-- reverse: create index "webhookevent_room_name" to table: "webhook_events"
DROP INDEX `webhookevent_room_name`;
-- reverse: create index "webhookevent_received_time" to table: "webhook_events"
DROP INDEX `webhookevent_received_time`;
-- reverse: create index "webhookevent_provider_event_id" to table: "webhook_events"
DROP INDEX `webhookevent_provider_event_id`;
-- reverse: create "webhook_events" table
DROP TABLE `webhook_events`;
-- reverse: create index "user_email" to table: "users"
DROP INDEX `user_email`;
-- reverse: create index "user_issuer_subject" to table: "users"
DROP INDEX `user_issuer_subject`;
-- reverse: create "users" table
DROP TABLE `users`;
-- reverse: create index "room_creator_id_request_id" to table: "rooms"
DROP INDEX `room_creator_id_request_id`;
-- reverse: create index "room_slug" to table: "rooms"
DROP INDEX `room_slug`;
-- reverse: create "rooms" table
DROP TABLE `rooms`;
-- reverse: create index "pin_room_id_pin_space" to table: "pins"
DROP INDEX `pin_room_id_pin_space`;
-- reverse: create index "pin_pin_space_digits" to table: "pins"
DROP INDEX `pin_pin_space_digits`;
-- reverse: create "pins" table
DROP TABLE `pins`;
-- reverse: create index "participation_meeting_id" to table: "participations"
DROP INDEX `participation_meeting_id`;
-- reverse: create index "participation_live" to table: "participations"
DROP INDEX `participation_live`;
-- reverse: create index "participation_provider_provider_sid" to table: "participations"
DROP INDEX `participation_provider_provider_sid`;
-- reverse: create "participations" table
DROP TABLE `participations`;
-- reverse: create index "meeting_room_id_end_time" to table: "meetings"
DROP INDEX `meeting_room_id_end_time`;
-- reverse: create index "meeting_provider_provider_sid" to table: "meetings"
DROP INDEX `meeting_provider_provider_sid`;
-- reverse: create "meetings" table
DROP TABLE `meetings`;
-- reverse: create index "dispatchrule_status" to table: "dispatch_rules"
DROP INDEX `dispatchrule_status`;
-- reverse: create index "dispatch_rules_room_id_key" to table: "dispatch_rules"
DROP INDEX `dispatch_rules_room_id_key`;
-- reverse: create "dispatch_rules" table
DROP TABLE `dispatch_rules`;
-- reverse: create index "access_email" to table: "accesses"
DROP INDEX `access_email`;
-- reverse: create index "access_user_id" to table: "accesses"
DROP INDEX `access_user_id`;
-- reverse: create index "access_room_id_email" to table: "accesses"
DROP INDEX `access_room_id_email`;
-- reverse: create index "access_room_id_user_id" to table: "accesses"
DROP INDEX `access_room_id_user_id`;
-- reverse: create "accesses" table
DROP TABLE `accesses`;
