-- +goose Up
-- create "notices" table
CREATE TABLE `notices` (`id` integer NOT NULL PRIMARY KEY AUTOINCREMENT, `room_id` uuid NULL, `type` text NOT NULL, `fact` json NOT NULL, `create_time` datetime NOT NULL);
-- create index "notice_room_id_id" to table: "notices"
CREATE INDEX `notice_room_id_id` ON `notices` (`room_id`, `id`);

-- +goose Down
-- reverse: create index "notice_room_id_id" to table: "notices"
DROP INDEX `notice_room_id_id`;
-- reverse: create "notices" table
DROP TABLE `notices`;
