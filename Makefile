# Each recipe makes the environment it needs. `make demo` and `make test` are the way in.

PYTHON ?= $(shell command -v python3.11 || command -v python3)
RUN := .venvs/run
DEV := .venvs/dev
PIP_INSTALL := -m pip install --quiet --disable-pip-version-check --require-hashes
ACCEPTANCE := .venvs/client-core .venvs/client-core-1.10 .venvs/client-cli .venvs/client-dbt .venvs/schemathesis

.DEFAULT_GOAL := help
.PHONY: help demo test test-core acceptance check format bench soak chaos simulate wheel clean

help:  ## list the recipes
	@grep -E '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 12

demo: $(RUN)/ready  ## a server with a task graph on real data; ONCE=1 ends by itself
	@$(RUN)/bin/clockmill demo $(if $(ONCE),--once)

test: $(DEV)/ready $(ACCEPTANCE:%=%/ready)  ## every test, the real clients included
	$(DEV)/bin/python -m pytest -q -n 2 --dist worksteal tests

test-core: $(DEV)/ready  ## what a task graph does: seconds
	$(DEV)/bin/python -m pytest -q tests/core

acceptance: $(DEV)/ready $(ACCEPTANCE:%=%/ready)  ## the unmodified clients alone
	$(DEV)/bin/python -m pytest -q tests/acceptance

check: $(DEV)/ready  ## format, lint, types, import law
	$(DEV)/bin/ruff format --check --quiet .
	$(DEV)/bin/ruff check --quiet .
	$(DEV)/bin/mypy
	$(DEV)/bin/lint-imports

format: $(DEV)/ready  ## put the code into shape
	$(DEV)/bin/ruff format --quiet .
	$(DEV)/bin/ruff check --quiet --fix .

bench: $(DEV)/ready  ## the figures of docs/performance.md, through the running server
	$(DEV)/bin/python -m bench

chaos: $(DEV)/ready  ## strike servers under load, then judge the history: MINUTES=3 NODES=3 SEED=1
	$(DEV)/bin/python -m chaos --minutes $(or $(MINUTES),3) --nodes $(or $(NODES),3) $(if $(SEED),--seed $(SEED))

simulate: $(DEV)/ready  ## disasters by the seed, each replayable; 100,000 a night: SEEDS=1000 FROM=0
	$(DEV)/bin/python -m tests.simulation --seeds $(or $(SEEDS),100000) --from $(or $(FROM),0)

soak: $(DEV)/ready  ## HOURS=1 of mixed load: the server's memory must stay flat
	$(DEV)/bin/python -m bench.soak --hours $(or $(HOURS),1)

wheel: $(DEV)/ready  ## build the wheel into dist/
	$(DEV)/bin/python -m hatchling build -t wheel

clean:  ## remove every environment and build product
	rm -rf .venvs dist build .mypy_cache .ruff_cache .pytest_cache .hypothesis

$(RUN)/ready: requirements/build.txt requirements/run.txt pyproject.toml
	$(call make-environment,$(RUN))
	$(RUN)/bin/python $(PIP_INSTALL) -r requirements/build.txt -r requirements/run.txt
	$(call install-clockmill,$(RUN))
	@touch $@

$(DEV)/ready: requirements/build.txt requirements/run.txt requirements/dev.txt pyproject.toml
	$(call make-environment,$(DEV))
	$(DEV)/bin/python $(PIP_INSTALL) -r requirements/build.txt -r requirements/run.txt -r requirements/dev.txt
	$(call install-clockmill,$(DEV))
	@touch $@

# The clients' environments hold nothing of ours: what they accept is what any user's would.
.venvs/%/ready: requirements/%.txt
	$(call make-environment,.venvs/$*)
	.venvs/$*/bin/python $(PIP_INSTALL) -r $<
	@touch $@

define make-environment
	@rm -rf $(1)
	@echo "making $(1)"
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { echo "clockmill needs Python 3.11 or later: make PYTHON=/path/to/python3.11"; exit 1; }
	@$(PYTHON) -m venv $(1)
endef

define install-clockmill
	$(1)/bin/python -m pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation --editable .
endef
