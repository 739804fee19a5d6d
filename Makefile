# `make demo` and `make test` do all the set-up themselves: nothing but Python 3.11 and make is needed.
PYTHON ?= python3.11
VENV := .venv
BIN := $(VENV)/bin
READY := $(VENV)/.ready

.PHONY: help demo test lint bench clean

help:
	@echo "make demo    the whole loop on digits: train, judge, index, search (about a minute after set-up)"
	@echo "make test    all tests"
	@echo "make lint    formatting, linting, strict types, layers"
	@echo "make bench   benchmarks against named peers; DATA=cifar10-train.parquet for real images"
	@echo "make clean   remove what the others made"

$(READY): pyproject.toml constraints.txt
	$(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --constraint constraints.txt --editable '.[all,dev]'
	touch $(READY)

demo: $(READY)
	$(BIN)/podoba demo

# One thread a test process: two processes with two threads each only wait for each other.
test: $(READY)
	OMP_NUM_THREADS=1 $(BIN)/python -m pytest -n 2

lint: $(READY)
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/lint-imports

bench: $(READY)
	$(BIN)/python benchmarks/training.py $(if $(DATA),--data $(DATA))
	$(BIN)/python benchmarks/encoding.py

clean:
	rm -rf $(VENV) .venv-peers demo runs build dist .pytest_cache .mypy_cache .ruff_cache .hypothesis .import_linter_cache
