# Needs Python >= 3.11 with pip, and make. Everything else is set up on the first run, in .venv, from PyPI.
#
#   make demo [KUBECONFIG=path]   the whole tutorial, against an embedded API server (or that cluster)
#   make test                     all tests; ARGS="tests/model -k Quantity" for some
#   make unit                     the tests of parts, without the conformance suite: two minutes
#   make packaging                the tests that build wheels and install them elsewhere
#   make test-all                 also what `make test` leaves out, with many more random examples
#   make check                    format, lint, types, layers, house rules, locks
#   make bench | docs             benchmarks | the documentation as a site
#   make lock                     lock what the pyproject.toml files ask for by now, and move nothing else
#   make upgrade | outdated       renew all locks | show what that would change
#   make release | api-diff       build and check the distributions | compare the public names with the last tag
#   make install | clean          the environment alone | remove all that make made
#
# DEPS=latest and DEPS=lowest choose other dependencies, PYTHON=/path/to/python another Python, for every target:
# each has an environment of its own (.venv-latest, .venv-3.13, ...).

PYTHON  ?= python3
DEPS    ?= locked
WORKERS ?= auto
ARGS    ?=

SHELL := /bin/bash

ifeq ($(filter $(DEPS),locked latest lowest),)
$(error DEPS is locked, latest or lowest, not "$(DEPS)")
endif
ifneq ($(origin PYTHON),file)
VERSION := $(shell $(PYTHON) -c 'import sys; sys.version_info < (3, 11) or print("%d.%d" % sys.version_info[:2])')
ifeq ($(VERSION),)
$(error PYTHON=$(PYTHON) is not a Python >= 3.11 that runs)
endif
endif
VENV  ?= .venv$(addprefix -,$(VERSION))$(addprefix -,$(filter-out locked,$(DEPS)))
BIN   := $(VENV)/bin
READY := $(VENV)/.ready
SPECS := $(wildcard pyproject.toml */pyproject.toml plugins_examples/*/pyproject.toml)
LOCK  := $(patsubst locked,dev,$(DEPS))
LOCKS := $(wildcard requirements/uv.txt requirements/$(LOCK).txt)

# uv works in our environment and on our Python, wherever it is called from. Tests that build or install have the same
# versions in the environments that they make.
export UV_PYTHON           := $(abspath $(VENV))/bin/python
export UV_PYTHON_DOWNLOADS := never
export UV_CONSTRAINT       := $(abspath $(if $(filter latest,$(DEPS)),$(VENV),requirements)/$(LOCK).txt)
export UV_BUILD_CONSTRAINT := $(UV_CONSTRAINT)
unexport VIRTUAL_ENV PYTHONPATH PYTHONHOME

# A cluster is touched only if make's own command line names it: a KUBECONFIG in the environment does not count.
ifeq ($(origin KUBECONFIG),command line)
DEMO_ARGS := --kubeconfig $(abspath $(KUBECONFIG))
endif
unexport KUBECONFIG MAKEFLAGS PYTHON DEPS VENV WORKERS ARGS

.DEFAULT_GOAL := help
.PHONY: help install demo test unit packaging test-all check bench docs lock upgrade outdated release api-diff clean now
.DELETE_ON_ERROR:

help:
	@sed -n '/^#   make/s/^#   //p' Makefile

install: $(READY)

$(READY): $(SPECS) $(LOCKS) .ci/install .ci/locks.py $(if $(filter latest,$(DEPS)),now)
	@.ci/install $(PYTHON) "$(VENV)" $(LOCK)
	@touch $@

$(BIN)/uv:
	@.ci/install $(PYTHON) "$(VENV)"

demo: $(READY)
	@$(BIN)/python docs/tutorial/demo.py $(DEMO_ARGS) $(ARGS)

PYTEST := $(BIN)/python -m pytest -q -n $(WORKERS) --maxprocesses 8 --dist worksteal

test: $(READY)
	@$(PYTEST) $(ARGS)

unit: $(READY)
	@$(PYTEST) -m unit $(ARGS)

packaging: $(READY)
	@$(PYTEST) tests/packaging $(ARGS)

test-all: $(READY)
	@HYPOTHESIS_PROFILE=fuzz $(PYTEST) --soak $(ARGS)

check: $(READY)
	@.ci/check "$(VENV)"

# Beside the competitors, in processes of their own: nothing else should run on the machine.
bench: $(READY)
	@$(BIN)/python tests/bench/run.py $(ARGS)

docs: $(READY)
	@$(BIN)/python .ci/locks.py sync docs .venv-docs
	@NO_MKDOCS_2_WARNING=1 .venv-docs/bin/python -m mkdocs build --strict --site-dir site

# These work whatever the locks say now.
lock upgrade outdated: | $(BIN)/uv
	@$(BIN)/python .ci/locks.py $@

release: $(READY)
	@.ci/release "$(VENV)"

api-diff: $(READY)
	@.ci/api-diff "$(VENV)"

clean:
	rm -rf $(VENV) .venv .venv-* site dist build .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache .bench
	find . -name __pycache__ -prune -exec rm -rf {} +
