# `make demo` and `make test` set everything up themselves: nothing but Python 3.11 and make is needed.
PYTHON ?= $(shell command -v python3.11 || command -v python3)
VENV := .venv
BIN := $(VENV)/bin
READY := $(VENV)/.ready

.PHONY: help demo test test-fast test-scale coverage thorough durability pages fuzz format lint docs site serve-site versions wheel bench scale clean

help:
	@echo "make demo        the whole loop on digits: train, evaluate, index, search (under a minute after set-up)"
	@echo "make test        the tests of every day"
	@echo "make test-fast   the tests that take no browser, no training and no process of their own (two minutes)"
	@echo "make test-scale  of those of every day the ones that start servers: Ray, Milvus, an object store"
	@echo "make coverage    the same, and the share of lines and branches of src that they reach"
	@echo "make thorough    the long tests that are near to those of every day, and are left out of them"
	@echo "make durability  every moment of kill -9, full disks and flipped bits (half an hour)"
	@echo "make pages       every flow of every page in both languages and themes, narrow and wide, and hostile names"
	@echo "make fuzz        random folders through index, search, move and undo: nothing may be lost (PODOBA_SECONDS; two hours)"
	@echo "make format      format the code, mend what the linter can mend"
	@echo "make lint        formatting, linting, strict types (of JavaScript too, where npm is), layers"
	@echo "make docs        write what is generated: docs/reference/commands.md and settings.md, .ci/types/api.d.ts"
	@echo "make site        build the documentation into build/site, with strict links"
	@echo "make serve-site  show the documentation at http://127.0.0.1:8000 while it is edited"
	@echo "make versions    try every Python from 3.11 to 3.13 that this machine has"
	@echo "make wheel       build the wheel and try it in an empty environment"
	@echo "make bench       benchmarks against named peers; DATA=cifar10-train.parquet for real images"
	@echo "make scale       what is promised beyond one machine, measured on this one (a quarter of an hour; on Debian etcd-server); ONLY=cluster for a part"
	@echo "make clean       remove the environment and what tools left behind; runs and collections stay"

$(READY): pyproject.toml constraints.txt
	@echo "setting up $(VENV) (once; with torch it is large)"
	$(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --constraint constraints.txt --editable '.[all,dev,docs]'
	@touch $(READY)

demo: $(READY)
	$(BIN)/podoba demo

# One thread a test process: with two each they only wait for each other. Three for two cores, since browsers and children are waited for.
# Beside them those that start servers, in one process, since they share these and mostly wait.
test: $(READY)
	@log=$$(mktemp); $(MAKE) --no-print-directory test-scale >"$$log" 2>&1 & scale=$$!; \
	trap 'pkill -TERM -P $$scale; wait $$scale' INT TERM; \
	status=0; OMP_NUM_THREADS=1 $(BIN)/python -m pytest -n 3 --dist worksteal || status=$$?; \
	wait $$scale || status=$$?; cat "$$log"; rm "$$log"; exit $$status

test-scale: $(READY)
	OMP_NUM_THREADS=1 $(BIN)/python -m pytest -m "scale and not thorough"

test-fast: $(READY)
	OMP_NUM_THREADS=1 $(BIN)/python -m pytest -n 2 --dist worksteal -m "not slow"

coverage: $(READY)
	OMP_NUM_THREADS=1 $(BIN)/python -m pytest -n 2 --dist worksteal --cov --cov-report=term:skip-covered

thorough: $(READY)
	OMP_NUM_THREADS=1 $(BIN)/python -m pytest -n 2 --dist worksteal -m "thorough and not scale"

durability: $(READY)
	PODOBA_FULL=1 OMP_NUM_THREADS=1 $(BIN)/python -m pytest tests/collection/storage/test_durability.py tests/study/test_run.py

pages: $(READY)
	PODOBA_FULL=1 OMP_NUM_THREADS=1 $(BIN)/python -m pytest -n 2 --dist worksteal tests/serve

fuzz: $(READY)
	PODOBA_FULL=1 OMP_NUM_THREADS=1 $(BIN)/python -m pytest tests/collection/duplicates/test_nothing_lost.py

format: $(READY)
	$(BIN)/ruff format .
	$(BIN)/ruff check --fix .

lint: $(READY)
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/lint-imports
	.ci/check-javascript

docs: $(READY)
	$(BIN)/python -m podoba.cli.help_pages docs/reference/commands.md
	$(BIN)/python .ci/settings_page.py docs/reference/settings.md
	$(BIN)/python .ci/api_types.py .ci/types/api.d.ts

# The variable silences a notice of the theme about its successor (docs/explanation/decisions.md).
site: $(READY)
	NO_MKDOCS_2_WARNING=1 $(BIN)/mkdocs build --strict

serve-site: $(READY)
	NO_MKDOCS_2_WARNING=1 $(BIN)/mkdocs serve

versions:
	.ci/versions

wheel: $(READY)
	.ci/check-wheel $(BIN)/python

# The peers install into an environment of their own from benchmarks/peers-requirements.txt.
bench: $(READY)
	$(BIN)/python benchmarks/training.py $(if $(DATA),--data $(DATA))
	$(BIN)/python benchmarks/encoding.py $(if $(DATA),--data $(DATA))

# The message queue of the cluster installs into an environment of its own from benchmarks/peers-scale-requirements.txt.
scale: $(READY)
	PYTHONPATH=benchmarks $(BIN)/python -m scale.run $(foreach part,$(ONLY),--only $(part))

clean:
	rm -rf $(VENV) .ci/types/node_modules .venv-peers .venv-peers-search .venv-peers-scale demo build dist .pytest_cache .mypy_cache .ruff_cache .hypothesis .import_linter_cache .coverage
