# Everything a person types. Nothing is needed beforehand but make and Python 3.11 to 3.13: the rest is installed into .venv and node_modules.
SHELL := /bin/sh
MAKEFLAGS += --no-builtin-rules
.SUFFIXES:
.DELETE_ON_ERROR:
.DEFAULT_GOAL := help

VENV := .venv
BIN := $(VENV)/bin
PYTHON_READY := $(VENV)/.installed
NODE_READY := $(VENV)/.node
LOCKS := requirements.txt requirements-dev.txt

# A front end is a folder with a package.json whose script "build" fills its dist folder.
FRONT_ENDS := $(patsubst %/package.json,%,$(wildcard tab/web/package.json infra/simulator/shell/package.json))
BUILT := $(addsuffix /node_modules/.built,$(FRONT_ENDS))
MODULES := $(addsuffix /node_modules/.installed,$(FRONT_ENDS))
NPM := $(CURDIR)/$(BIN)/npm

# Extra arguments for pytest: make test ARGS="tests/manifest -x"
ARGS ?=

.PHONY: help run test lint bench pictures package lock clean distclean
help: ## List these commands
	@sed -n 's/^\([a-z][a-z-]*\):.*## /  make \1  #/p' Makefile | awk -F'#' '{ printf "%-18s %s\n", $$1, $$2 }'

run: $(PYTHON_READY) $(BUILT) ## Start the whole product in demo mode on http://127.0.0.1:3978
	@exec $(BIN)/python -m infra.demo

test: $(PYTHON_READY) $(BUILT) ## Run every test, the browser tests included
	@infra/setup/debian.sh "chromium chromium-browser google-chrome" chromium fonts-dejavu-core
	@status=0; \
	$(MAKE) --no-print-directory test-front-ends || status=$$?; \
	$(BIN)/python -m pytest $(ARGS) || status=$$?; \
	exit $$status

lint: lint-style lint-format lint-types lint-arrows lint-house lint-front-ends ## Run every static check (make -k lint: all of them even after a fault)

bench: $(PYTHON_READY) ## Print the table of benchmarks
	@$(BIN)/python -m infra.bench

pictures: $(PYTHON_READY) $(BUILT) ## Photograph the product in Chromium into docs/images
	@infra/setup/debian.sh "chromium chromium-browser google-chrome" chromium fonts-dejavu-core
	@$(BIN)/python -m infra.pictures

package: $(PYTHON_READY) ## Build the Teams app package dist/*.zip from the environment
	@$(BIN)/python -m manifest

lock: $(PYTHON_READY) ## Compile requirements*.in into requirements*.txt with hashes
	@infra/setup/lock.sh $(BIN)

clean: ## Remove what was built, keep what was installed
	rm -rf build dist $(addsuffix /dist,$(FRONT_ENDS)) .pytest_cache .mypy_cache .ruff_cache .import_linter_cache .hypothesis
	find . -name __pycache__ -type d -not -path './$(VENV)/*' -not -path '*/node_modules/*' -prune -exec rm -rf {} +

distclean: clean ## Remove what was installed too
	rm -rf $(VENV) $(addsuffix /node_modules,$(FRONT_ENDS))

# --- one target for each check ---------------------------------------------------------------------------------------

.PHONY: lint-style lint-format lint-types lint-arrows lint-house lint-front-ends test-front-ends
lint-style: $(PYTHON_READY)
	@$(BIN)/ruff check .

lint-format: $(PYTHON_READY)
	@$(BIN)/ruff format --check .

lint-types: $(PYTHON_READY)
	@$(BIN)/mypy

lint-arrows: $(PYTHON_READY)
	@$(BIN)/lint-imports

lint-house: $(PYTHON_READY)
	@$(BIN)/python -m infra.checks

lint-front-ends: $(MODULES)
	@set -e; for folder in $(FRONT_ENDS); do \
		(cd $$folder && $(NPM) exec --no -- tsc --noEmit && $(NPM) run --if-present lint); done

test-front-ends: $(MODULES)
	@set -e; for folder in $(FRONT_ENDS); do (cd $$folder && $(NPM) run --if-present test); done

# --- what is installed and built -------------------------------------------------------------------------------------

.PHONY: setup
setup: $(PYTHON_READY) $(NODE_READY) $(BUILT) ## Install and build what the other commands need

$(BIN)/python:
	@infra/setup/venv.sh $(VENV)

$(PYTHON_READY): $(LOCKS) | $(BIN)/python
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes $(addprefix -r ,$(LOCKS))
	@touch $@

$(NODE_READY): $(PYTHON_READY) infra/setup/node.sh
	@infra/setup/node.sh $(VENV)
	@touch $@

.PHONY: always
always:

# The stamps lie beside the packages: what is in dist is served as it is.
define FRONT_END
$(1)/node_modules/.installed: $(1)/package.json $(1)/package-lock.json | $(NODE_READY)
	cd $(1) && $(NPM) ci --no-audit --no-fund
	@touch $$@

$(1)/node_modules/.built: $(1)/node_modules/.installed $(if $(wildcard $(1)/dist),,always) \
		$(shell find $(1) \( -name node_modules -o -name dist \) -prune -o -type f -print) $(shell find $(1)/src -type d 2>/dev/null)
	cd $(1) && $(NPM) run build
	@touch $$@
endef
$(foreach folder,$(FRONT_ENDS),$(eval $(call FRONT_END,$(folder))))
