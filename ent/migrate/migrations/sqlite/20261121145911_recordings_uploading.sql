-- +goose Up
-- drop index "recording_live" from table: "recordings"
DROP INDEX `recording_live`;
-- add column "captured_time" to table: "recordings"
ALTER TABLE `recordings` ADD COLUMN `captured_time` datetime NULL;
-- of what has ended nothing is captured
UPDATE `recordings` SET `captured_time` = `end_time` WHERE `end_time` IS NOT NULL;
-- create index "recording_live" to table: "recordings"
CREATE INDEX `recording_live` ON `recordings` (`room_id`) WHERE end_time IS NULL;
-- create index "recording_capturing" to table: "recordings"
CREATE UNIQUE INDEX `recording_capturing` ON `recordings` (`room_id`, `mode`, `identity`) WHERE captured_time IS NULL;

-- +goose Down
-- reverse: create index "recording_capturing" to table: "recordings"
DROP INDEX `recording_capturing`;
-- reverse: create index "recording_live" to table: "recordings"
DROP INDEX `recording_live`;
-- what is only written still does not keep another from being made; its end is heard all the same
UPDATE `recordings` SET `end_time` = `captured_time` WHERE `end_time` IS NULL AND `captured_time` IS NOT NULL;
-- reverse: add column "captured_time" to table: "recordings"
ALTER TABLE `recordings` DROP COLUMN `captured_time`;
-- reverse: drop index "recording_live" from table: "recordings"
CREATE UNIQUE INDEX `recording_live` ON `recordings` (`room_id`, `mode`, `identity`) WHERE end_time IS NULL;
