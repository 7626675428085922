# What people type. Nothing is needed but make and Python 3.11 or later; `make help` lists the verbs.

.DEFAULT_GOAL := help
.DELETE_ON_ERROR:
.PHONY: help run reset token test check fix bench lock openapi client contracts revision venv app browser
MAKEFLAGS += --no-print-directory

# The first Python that is new enough; PYTHON=… chooses another.
PYTHON ?= $(firstword $(foreach each,python3 python3.14 python3.13 python3.12 python3.11,$(shell \
	$(each) -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null && echo $(each))))
PY := .venv/bin/python
NPM := PATH="$(CURDIR)/.venv/bin:$$PATH" npm --prefix frontend --silent
CLIENT := frontend/src/api/schema.gen.ts
TESTS ?= tests
WORKERS ?= auto

help: ## list these verbs
	@awk 'BEGIN {FS = ":.*## "} /^##@/ {printf "\n%s\n", substr($$0, 5)} /^[a-z-]+:.*## / {printf "  %-10s %s\n", $$1, $$2}' $(firstword $(MAKEFILE_LIST))

##@ Use
run: venv ## start everything on http://127.0.0.1:8080 (PORT=…), until Ctrl-C
	@exec $(PY) -m deploy.local.run

token: ## print an API token for the running installation, and nothing else
	@$(PY) -m deploy.local.tokens

reset: venv ## forget the data that `make run` keeps
	@$(PY) -m deploy.local.reset

##@ Change
check: venv app ## format, lint, types, architecture, migrations and contracts in step
	$(PY) -m ruff format --check .
	$(PY) -m ruff check .
	$(PY) -m mypy
	$(PY) -m pytest -q -n0 tests/architecture
	$(PY) -m deploy.openapi --check
	@before="$$(cksum < $(CLIENT))"; $(MAKE) client && test "$$before" = "$$(cksum < $(CLIENT))" || \
		{ echo "The app's types were not those of openapi.yaml: commit $(CLIENT)."; exit 1; }
	$(NPM) run check

fix: venv app ## format, and mend what can be mended
	$(PY) -m ruff format .
	$(PY) -m ruff check --fix .
	$(NPM) run format

test: venv app browser ## every test, on real PostgreSQL, Valkey and Chromium (TESTS=tests/billing for a part)
	$(PY) -m pytest -n $(WORKERS) $(TESTS)
ifeq ($(TESTS),tests)
	$(NPM) run test
endif

bench: venv app ## measure the figures of the architecture, each beside its limit
	@$(PY) -m tests.bench

openapi: venv ## write openapi.yaml from the services
	@$(PY) -m deploy.openapi

client: venv app ## write the app's types from openapi.yaml
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

app: venv
	@$(PY) -m deploy.local.spa

browser: venv
	@$(PY) -m deploy.local.browser
