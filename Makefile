PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
STAMP := $(VENV)/.inprof-installed

.DEFAULT_GOAL := help
.PHONY: help setup check format test test-all docs site bench measure-gpu clean

help:  ## Show this list
	@grep -hE '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | awk -F ':.*## ' '{printf "  %-11s %s\n", $$1, $$2}'

$(STAMP): pyproject.toml constraints.txt
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' \
		|| { echo "inprof needs Python 3.11 or newer; try: make setup PYTHON=python3.12"; exit 1; }
	@test -x $(BIN)/python || $(PYTHON) -m venv $(VENV) \
		|| { echo "no venv: on Debian, apt-get install python3-venv"; rm -rf $(VENV); exit 1; }
	@echo "installing into $(VENV) (a few minutes the first time)"
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check -c constraints.txt -e '.[dev]'
	@touch $(STAMP)

setup: $(STAMP)  ## Create .venv with the project and everything it is tested with

# Pages with generated regions. Published figures only: what one machine measured is not everybody's.
PAGES = README.md site/pages

check: $(STAMP)  ## Lint, format check, strict types, and pages that are up to date
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/inprof docs check $(PAGES) --no-measurements
	$(BIN)/inprof docs lint $(PAGES)

format: $(STAMP)  ## Rewrite the code in the project's format
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

# One process per core; none of the tests needs the machine to itself.
ACROSS_CORES = --numprocesses auto --dist worksteal

test: $(STAMP)  ## Run the tests (the quick ones; test-all adds the slow ones)
	$(BIN)/python -m pytest $(ACROSS_CORES)

test-all: $(STAMP)  ## Run every test
	$(BIN)/python -m pytest $(ACROSS_CORES) -m ''

docs: $(STAMP)  ## Fill the generated regions of README.md and site/pages
	$(BIN)/inprof docs write $(PAGES) --no-measurements

site: $(STAMP)  ## Build the static site into build/site
	$(BIN)/inprof site -o build/site

bench: $(STAMP)  ## Time counting beside other tools, side by side in one run
	$(BIN)/python -m benchmarks

# In this order, since borrowed time on a GPU is short; what is there already is not measured again.
# Where the project can't be installed: make measure-gpu INPROF="python3 -m profiler"
INPROF ?= $(BIN)/inprof
MEASURE = $(INPROF) time --series inception --device cuda --resume
measure-gpu: $(if $(filter $(BIN)/inprof,$(INPROF)),$(STAMP))  ## Measure the series on this machine's GPU (again after an interruption goes on)
	$(MEASURE) --precision fp32,fp16 --bs 1,4,8,32 --quantity device --runs 3
	$(MEASURE) --precision fp32,fp16 --bs 1,8 --quantity device --runs 1 --per-layer
	$(MEASURE) --precision fp32,fp16 --bs 1,4,8,32 --quantity eager --runs 1
	-$(MEASURE) --precision tf32,bf16 --bs 1,4,8,32 --quantity device,eager --runs 1

clean:  ## Remove what was built (not .venv)
	rm -rf build dist plots .pytest_cache .mypy_cache .ruff_cache .hypothesis
	find . -name __pycache__ -not -path './$(VENV)/*' -prune -exec rm -rf {} +
