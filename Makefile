# `make demo` and `make test` are the two to know. Each target installs what it needs through scripts/setup.sh, once.
SHELL := bash
.SHELLFLAGS := -eu -o pipefail -c
.DEFAULT_GOAL := help
.ONESHELL:
MAKEFLAGS += --no-print-directory --no-builtin-rules
# A version of a tool that only this project wants lives in .tools, before what the machine has.
export PATH := $(CURDIR)/.tools/bin:$(if $(CARGO_HOME),$(CARGO_HOME),$(HOME)/.cargo)/bin:$(PATH)
# The demo's: ONCE=1 walks through once and ends, PORT=8080 instead of a free port. OWN_STD=1 is explained in scripts/build.mjs.
export ONCE PORT OWN_STD

SETUP := @scripts/setup.sh

.PHONY: help
help: ## this list
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  make %-18s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

.PHONY: setup
setup: ## install everything any target needs (each target does its own part by itself)
	$(SETUP) all

.PHONY: demo
demo: ## the package at work over real HTTP (ONCE=1 ends after the walk, PORT=8080 chooses the port)
	$(SETUP) wasm node
	@node scripts/build.mjs
	@exec node scripts/demo.mjs

.PHONY: generate
generate: ## write the checked-in files that are made of others: contract.ts out of Rust, host.js out of TypeScript
	$(SETUP) rust node
	@GENERATE=1 cargo test --quiet --locked --test contract
	@node scripts/generate.mjs

.PHONY: build
build: ## assemble the npm package in pkg/ and print its sizes (OWN_STD=1 makes the module an eighth smaller)
	$(SETUP) wasm node $(if $(OWN_STD),own-std)
	@node scripts/build.mjs
	@node scripts/sizes.mjs

.PHONY: pack
pack: ## the same, and its tarball in build/
	$(SETUP) wasm node $(if $(OWN_STD),own-std)
	@node scripts/build.mjs
	@node scripts/sizes.mjs
	@node scripts/pack.mjs

.PHONY: test
test: ## all suites; the last line is "N passed, N failed"
	$(SETUP) wasm node browser python npm:tests/runtimes npm:tests/runtimes/old
	@node scripts/test.mjs

.PHONY: test-rust
test-rust: ## the Rust tests, natively; needs no WebAssembly tools
	$(SETUP) rust
	@node scripts/test.mjs rust

.PHONY: test-wasm
test-wasm: ## the exports of the compiled crate as JavaScript sees them: wasm-pack test --node
	$(SETUP) wasm
	@node scripts/test.mjs wasm

.PHONY: test-wasm-browser
test-wasm-browser: ## the same in headless Chromium: wasm-pack test --headless --chrome
	$(SETUP) wasm browser
	@node scripts/test.mjs wasm-browser

.PHONY: test-js
test-js: ## the JavaScript modules that the crate brings along
	$(SETUP) wasm node
	@node scripts/test.mjs js

.PHONY: test-package
test-package: ## the assembled npm package
	$(SETUP) wasm node
	@node scripts/test.mjs package

.PHONY: test-runtimes
test-runtimes: ## the packed package in Node, Deno, Bun, workerd, Chromium, test runners and out of four bundlers: a matrix
	$(SETUP) wasm node browser npm:tests/runtimes npm:tests/runtimes/old
	@node scripts/test.mjs runtimes

.PHONY: test-next
test-next: ## an application of Next.js, built and started
	$(SETUP) wasm node npm:tests/next
	@node scripts/test.mjs next

.PHONY: test-browser
test-browser: ## the page in Chromium; leaves screenshots in build/screenshots
	$(SETUP) wasm node browser
	@node scripts/test.mjs browser

.PHONY: test-distributed
test-distributed: ## several processes over one Redis that is started and ended here, and every store
	$(SETUP) wasm node redis npm:tests/distributed
	@node scripts/test.mjs distributed

.PHONY: test-adapters
test-adapters: ## fetch handlers, Hono, Express, Fastify and h3 over real HTTP
	$(SETUP) wasm node
	@node scripts/test.mjs adapters

.PHONY: test-python
test-python: ## keys against Python's json and hashlib
	$(SETUP) wasm node python
	@node scripts/test.mjs python

.PHONY: examples
examples: ## what the files of examples/ import, so that `node examples/hono.mjs` runs
	$(SETUP) wasm node
	@node scripts/build.mjs
	@node tests/adapters/install.mjs

.PHONY: lint
lint: ## rustfmt, clippy, rustdoc, tsc and Biome, warnings being errors
	$(SETUP) wasm lint node
	@scripts/lint.sh

.PHONY: release-check
release-check: ## whether the package may be published (ARGS=--publish asks for what a real publish needs besides)
	$(SETUP) wasm node npm:scripts/release
	@node scripts/build.mjs
	@node scripts/pack.mjs
	@node scripts/release-check.mjs $(ARGS)

.PHONY: docs
docs: ## the API reference from the types in build/api, and rustdoc in target/doc, warnings being errors
	$(SETUP) wasm node npm:scripts/release
	@node scripts/build.mjs
	@node scripts/docs.mjs
	@RUSTDOCFLAGS=-Dwarnings cargo doc --quiet --locked --no-deps

.PHONY: bench
bench: ## the peers side by side, also as build/bench.json and .svg (ARGS="--quick --only get,set" narrows it)
	$(SETUP) wasm npm:benches/js
	@node scripts/build.mjs
	@node benches/js/run.mjs --json build/bench.json $(ARGS)
	@if node benches/js/chart.mjs build/bench.json > build/bench.svg; then echo "the same in build/bench.json, and as a chart in build/bench.svg"; fi

.PHONY: peers
peers: ## the race that the field loses, played on this package and its peers
	$(SETUP) wasm node npm:benches/js
	@node scripts/build.mjs
	@node tests/peers/race.mjs $(ARGS)

.PHONY: bench-traces
bench-traces: ## hit ratios on the traces in DIR=..., or on seeded workloads without it
	$(SETUP) wasm node npm:benches/js
	@node scripts/build.mjs
	@node benches/js/traces.mjs $(DIR) $(ARGS)

.PHONY: bench-core
bench-core: ## the Rust core alone, natively
	@cargo bench --bench core $(if $(ARGS),-- $(ARGS))

.PHONY: coverage
coverage: ## line coverage of the Rust core
	$(SETUP) coverage
	@scripts/coverage.sh

.PHONY: clean
clean: ## remove what was built; the installed tools stay
	@rm -rf target build pkg
