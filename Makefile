# What people type. Nothing is needed but make and Python 3.11 or later; `make help` lists the verbs.

.DEFAULT_GOAL := help
.DELETE_ON_ERROR:
.PHONY: help run dev logs token psql reset test check fix bench lock openapi client contracts revision \
	venv packages app browser check-python check-architecture check-openapi check-app
MAKEFLAGS += --no-print-directory

# The first Python that is new enough; PYTHON=… chooses another.
PYTHON ?= $(firstword $(foreach each,python3 python3.14 python3.13 python3.12 python3.11,$(shell \
	$(each) -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null && echo $(each))))
PY := .venv/bin/python
NPM := PATH="$(CURDIR)/.venv/bin:$$PATH" npm --prefix frontend --silent
CLIENT := frontend/src/api/schema.gen.ts

# TESTS names files, folders or tests. Only what needs the app and a browser waits for them, and a few files are
# quicker in one process than shared out: `make test TESTS=tests/billing/rules` takes seconds.
TESTS ?= tests
WHOLE := $(filter tests tests/,$(TESTS))
IN_BROWSER := $(or $(WHOLE),$(findstring tests/journey,$(TESTS)),$(filter tests/deploy tests/deploy/ tests/deploy/test_run.py%,$(TESTS)))
FILES = $(words $(shell find $(foreach each,$(TESTS),$(firstword $(subst ::, ,$(each)))) -name 'test_*.py'))
WORKERS ?= $(shell test $(FILES) -gt 24 && echo auto || echo 0)

# The parts of `make check` run side by side, each one's output in one piece where make can do that.
PARTS := check-python check-app check-architecture check-openapi
ABREAST := --jobs=2 $(if $(filter output-sync,$(.FEATURES)),--output-sync=target)

help: ## list these verbs
	@awk 'BEGIN {FS = ":.*## "} /^##@/ {printf "\n%s\n", substr($$0, 5)} /^[a-z-]+:.*## / {printf "  %-10s %s\n", $$1, $$2}' $(firstword $(MAKEFILE_LIST))

##@ Use
run: venv ## start everything on http://127.0.0.1:8080 (PORT=…), until Ctrl-C
	@exec $(PY) -m deploy.local.run

dev: venv ## the same for developers: services and app start anew when their code changes
	@exec $(PY) -m deploy.local.dev

logs: venv ## follow the logs of the running installation (NAME=sync-worker for one)
	@exec $(PY) -m deploy.local.logs $(NAME)

psql: venv ## open the running installation's database as its owner
	@exec $(PY) -m deploy.local.psql

token: ## print an API token for the running installation, and nothing else
	@$(PY) -m deploy.local.tokens

reset: venv ## forget the data that `make run` keeps
	@$(PY) -m deploy.local.reset

##@ Change
check: venv app ## format, lint, types, architecture, migrations and contracts in step
	@$(MAKE) $(ABREAST) $(PARTS)

check-python:
	$(PY) -m ruff format --check .
	$(PY) -m ruff check .
	$(PY) -m mypy

check-architecture:
	$(PY) -m pytest -q -n0 tests/architecture

check-openapi:
	$(PY) -m deploy.openapi --check

check-app:
	@before="$$(cksum < $(CLIENT))"; $(NPM) run openapi && test "$$before" = "$$(cksum < $(CLIENT))" || \
		{ echo "The app's types were not those of openapi.yaml: commit $(CLIENT)."; exit 1; }
	$(NPM) run check

fix: venv packages ## format, and mend what can be mended
	$(PY) -m ruff format .
	$(PY) -m ruff check --fix .
	$(NPM) run format

test: venv $(if $(IN_BROWSER),app browser) ## every test, on real PostgreSQL, Valkey and Chromium (TESTS=tests/billing for a part)
ifneq ($(WHOLE),)
	$(PY) -m coverage erase
	$(PY) -m coverage run -m pytest -n $(WORKERS) $(TESTS)
	@$(PY) -m coverage combine --quiet
	$(PY) -m coverage report
	$(NPM) run test
else
	$(PY) -m pytest -n $(WORKERS) $(TESTS)
endif

bench: venv app ## measure the figures of the architecture, each beside its limit (FIGURE="load push" for some)
	@$(PY) -m tests.bench $(FIGURE)

openapi: venv ## write openapi.yaml from the services
	@$(PY) -m deploy.openapi

client: venv packages ## write the app's types from openapi.yaml
	@$(NPM) run openapi

contracts: venv ## accept a new optional field of an event into its committed schema
	@$(PY) -m tests.architecture.compatibility

revision: venv ## write a migration for what the models changed (SUBJECT="Add drift")
	@$(PY) -m deploy.local.revision "$(SUBJECT)"

lock: venv ## resolve pyproject.toml into requirements.lock anew
	UV_PYTHON_DOWNLOADS=never UV_CUSTOM_COMPILE_COMMAND="make lock" .venv/bin/uv pip compile --quiet --upgrade \
		--universal --generate-hashes --no-emit-index-url --python-version 3.11 \
		--group local --group dev pyproject.toml --output-file requirements.lock

# Each of these is a no-op, in a fraction of a second, while nothing it depends on has changed.
venv:
	@test -n "$(PYTHON)" || { echo "Tieout needs Python 3.11 or later; none was found."; exit 1; }
	@$(PYTHON) deploy/local/bootstrap.py

packages: venv
	@$(PY) -m deploy.local.spa packages

app: venv
	@$(PY) -m deploy.local.spa

browser: venv
	@$(PY) -m deploy.local.browser

# What make says of a verb that does not exist.
.DEFAULT:
	@echo "There is no verb '$@'. There are:"; $(MAKE) help; exit 2
