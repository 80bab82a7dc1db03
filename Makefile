# Everything there is to do with this repository. `make` lists it.
# Needs Go, Node and make; the rest is fetched or built by the targets.

SHELL := bash
.SHELLFLAGS := -euo pipefail -c
MAKEFLAGS += --no-builtin-rules --no-print-directory
.DEFAULT_GOAL := help
.DELETE_ON_ERROR:
.NOTPARALLEL: # go and npm use all cores by themselves

VERSION := $(or $(ANTEROOM_VERSION),$(shell git describe --tags --always --dirty 2>/dev/null),unknown)
GO_BUILD := CGO_ENABLED=0 go build -trimpath -tags console -ldflags '-s -w -X main.version=$(VERSION)'

PROTO_TOOLS := bin/buf bin/protoc-gen-go bin/protoc-gen-connect-go
THIRD_PARTY_PROTOS := .deps/proto/.complete
NODE_MODULES := node_modules/.package-lock.json
CONSOLE := internal/console/dist/index.html
CONSOLE_SOURCES := $(shell find internal/console/web gen/ts -type f -not -path '*/node_modules/*')
RELEASED_API := proto/released.binpb

.PHONY: help
help: ## List these targets.
	@awk -F ':.*## ' '/^[a-z-]+:.*## /{printf "  make %-14s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

## Running and building

.PHONY: run build
run: build ## Build everything, start it with its data in ./data and print the URL to open; LISTEN=host:port chooses the address.
	@exec bin/anteroom dev --data data $(if $(LISTEN),--listen $(LISTEN))

build: bin/livekit-server bin/anteroom ## Build bin/anteroom, with the console in it, and bin/livekit-server.

.PHONY: bin/anteroom # Go knows better than make which of its sources are stale.
bin/anteroom: $(CONSOLE)
	@echo "building anteroom…"
	@$(GO_BUILD) -o $@ ./cmd/anteroom

.PHONY: bin/egressstandin
bin/egressstandin:
	@go build -trimpath -o $@ ./cmd/egressstandin

$(CONSOLE): $(NODE_MODULES) $(CONSOLE_SOURCES)
	@echo "building the console…"
	@output=$$(npm run --silent build 2>&1) || { echo "$$output" >&2; exit 1; }
	@touch $@

$(NODE_MODULES): package.json package-lock.json internal/console/web/package.json gen/ts/package.json docs/frontend/package.json
	@echo "installing npm packages…"
	@npm ci --silent
	@touch $@

## Tools, each built once from a go.mod of its own

bin/livekit-server: PACKAGE := github.com/livekit/livekit-server/cmd/server
bin/buf: PACKAGE := github.com/bufbuild/buf/cmd/buf
bin/protoc-gen-go: PACKAGE := google.golang.org/protobuf/cmd/protoc-gen-go
bin/protoc-gen-connect-go: PACKAGE := connectrpc.com/connect/cmd/protoc-gen-connect-go
bin/golangci-lint: PACKAGE := github.com/golangci/golangci-lint/v2/cmd/golangci-lint
bin/versitygw: PACKAGE := github.com/versity/versitygw/cmd/versitygw
bin/goaws: PACKAGE := github.com/Admiral-Piett/goaws/app/cmd

bin/livekit-server $(PROTO_TOOLS): internal/tools/go.mod
bin/golangci-lint: internal/tools/lint/go.mod
bin/versitygw bin/goaws: internal/tools/aws/go.mod

bin/livekit-server bin/golangci-lint bin/versitygw bin/goaws $(PROTO_TOOLS):
	@echo "building $(@F) (once$(if $(findstring livekit,$@),; several minutes on two cores))…"
	@go build -modfile=$< -trimpath -ldflags '-s -w' -o $@ $(PACKAGE)
	@touch $@

bin/chart: $(wildcard internal/tools/chart/*)
	@echo "building chart (once; a few minutes on two cores)…"
	@cd internal/tools/chart && go build -trimpath -ldflags '-s -w' -o ../../../$@ .

$(THIRD_PARTY_PROTOS): internal/tools/protos.sh
	@echo "taking third-party protos out of their Go modules…"
	@internal/tools/protos.sh .deps/proto
	@touch $@

bin/openid: internal/tools/openid/go.mod $(wildcard internal/tools/openid/*.go)
	@echo "building the OpenID provider of the tests (once)…"
	@cd internal/tools/openid && go build -trimpath -ldflags '-s -w' -o ../../../$@ .
	@touch $@

## Generated code

.PHONY: generate released migration
generate: $(PROTO_TOOLS) $(THIRD_PARTY_PROTOS) $(NODE_MODULES) ## Write gen/ and docs/api.md from proto/, ent/ from ent/schema/, and the pages of the settings from their flags.
	@echo "generating gen/ from proto/…"
	@bin/buf generate
	@bin/buf build proto -o -#format=binpb | go run ./internal/rpc/reference > docs/api.md
	@echo "generating ent/ from ent/schema/…"
	@go generate ./ent
	@gofmt -w gen/go ent
	@echo "writing docs/configuration.md and .env.example…"
	@page=$$(go run ./cmd/anteroom config --markdown) && echo "$$page" >docs/configuration.md
	@example=$$(go run ./cmd/anteroom config --env) && echo "$$example" >.env.example

released: bin/buf $(THIRD_PARTY_PROTOS) ## Keep the API as it is now in proto/released.binpb, for `make check` to hold later changes against.
	@bin/buf build proto --exclude-source-info -o $(RELEASED_API)
	@echo "$(RELEASED_API) is written: commit it"

migration: ## Write the next migration, for Postgres and SQLite, from ent/schema; NAME=add_bans names it.
	@[[ -n "$(NAME)" ]] || { echo "say what the migration does: make migration NAME=add_bans" >&2; exit 2; }
	@internal/tools/require.sh postgres
	@go run ./internal/db/migrategen $(NAME)

## Checks

.PHONY: check check-go check-rules check-proto check-generated check-ts check-chart check-modules check-files
check: check-proto check-generated check-go check-rules check-ts check-chart check-modules check-files ## Formatting, linters, import rules, API compatibility, generated code; changes nothing.
	@echo "all checks passed"

check-go: bin/golangci-lint $(CONSOLE)
	@echo "checking Go…"
	@unformatted=$$(gofmt -l $(wildcard cmd ent gen/go internal)); [[ -z $$unformatted ]] || { printf 'gofmt these files:\n%s\n' "$$unformatted" >&2; exit 1; }
	@go vet ./... # as it is built without the console; golangci-lint sees it with
	@bin/golangci-lint run ./...

check-rules: bin/golangci-lint
	@echo "checking that the import rules bite…"
	@internal/tools/rules.sh

check-proto: bin/buf $(THIRD_PARTY_PROTOS)
	@echo "checking protos…"
	@bin/buf format proto --diff --exit-code
	@bin/buf lint proto
	@if [[ -f $(RELEASED_API) ]]; then bin/buf breaking proto --against $(RELEASED_API); \
		else echo "$(RELEASED_API) is not there yet: no released API to compare with"; fi

check-generated: $(PROTO_TOOLS) $(THIRD_PARTY_PROTOS) $(NODE_MODULES)
	@echo "checking that generated code is up to date…"
	@internal/tools/generated.sh
	@diff docs/configuration.md <(go run ./cmd/anteroom config --markdown) && diff .env.example <(go run ./cmd/anteroom config --env) || \
		{ echo "the pages of the settings are out of date: run make generate" >&2; exit 1; }

check-ts: $(NODE_MODULES)
	@echo "checking TypeScript…"
	@npm run --silent typecheck
	@npm run --silent lint
	@output=$$(npm run --silent build:example 2>&1) || { echo "$$output" >&2; exit 1; }

check-chart: bin/chart
	@echo "checking the Helm chart…"
	@bin/chart deploy/helm/anteroom deploy/helm/values/*.yaml
	@output=$$(cd internal/tools/chart && go test -count=1 .) || { echo "$$output" >&2; exit 1; } # go keeps no watch on what is outside of the module

check-modules:
	@echo "checking module files…"
	@go mod tidy -diff
	@if grep -n '"resolved": "http' package-lock.json; then echo "package-lock.json names a registry's host: npm install with this repository's .npmrc" >&2; exit 1; fi

check-files:
	@echo "checking that nothing large is kept in git…"
	@large=$$( (git ls-tree -r -l HEAD 2>/dev/null || true) | awk '$$4 > 2000000 {print $$5}'); \
		[[ -z $$large ]] || { printf 'what is built does not belong into git:\n%s\n' "$$large" >&2; exit 1; }

## Tests

# What the tests start; they do not guess where it was built.
export ANTEROOM_LIVEKIT_SERVER := $(CURDIR)/bin/livekit-server
export ANTEROOM_VERSITYGW := $(CURDIR)/bin/versitygw
export ANTEROOM_GOAWS := $(CURDIR)/bin/goaws
export ANTEROOM_OPENID := $(CURDIR)/bin/openid
TEST_SERVERS := bin/livekit-server bin/versitygw bin/goaws bin/openid
TEST_TAGS := console,failpoint
GO_TEST := go test -race -tags $(TEST_TAGS)

.PHONY: test test-go test-ts test-browser bench fuzz soak
test: ## Run every test: Go on SQLite and Postgres, TypeScript, the browser.
	@internal/tools/require.sh go node compiler postgres nginx chromium
	@$(MAKE) test-go test-ts test-browser; echo "all tests passed in $$((SECONDS / 60)) min $$((SECONDS % 60)) s"

test-go: $(TEST_SERVERS) bin/anteroom ## Run the Go tests with the race detector; PACKAGES=./internal/room/... chooses.
	@internal/tools/require.sh postgres compiler nginx
	@echo "testing Go on SQLite and Postgres…"
	@$(GO_TEST) -parallel 4 -timeout 45m $(or $(PACKAGES),./...) | grep --line-buffered -v 'no test files'

test-ts: $(NODE_MODULES) ## Run the TypeScript unit tests.
	@echo "testing TypeScript…"
	@npm run --silent test

test-browser: build bin/egressstandin bin/openid ## Run the console in Chromium against the real program.
	@internal/tools/require.sh chromium
	@echo "testing in the browser…"
	@npm run --silent test:browser

bench: build ## Measure what an operation costs beside the bare work in it, a reconcile, and a program at rest; ARGS=… does one of these.
	@internal/tools/require.sh postgres
ifdef ARGS
	@go run ./cmd/bench $(ARGS)
else
	@go run ./cmd/bench run
	@go run ./cmd/bench reconcile
	@go run ./cmd/bench rest --program bin/anteroom
endif

FUZZTIME ?= 60s

fuzz: ## Run each fuzz target for a minute; FUZZTIME=10m and PACKAGES=./internal/sip/... choose.
	@internal/tools/fuzz.sh $(FUZZTIME) $(PACKAGES)

soak: $(TEST_SERVERS) bin/anteroom ## Run the tests that take many minutes.
	@internal/tools/require.sh postgres compiler
	@$(GO_TEST),soak -v -run '^TestSoak' -timeout 4h ./...

## Cleaning

.PHONY: clean distclean
clean: ## Remove what was built here, but not tools, packages and data.
	@rm -rf bin/anteroom bin/egressstandin internal/console/dist artifacts

distclean: clean ## Remove all that is not in git, ./data too.
	@rm -rf bin .deps node_modules internal/console/web/node_modules gen/ts/node_modules data
