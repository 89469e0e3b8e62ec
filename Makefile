# make demo      build, and run the example: real isoform pairs scored, judged and explained
# make test      build, and run all tests
# make build     the tools in .build/release
# make soak      numbers against other readers and writers, 50 million of each kind (FUZZ=N for another count), and
#                training killed, stopped and failed in every way (needs python3; strace for faults): half an hour
# make docs      write the man pages and completions again from the tools' help and man/prose
# make install   PREFIX=/usr/local NAME_PREFIX= DESTDIR=   tools, man pages, completions
# make bench     time the tools on this machine
# make clean     remove what was built
SHELL := bash
.SHELLFLAGS := -euo pipefail -c
.DELETE_ON_ERROR:
.PHONY: build test soak demo docs install bench clean setup
.DEFAULT_GOAL := build

PREFIX ?= /usr/local
NAME_PREFIX ?=
DESTDIR ?=

TOOLS := seqfeat molfeat resfeat netfeat pairgen normalize mil-train mil-score metrics explain
BIN := $(CURDIR)/.build/release
# One build serves demo and tests: tests do without @testable, which would change how everything is compiled.
SWIFT_FLAGS := -c release

setup:
	@.ci/setup

build: setup
	@swift build $(SWIFT_FLAGS)

test: setup
	@swift test $(SWIFT_FLAGS) --disable-testable-imports --disable-xctest

FUZZ ?= 50000000
soak: build
	@MILLRACE_FUZZ=$(FUZZ) swift test $(SWIFT_FLAGS) --disable-testable-imports --disable-xctest --filter NumberTextTests
	@Tests/Soak/training "$(BIN)"

demo: setup
	@start=$$SECONDS; \
	echo "Building in release mode: one or two minutes the first time."; \
	swift build $(SWIFT_FLAGS); \
	built=$$SECONDS; \
	$(MAKE) --no-print-directory -C Examples/tf-isoforms BIN="$(BIN)"; \
	echo "Done: built in $$((built - start)) s, example in $$((SECONDS - built)) s."

docs: build
	@.ci/docs "$(BIN)" "$(CURDIR)"

# Installed tools carry the Swift runtime with them, so that they start fast and run where Swift is not installed.
# (The linker's remark on the runtime's own use of mktemp is nothing the user can act on.)
INSTALL_BUILD := .build/install
install: setup
	@swift build $(SWIFT_FLAGS) --static-swift-stdlib --scratch-path $(INSTALL_BUILD) 2>&1 | sed '/mktemp/d'
	@bin="$(DESTDIR)$(PREFIX)/bin"; share="$(DESTDIR)$(PREFIX)/share"; pages=$$(mktemp -d); \
	trap 'rm -rf "$$pages"' EXIT; \
	.ci/docs "$(INSTALL_BUILD)/release" "$$pages" "$(NAME_PREFIX)"; \
	install -d "$$bin" "$$share/man/man1" "$$share/man/man5" "$$share/bash-completion/completions" \
	  "$$share/zsh/site-functions" "$$share/fish/vendor_completions.d"; \
	for tool in $(TOOLS); do \
	  name="$(NAME_PREFIX)$$tool"; \
	  install -s -m 755 "$(INSTALL_BUILD)/release/$$tool" "$$bin/$$name"; \
	  install -m 644 "$$pages/man/$$name.1" "$$share/man/man1/$$name.1"; \
	  install -m 644 "$$pages/completions/$$name.bash" "$$share/bash-completion/completions/$$name"; \
	  install -m 644 "$$pages/completions/_$$name" "$$share/zsh/site-functions/_$$name"; \
	  install -m 644 "$$pages/completions/$$name.fish" "$$share/fish/vendor_completions.d/$$name.fish"; \
	done; \
	install -m 644 "$$pages/man/millrace-formats.5" "$$share/man/man5/millrace-formats.5"; \
	echo "Installed $(words $(TOOLS)) tools in $$bin."

bench: build
	@Benchmarks/run "$(BIN)"

clean:
	@rm -rf .build Examples/*/out
