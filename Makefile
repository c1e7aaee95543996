# make run · test · test-services · test-slow · check · audit · bench · demo · openapi · env-example · password · clean
# Variables given on the command line reach the service: make run PORT=8123 STATE_DIR=some/where

PYTHON ?= $(firstword $(foreach name,python3 python3.14 python3.13 python3.12 python3.11,$(shell command -v $(name))))
IN_VENV = .venv/bin/python
TEST_DATABASE_URL ?= postgres://postgres@127.0.0.1:5432/postgres
TEST_REDIS_URL ?= redis://127.0.0.1:6379/9
TESTS ?= tests
NO_FFMPEG = $(if $(and $(shell command -v ffprobe),$(shell command -v ffmpeg)),, and not ffmpeg)

# What the embedded profile does not use, so that neither .env nor the shell can lead a test to real data.
EMBEDDED = DATABASE_URL= REDIS_URL= S3_BUCKET= PUBLIC_URL=
# A server as it would be deployed, for the checks: nothing is opened, nothing is written.
DEPLOYED = $(EMBEDDED) SECRET_KEY=checks-only-0123456789-abcdefghijklmnopqrstuvwxyz-ABCDEFGH PUBLIC_URL=https://drafts.example.org

.PHONY: run test test-services test-slow check audit bench demo openapi env-example password clean python packages test-packages

run: packages
	@exec $(IN_VENV) manage.py dev --tied

test: test-packages
	@test -z "$(NO_FFMPEG)" || echo "ffprobe is not on PATH: the tests that need ffmpeg are left out."
	$(EMBEDDED) $(IN_VENV) -m pytest -n 2 -m "not services and not browser and not slow$(NO_FFMPEG)" $(TESTS)

test-services: test-packages
	@$(PYTHON) capcut_site/bootstrap.py tests/requirements-services.txt tests/requirements-loaders.txt
	DATABASE_URL=$(TEST_DATABASE_URL) REDIS_URL=$(TEST_REDIS_URL) $(IN_VENV) -m tests.services.run $(TESTS)

# The drills of docs/reliability.md at full length: Linux, root, PostgreSQL, strace and libfaketime.
test-slow: test-packages
	@$(PYTHON) capcut_site/bootstrap.py tests/requirements-services.txt tests/requirements-loaders.txt
	$(EMBEDDED) $(IN_VENV) -m pytest -s -m slow --hypothesis-profile=search $(TESTS)

check: test-packages
	$(IN_VENV) -m pip check
	$(IN_VENV) -m ruff check .
	$(IN_VENV) -m ruff format --check .
	$(IN_VENV) -m bandit -q -ll -c pyproject.toml -r drafts capcut_site manage.py
	$(IN_VENV) -m tests.audit # what the list cannot tell is said and passes; make audit fails for it
	$(DEPLOYED) $(IN_VENV) -m mypy
	$(IN_VENV) -c 'from importlinter.cli import lint_imports_command as run; run()'
	$(DEPLOYED) $(IN_VENV) manage.py makemigrations --check --dry-run
	$(DEPLOYED) $(IN_VENV) manage.py check --deploy --fail-level WARNING
	$(DEPLOYED) $(IN_VENV) manage.py spectacular --validate --fail-on-warn --file .venv/openapi.yaml
	diff docs/openapi.yaml .venv/openapi.yaml # a difference that is meant: make openapi

# Known vulnerabilities of what is pinned, before a release: what the public list cannot tell fails too.
audit: test-packages
	$(IN_VENV) -m tests.audit --strict

# About twenty-five minutes; BENCH=--quick takes two and writes nothing.
bench: test-packages
	$(EMBEDDED) $(IN_VENV) -m tests.bench --database $(TEST_DATABASE_URL) $(BENCH)

# Fills a running server through its API with one draft to look at: make demo URL=http://127.0.0.1:30000 API_KEY=ck_...
URL = http://127.0.0.1:$(or $(PORT),30000)
demo: python
	@API_KEY=$(API_KEY) $(PYTHON) capcut_site/demo.py $(URL)

openapi: test-packages
	$(DEPLOYED) $(IN_VENV) manage.py spectacular --validate --fail-on-warn --file docs/openapi.yaml

env-example: test-packages
	$(EMBEDDED) DJANGO_SETTINGS_MODULE=tests.settings $(IN_VENV) -m tests.test_configuration >.env.example

password: packages
	@$(IN_VENV) manage.py changepassword admin && rm -f "$${STATE_DIR:-var}/admin-password"

# Never touches var: drafts lie there.
clean:
	rm -rf .venv staticfiles .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache
	find . -name __pycache__ -prune -exec rm -rf {} +

python:
	@test -n "$(PYTHON)" || { echo "Python 3.11 or newer is needed, and there is no python3 on PATH." >&2; exit 1; }

packages: python
	@$(PYTHON) capcut_site/bootstrap.py requirements.txt

test-packages: packages
	@$(PYTHON) capcut_site/bootstrap.py tests/requirements.txt
