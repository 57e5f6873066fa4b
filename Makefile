# The commands of the book. `make help` lists them.
SHELL := /bin/bash
.SHELLFLAGS := -euo pipefail -c
.DELETE_ON_ERROR:
.DEFAULT_GOAL := help
MAKEFLAGS += --no-print-directory

PYTHON ?= python3
PORT ?= 8000
WORKERS ?= 2
VENV := .venv
PRETTIER := _build/node/node_modules/.bin/prettier --print-width 100 --log-level warn
SCRIPTS := book/_static/*.js book/_static/*.css book/_press/make/lab/*.css
SITE_PACKAGES := chromium npm default-jre-headless
BIN := $(VENV)/bin
export PYTHONUTF8 := 1

find = $(shell find $(1) -name '$(2)' -not -path '*/.*' -not -path '*/__pycache__/*' -not -path '*.egg-info*' | sort)
CHAPTERS := $(call find,book,*.ipynb) $(call find,book,*.md) $(wildcard book/*.yml) \
  $(filter-out book/_%,$(call find,book,*.py))
MACHINERY := _config.yml _toc.yml pyproject.toml requirements.lock book/references.bib \
  $(call find,book/_press book/_extensions book/_latex book/_static book/_templates,*.*) book/press.toml \
  $(call find,lossbook,*.py)
WHEEL := _build/html/lossbook-$(shell sed -n 's/^version = "\(.*\)"/\1/p' pyproject.toml)-py3-none-any.whl

help:  ## list these commands
	@grep -hE '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed -E 's/^([a-z-]+):.*## */\1\t/' | expand -t 14

# --- environments -----------------------------------------------------------------------------------------

$(VENV)/bin/python:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null || { \
	  echo "lossbook needs Python 3.11 or newer, but '$(PYTHON)' is: $$($(PYTHON) --version 2>&1 || true)"; \
	  echo "Install one and name it, for example: make PYTHON=python3.12 $(MAKECMDGOALS)"; exit 1; }
	@$(PYTHON) -m venv $(VENV) || { \
	  echo "'$(PYTHON) -m venv' failed. On Debian and Ubuntu: apt-get install python3-venv"; \
	  rm -rf $(VENV); exit 1; }

$(VENV)/%.installed: pyproject.toml requirements.lock $(wildcard book/_*/pyproject.toml) | $(VENV)/bin/python
	@echo "Installing what lossbook[$*] needs into $(VENV), which can take some minutes ..."
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check \
	  --constraint requirements.lock --editable '.[$*]' --editable book/_press --editable book/_extensions || { \
	  echo; echo "A package could not be installed: the lines above name it."; \
	  echo "Check the network and pip's index settings (pip config list), then run make again."; \
	  echo "The versions are pinned in requirements.lock, which 'make lock' writes anew."; exit 1; }
	@touch $@

# --- reading the book -------------------------------------------------------------------------------------

html: $(VENV)/book.installed  ## build the site in both languages
	@$(MAKE) -s -j2 --output-sync=target _build/html/zh/index.html _build/html/en/index.html \
	  _build/html/index.html _build/html/pdf/index.html $(WHEEL)
	@echo "The book is built. Open _build/html/index.html, or run 'make serve'."

conf.py: _config.yml _toc.yml requirements.lock
	@$(BIN)/jupyter-book config sphinx . >/dev/null

# Sphinx reads again only the chapters that changed; a change in the machinery builds every page anew.
_build/html/%/index.html: conf.py $(CHAPTERS) $(MACHINERY)
	@echo "Building the $* site ..."
	@$(BIN)/python -m press.make.build html $* $(if $(filter-out $(CHAPTERS),$?),--anew)
	@touch $@

_build/html/index.html: book/_templates/landing.html
	@mkdir -p $(@D) && cp $< $@

_build/html/pdf/index.html: book/_templates/pdf.html book/_press/make/pdf_page.py
	@$(BIN)/python -m press.make.pdf_page _build/html

# What the notebooks need, for their readers: the same bytes for the same sources.
$(WHEEL): pyproject.toml README.md LICENSE $(call find,lossbook,*.*)
	@rm -rf _build/wheel $(@D)/lossbook-*.whl && mkdir -p $(@D)
	@SOURCE_DATE_EPOCH=315532800 $(BIN)/python -m pip wheel --quiet --disable-pip-version-check --no-deps \
	  --no-build-isolation --wheel-dir $(@D) .

pdf: $(VENV)/pdf.installed  ## build the PDF in both languages
	@$(BIN)/python -m press.make.typeset
	@$(MAKE) -j2 --output-sync=target _build/pdf/lossbook-zh.pdf _build/pdf/lossbook-en.pdf
	@$(BIN)/python -m press.make.pdf_page _build/html
	@echo "The PDFs are _build/pdf/lossbook-zh.pdf and _build/pdf/lossbook-en.pdf."

_build/pdf/lossbook-%.pdf: conf.py $(CHAPTERS) $(MACHINERY)
	@echo "Building the $* PDF ..."
	@$(BIN)/python -m press.make.build pdf $* $(if $(filter-out $(CHAPTERS),$?),--anew)

serve: html  ## show the built site on localhost (PORT=8000)
	@echo "http://localhost:$(PORT)/  (Ctrl-C stops)"
	@$(BIN)/python -m http.server --bind 127.0.0.1 --directory _build/html $(PORT)

lab: $(VENV)/lab.installed  ## open the book in JupyterLab; Markdown and notebook stay in step
	@$(BIN)/jupyter lab --config=book/_press/make/lab_config.py $(LABFLAGS)

# --- writing and checking it ------------------------------------------------------------------------------

notebooks: $(VENV)/test.installed  ## run the chapters that changed and store their outputs
	@$(BIN)/python -m press.notebooks $(if $(FORCE),--force)

test: $(VENV)/test.installed  ## run every test and every notebook, compare every output
	@$(BIN)/python -m pytest --nbval -n $(WORKERS) --dist loadscope -q

portable: $(VENV)/test.installed  ## run every notebook as other machines and versions would (SETTINGS="no-avx512 oldest")
	@$(BIN)/python -m tests.portable $(SETTINGS) --workers $(WORKERS)

check-site: html $(VENV)/site.installed _build/node/node_modules/vnu-jar  ## look at the site in a browser
	@$(BIN)/python -m pytest -q -n $(WORKERS) tests/site

# the validator of HTML is a Java program that npm brings
_build/node/node_modules/vnu-jar:
	@for tool in chromium npm java; do command -v $$tool >/dev/null || { \
	  echo "check-site needs $$tool. On Debian and Ubuntu: apt-get install $(SITE_PACKAGES)"; exit 1; }; done
	@npm install --silent --prefix _build/node vnu-jar@26.9.27

# the formatter of scripts and style sheets, wherever there is npm
_build/node/node_modules/prettier:
	@npm install --silent --prefix _build/node prettier@3.6.2 || { \
	  echo "npm could not bring prettier: check the network and npm's registry (npm config list)."; exit 1; }

check-lab: $(VENV)/lab.installed $(VENV)/site.installed  ## open, run and save a chapter in JupyterLab in a browser
	@$(BIN)/python -m pytest -q tests/lab

check: $(VENV)/test.installed  ## look at style, types and spelling: ruff, mypy, codespell, prettier
	@$(BIN)/ruff check .
	@$(BIN)/ruff format --check .
	@$(BIN)/mypy
	@$(BIN)/codespell
	@if command -v npm >/dev/null; then $(MAKE) check-scripts; \
	  else echo "Scripts and style sheets were not looked at: that needs npm."; fi

check-scripts: _build/node/node_modules/prettier
	@$(PRETTIER) --check $(SCRIPTS)

format: $(VENV)/test.installed _build/node/node_modules/prettier  ## give every file its form: ruff, prettier
	@$(BIN)/ruff check --fix --quiet .
	@$(BIN)/ruff format --quiet .
	@$(PRETTIER) --write $(SCRIPTS)

check-pdf: html pdf  ## look into the PDFs: words, numbers, bookmarks, links, fonts
	@$(BIN)/python -m pytest -q tests/pdf

report: $(VENV)/test.installed  ## count what is under test
	@$(BIN)/python -m press.report

bench: bench-losses html  ## measure lossbook, the builds, the tests and the weight of the pages
	@$(BIN)/python -m tests.benchmarks.bench_book

bench-site: html $(VENV)/site.installed  ## measure what a reader waits for, in a browser made slow
	@$(BIN)/python -m tests.benchmarks.bench_site

bench-losses: $(VENV)/test.installed  ## measure lossbook against PyTorch, SciPy and scikit-learn
	@$(BIN)/python -m tests.lossbook.bench_losses

mutants: $(VENV)/mutants.installed  ## break lossbook in every place and count what no test notices
	@$(BIN)/python -m tests.lossbook.mutants $(MODULES)

lock: $(VENV)/lock.installed  ## write requirements.lock anew from pyproject.toml
	@$(BIN)/uv pip compile --quiet --universal --python-version 3.11 --all-extras \
	  --upgrade --no-header --no-annotate --no-emit-package lossbook pyproject.toml --output-file requirements.lock

clean:  ## remove what was built, keep the environment
	@rm -rf _build conf.py mutants .pytest_cache .hypothesis .mypy_cache .ruff_cache

site-packages:
	@echo $(SITE_PACKAGES)

.PHONY: site-packages help html pdf serve lab notebooks test check check-scripts format check-site check-lab check-pdf report bench bench-losses bench-site \
  mutants portable lock clean
