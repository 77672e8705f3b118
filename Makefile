# `make` says what there is. Every target sets up what it needs, and is quick the second time.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
STAMPS := .stamps
READY := $(STAMPS)/python
INTEROP := $(STAMPS)/interop
export PYTHONDONTWRITEBYTECODE := 1

.DEFAULT_GOAL := help
.PHONY: help setup demo test long check check-platforms bench fuzz clean

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

$(STAMPS)/debian:
	@mkdir -p $(STAMPS)
	@command -v caddy >/dev/null || { command -v apt-get >/dev/null && test "$$(id -u)" = 0 && \
	  echo "Installing Caddy from Debian, for the tests of deploy/…" && apt-get -qq install -y --no-install-recommends caddy >/dev/null 2>&1; } || \
	  echo "Caddy is not here, and could not be installed: the tests of deploy/Caddyfile will be skipped, and say so."
	@touch $@

setup: $(READY) ## Sets up Python, without running anything

demo: $(READY) ## Two practitioners, one relay, a PDF across; and what the relay holds of it
	@$(BIN)/python -m colloque.cli.demo

test: $(READY) $(INTEROP) $(STAMPS)/debian ## All tests at a small size
	@$(BIN)/python -m pytest -m "not long" $(ARGS)

long: $(READY) $(INTEROP) $(STAMPS)/debian ## The big sizes; stopped and started again, it goes on where it was
	@$(BIN)/python tools/long.py $(ARGS)

check: $(READY) ## Formatter, linter, types, import rules, house rules
	@$(BIN)/ruff format --check --quiet . && $(BIN)/ruff check --quiet .
	@$(BIN)/mypy
	@$(BIN)/lint-imports --no-cache
	@$(BIN)/python -m pytest -q tests/meta

check-platforms: $(READY) ## The locked set resolves to wheels for Linux, macOS and Windows
	@$(BIN)/python tools/platforms.py

bench: $(READY) $(INTEROP) ## Measures, side by side with others, into bench/results
	@$(BIN)/python bench/run.py $(ARGS)

fuzz: $(READY) ## Random bytes into every decoder, for a minute (SECONDS=60)
	@$(BIN)/python -m fuzz.run --seconds $(or $(SECONDS),60)

clean: ## Removes what the targets set up
	@rm -rf $(VENV) $(STAMPS) .long tests/interop/node_modules .mypy_cache .ruff_cache .pytest_cache .hypothesis
