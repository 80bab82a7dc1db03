-- +goose Up
-- add column "missed_time" to table: "meetings"
ALTER TABLE `meetings` ADD COLUMN `missed_time` datetime NULL;
-- add column "seen_time" to table: "meetings"
ALTER TABLE `meetings` ADD COLUMN `seen_time` datetime NULL;
-- add column "missed_time" to table: "participations"
ALTER TABLE `participations` ADD COLUMN `missed_time` datetime NULL;
-- add column "seen_time" to table: "participations"
ALTER TABLE `participations` ADD COLUMN `seen_time` datetime NULL;

-- +goose Down
-- reverse: add column "seen_time" to table: "participations"
ALTER TABLE `participations` DROP COLUMN `seen_time`;
-- reverse: add column "missed_time" to table: "participations"
ALTER TABLE `participations` DROP COLUMN `missed_time`;
-- reverse: add column "seen_time" to table: "meetings"
ALTER TABLE `meetings` DROP COLUMN `seen_time`;
-- reverse: add column "missed_time" to table: "meetings"
ALTER TABLE `meetings` DROP COLUMN `missed_time`;
