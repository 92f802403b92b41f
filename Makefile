# Every target makes what it needs; nothing but Python >= 3.11 with pip is expected.
PYTHON ?= python3
VENV ?= .venv
BIN := $(VENV)/bin
PIP := $(BIN)/python -m pip --disable-pip-version-check install --quiet
UV_COMPILE := $(BIN)/uv pip compile --quiet --universal --python-version 3.11 --generate-hashes \
	--no-emit-index-url --no-emit-find-links --no-header --no-emit-package tunedrop
# The builder of the functions resolves, and pip 23 is not bound by the pin of a package whose extras are asked for:
# those are pinned a second time, with the extras.
WITH_EXTRAS := awk '/^[^ \#]/ { extras = /\[/ } extras'
EXAMPLES := examples/tide-code examples/tide-chat examples/tide-gemini

# Bytecode is kept, whatever the caller's environment says: Google's clients take seconds to compile.
export PYTHONDONTWRITEBYTECODE :=

.DEFAULT_GOAL := help
.PHONY: help demo test simulate check format lint types docs lock bench clean

help: ## Show the targets
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "%-10s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

demo: $(VENV)/local ## Three datasets from a file to a tuned model that answers, on this machine alone
	$(BIN)/tunedrop local run $(EXAMPLES)

test: $(VENV)/dev ## All tests
	$(BIN)/python -m pytest

simulate: $(VENV)/dev ## Many simulated histories of the launch protocol: make simulate SEEDS=100000
	PYTHONPATH=tests $(BIN)/python -m simulation SEEDS=$(or $(SEEDS),1000)

check: format lint types test ## Everything that a change has to pass

format: $(VENV)/dev ## Is every file formatted?
	$(BIN)/ruff format --check .

lint: $(VENV)/dev ## Lint
	$(BIN)/ruff check .

types: $(VENV)/dev ## Strict types
	$(BIN)/mypy

docs: $(VENV)/dev ## Write the generated pages again: messages, command line, settings
	$(BIN)/python docs/generate.py

lock: $(VENV)/dev ## Choose versions anew and write all requirements files
	$(UV_COMPILE) --all-extras --upgrade pyproject.toml --output-file requirements/all.txt
	for extra in local dev; do \
		$(UV_COMPILE) --extra $$extra --constraints requirements/all.txt pyproject.toml --output-file requirements/$$extra.txt; \
	done
	for name in validator launcher status; do \
		$(UV_COMPILE) --extra $$name --constraints requirements/all.txt pyproject.toml --output-file functions/$$name/requirements.txt; \
		$(UV_COMPILE) --no-strip-extras --extra $$name --constraints requirements/all.txt pyproject.toml \
			| $(WITH_EXTRAS) >> functions/$$name/requirements.txt; \
	done
	$(UV_COMPILE) --upgrade requirements/build.in --output-file requirements/build.txt

bench: $(VENV)/local $(VENV)-bench/ready ## Speed and memory against other checkers, written to benchmarks/results.md
	$(BIN)/python benchmarks/run.py $(BENCH)

clean: ## Remove the virtual environment and what tools left behind
	rm -rf $(VENV) $(VENV)-bench .mypy_cache .pytest_cache .ruff_cache .hypothesis build dist

$(VENV)/bin/python:
	@$(PYTHON) -c 'import sys; sys.exit(0 if sys.version_info >= (3, 11) else "tunedrop needs Python 3.11 or newer, found " + sys.version.split()[0] + "; name one with make PYTHON=python3.12")'
	$(PYTHON) -m venv $(VENV)

# Apart, since other checkers want other versions of what we use.
$(VENV)-bench/ready: benchmarks/requirements.txt | $(VENV)/bin/python
	$(BIN)/python -m venv $(VENV)-bench
	$(VENV)-bench/bin/python -m pip --disable-pip-version-check install --quiet -r $<
	@touch $@

# Two steps, since an editable package cannot be hashed. The files are complete, so nothing is resolved: pip 23
# takes a newer version for one that is pinned without the extras that another package asks for.
$(VENV)/local $(VENV)/dev: $(VENV)/%: requirements/%.txt requirements/build.txt pyproject.toml | $(VENV)/bin/python
	$(PIP) --no-deps --require-hashes -r requirements/build.txt -r $<
	$(PIP) --no-deps --no-build-isolation --editable .
	$(BIN)/python -m pip check
	@touch $@
