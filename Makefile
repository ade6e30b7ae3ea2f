# The two commands of the README are `make run` and `make test`; `make help` lists the rest.
# Each makes .venv itself; nothing is needed on the machine but Python 3.11 or newer, and make.

# Nothing that we start reports its use to anyone.
export PREFECT_SERVER_ANALYTICS_ENABLED := false
export DO_NOT_TRACK := 1
# Only what the locks name may be seen, wherever the user keeps other packages.
unexport PYTHONPATH PYTHONHOME

SHELL := /bin/sh
BIN := .venv/bin
STAMPS := .venv/.stamps
PACKAGES := flows extractors transforms warehouse

# The hashes are checked, and nothing that the lock does not name is brought in.
# Without compiling in advance an install takes half the time; Python compiles what is really imported.
INSTALL := $(BIN)/python -m pip install --quiet --disable-pip-version-check --no-input --no-compile --no-deps --require-hashes
LOCK := $(BIN)/uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-config \
	--no-header --no-emit-index-url --no-emit-find-links

.DELETE_ON_ERROR:
.PHONY: run test lint format bench evaluate lock clean help

run: $(STAMPS)/run ## Install what is needed, and run the night on the bundled sample.
	$(BIN)/noticeboard demo

# A worker of the tests has one core: more threads each would only wait for each other.
test: $(STAMPS)/test ## Install what the tests need, and run them all, PostgreSQL included.
	POLARS_MAX_THREADS=1 $(BIN)/python -m pytest $(TESTS)

lint: $(STAMPS)/test ## Check style and types.
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy

format: $(STAMPS)/test ## Lay the code out, and mend what can be mended by rule.
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

bench: $(STAMPS)/bench ## Measure speed and memory against other tools; takes long.
	$(BIN)/python bench/run.py
	$(BIN)/python bench/indicators.py

evaluate: $(STAMPS)/test ## Measure how well suppliers are told apart, and how often phrases in notices are right, on the real notices beside the checkout; keep the tables in docs.
	PYTHONPATH=. $(BIN)/python bench/evaluate.py --into docs/evaluation.md
	PYTHONPATH=. $(BIN)/python bench/phrases.py --into docs/phrases.md

lock: $(STAMPS)/test ## Write the lock files again from pyproject.toml; versions stay where they may.
	$(LOCK) pyproject.toml --group build -o requirements/run.txt
	$(LOCK) --group test -c requirements/run.txt -o requirements/test.txt
	$(LOCK) --group bench -c requirements/run.txt -c requirements/test.txt -o requirements/bench.txt

clean: ## Remove .venv and what tools left behind; never the data.
	rm -rf .venv .mypy_cache .ruff_cache .pytest_cache .hypothesis
	find $(PACKAGES) tests -name __pycache__ -type d -prune -exec rm -rf {} +

help: ## List the commands.
	@awk -F ':.*## ' '/^[a-z]+:.*## /{printf "make %-8s %s\n", $$1, $$2}' $(firstword $(MAKEFILE_LIST))

# Each stamp is made last: an install that was cut short is done again. Each builds on the one before,
# so that `make -j run test` never has two installers at work in one place.
$(STAMPS)/python:
	@rm -rf .venv
	@for python in $(PYTHON) python3.11 python3.12 python3.13 python3.14 python3 python; do \
		"$$python" -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null || continue; \
		"$$python" -m venv .venv && exit 0; rm -rf .venv; \
		echo "$$python cannot make a virtual environment (on Debian and Ubuntu: apt install python3-venv); trying another" >&2; \
	done; \
	echo "Noticeboard needs Python 3.11 or newer, and found none that works. Install one, or say where it is: make run PYTHON=/path/to/python3" >&2; \
	exit 1
	@mkdir -p $(STAMPS)
	@touch $@

$(STAMPS)/run: requirements/run.txt pyproject.toml $(STAMPS)/python
	$(INSTALL) -r requirements/run.txt
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-build-isolation --no-deps -e .
	$(BIN)/python -m pip check
	@touch $@

$(STAMPS)/test: requirements/test.txt $(STAMPS)/run
	$(INSTALL) -r requirements/test.txt
	$(BIN)/python -m pip check
	@touch $@

$(STAMPS)/bench: requirements/bench.txt $(STAMPS)/test
	$(INSTALL) -r requirements/bench.txt
	$(BIN)/python -m pip check
	@touch $@
