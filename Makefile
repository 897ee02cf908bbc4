# Two commands on a fresh machine: `make demo` shows what Broadsheet does, `make test` tests it.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
EMBEDDED := REDIS_URL= EMAIL_URL= EMAIL_BACKEND=django.core.mail.backends.filebased.EmailBackend

.PHONY: demo run test check format bench chaos requirements

$(VENV)/runtime: requirements.txt
	$(PYTHON) -m venv $(VENV)
	$(BIN)/pip install --quiet --require-hashes -r requirements.txt
	touch $@

$(VENV)/dev: requirements-dev.txt $(VENV)/runtime
	$(BIN)/pip install --quiet --require-hashes -r requirements-dev.txt
	touch $@

demo: $(VENV)/runtime  ## one whole day over the invented sample, in var/demo
	rm -rf var/demo
	$(EMBEDDED) VAR_DIR=var/demo DATABASE_URL=sqlite:///var/demo/broadsheet.sqlite3 $(BIN)/python manage.py demo

run: $(VENV)/runtime  ## the embedded service: web on http://127.0.0.1:8000 and the clock, until Ctrl-C
	$(BIN)/python manage.py migrate --verbosity 0
	[ -n "$$SITE_URL" ] || grep -qs "^SITE_URL" .env || export SITE_URL=http://127.0.0.1:8000; \
	$(BIN)/celery -A config beat --loglevel info & clock=$$!; trap "kill $$clock 2>/dev/null || true" EXIT; \
	$(BIN)/gunicorn config.wsgi --workers 1 --threads 8 --bind 127.0.0.1:8000

test: $(VENV)/dev  ## the tests, on SQLite, or on DATABASE_URL and REDIS_URL where they are set
	$(BIN)/pytest -n auto --dist worksteal

check: $(VENV)/dev  ## everything that reads the code without running it
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/djade --check --target-version 5.2 $$(git ls-files 'templates/*.html')
	$(BIN)/mypy .
	$(BIN)/lint-imports
	$(BIN)/deptry .
	$(BIN)/python manage.py makemigrations --check --dry-run

format: $(VENV)/dev
	$(BIN)/ruff format .
	$(BIN)/ruff check --fix .
	$(BIN)/djade --target-version 5.2 $$(git ls-files 'templates/*.html')

bench: $(VENV)/dev  ## figures, one JSON line each; ../shared/data where a figure needs real input
	for figure in tests/benchmarks/[a-z]*.py; do $(BIN)/python -m "$$(echo "$${figure%.py}" | tr / .)" || exit 1; done

chaos: $(VENV)/dev  ## deliver 5,000 digests while everything breaks, and count what was lost or came twice (SEED=n)
	$(BIN)/python -m tests.chaos --embedded $(if $(SEED),--seed $(SEED))
	$(BIN)/python -m tests.chaos $(if $(SEED),--seed $(SEED))

requirements:  ## compile the pinned requirements from pyproject.toml (needs uv)
	uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-emit-index-url --no-header \
	  --no-annotate pyproject.toml --all-extras -o requirements.txt
	uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-emit-index-url --no-header \
	  --no-annotate pyproject.toml --all-extras --group dev -c requirements.txt -o requirements-dev.txt
