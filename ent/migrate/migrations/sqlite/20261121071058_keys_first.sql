-- +goose Up
DROP INDEX `meeting_provider_provider_sid`;
CREATE UNIQUE INDEX `meeting_provider_sid_provider` ON `meetings` (`provider_sid`, `provider`);
DROP INDEX `participation_provider_provider_sid`;
CREATE UNIQUE INDEX `participation_provider_sid_provider` ON `participations` (`provider_sid`, `provider`);
DROP INDEX `webhookevent_outcome`;
DROP INDEX `webhookevent_provider_event_id`;
DROP INDEX `webhookevent_received_time`;
CREATE INDEX `webhookevent_outcome` ON `webhook_events` (`outcome`) WHERE applied_time IS NULL;
CREATE UNIQUE INDEX `webhookevent_event_id_provider` ON `webhook_events` (`event_id`, `provider`);

-- +goose Down
DROP INDEX `webhookevent_event_id_provider`;
DROP INDEX `webhookevent_outcome`;
CREATE INDEX `webhookevent_received_time` ON `webhook_events` (`received_time`);
CREATE UNIQUE INDEX `webhookevent_provider_event_id` ON `webhook_events` (`provider`, `event_id`);
CREATE INDEX `webhookevent_outcome` ON `webhook_events` (`outcome`);
DROP INDEX `participation_provider_sid_provider`;
CREATE UNIQUE INDEX `participation_provider_provider_sid` ON `participations` (`provider`, `provider_sid`);
DROP INDEX `meeting_provider_sid_provider`;
CREATE UNIQUE INDEX `meeting_provider_provider_sid` ON `meetings` (`provider`, `provider_sid`);
