#!/usr/bin/env bash
# Fails if gen/ or ent/ is not what proto/ and ent/schema/ generate. Generates
# into a temporary folder, so that it neither changes nor minds a dirty tree.
set -euo pipefail
cd "$(dirname "$0")/../.."

fresh=$(mktemp -d)
trap 'rm -rf "$fresh"' EXIT

bin/buf generate --output "$fresh"
mkdir "$fresh/ent"
cp -R go.mod go.sum "$fresh"
cp -R ent/schema ent/generate.go "$fresh/ent"
go -C "$fresh" generate ./ent
gofmt -w "$fresh/gen/go" "$fresh/ent"

stale=0
for folder in gen/go gen/ts/src ent; do
	diff --recursive --brief --exclude migrations "$fresh/$folder" "$folder" || stale=1
done
((stale == 0)) || {
	echo "generated code differs from its sources: run make generate" >&2
	exit 1
}
