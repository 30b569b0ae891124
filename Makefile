# Everything works from a clean clone with Python 3.11+, make and the package registries.
PYTHON ?= python3
VENV   := .venv
BIN    := $(VENV)/bin
UV     := $(shell command -v uv 2>/dev/null)

.DEFAULT_GOAL := help
.PHONY: help demo test check bench bench-wire bench-sharing bench-revocation soak compat compat-iam format clean

help: ## this list
	@grep -E '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | awk -F':.*## ' '{printf "  make %-13s %s\n", $$1, $$2}'

$(VENV)/.installed: pyproject.toml
ifdef UV
	test -x $(BIN)/python || $(UV) venv --quiet --python $(PYTHON) $(VENV)
	$(UV) pip install --quiet --python $(BIN)/python -e .
else
	test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check -e .
endif
	@touch $@

$(VENV)/.dev: $(VENV)/.installed
ifdef UV
	$(UV) pip install --quiet --python $(BIN)/python --group dev
else
	$(BIN)/python -m pip install --quiet --disable-pip-version-check 'pip>=25.1'
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --group dev
endif
	@touch $@

demo: $(VENV)/.installed ## the whole loop: two accounts, one share, real clients
	$(BIN)/redshare demo

check: $(VENV)/.dev ## lint, format, types, import contracts
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports --no-cache

test: check ## everything above, then the tests
	$(BIN)/python -m pytest

compat: $(VENV)/.dev ## foreign clients against a running node, or one: CLIENT=dbt
	$(BIN)/python -m compat $(CLIENT)

compat-iam: $(VENV)/.dev ## policy decisions beside an independent evaluator's: CASES=24000 SEED=1
	$(BIN)/python -m compat.iam_simulate $(CASES) $(SEED)

bench: $(VENV)/.dev ## figures, each beside a peer of the same run
	$(BIN)/python -m bench

bench-wire: $(VENV)/.dev ## the SQL port beside PostgreSQL: rows, `select 1`, a prepared query
	$(BIN)/python -m bench.wire

bench-sharing: $(VENV)/.dev ## TPC-H through a share beside the producer itself: TPCH_SF=1
	$(BIN)/python -m bench.sharing

bench-revocation: $(VENV)/.dev ## how long a running query outlives the loss of its share
	$(BIN)/python -m bench.revocation

soak: $(VENV)/.dev ## the long forms of the crash and concurrency tests
	REDSHARE_SOAK=1 $(BIN)/python -m pytest -m "crash or server" tests

format: $(VENV)/.dev ## let the formatter decide
	$(BIN)/ruff format .
	$(BIN)/ruff check --fix .

clean: ## remove what make made
	rm -rf $(VENV) .mypy_cache .ruff_cache .pytest_cache
