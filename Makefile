# `make demo` shows the whole; `make test` proves it. `make` lists the rest.

PYTHON ?= python3
UV := $(or $(shell command -v uv),$(CURDIR)/.tools/bin/uv)
LOCK := $(UV) pip compile --quiet --universal --generate-hashes --no-header --no-annotate --upgrade --python-version 3.11
READY := .venv/.ready
NEED_PYTHON = $(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null || \
	{ echo "error: $(PYTHON) is not Python 3.11 or newer: install one, and name it: make PYTHON=python3.12" >&2; exit 1; }

export PATH := $(CURDIR)/.venv/bin:$(dir $(UV)):$(PATH)

# Where this is set, every command compiles all of its libraries again, which takes it seconds.
unexport PYTHONDONTWRITEBYTECODE

.DEFAULT_GOAL := help
.PHONY: help
help: ## this list
	@awk -F ':.*## ' '/^[a-z]+:.*## / {printf "make %-8s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

.DEFAULT:
	@echo "error: there is no target '$@': \`make\` lists those there are" >&2; exit 1

.PHONY: demo
demo: $(READY) ## render a project into build/demo, train, test and serve its model
	@python -m scripts.demo

.PHONY: setup
setup: $(READY) ## environment from the hashed lock, git hooks
	@pre-commit install

.PHONY: check
check: $(READY) ## lint, types, fast tests
	ruff check .
	ruff format --check .
	mypy
	pytest --quiet --numprocesses auto tests/template --ignore tests/template/test_updates.py

.PHONY: test
test: $(READY) ## every test
	pytest --numprocesses auto --dist loadgroup

.PHONY: engine
engine: infra/.venv/.ready ## Pulumi's engine, which the rehearsal's tests need: found, fetched or built
	@infra/.venv/bin/python -m infra.rehearsal.engine

.PHONY: lock
lock: $(READY) ## renew the locks, of this repository and of the template
	$(LOCK) --group dev --output-file locks/dev.txt
	python -m scripts.template_locks

.PHONY: questions
questions: $(READY) ## write cookiecutter.json anew from copier.yml, and the names that are taken
	@python -m scripts.reserved_names
	@python -m scripts.cookiecutter_json

.PHONY: page
page: $(READY) infra/.venv/.ready ## draw the pages of the template's docs/ anew
	@python -m scripts.drawn_pages

.PHONY: release
release: $(READY) ## tag a version and move `stable` to it: make release VERSION=1.2.0
	@python -m scripts.release $(VERSION)

.PHONY: bench
bench: $(READY) infra/.venv/.ready ## time every step from copier copy to a served prediction, the compiler, validation and pseudonyms
	@python -m benchmarks.first_green
	@python -m benchmarks.pipeline
	@python -m benchmarks.validation
	@python -m benchmarks.pseudonyms

# Before there is an environment, and whenever it is made anew, python3 is the machine's and not .venv's.
$(READY) infra/.venv/.ready $(CURDIR)/.tools/bin/uv: export PATH := $(subst $(CURDIR)/.venv/bin:,,$(PATH))

$(READY): locks/dev.txt | $(UV)
	@$(NEED_PYTHON)
	@command -v git >/dev/null || { echo "error: git is missing: install it" >&2; exit 1; }
	$(UV) venv --quiet --allow-existing --python $(PYTHON) .venv
	$(UV) pip sync --quiet --python .venv --require-hashes locks/dev.txt
	@touch $@

infra/.venv/.ready: infra/lock.txt infra/pyproject.toml | $(UV)
	@$(NEED_PYTHON)
	$(UV) venv --quiet --allow-existing --python $(PYTHON) infra/.venv
	$(UV) pip sync --quiet --python infra/.venv --require-hashes infra/lock.txt
	$(UV) pip install --quiet --python infra/.venv --no-deps --no-build-isolation --editable infra
	@touch $@

# uv from its own lock, where the machine has none. --target needs neither root nor a virtual environment.
$(CURDIR)/.tools/bin/uv: template/locks/uv.txt
	@$(NEED_PYTHON)
	@$(PYTHON) -m pip --version >/dev/null 2>&1 || { echo "error: $(PYTHON) has no pip: install it (Debian: apt-get install python3-pip)" >&2; exit 1; }
	$(PYTHON) -m pip install --quiet --disable-pip-version-check --upgrade --target .tools --require-hashes --requirement template/locks/uv.txt
	@touch $@
