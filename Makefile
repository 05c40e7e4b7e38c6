# Everything that one does with this repository. `make` lists it.
PORT ?= 8000
PYTHON ?= python3
BIN := .venv/bin
THIS := $(if $(filter command environment,$(origin PYTHON)),--this-python)

export PYTHONDONTWRITEBYTECODE :=  # else each of some hundred programs compiles all anew

.DEFAULT_GOAL := help
.PHONY: help check house serve test book pdf sheet slides links lab benchmark lock readme clean always \
	browsers

help:  ## list these commands
	@grep -E '^[a-z]+:.*##' $(MAKEFILE_LIST) | awk -F ':.*## *' '{ printf "  make %-10s %s\n", $$1, $$2 }'

check: .venv/installed  ## the linter and the package's own tests: half a minute, no book, no browser
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/pytest tests -m "not slow" $(addprefix --ignore tests/,site explorer course book figures) -n 2 -q

house: .venv/installed  ## print the shelves of the package, their sizes, and who imports whom
	@$(BIN)/python -m tools.house

serve: book  ## build the book and serve it on http://localhost:8000 (PORT= changes it)
	@$(BIN)/python tools/serve.py _build/html $(PORT)

test:  ## set everything up and run every test
	@$(MAKE) --no-print-directory --jobs 2 .venv/browser .venv/graders/graders.txt GOAL=test
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/pytest tests coursework book -n 3 -rs

book: .venv/installed  ## build the book into _build/html, with warnings as errors
	@$(BIN)/python -m tools.build

pdf: book  ## print the whole book into _build/book.pdf, with Chromium
	$(BIN)/python -m tools.pdf _build/html _build/book.pdf

sheet: book  ## print the formula sheet on two sides into _build/formulas.pdf
	$(BIN)/python -m tools.sheet _build/html _build/formulas.pdf

slides: book  ## write the chapters as slides into _build/slides: a figure, a theorem, a question each
	$(BIN)/python -m tools.slides _build/html _build/slides

links: .venv/installed  ## ask every other host that the book links to (needs the network; no test)
	$(BIN)/jupyter-book build . --builder linkcheck

lab: .venv/installed  ## open the chapters in JupyterLab
	$(BIN)/jupyter lab --notebook-dir book --KernelManager.transport_encryption=auto

benchmark: book  ## measure ours against the alternatives, as ratios in one run
	@missed=0; for each in run training explorer pages jobs lab; do \
		echo "\n$$each"; $(BIN)/python -m benchmarks.$$each || missed=1; done; exit $$missed

lock: .venv/installed  ## pin what pyproject.toml asks for; UPGRADE=1 takes the newest of all
	$(BIN)/python -m tools.lock $(if $(UPGRADE),--upgrade)

readme: .venv/installed  ## write the address of the book, and the badges, into the README
	$(BIN)/python -m tools.readme_links

clean:  ## remove what the other commands made, the virtual environment too
	rm -rf .venv _build src/stragglers.egg-info .pytest_cache .ruff_cache .hypothesis

always:

.venv/installed: always  # the script does nothing if all is there
	@$(PYTHON) -m tools.set_up $(THIS) $(firstword $(GOAL) $(MAKECMDGOALS))

browsers:  # beside the packages, which they do not need
	@$(PYTHON) -m tools.browser --apt

.venv/browser: .venv/installed browsers
	@$(BIN)/python -m tools.browser > $@ || { rm -f $@; exit 1; }

.venv/graders/graders.txt: .venv/installed tests/graders.txt
	@$(BIN)/python -m tools.graders
	@touch $@
