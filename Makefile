# Everything that is done to this repository. `make help` lists it.
SHELL := /bin/bash
.SHELLFLAGS := -o pipefail -ec
.DEFAULT_GOAL := build
.DELETE_ON_ERROR:
.PHONY: all build release test test-vm test-vm-quick test-vm-criu test-engines unit integration sanitize bench bench-breakdown check lint fmt \
    docs demo install order clean help setup

PREFIX ?= /usr/local
DESTDIR ?=
SWIFT ?= swift
# A target may import only what Package.swift says.
SWIFT_FLAGS ?= --explicit-target-dependency-import-check error
RELEASE_FLAGS ?= -c release --scratch-path .build-static -Xswiftc -static-executable $(ORDER_FLAGS)
# Every function in a section of its own, and those that a start executes next to each other.
ORDER_FLAGS ?= -Xswiftc -Xfrontend -Xswiftc -function-sections -Xswiftc -use-ld=lld \
    -Xlinker --symbol-ordering-file=scripts/startup.order -Xlinker --no-warn-symbol-ordering
ROUNDS ?= 100
COMMIT := $(shell git describe --always --dirty --exclude '*' 2>/dev/null || echo unknown)
SOURCES := Package.swift Makefile scripts/startup.order $(shell find Sources -type f)

all: build release docs ## build everything: debug, release, manual pages

setup: ## install the Debian packages that are missing (needs root or sudo)
	scripts/setup build demo test lint bench

build: ## build for debugging, into .build/debug
	scripts/setup build
	$(SWIFT) build $(SWIFT_FLAGS)

release: build/apus ## build the one static, stripped binary, build/apus

build/apus: $(SOURCES)
	scripts/setup build
	@echo "building the release: a few minutes"
	APUS_STATIC=1 APUS_COMMIT=$(COMMIT) $(SWIFT) build $(RELEASE_FLAGS) --product apus 2>&1 \
	    | grep --line-buffered -Ev "warning: Using '[a-z_]+' in statically linked"
	scripts/inspect .build-static/release/apus
	mkdir -p build && strip -s -o $@ .build-static/release/apus

test: ## set up, then run all tests: unit, C sanitizers, and as root integration
	scripts/test

# One test after the other: a process that one starts holds the descriptors of all others until it
# executes its program, and tests of signals need what a caller in the background may ignore.
unit: ## run the unit tests; no root needed
	scripts/setup build
	env --default-signal=HUP,INT,QUIT,TERM $(SWIFT) test --no-parallel $(SWIFT_FLAGS)

sanitize: ## fuzz and test the C init stage under address and undefined-behaviour sanitizers
	scripts/sanitize

integration: release ## run real containers; RUNTIME=crun or runc runs the same files on a peer
	scripts/setup test
	integration/run

test-vm: release ## run the suite in an emulated Debian with systemd and cgroup v2 alone
	scripts/setup test vm
	integration/vm/build-image
	integration/vm/test

test-vm-quick: release ## the part of it that only such a machine can show; `make test` has it too
	scripts/setup test vm
	integration/vm/build-image
	integration/vm/run -m quick

test-vm-criu: release ## checkpoint and restore real containers with CRIU in such a machine
	scripts/setup test vm
	integration/vm/build-image
	integration/vm/build-image -n criu criu iptables
	integration/vm/run -m criu
	integration/vm/run -m criu-v1

test-engines: release ## drive podman, containerd, Docker and others with Apus and with a peer
	scripts/setup engines vm
	integration/engines/run

bench: release ## compare with crun, runc and a bare C floor: ROUNDS=100
	scripts/setup bench
	integration/bench/run $(ROUNDS)

bench-breakdown: release ## show where the time of one `run` goes
	scripts/setup bench
	integration/bench/breakdown

order: release ## trace what a start executes and write it down for the linker (a minute, root)
	scripts/order

check: lint sanitize ## lint, sanitizers with fuzzing, and a build with the import check
	$(SWIFT) build $(SWIFT_FLAGS)
	@echo "check: passed"

lint: ## check format, style and the policy of the sources
	scripts/setup lint
	scripts/lint

fmt: ## format Swift and C in place
	scripts/setup lint
	$(SWIFT) format format --in-place --parallel --recursive Sources Tests Package.swift
	git ls-files '*.c' '*.h' | xargs clang-format -i

docs: release ## generate manual pages and shell completions into build/share
	scripts/docs build/apus build/share

demo: ## build a release, make a bundle from busybox and look around inside
	scripts/demo

install: release docs ## install binary, manual pages and completions: PREFIX=/usr/local DESTDIR=
	install -D -m 755 build/apus "$(DESTDIR)$(PREFIX)/bin/apus"
	mkdir -p "$(DESTDIR)$(PREFIX)/share"
	cp -R build/share/. "$(DESTDIR)$(PREFIX)/share/"

clean: ## remove everything that was built
	rm -rf .build .build-static build

help: ## list the targets
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  %-16s %s\n", $$1, $$2 }' Makefile
