# `make demo` and `make test` do all the set-up themselves: nothing but Python 3.11 and make is needed.
PYTHON ?= $(shell command -v python3.11 || command -v python3)
VENV := .venv
BIN := $(VENV)/bin
READY := $(VENV)/.ready

.PHONY: help demo test durability lint docs bench clean

help:
	@echo "make demo    the whole loop on digits: train, judge, index, search (under a minute after set-up)"
	@echo "make test    all tests"
	@echo "make durability  kill -9, full disks, flipped bits: all the moments that are promised (half an hour)"
	@echo "make lint    formatting, linting, strict types, layers"
	@echo "make docs    write docs/reference/commands.md anew from the help pages"
	@echo "make bench   benchmarks against named peers; DATA=cifar10-train.parquet for real images"
	@echo "make clean   remove the environment and what tools left behind; runs and collections stay"

$(READY): pyproject.toml constraints.txt
	@echo "setting up $(VENV) (once; with torch it is large)"
	$(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --constraint constraints.txt --editable '.[all,dev]'
	@touch $(READY)

demo: $(READY)
	$(BIN)/podoba demo

# One thread a test process: two processes with two threads each only wait for each other.
test: $(READY)
	OMP_NUM_THREADS=1 $(BIN)/python -m pytest -n 2

durability: $(READY)
	PODOBA_FULL=1 OMP_NUM_THREADS=1 $(BIN)/python -m pytest tests/collection/test_durability.py tests/study/test_run.py

lint: $(READY)
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/lint-imports

docs: $(READY)
	$(BIN)/python -m podoba.cli.help_pages docs/reference/commands.md

# The peers install into an environment of their own from benchmarks/peers-requirements.txt.
bench: $(READY)
	$(BIN)/python benchmarks/training.py $(if $(DATA),--data $(DATA))
	$(BIN)/python benchmarks/encoding.py $(if $(DATA),--data $(DATA))

clean:
	rm -rf $(VENV) .venv-peers .venv-peers-search demo build dist .pytest_cache .mypy_cache .ruff_cache .hypothesis .import_linter_cache
