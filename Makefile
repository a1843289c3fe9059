# Freehold's commands. `make help` lists them; each is a few lines around a script or the `freehold` command line.

SHELL := /bin/bash
.SHELLFLAGS := -euo pipefail -c
.DEFAULT_GOAL := help
MAKEFLAGS += --no-print-directory

BIN := .venv/bin
PYTEST := $(BIN)/python -m pytest
PYTEST_OPTIONS ?=
# Whole files go to two workers, the longest first (tests/support/sharing_out.py).
SHARED_OUT := -n 2 --dist loadfile
# What a run imports is compiled once, not in each of its hundred processes.
export PYTHONDONTWRITEBYTECODE :=

.PHONY: help
help: ## List the commands
	@awk 'BEGIN {FS = ":.*## "} \
	     /^## / {printf "\n%s\n", substr($$0, 4)} \
	     /^[a-z0-9-]+:.*## / {printf "  make %-17s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

## Run

.PHONY: run
run: setup console ## Start the product in one process (SQLite, no servers); prints address, user and password
	@exec $(BIN)/freehold run

.PHONY: run-full
run-full: setup-servers setup console ## Start every role as its own process, with a private PostgreSQL and RabbitMQ
	@exec $(BIN)/freehold run-full

.PHONY: demo-remove
demo-remove: setup ## Remove the demo company from the running product
	@$(BIN)/freehold demo remove

.PHONY: reset-password
reset-password: setup ## Give the first administrator a new password
	@$(BIN)/freehold admin reset-password

## Check

.PHONY: test
test: setup-dev ## Install what is missing and run every test; PostgreSQL, RabbitMQ and Chromium are real
	@$(MAKE) -j2 setup-test console
	@$(MAKE) test-unit
	@$(MAKE) test-architecture
	@$(MAKE) test-integration
	@$(MAKE) test-whole
	@$(MAKE) test-browser
	@$(MAKE) test-chaos-short
	@$(MAKE) test-deploy-short

.PHONY: test-unit
test-unit: setup-dev ## Fast tests without servers
	@$(PYTEST) tests/unit $(SHARED_OUT) $(PYTEST_OPTIONS)

.PHONY: test-architecture
test-architecture: setup-dev ## Walls between services, rooms, documented settings and events, licences
	@$(PYTEST) tests/architecture tests/contract -n 2 $(PYTEST_OPTIONS)

.PHONY: test-integration
test-integration: setup-test console ## Tests on SQLite, PostgreSQL and RabbitMQ, and the matrix of permissions
	@$(PYTEST) tests/integration tests/permissions $(SHARED_OUT) $(PYTEST_OPTIONS)

.PHONY: test-whole
test-whole: setup-test console ## The whole product: test-e2e and test-robustness beside each other
	@$(PYTEST) tests/e2e tests/robustness $(SHARED_OUT) $(PYTEST_OPTIONS)

.PHONY: test-e2e
test-e2e: setup-test console ## The main job from spreadsheet to dashboard, embedded and full
	@$(PYTEST) tests/e2e $(PYTEST_OPTIONS)

.PHONY: test-robustness
test-robustness: setup-test ## Generated requests against every OpenAPI document
	@$(PYTEST) tests/robustness $(PYTEST_OPTIONS)

.PHONY: test-browser
test-browser: setup-test console ## The main job in headless Chromium; screenshots in tests/artifacts
	@$(PYTEST) tests/browser $(SHARED_OUT) $(PYTEST_OPTIONS)

.PHONY: guide-pictures
guide-pictures: setup-test console ## Paint the pictures of the user guide anew, from the demo company
	@FREEHOLD_GUIDE_PICTURES=1 $(PYTEST) tests/browser/test_user_guide.py -n 0 $(PYTEST_OPTIONS)

.PHONY: browser-test
browser-test: test-browser ## The same as test-browser

.PHONY: test-chaos-short
test-chaos-short: setup-test console ## kill -9 of every process under load, short form
	@$(PYTEST) tests/chaos $(PYTEST_OPTIONS)

.PHONY: test-deploy-short
test-deploy-short: setup-deploy ## The deployment kit as far as no container is needed: chart, rules, dashboards, backup
	@$(PYTEST) tests/deploy/chart tests/deploy/monitoring tests/deploy/bundle tests/deploy/backup $(SHARED_OUT) $(PYTEST_OPTIONS)

.PHONY: test-deploy
test-deploy: setup-deploy setup-engine images ## The whole deployment kit, on containers that stand for servers
	@$(PYTEST) tests/deploy $(PYTEST_OPTIONS)

.PHONY: test-deploy-smoke
test-deploy-smoke: setup-deploy setup-engine console ## Of that: one server installed from a sealed bundle, in at most 20 minutes
	@timeout --kill-after=60s 20m $(PYTEST) tests/deploy/hosts -n 0 -m smoke $(PYTEST_OPTIONS)

.PHONY: chaos
chaos: setup-test console ## kill -9 of every process under load, long form, then count every effect
	@$(BIN)/python -m bench.chaos

.PHONY: ledger
ledger: setup-test console ## 10,000 changes against 200 rules under random kills, then compare every effect
	@$(BIN)/python -m bench.ledger

.PHONY: bench
bench: setup-bench console ## Measure the product against raw driver and broker
	@$(BIN)/python -m bench

.PHONY: lint
lint: setup-dev ## Ruff, import walls
	@$(BIN)/ruff check .
	@$(BIN)/lint-imports --no-cache

## Maintain

.PHONY: wheel
wheel: setup-dev console ## Build the wheel of a release, with the console in it
	@rm -rf build
	@$(BIN)/python -m pip wheel -q --no-deps --no-build-isolation -w dist .

.PHONY: images
images: setup-dev setup-images console ## Build the container images into dist/images, without a registry or root
	@$(BIN)/python -m deploy.images build

.PHONY: images-lock
images-lock: setup-dev setup-images ## Take the present Debian packages into the locks of images and bundle
	@$(BIN)/python -m deploy.images lock
	@$(BIN)/python -m deploy.bundle lock

.PHONY: bundle
bundle: images ## Make the signed bundle for machines without a network (SINCE=<earlier bundle> makes a difference too)
	@$(BIN)/python -m deploy.bundle $(if $(SINCE),--since $(SINCE))

.PHONY: docs
docs: setup-dev ## Write the generated reference pages anew
	@$(BIN)/freehold docs settings
	@$(BIN)/freehold docs events
	@$(BIN)/freehold docs formulas
	@$(BIN)/freehold docs bpmn
	@$(BIN)/freehold docs kit
	@$(BIN)/python scripts/licences.py

.PHONY: lock
lock: setup-dev ## Pin requirements/*.in with hashes (UPGRADE=--upgrade takes the newest versions)
	@scripts/lock.sh $(UPGRADE)

.PHONY: clean
clean: ## Remove what was built or installed here; keeps the data in var/
	@rm -rf .venv build dist *.egg-info console/dist console/node_modules tests/artifacts
	@rm -rf .pytest_cache .ruff_cache .hypothesis .import_linter_cache
	@find . -name __pycache__ -type d -prune -exec rm -rf {} +

.PHONY: setup setup-dev setup-servers setup-test setup-bench setup-deploy setup-engine setup-images console
setup:
	@scripts/install-system.sh run
	@scripts/python.sh runtime

setup-dev:
	@scripts/install-system.sh run
	@scripts/python.sh dev

setup-servers:
	@scripts/install-system.sh servers

setup-bench:
	@scripts/install-system.sh bench
	@scripts/python.sh dev

setup-test:
	@scripts/install-system.sh test
	@scripts/python.sh dev

setup-engine:
	@scripts/install-system.sh engine

setup-images:
	@scripts/install-system.sh images

setup-deploy:
	@scripts/install-system.sh deploy
	@scripts/python.sh dev
	@scripts/python.sh deploy

console: setup
	@scripts/console.sh
