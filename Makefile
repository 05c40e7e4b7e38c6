# Everything that one does with this repository. `make` lists it.
PORT ?= 8000
PYTHON ?= python3
BIN := .venv/bin
SOURCES := _config.yml _toc.yml $(shell git ls-files -co --exclude-standard book src coursework 2>/dev/null || find book src coursework -type f)

.DEFAULT_GOAL := help
.PHONY: help check house serve test book pdf links lab benchmark lock clean

help:  ## list these commands
	@grep -E '^[a-z]+:.*##' $(MAKEFILE_LIST) | awk -F ':.*## *' '{ printf "  make %-10s %s\n", $$1, $$2 }'

check: .venv/installed  ## the linter and the package's own tests: half a minute, no book, no browser
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/pytest tests -m "not slow" --ignore tests/site --ignore tests/explorer --ignore tests/course -n 2 -q

house: .venv/installed  ## print the shelves of the package, their sizes, and who imports whom
	@$(BIN)/python -m tools.house

serve: book  ## build the book and serve it on http://localhost:8000 (PORT= changes it)
	@$(BIN)/python tools/serve.py _build/html $(PORT)

test: book .venv/browser .venv/graders/graders.txt  ## set everything up and run every test
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/pytest tests coursework book --book _build/html -n 2 -rs

book: _build/html/.complete  ## build the book into _build/html, with warnings as errors

pdf: book  ## print the whole book into _build/book.pdf, with Chromium
	$(BIN)/python -m tools.pdf _build/html _build/book.pdf

links: .venv/installed  ## ask every other host that the book links to (needs the network; no test)
	$(BIN)/jupyter-book build . --builder linkcheck

lab: .venv/installed  ## open the chapters in JupyterLab
	$(BIN)/jupyter lab --notebook-dir book

benchmark: book  ## measure ours against the alternatives, as ratios in one run
	$(BIN)/python benchmarks/run.py
	$(BIN)/python -m benchmarks.training
	$(BIN)/python -m benchmarks.explorer
	$(BIN)/python -m benchmarks.pages
	$(BIN)/python -m benchmarks.jobs
	$(BIN)/python -m benchmarks.lab

lock: .venv/installed  ## pin requirements.txt anew from pyproject.toml
	$(BIN)/pip install --quiet uv
	printf '# Every package of the book, pinned exactly. Made by: make lock\n' > requirements.txt
	$(BIN)/uv pip compile --quiet --universal --python-version 3.11 --fork-strategy fewest --extra dask \
	    --group book --group test --no-annotate --no-header --no-emit-index-url --no-emit-find-links \
	    pyproject.toml >> requirements.txt
	printf '# What otter-grader and nbgrader add, for the tests, pinned exactly. Made by: make lock\n' > tests/graders.txt
	$(BIN)/uv pip compile --quiet --universal --python-version 3.11 --fork-strategy fewest --extra dask \
	    --extra otter --extra nbgrader --group book --group test --no-annotate --no-header \
	    --no-emit-index-url --no-emit-find-links --constraint requirements.txt pyproject.toml \
	    | grep -vxFf requirements.txt >> tests/graders.txt
	printf -- '-e .\n' >> requirements.txt

clean:  ## remove what the other commands made, the virtual environment too
	rm -rf .venv _build src/stragglers.egg-info .pytest_cache .ruff_cache .hypothesis

.venv/installed: requirements.txt pyproject.toml
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "Python 3.11 or newer is needed; PYTHON= names one: make PYTHON=python3.11")'
	$(PYTHON) -m venv .venv
	$(BIN)/pip install --quiet --disable-pip-version-check -r requirements.txt
	@touch $@

.venv/browser: .venv/installed
	$(BIN)/python -m tools.browser > $@ || { rm -f $@; exit 1; }

.venv/graders/graders.txt: .venv/installed tests/graders.txt
	$(BIN)/python -m tools.graders
	@touch $@

_build/html/.complete: .venv/installed $(SOURCES)
	$(BIN)/jupyter-book build . -W -n --keep-going
	@touch $@
