# The only commands to learn:  make run | test | check | bench | docs
# Needs Python 3.11+, make and git. Everything else is installed into .venv from locks/.

PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
PORT ?= 8000
export UV_LINK_MODE ?= copy

.PHONY: help setup run test check format bench docs lock clean

help:
	@sed -n 's/^## //p' $(MAKEFILE_LIST)

$(BIN)/uv:
	$(PYTHON) -c 'import sys; sys.exit("Mutu needs Python 3.11 or newer" if sys.version_info < (3, 11) else 0)'
	$(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --require-hashes -r locks/bootstrap.txt

$(VENV)/.run: $(BIN)/uv locks/run.txt pyproject.toml
	$(BIN)/uv pip install --quiet --python $(BIN)/python --require-hashes -r locks/run.txt
	$(BIN)/uv pip install --quiet --python $(BIN)/python --no-deps --no-build-isolation -e .
	@touch $@

$(VENV)/.dev: $(VENV)/.run locks/dev.txt
	$(BIN)/uv pip install --quiet --python $(BIN)/python --require-hashes -r locks/dev.txt
	@touch $@

## setup   install everything a developer needs into .venv
setup: $(VENV)/.dev

## run     start the demo school on http://127.0.0.1:8000 (PORT=9000 for another port)
run: $(VENV)/.run
	$(BIN)/mutu demo --port $(PORT)

## test    every test, on SQLite and on PostgreSQL
test: $(VENV)/.dev
	$(BIN)/python -m pytest -n 2 --engine sqlite
	$(BIN)/python -m pytest -n 2 --engine postgres -m "django_db"

## check   the whole gate: format, lint, types, import contracts, migrations, docs, tests
check: $(VENV)/.dev
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/lint-imports
	$(BIN)/python manage.py makemigrations --check --dry-run
	$(BIN)/python -m mutu.regulation.cases --check
	$(MAKE) test

## format  put the code in its usual shape
format: $(VENV)/.dev
	$(BIN)/ruff format .
	$(BIN)/ruff check --fix .

## bench   measure speed; writes docs/BENCHMARKS.md
bench: $(VENV)/.dev
	$(BIN)/python -m bench

## docs    write docs/rules again from params and cases
docs: $(VENV)/.dev
	$(BIN)/python -m mutu.regulation.cases --write

## lock    resolve the dependencies of pyproject.toml again
lock: $(BIN)/uv
	$(BIN)/uv pip compile pyproject.toml --extra analitik --group dev $(LOCK) -o locks/dev.txt
	$(BIN)/uv pip compile pyproject.toml --extra analitik -c locks/dev.txt $(LOCK) -o locks/run.txt
	$(BIN)/uv pip compile pyproject.toml -c locks/dev.txt $(LOCK) -o locks/base.txt
	$(BIN)/uv pip compile locks/bootstrap.in $(LOCK) -o locks/bootstrap.txt
LOCK := --quiet --universal --generate-hashes --no-header --no-annotate --python-version 3.11

clean:
	rm -rf $(VENV) .mypy_cache .ruff_cache .pytest_cache .import_linter_cache
