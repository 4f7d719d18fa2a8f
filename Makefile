# make run    install, migrate and serve the product with worker and beat, on SQLite; then open the address it prints
# make test   install and pass the tests
# make help   everything else

PYTHON ?= python3
PORT ?= 8000
BIN := .venv/bin
export WEB_PORT := $(PORT)
export STATIC_DIR := $(CURDIR)/staticfiles

# nothing is left outside this folder
export PIP_CACHE_DIR := $(CURDIR)/.cache/pip
export UV_CACHE_DIR := $(CURDIR)/.cache/uv
export MPLCONFIGDIR := $(CURDIR)/.cache/matplotlib
export UV_LINK_MODE := copy
export PIP_DISABLE_PIP_VERSION_CHECK := 1

.DEFAULT_GOAL := help
.PHONY: help run test check fmt words bench e2e shots lighthouse lock clean

WORDS := $(patsubst %.po,%.mo,$(wildcard */locale/*/LC_MESSAGES/*.po))
# what the collected files are made of; the folders too, for a file that is gone leaves a trace nowhere else
STATIC := $(shell find static) trackerproject/static.py trackerproject/settings.py Makefile

help: ## show this list
	@grep -hE '^[a-z0-9]+:.*## ' $(MAKEFILE_LIST) | awk -F ':.*## ' '{printf "  make %-10s %s\n", $$1, $$2}'

run: .venv/.run staticfiles/.collected $(WORDS) ## install, migrate and serve at http://localhost:8000 (PORT=… for another port)
	@echo "→ Preparing the database"
	@$(BIN)/python -m trackerproject.env
	@$(BIN)/python manage.py migrate --verbosity 0
	@$(BIN)/python manage.py createcachetable --verbosity 0
	@echo "→ Open http://localhost:$(PORT)/ and sign in, or create the first account there. Ctrl-C stops everything."
	@$(BIN)/honcho start --no-prefix

test: .venv/.dev ## install and pass the tests
	@echo "→ Running the tests on SQLite (progress in percent)"
	@$(BIN)/python -m pytest -n auto -m "not browser and not postgresql and not outside and not processes and not thorough"

check: .venv/.browser ## formatting, lint, types, import contracts, missing migrations, Django's own checks
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	DEBUG=true $(BIN)/mypy .
	$(BIN)/lint-imports
	DEBUG=true $(BIN)/python manage.py makemigrations --check --dry-run
	DEBUG=true $(BIN)/python manage.py check --fail-level WARNING

fmt: .venv/.dev ## format the code
	$(BIN)/ruff format .
	$(BIN)/ruff check --fix .

words: .venv/.dev ## write the catalogues of translations anew from the code, and say what is missing
	$(BIN)/python -m trackerproject.catalogue update

bench: .venv/.dev ## measure speed beside a bare floor in the same run; DATABASE_URL names a PostgreSQL
	$(BIN)/python -m bench

e2e: .venv/.browser staticfiles/.collected ## drive the product in a real browser (needs chromium)
	$(BIN)/python -m pytest -n 2 --dist loadfile -m browser

shots: .venv/.browser ## write the screenshots that README and docs use (needs chromium)
	$(BIN)/python -m tests.browser.shots

lighthouse: .venv/.browser staticfiles/.collected ## hold the main pages against Lighthouse and the byte budgets (needs chromium and npm)
	$(BIN)/python -m tests.browser.lighthouse

lock: .venv/.dev ## resolve the dependencies of pyproject.toml anew
	$(BIN)/uv pip compile -q pyproject.toml --universal --generate-hashes --no-annotate --no-header -o requirements/run.txt
	$(BIN)/uv pip compile -q pyproject.toml --universal --generate-hashes --no-annotate --no-header --group dev -o requirements/dev.txt
	$(BIN)/uv pip compile -q pyproject.toml --universal --generate-hashes --no-annotate --no-header --group dev --group browser -o requirements/browser.txt

clean: ## remove what was installed; data in var/ stays
	rm -rf .venv .cache staticfiles

# written anew as a whole: hashed names come from what is in `static`, and would not tell another way of shortening
staticfiles/.collected: .venv/.run $(STATIC)
	@echo "→ Collecting the static files"
	@DEBUG=true HASHED_STATIC=true $(BIN)/python manage.py collectstatic --no-input --clear --verbosity 0 --ignore redoc --ignore rest_framework
	@touch $@

# the tests compile what they need themselves
%.mo: %.po | .venv/.run
	@echo "→ Compiling the translations"
	@$(BIN)/python -m trackerproject.catalogue compile

# one environment, grown as needed; a stamp says which requirements it holds
.venv/bin/uv:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { echo "Python 3.11 or newer is needed: make PYTHON=python3.12 …"; exit 1; }
	@echo "→ Creating an environment in .venv"
	@$(PYTHON) -m venv .venv || { echo "Python's venv module is missing; on Debian and Ubuntu: apt install python3-venv"; exit 1; }
	@$(BIN)/python -m pip install --quiet "uv>=0.13"

.venv/.%: requirements/%.txt | .venv/bin/uv
	@echo "→ Installing the packages of $<"
	@$(BIN)/uv pip install --quiet --require-hashes --python $(BIN)/python -r $<
	@touch $@
