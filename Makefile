# The front door: a thin layer over Meson and Ninja. `make help` lists what there is.
#
# Each purpose has a build folder of its own, so that going from one to another never rebuilds:
#   build/       what `make run` serves          build-test/  the same with test hooks, unit tests
#   build-asan/  address + undefined behaviour   build-tsan/  threads
#   build-fuzz/  libFuzzer targets (clang)       build-lint/  compiled by clang, for clang-tidy
# build-stamps/ remembers what tools/bootstrap has already looked at.

SHELL := /bin/sh
.DEFAULT_GOAL := help
.DELETE_ON_ERROR:
.NOTPARALLEL:
MAKEFLAGS += --no-print-directory --no-builtin-rules

JOBS ?= $(shell nproc)
FUZZ_SECONDS ?= 60
CRASH_ROUNDS ?= 30

NINJA = ninja -j $(JOBS) -C
MESON_TEST = meson test --no-rebuild --print-errorlogs --num-processes $(JOBS) -C
SUITE = node tests/run.mjs
WEB_SOURCES := $(shell find web -name node_modules -prune -o -path web/dist -prune -o -path web/test -prune -o -type f -print)

.PHONY: help run build test check test-long lint asan tsan fuzz bench clean format
.PHONY: unit tools-test web-test api-test browser-test crash-test web crash-long fuzz-short fuzz-long

help: ## print this list
	@sed -n 's/^\([a-z-]*\):.*## \(.*\)/  make \1|\2/p' Makefile | while IFS='|' read -r name what; do \
	    printf '%-18s %s\n' "$$name" "$$what"; done

# ---- what must be installed: looked up once, and again when the lists change --------------------

build-stamps/%: tools/bootstrap web/package-lock.json $(wildcard tests/package-lock.json)
	@mkdir -p $(@D)
	@tools/bootstrap $(subst +, ,$*)
	@touch $@

# ---- building ---------------------------------------------------------------------------------

web/dist/files.json: $(WEB_SOURCES) | build-stamps/build+web
	cd web && node scripts/build.mjs

build/build.ninja: | build-stamps/build+web
	meson setup build -Dtests=false
build-test/build.ninja: | build-stamps/build+web+test
	meson setup build-test -Dtest_hooks=true
build-asan/build.ninja: | build-stamps/build+web+test
	meson setup build-asan -Dtest_hooks=true -Db_sanitize=address,undefined
build-tsan/build.ninja: | build-stamps/build+web+test
	meson setup build-tsan -Dtest_hooks=true -Db_sanitize=thread
build-fuzz/build.ninja: | build-stamps/build+web+fuzz
	CC=clang meson setup build-fuzz -Dtests=false -Dfuzz=true -Db_sanitize=address,undefined \
	    -Db_lundef=false
build-lint/build.ninja: | build-stamps/build+web+lint
	CC=clang meson setup build-lint -Dtest_hooks=true

web: web/dist/files.json

build: web/dist/files.json build/build.ninja ## build the program: build/acolhe
	@$(NINJA) build

run: build ## serve a demo clinic on http://localhost:8080 (data in run/)
	@ACOLHE_DATA_DIR="$${ACOLHE_DATA_DIR:-run}" exec build/acolhe serve --demo

# ---- testing ----------------------------------------------------------------------------------

check: tools-test unit web-test ## the quick tests: under a minute, no services

test: tools-test unit asan tsan web-test api-test browser-test crash-test fuzz-short ## everything

test-long: tools-test unit asan tsan web-test api-test browser-test crash-long fuzz-long ## 200 crashes, long fuzzing

tools-test: build-stamps/build+web
	python3 -m unittest discover -s tools/tests
	tools/check-layers

unit: web/dist/files.json build-test/build.ninja
	@$(NINJA) build-test
	$(MESON_TEST) build-test

asan: web/dist/files.json build-asan/build.ninja ## unit tests under AddressSanitizer and UBSan
	@$(NINJA) build-asan
	ASAN_OPTIONS=detect_stack_use_after_return=1 $(MESON_TEST) build-asan

# gcc 12's ThreadSanitizer cannot place its shadow where the kernel randomises addresses widely
tsan: web/dist/files.json build-tsan/build.ninja ## unit tests under ThreadSanitizer
	@$(NINJA) build-tsan
	setarch "$$(uname -m)" -R $(MESON_TEST) build-tsan

web-test: | build-stamps/build+web+test
	node web/scripts/test.mjs

api-test: unit
	$(SUITE) api --binary build-test/acolhe

browser-test: unit
	$(SUITE) browser --binary build-test/acolhe

crash-test: unit
	$(SUITE) crash --binary build-test/acolhe --rounds $(CRASH_ROUNDS)

crash-long:
	@$(MAKE) crash-test CRASH_ROUNDS=200
fuzz-short:
	@$(MAKE) fuzz FUZZ_SECONDS=20
fuzz-long:
	@$(MAKE) fuzz FUZZ_SECONDS=600

fuzz: web/dist/files.json build-fuzz/build.ninja ## fuzz each target for FUZZ_SECONDS (60)
	@$(NINJA) build-fuzz
	tools/fuzz build-fuzz $(FUZZ_SECONDS) $(JOBS)

bench: build build-stamps/build+web+bench ## measure this machine, and the program on it
	bench/run

# ---- looking ----------------------------------------------------------------------------------

lint: build-lint/build.ninja ## layers, layout, clang-tidy, cppcheck, biome, shell
	@tools/lint build-lint $(JOBS)

format: | build-stamps/build+web+lint ## lay out the C and TypeScript sources
	git ls-files -co --exclude-standard '*.c' '*.h' | xargs clang-format -i
	cd web && npm run --silent format
	git ls-files -co --exclude-standard 'tests/*.mjs' 'bench/*.mjs' | sed 's|^|../|' | \
	    (cd web && xargs npx --no-install biome check --write --config-path=.)

clean: ## remove what was built (never the data in run/)
	rm -rf build build-test build-asan build-tsan build-fuzz build-lint build-bench build-stamps web/dist
