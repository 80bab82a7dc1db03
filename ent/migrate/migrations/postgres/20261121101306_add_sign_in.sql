-- +goose Up
-- create "api_keys" table
CREATE TABLE "api_keys" ("id" uuid NOT NULL, "name" character varying NOT NULL, "prefix" character varying NOT NULL, "secret_hash" bytea NOT NULL, "scopes" jsonb NOT NULL, "created_by" uuid NULL, "create_time" timestamptz NOT NULL, "expire_time" timestamptz NULL, "last_use_time" timestamptz NULL, "revoke_time" timestamptz NULL, "user_id" uuid NOT NULL, PRIMARY KEY ("id"), CONSTRAINT "api_keys_users_api_keys" FOREIGN KEY ("user_id") REFERENCES "users" ("id") ON DELETE CASCADE);
-- create index "api_keys_prefix_key" to table: "api_keys"
CREATE UNIQUE INDEX "api_keys_prefix_key" ON "api_keys" ("prefix");
-- create index "apikey_user_id" to table: "api_keys"
CREATE INDEX "apikey_user_id" ON "api_keys" ("user_id");
-- create "sign_ins" table
CREATE TABLE "sign_ins" ("id" uuid NOT NULL, "secret_hash" bytea NOT NULL, "operator" boolean NOT NULL, "id_token" bytea NOT NULL, "refresh_token" bytea NULL, "refresh_time" timestamptz NULL, "create_time" timestamptz NOT NULL, "expire_time" timestamptz NOT NULL, "user_id" uuid NOT NULL, PRIMARY KEY ("id"), CONSTRAINT "sign_ins_users_sign_ins" FOREIGN KEY ("user_id") REFERENCES "users" ("id") ON DELETE CASCADE);
-- create index "sign_ins_secret_hash_key" to table: "sign_ins"
CREATE UNIQUE INDEX "sign_ins_secret_hash_key" ON "sign_ins" ("secret_hash");
-- create index "signin_user_id" to table: "sign_ins"
CREATE INDEX "signin_user_id" ON "sign_ins" ("user_id");
-- create index "signin_expire_time" to table: "sign_ins"
CREATE INDEX "signin_expire_time" ON "sign_ins" ("expire_time");

-- +goose Down
-- reverse: create index "signin_expire_time" to table: "sign_ins"
DROP INDEX "signin_expire_time";
-- reverse: create index "signin_user_id" to table: "sign_ins"
DROP INDEX "signin_user_id";
-- reverse: create index "sign_ins_secret_hash_key" to table: "sign_ins"
DROP INDEX "sign_ins_secret_hash_key";
-- reverse: create "sign_ins" table
DROP TABLE "sign_ins";
-- reverse: create index "apikey_user_id" to table: "api_keys"
DROP INDEX "apikey_user_id";
-- reverse: create index "api_keys_prefix_key" to table: "api_keys"
DROP INDEX "api_keys_prefix_key";
-- reverse: create "api_keys" table
DROP TABLE "api_keys";
