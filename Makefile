# make run and make test work on a fresh clone with Python 3.11 or newer and nothing else.
# What is set on the command line (PORT=8123, DATA_DIR=/somewhere, REDIS_URL=..., METRICS_BASE_PORT=...)
# reaches the service as environment.

PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
PIP := $(BIN)/python -m pip --disable-pip-version-check

MADE := $(VENV)/.made
RUN_INSTALLED := $(VENV)/.run-installed
DEV_INSTALLED := $(VENV)/.dev-installed
BENCH_INSTALLED := $(VENV)/.bench-installed
PACKAGE_INSTALLED := $(VENV)/.package-installed

SOURCES := domain application adapters entrypoints
UV ?= $(shell command -v uv || echo $(BIN)/uv)
LOCK := pip compile --quiet --universal --generate-hashes --no-emit-index-url --python-version 3.11
export UV_CUSTOM_COMPILE_COMMAND := make lock

# A call takes longer than an append: less load, fewer kills.
EXISTING_SERVICES := --existing --seconds 60 --rate 10 --kills-per-second 0.3 $(if $(SERVER),,--server valkey)

# Half of the unit tests' time. Two processes with a half each take a third less than two that both collect all of
# them and report each test to a third, as with pytest -n 2.
UNIT_SOME := tests/unit/application tests/unit/entrypoints
EACH_IN_ONE_PIECE := $(if $(filter output-sync,$(.FEATURES)),--output-sync=target)

# Whoever wants no compiled files beside the code gets them elsewhere: each process of a test would compile it all.
ifneq ($(PYTHONDONTWRITEBYTECODE),)
check test unit: export PYTHONPYCACHEPREFIX := $(CURDIR)/$(VENV)/pycache
check test unit: export PYTHONDONTWRITEBYTECODE :=
endif

.DEFAULT_GOAL := help
.PHONY: help run test unit check typed unit-halves unit-some unit-others soak sabotage chaos bench bench-peers audit lock monitor vendor clean

help: ## Show this list
	@awk -F ':.*## ' '/^[a-z-]+:.*## / {printf "make %-11s %s\n", $$1, $$2}' Makefile

run: $(RUN_INSTALLED) $(PACKAGE_INSTALLED) ## Install and start everything; Ctrl-C stops it in order
	@exec $(BIN)/comptoir up

test: $(DEV_INSTALLED) $(PACKAGE_INSTALLED) ## Install and run all tests; says how many ran on which server
	@$(BIN)/python -m pytest $(ARGS)

unit: $(DEV_INSTALLED) $(PACKAGE_INSTALLED) ## Run the unit tests alone, one half beside the other
	@$(MAKE) --no-print-directory -j2 $(EACH_IN_ONE_PIECE) unit-halves

check: $(DEV_INSTALLED) $(PACKAGE_INSTALLED) ## Check style, types and import rules, and run the unit tests
	@echo "ruff" && $(BIN)/ruff check . && $(BIN)/ruff format --check .
	@echo "mypy, import rules and unit tests, two at a time"
	@$(MAKE) --no-print-directory -j2 $(EACH_IN_ONE_PIECE) typed unit-halves

typed:
	@$(BIN)/mypy
	@$(BIN)/lint-imports --no-logo

unit-halves: unit-others unit-some

unit-some:
	@$(BIN)/python -m pytest -q $(UNIT_SOME)

unit-others:
	@$(BIN)/python -m pytest -q tests/unit $(addprefix --ignore=,$(UNIT_SOME))

soak: $(DEV_INSTALLED) $(PACKAGE_INSTALLED) ## Run simulated schedules until one breaks a law: RUNS=100000 SEED=1 EXISTING=1
	@exec $(BIN)/python -m tests.simulation.soak --runs $(or $(RUNS),10000) $(if $(SEED),--seed $(SEED)) $(if $(EXISTING),--existing) $(ARGS)

sabotage: $(DEV_INSTALLED) $(PACKAGE_INSTALLED) ## Break a copy of the code line by line, to see that simulation notices
	@exec $(BIN)/python -m tests.simulation.sabotage $(ARGS)

chaos: $(DEV_INSTALLED) $(PACKAGE_INSTALLED) ## Kill real processes under load and judge, about six minutes: SEED=1 SERVER=redis EXISTING=1
	@exec $(BIN)/python -m tests.chaos $(if $(SEED),--seed $(SEED)) $(addprefix --server ,$(SERVER)) $(if $(EXISTING),$(EXISTING_SERVICES)) $(ARGS)

bench: $(DEV_INSTALLED) $(PACKAGE_INSTALLED) ## Measure, about five minutes; ARGS="saga append" for some, FULL=1 for more
	@exec $(BIN)/python -m bench $(ARGS)

bench-peers: $(BENCH_INSTALLED) $(PACKAGE_INSTALLED) ## Install the packages that bench compares us with, and measure them
	@exec $(BIN)/python -m bench peers $(ARGS)

audit: $(DEV_INSTALLED) ## Ask the advisory databases about every pinned package (needs the network)
	@for pinned in requirements/*.txt; do echo "$$pinned"; \
	  $(BIN)/pip-audit --strict --disable-pip --require-hashes --progress-spinner off -r $$pinned || exit 1; done

lock: ## Pin the newest versions that requirements/*.in allow, with their hashes (needs uv)
	@command -v $(UV) >/dev/null || { echo "make lock needs uv: $(BIN)/python -m pip install uv" >&2; exit 1; }
	@$(UV) $(LOCK) --upgrade requirements/run.in -o requirements/run.txt
	@$(UV) $(LOCK) --upgrade -c requirements/run.txt requirements/traces.in -o requirements/traces.txt
	@$(UV) $(LOCK) --upgrade -c requirements/run.txt -c requirements/traces.txt requirements/dev.in -o requirements/dev.txt
	@$(UV) $(LOCK) --upgrade -c requirements/dev.txt requirements/bench.in -o requirements/bench.txt
	@$(UV) $(LOCK) --upgrade -c requirements/dev.txt requirements/docs.in -o requirements/docs.txt

monitor: $(DEV_INSTALLED) $(PACKAGE_INSTALLED) ## Watch what make run runs, with Debian's Prometheus: MONITOR_PORT=9090
	@exec $(BIN)/python -m docs.monitor $(MONITOR_PORT)

vendor: $(RUN_INSTALLED) ## Fetch what others made and we serve, as pinned in docs/vendor.py (needs npm)
	@exec $(BIN)/python -m docs.vendor

clean: ## Remove what was installed and cached; data is kept
	rm -rf $(VENV) build *.egg-info .mypy_cache .ruff_cache .pytest_cache .import_linter_cache .hypothesis
	find $(SOURCES) tests bench -name __pycache__ -type d -prune -exec rm -rf {} +

$(MADE):
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null || { \
	  echo "Python 3.11 or newer is needed, and $(PYTHON) is not: make run PYTHON=/path/to/python3.11" >&2; exit 1; }
	@echo "making $(VENV) with $$($(PYTHON) --version)"
	@$(PYTHON) -m venv $(VENV) >/dev/null 2>&1 || { \
	  echo "$(PYTHON) cannot make a virtual environment; on Debian: apt-get install python3-venv" >&2; exit 1; }
	@touch $@

$(RUN_INSTALLED): requirements/run.txt | $(MADE)
	@echo "installing $$(grep -c == $<) packages, as pinned in $<"
	@$(PIP) install --quiet --require-hashes -r $<
	@touch $@

$(DEV_INSTALLED): requirements/dev.txt | $(RUN_INSTALLED)
	@echo "installing $$(grep -c == $<) packages, as pinned in $<"
	@$(PIP) install --quiet --require-hashes -r $<
	@touch $@

$(BENCH_INSTALLED): requirements/bench.txt | $(DEV_INSTALLED)
	@echo "installing $$(grep -c == $<) packages, as pinned in $<"
	@$(PIP) install --quiet --require-hashes -r $<
	@touch $@

# The version and the command are in setup.cfg; the code itself is used where it is.
$(PACKAGE_INSTALLED): setup.cfg pyproject.toml | $(RUN_INSTALLED)
	@echo "installing comptoir"
	@$(PIP) install --quiet --no-deps --no-build-isolation -e . 2>$(VENV)/install.log || { cat $(VENV)/install.log >&2; exit 1; }
	@touch $@
