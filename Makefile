# `make help` lists the targets. Everything is installed into VENV, nothing outside it, but for a Chromium that
# `make test` fetches where none is found.

SHELL := bash
.SHELLFLAGS := -euo pipefail -c
.DEFAULT_GOAL := help
.DELETE_ON_ERROR:
# Where bytecode is not kept, each of the hundred processes that tests start compiles the sources anew.
unexport PYTHONDONTWRITEBYTECODE

VENV ?= .venv
PORT ?= 8501
# Only this machine; `make run ADDRESS=0.0.0.0` lets a class on the same network in.
ADDRESS ?= localhost
# The first interpreter that starts and is new enough (a version manager may list one that does not start).
NEW_ENOUGH := import sys; sys.exit(sys.version_info < (3, 11))
PYTHON ?= $(shell for p in python3.11 python3; do "$$p" -c '$(NEW_ENOUGH)' 2>&- && { echo "$$p"; break; }; done)

# Half of the time of all tests is waiting for servers and workers, so that three processes fit two cores. Files come in
# the order of their names: in that of their numbers of tests the longest, which train and drive browsers, came last, and
# one process ended minutes after the others.
TEST_PROCESSES ?= 3
QUICK_PROCESSES ?= 2

BIN := $(VENV)/bin
# Folders whose tests load torch, start processes or a browser, or run whole pages: left out of the quick gate unread.
HEAVY_TESTS := tests/training/engine tests/attribution/engine tests/theory/engine tests/jobs/processes tests/ui tests/browser

# Stamps: pip runs again only when a requirements file is newer than its last run.
APP := $(VENV)/.app-installed
DEV := $(VENV)/.dev-installed

.PHONY: help run test check lint types imports chaos bench experiments chromium format clean

help: ## list the targets
	@grep -hE '^[a-z]+:.*## ' $(MAKEFILE_LIST) | awk -F ':.*## ' '{printf "  make %-9s %s\n", $$1, $$2}'

run: $(APP) ## install what the app needs and start it; PORT=8501 ADDRESS=localhost
	$(BIN)/python -m streamlit run app.py --server.address $(ADDRESS) --server.port $(PORT)

test: $(DEV) lint types imports ## everything: lint, types, import contracts, all tests, browser included
	chromium="$$(tools/chromium.sh --install $(BIN)/python)"; \
	if [ -n "$$chromium" ]; then export CHROMIUM="$$chromium"; else unset CHROMIUM; fi; \
	$(BIN)/python -m pytest -n $(TEST_PROCESSES) --dist loadfile --no-loadscope-reorder

check: $(DEV) lint types imports ## the quick gate: lint, types, import contracts, tests without torch and browser
	$(BIN)/python -m pytest -n $(QUICK_PROCESSES) --dist worksteal $(addprefix --ignore=,$(HEAVY_TESTS)) -m "not torch and not browser and not slow"

lint: $(DEV) ## ruff: rules and format
	$(BIN)/python -m ruff check .
	$(BIN)/python -m ruff format --check .

types: $(DEV) ## mypy, strict
	$(BIN)/python -m mypy

imports: $(DEV) ## import contracts
	$(BIN)/lint-imports

chaos: $(DEV) ## kill daemons and workers at random for a while; ARGS="--seconds 600 --seed 3"
	$(BIN)/python -m tests.jobs.processes.chaos $(ARGS)

bench: $(DEV) ## run the benchmarks; ARGS="..." is handed on
	$(BIN)/python -m benchmarks $(ARGS)

experiments: $(DEV) ## run every experiment of the theory and write docs/EXPERIMENTS.md
	$(BIN)/python -m tools.write_experiments $(ARGS)

chromium: $(DEV) ## print the Chromium that the browser tests use, fetching one where none is found
	@path="$$(tools/chromium.sh --install $(BIN)/python)"; echo "$${path:-Playwright's own}"

format: $(DEV) ## rewrite the code in the project's format
	$(BIN)/python -m ruff check --fix .
	$(BIN)/python -m ruff format .

clean: ## remove caches; VENV and the run store stay
	rm -rf .mypy_cache .ruff_cache .pytest_cache .import_linter_cache .hypothesis
	find . -name __pycache__ -type d -not -path './.venv/*' -prune -exec rm -rf {} +

$(BIN)/python:
	@"$(or $(PYTHON),python3)" -c '$(NEW_ENOUGH)' || { echo "Python 3.11 or newer is needed; name one with PYTHON=..." >&2; exit 1; }
	"$(or $(PYTHON),python3)" -m venv "$(VENV)"

$(APP): requirements.txt | $(BIN)/python
	$(BIN)/python -m pip install --disable-pip-version-check -r requirements.txt
	@touch $@

$(DEV): requirements.txt requirements-onnx.txt requirements-dev.txt | $(BIN)/python
	$(BIN)/python -m pip install --disable-pip-version-check -r requirements-dev.txt
	@touch $(APP) $@
