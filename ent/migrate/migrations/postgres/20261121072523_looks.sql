-- +goose Up
-- modify "meetings" table
ALTER TABLE "meetings" ADD COLUMN "missed_time" timestamptz NULL, ADD COLUMN "seen_time" timestamptz NULL;
-- modify "participations" table
ALTER TABLE "participations" ADD COLUMN "missed_time" timestamptz NULL, ADD COLUMN "seen_time" timestamptz NULL;
-- drop index "webhookevent_outcome" from table: "webhook_events"
DROP INDEX "webhookevent_outcome";
-- create index "webhookevent_outcome" to table: "webhook_events"
CREATE INDEX "webhookevent_outcome" ON "webhook_events" ("outcome") WHERE outcome IN ('failed', 'dead');

-- +goose Down
-- reverse: create index "webhookevent_outcome" to table: "webhook_events"
DROP INDEX "webhookevent_outcome";
-- reverse: drop index "webhookevent_outcome" from table: "webhook_events"
CREATE INDEX "webhookevent_outcome" ON "webhook_events" ("outcome") WHERE ((outcome)::text = ANY ((ARRAY['failed'::character varying, 'dead'::character varying])::text[]));
-- reverse: modify "participations" table
ALTER TABLE "participations" DROP COLUMN "seen_time", DROP COLUMN "missed_time";
-- reverse: modify "meetings" table
ALTER TABLE "meetings" DROP COLUMN "seen_time", DROP COLUMN "missed_time";
