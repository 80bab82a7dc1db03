-- +goose Up
-- drop index "webhookevent_outcome" from table: "webhook_events"
DROP INDEX "webhookevent_outcome";
-- create index "webhookevent_outcome" to table: "webhook_events"
CREATE INDEX "webhookevent_outcome" ON "webhook_events" ("outcome") WHERE applied_time IS NULL;

-- +goose Down
-- reverse: create index "webhookevent_outcome" to table: "webhook_events"
DROP INDEX "webhookevent_outcome";
-- reverse: drop index "webhookevent_outcome" from table: "webhook_events"
CREATE INDEX "webhookevent_outcome" ON "webhook_events" ("outcome") WHERE ((outcome)::text = ANY ((ARRAY['failed'::character varying, 'dead'::character varying])::text[]));
