-- +goose Up
-- drop index "meeting_provider_provider_sid" from table: "meetings"
DROP INDEX "meeting_provider_provider_sid";
-- create index "meeting_provider_sid_provider" to table: "meetings"
CREATE UNIQUE INDEX "meeting_provider_sid_provider" ON "meetings" ("provider_sid", "provider");
-- drop index "participation_provider_provider_sid" from table: "participations"
DROP INDEX "participation_provider_provider_sid";
-- create index "participation_provider_sid_provider" to table: "participations"
CREATE UNIQUE INDEX "participation_provider_sid_provider" ON "participations" ("provider_sid", "provider");
-- drop index "webhookevent_outcome" from table: "webhook_events"
DROP INDEX "webhookevent_outcome";
-- drop index "webhookevent_provider_event_id" from table: "webhook_events"
DROP INDEX "webhookevent_provider_event_id";
-- drop index "webhookevent_received_time" from table: "webhook_events"
DROP INDEX "webhookevent_received_time";
-- create index "webhookevent_outcome" to table: "webhook_events"
CREATE INDEX "webhookevent_outcome" ON "webhook_events" ("outcome") WHERE applied_time IS NULL;
-- create index "webhookevent_event_id_provider" to table: "webhook_events"
CREATE UNIQUE INDEX "webhookevent_event_id_provider" ON "webhook_events" ("event_id", "provider");

-- +goose Down
-- reverse: create index "webhookevent_event_id_provider" to table: "webhook_events"
DROP INDEX "webhookevent_event_id_provider";
-- reverse: create index "webhookevent_outcome" to table: "webhook_events"
DROP INDEX "webhookevent_outcome";
-- reverse: drop index "webhookevent_received_time" from table: "webhook_events"
CREATE INDEX "webhookevent_received_time" ON "webhook_events" ("received_time");
-- reverse: drop index "webhookevent_provider_event_id" from table: "webhook_events"
CREATE UNIQUE INDEX "webhookevent_provider_event_id" ON "webhook_events" ("provider", "event_id");
-- reverse: drop index "webhookevent_outcome" from table: "webhook_events"
CREATE INDEX "webhookevent_outcome" ON "webhook_events" ("outcome");
-- reverse: create index "participation_provider_sid_provider" to table: "participations"
DROP INDEX "participation_provider_sid_provider";
-- reverse: drop index "participation_provider_provider_sid" from table: "participations"
CREATE UNIQUE INDEX "participation_provider_provider_sid" ON "participations" ("provider", "provider_sid");
-- reverse: create index "meeting_provider_sid_provider" to table: "meetings"
DROP INDEX "meeting_provider_sid_provider";
-- reverse: drop index "meeting_provider_provider_sid" from table: "meetings"
CREATE UNIQUE INDEX "meeting_provider_provider_sid" ON "meetings" ("provider", "provider_sid");
