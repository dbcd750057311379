# Needs Python >= 3.11 with pip, and make. Everything else is set up on the first run, in .venv, from PyPI.
#
#   make demo [KUBECONFIG=path]   the whole tutorial, against an embedded API server (or that cluster)
#   make test                     all tests
#   make check                    format, lint, types, layers, house rules
#   make bench | docs | clean

PYTHON  ?= python3
VENV    ?= .venv
WORKERS ?= auto
ARGS    ?=

SHELL := /bin/bash
BIN   := $(VENV)/bin
READY := $(VENV)/.ready
SPECS := $(wildcard pyproject.toml */pyproject.toml plugins_examples/*/pyproject.toml)

# uv works in our environment and on our Python, wherever it is called from.
export UV_PROJECT_ENVIRONMENT := $(abspath $(VENV))
export UV_PYTHON              := $(abspath $(VENV))/bin/python
export UV_PYTHON_DOWNLOADS    := never
unexport VIRTUAL_ENV PYTHONPATH PYTHONHOME

# A cluster is touched only if make's own command line names it: a KUBECONFIG in the environment does not count.
ifeq ($(origin KUBECONFIG),command line)
DEMO_ARGS := --kubeconfig $(abspath $(KUBECONFIG))
endif
unexport KUBECONFIG MAKEFLAGS

.DEFAULT_GOAL := help
.PHONY: help install demo test check bench docs clean
.DELETE_ON_ERROR:

help:
	@sed -n '/^#   make/s/^#   //p' Makefile

install: $(READY)

$(READY): $(SPECS) .ci/install
	@.ci/install "$(PYTHON)" "$(VENV)"
	@touch $@

demo: $(READY)
	@$(BIN)/python docs/tutorial/demo.py $(DEMO_ARGS) $(ARGS)

test: $(READY)
	@$(BIN)/python -m pytest -q -n $(WORKERS) --maxprocesses 8 --dist worksteal $(ARGS)

check: $(READY)
	@.ci/check "$(VENV)"

# Beside the competitors, in processes of their own: nothing else should run on the machine.
bench: $(READY)
	@$(BIN)/python tests/bench/run.py $(ARGS)

docs: $(READY)
	@$(BIN)/uv sync -q --inexact --all-packages --all-extras --group docs
	@NO_MKDOCS_2_WARNING=1 $(BIN)/python -m mkdocs build --strict --site-dir site

clean:
	rm -rf $(VENV) site dist build uv.lock .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache .bench
	find . -name __pycache__ -prune -exec rm -rf {} +
