# `make` says what there is. Every target sets up what it needs, and is quick the second time.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
STAMPS := .stamps
READY := $(STAMPS)/python
INTEROP := $(STAMPS)/interop
WEB := $(STAMPS)/web
PAGE := $(STAMPS)/page
# Compiled modules are kept, beside the tree and not in it: the tests start hundreds of programs.
unexport PYTHONDONTWRITEBYTECODE
export PYTHONPYCACHEPREFIX := $(CURDIR)/$(STAMPS)/bytecode

.DEFAULT_GOAL := help
.PHONY: help setup web demo test long check check-platforms bench fuzz clean

help: ## Shows this list
	@awk -F ':.*## ' '/^[a-z-]+:.*## /{printf "  make %-17s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

$(READY): requirements/dev.txt pyproject.toml
	@mkdir -p $(STAMPS)
	@echo "Setting up Python in $(VENV) (once; from requirements/dev.txt, hashes checked)…"
	@test -x $(BIN)/python || $(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { echo "Python 3.11 or newer is needed: make PYTHON=python3.12 …"; exit 1; }
	@test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes --only-binary :all: -r requirements/dev.txt
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation -e .
	@touch $@

$(INTEROP): tests/interop/package-lock.json
	@mkdir -p $(STAMPS)
	@if command -v npm >/dev/null; then \
	  echo "Setting up ts-mls for the interop tests (once; from the lock file, install scripts off)…"; \
	  cd tests/interop && npm ci --ignore-scripts --no-audit --no-fund --loglevel=error; \
	else echo "npm is not here: the interop tests with ts-mls will be skipped, and say so."; fi
	@touch $@

$(WEB): web/package-lock.json
	@mkdir -p $(STAMPS)
	@if command -v npm >/dev/null; then \
	  echo "Setting up the pages (once; from the lock file, install scripts off)…"; \
	  cd web && npm ci --ignore-scripts --no-audit --no-fund --loglevel=error; \
	else echo "npm is not here: the pages of patient and desk are not built, and their tests will be skipped, and say so."; fi
	@touch $@

$(PAGE): $(WEB) web/build.mjs $(shell find web/src -type f)
	@if command -v npm >/dev/null; then cd web && node build.mjs; fi
	@touch $@

$(STAMPS)/debian:
	@mkdir -p $(STAMPS)
	@for one in caddy chromium firefox-esr turnserver:coturn; do \
	  package=$${one#*:}; one=$${one%:*}; \
	  command -v $$one >/dev/null || { command -v apt-get >/dev/null && test "$$(id -u)" = 0 && \
	    echo "Installing $$package from Debian, for the tests that need it…" && apt-get -qq install -y --no-install-recommends $$package >/dev/null 2>&1; } || \
	    echo "$$package is not here, and could not be installed: the tests that need it will be skipped, and say so."; \
	done
	@touch $@

web: $(PAGE) ## Builds the patient's page, which the relay serves, and the desk's

setup: $(READY) $(PAGE) ## Sets up Python and the pages, without running anything

demo: $(READY) $(PAGE) ## A PDF across a relay that holds nothing of it; then desk and patient to try (ARGS=--fake-media: no camera)
	@$(BIN)/python -m colloque.cli.demo $(ARGS)

test: $(READY) $(INTEROP) $(PAGE) $(STAMPS)/debian ## All tests at a small size
	@$(BIN)/python -m pytest -m "not long" $(ARGS)

long: $(READY) $(INTEROP) $(PAGE) $(STAMPS)/debian ## The big sizes; stopped and started again, it goes on where it was
	@$(BIN)/python tools/long.py $(ARGS)

check: $(READY) $(WEB) ## Formatter, linter, types, import rules, house rules
	@$(BIN)/ruff format --check --quiet . && $(BIN)/ruff check --quiet .
	@$(BIN)/mypy
	@$(BIN)/lint-imports --no-cache
	@if test -d web/node_modules; then cd web && npx --no-install tsc; else echo "npm is not here: TypeScript is not checked."; fi
	@$(BIN)/python -m pytest -q tests/meta

check-platforms: $(READY) ## The locked set resolves to wheels for Linux, macOS and Windows
	@$(BIN)/python tools/platforms.py

bench: $(READY) $(INTEROP) ## Measures, side by side with others, into bench/results
	@$(BIN)/python bench/run.py $(ARGS)

fuzz: $(READY) ## Random bytes into every decoder, for a minute (SECONDS=60)
	@$(BIN)/python -m fuzz.run --seconds $(or $(SECONDS),60)

clean: ## Removes what the targets set up
	@rm -rf $(VENV) $(STAMPS) .long tests/interop/node_modules web/node_modules src/colloque/relay/page src/colloque/desk/page .mypy_cache .ruff_cache .pytest_cache .hypothesis
