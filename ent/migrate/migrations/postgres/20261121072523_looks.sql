-- +goose Up
-- modify "meetings" table
ALTER TABLE "meetings" ADD COLUMN "missed_time" timestamptz NULL, ADD COLUMN "seen_time" timestamptz NULL;
-- modify "participations" table
ALTER TABLE "participations" ADD COLUMN "missed_time" timestamptz NULL, ADD COLUMN "seen_time" timestamptz NULL;

-- +goose Down
-- reverse: modify "participations" table
ALTER TABLE "participations" DROP COLUMN "seen_time", DROP COLUMN "missed_time";
-- reverse: modify "meetings" table
ALTER TABLE "meetings" DROP COLUMN "seen_time", DROP COLUMN "missed_time";
