# Bangfu: every command behind one word. `make` shows them.
SHELL := /bin/bash
.DEFAULT_GOAL := help
.PHONY: help setup demo test everyday endure check format bench properties lock clean

PYTHON_IN := .venv/bin/python
WORKERS ?= 3
EXAMPLES ?= 5000
TIMES ?= 20
export ONCE PORT

help:
	@echo "make demo        from nothing: a demonstration county in demo/, and the site with it on 127.0.0.1:8000"
	@echo "make test        from nothing: all checks and the whole test suite"
	@echo "make everyday    the checks and the quick tests: without browser, Spark and large portfolios"
	@echo "make endure      kill -9 of the server and of PostgreSQL, twenty times each"
	@echo "make setup       the environment in .venv, from requirements.lock"
	@echo "make check       format, lint, types, walls, tidiness"
	@echo "make format      let ruff put the sources in order"
	@echo "make properties  thousands of generated portfolios beside the judge"
	@echo "make bench       every figure the README claims, measured here"
	@echo "make lock        requirements.lock made anew from pyproject.toml"

setup:
	@tools/setup.sh

demo: setup
	@$(PYTHON_IN) tools/demo.py demo

check: setup
	.venv/bin/ruff check .
	.venv/bin/ruff format --check .
	.venv/bin/mypy
	.venv/bin/lint-imports
	$(PYTHON_IN) -m pytest tests/test_tidy.py

test: check
	@tools/java.sh
	@tools/chromium.sh
	$(PYTHON_IN) -m pytest -n $(WORKERS) --dist loadfile --durations 10

everyday: check
	$(PYTHON_IN) -m pytest -n $(WORKERS) --dist loadfile -m "not spark and not large and not browser"

endure: setup
	BANGFU_ENDURE=$(TIMES) $(PYTHON_IN) -m pytest -n 0 -k "kill" tests/postgres tests/casework tests/cli/test_site_serve.py

properties: setup
	@tools/java.sh
	BANGFU_EXAMPLES=$(EXAMPLES) $(PYTHON_IN) -m pytest tests/properties tests/facts/test_mutations.py

bench: setup
	@tools/java.sh
	$(PYTHON_IN) benchmarks/run.py

format: setup
	.venv/bin/ruff check --fix-only --quiet .
	.venv/bin/ruff format .

lock: setup
	$(PYTHON_IN) -m uv pip compile --quiet --universal --generate-hashes --no-header --no-annotate \
		--no-emit-index-url --no-emit-find-links --python-version 3.11 --all-extras pyproject.toml -o requirements.lock

clean:
	rm -rf demo .mypy_cache .ruff_cache .pytest_cache .import_linter_cache .hypothesis spark-warehouse
