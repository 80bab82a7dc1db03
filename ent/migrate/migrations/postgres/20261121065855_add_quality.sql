-- +goose Up
-- create index "meeting_room_id_id" to table: "meetings"
CREATE INDEX "meeting_room_id_id" ON "meetings" ("room_id", "id");
-- create index "meeting_end_time" to table: "meetings"
CREATE INDEX "meeting_end_time" ON "meetings" ("end_time");
-- create index "participation_identity_meeting_id" to table: "participations"
CREATE INDEX "participation_identity_meeting_id" ON "participations" ("identity", "meeting_id");
-- create "qualities" table
CREATE TABLE "qualities" ("id" uuid NOT NULL, "sequence" bigint NOT NULL, "samples" bigint NOT NULL, "excellent_ms" bigint NOT NULL, "good_ms" bigint NOT NULL, "poor_ms" bigint NOT NULL, "lost_ms" bigint NOT NULL, "packet_loss_count" bigint NOT NULL, "packet_loss_sum" double precision NOT NULL, "packet_loss_max" double precision NOT NULL, "jitter_count" bigint NOT NULL, "jitter_ms_sum" double precision NOT NULL, "jitter_ms_max" double precision NOT NULL, "round_trip_count" bigint NOT NULL, "round_trip_ms_sum" double precision NOT NULL, "round_trip_ms_max" double precision NOT NULL, "device" character varying NULL, "browser" character varying NULL, "create_time" timestamptz NOT NULL, "update_time" timestamptz NOT NULL, "participation_id" uuid NOT NULL, PRIMARY KEY ("id"), CONSTRAINT "qualities_participations_quality" FOREIGN KEY ("participation_id") REFERENCES "participations" ("id") ON DELETE NO ACTION);
-- create index "qualities_participation_id_key" to table: "qualities"
CREATE UNIQUE INDEX "qualities_participation_id_key" ON "qualities" ("participation_id");

-- +goose Down
-- reverse: create index "qualities_participation_id_key" to table: "qualities"
DROP INDEX "qualities_participation_id_key";
-- reverse: create "qualities" table
DROP TABLE "qualities";
-- reverse: create index "participation_identity_meeting_id" to table: "participations"
DROP INDEX "participation_identity_meeting_id";
-- reverse: create index "meeting_end_time" to table: "meetings"
DROP INDEX "meeting_end_time";
-- reverse: create index "meeting_room_id_id" to table: "meetings"
DROP INDEX "meeting_room_id_id";
