#!/usr/bin/env bash
# Lays down the third-party protos that ours import, taken out of the Go modules
# that publish them. Usage: protos.sh DIRECTORY
set -euo pipefail

# take MODULE@VERSION FILE DESTINATION SHA256
take() {
	local dir
	dir=$(go mod download -json "$1" | sed -n 's/^\t"Dir": "\(.*\)",\{0,1\}$/\1/p')
	echo "$4  $dir/$2" | sha256sum --check --quiet
	mkdir -p "${3%/*}"
	cat "$dir/$2" >"$3" # the module cache's copy is read-only
}

take github.com/bufbuild/protovalidate@v1.2.2 proto/protovalidate/buf/validate/validate.proto \
	"$1/protovalidate/buf/validate/validate.proto" a1dc1163ebac930b3b070655b91f2bc78df8b4aea940021661fe5ec7904a7b88
take github.com/gogo/googleapis@v1.4.1 google/rpc/error_details.proto \
	"$1/googleapis/google/rpc/error_details.proto" 21e87701142894bcca4b8384bc0a8022c30038b598c67d0ead2eed7bab36f61a

# gogo's copy names gogo's Go package; ours is the one that Google generates.
sed -i.bak 's|^option go_package = .*|option go_package = "google.golang.org/genproto/googleapis/rpc/errdetails;errdetails";|' \
	"$1/googleapis/google/rpc/error_details.proto"
rm "$1/googleapis/google/rpc/error_details.proto.bak"
