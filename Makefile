# Each target is one command; the work is in the program. `make demo` and `make test` need only Python >= 3.11 and make.
PYTHON ?= python3
BIN = .venv/bin

.PHONY: demo test lint bench screens lock

demo: .venv/.ready  ## a believable call on http://127.0.0.1:8000
	@$(BIN)/ppir demo && exec $(BIN)/ppir up

test: .venv/.ready  ## the whole suite on SQLite, then what touches storage again on PostgreSQL
	@$(BIN)/python -m pytest -n 3 && $(BIN)/python -m pytest -n 3 -m storage --database=postgresql

lint: .venv/.ready  ## style, types, imports
	@$(BIN)/ruff check . && $(BIN)/mypy && $(BIN)/lint-imports

bench: .venv/.ready  ## speed and memory
	@$(BIN)/python -m pytest tests/bench -m bench -s

screens: .venv/.ready  ## a picture of every page in both languages, into docs/screens/
	@$(BIN)/ppir screens

lock: .venv/.ready  ## requirements.lock from pyproject.toml
	@.ci/lock

.venv/.ready: requirements.lock pyproject.toml .ci/setup.py
	@$(PYTHON) .ci/setup.py
