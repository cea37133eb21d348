# Needs Python 3.11 to 3.13 and nothing else. The virtual environment is renewed when the requirements change.
#   make run                 everything, with demo data, at http://127.0.0.1:8000     (PORT=, DATA= for a second one)
#   make test                all tests                                                 (PYTEST="-k words" for some)
#   make check               format, lint, types, contracts, migrations, schema, tests
#   make quick               after each change: format, lint, types, the tests nearest to what changed
#   make bench               benchmarks
#   make documents           README's table of providers, third-party notices
#   make pictures            README's screenshots, from a running demo (PORT=)
#   make docker-smoke        the demo in a container, where Docker is
#   make audit               known weaknesses of what is installed (asks PyPI)

.DEFAULT_GOAL := help
.PHONY: documents pictures docker-smoke help run test check quick lint bench format requirements schema audit
SHELL := /bin/bash
VENV := .venv
PYTHON := $(VENV)/bin/python
APPS := wearlink accounts billing healthdata providers nutrition adminportal
export DATA PORT
# Without compiled modules each of the hundred programs that the tests start would compile the whole project again.
unexport PYTHONDONTWRITEBYTECODE

help:
	@sed -n '2,10s/^#   //p' Makefile

run: ; @scripts/venv run && exec $(PYTHON) manage.py run

# Three on two processors: one mostly waits for servers that it broke (tests/order.py).
test: ; @scripts/venv dev && exec $(PYTHON) -m pytest -n 3 --dist worksteal $(PYTEST)

quick: ; @scripts/venv dev && exec $(PYTHON) scripts/quick.py

check: lint test

lint:
	@scripts/venv dev
	$(VENV)/bin/ruff format --check .
	$(VENV)/bin/ruff check .
	$(VENV)/bin/mypy
	$(VENV)/bin/lint-imports --no-logo
	$(VENV)/bin/djlint templates --lint --quiet
	$(PYTHON) manage.py makemigrations --check --dry-run
	$(PYTHON) manage.py spectacular --validate --fail-on-warn --file $(VENV)/openapi.yaml
	diff -u openapi.yaml $(VENV)/openapi.yaml
	$(PYTHON) tests/contract/check_endpoints.py openapi.yaml

schema: ; @scripts/venv dev && $(PYTHON) manage.py spectacular --validate --fail-on-warn --file openapi.yaml

documents: ; @scripts/venv run && exec $(PYTHON) scripts/documents.py

pictures: ; @scripts/venv dev && exec $(PYTHON) scripts/pictures.py

docker-smoke: ; @exec scripts/docker-smoke

audit: ; @scripts/venv dev && for file in requirements.txt requirements-dev.txt; do $(VENV)/bin/pip-audit --require-hashes --disable-pip -r $$file || exit 1; done

bench: ; @scripts/venv dev && exec $(PYTHON) -m tests.bench $(BENCH)

format: ; @scripts/venv dev && $(VENV)/bin/ruff format . && $(VENV)/bin/ruff check --fix .

# Needs uv. The files serve every supported Python; pip-compile's would serve only the one it runs on.
requirements:
	uv pip compile --universal --python-version 3.11 --generate-hashes --no-emit-index-url --quiet requirements.in -o requirements.txt
	uv pip compile --universal --python-version 3.11 --generate-hashes --no-emit-index-url --quiet requirements-dev.in -o requirements-dev.txt
