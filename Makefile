# The operators' menu: `make` prints it. Targets are one line; logic belongs to a job.
.DEFAULT_GOAL := help
.PHONY: help demo check test test-quick test-proofs test-fuzz test-faults test-load test-soak test-scale bench lint format lock audit licences image sbom test-deploy test-install test-servers deploy rollback draw-certificates run-daily run-weekly run-monthly run-reports status migrate db-check replay replay-run prune returns drill notify \
  notifications-test notifications-sync

ARGS ?=
PERIOD ?=
PY := .venv/bin/python
READY := .venv/.ready
DEV := .venv/.ready-dev
BESIDE := -n auto
# Tests with servers, browsers and clocks wait for a third of their time: three of them fill two cores.
BESIDE_WAITING = -n $$(($$(nproc) * 3 / 2))
# Where a shell forbids bytecode, each process would compile the tests anew, which takes longer than most of them.
check test test-quick test-proofs: export PYTHONDONTWRITEBYTECODE :=
SUPPLY := .venv/supply/.ready
ASK = $(if $(ANSIBLE_VAULT_PASSWORD_FILE),,--ask-vault-pass)

# Behind ` // ` a text goes on in the next line of the menu, so that nothing wraps at 80 columns.
help: ## print this menu
	@awk -F ':.*## ' '/^## /{print "\n" substr($$0, 4)} /^[a-z-]+:.*## /{gsub(" // ", sprintf("\n%26s", ""), $$2); printf "  make %-18s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

## Try it
demo: $(READY) ## everything on this machine, nothing to configure
	@$(PY) -m demo

## Operate (settings from the environment or .env)
run-daily: $(READY) ## yesterday for every store // ARGS="--stores A668 --dry-run"
	@$(PY) -m jobs.daily $(ARGS)

run-weekly: $(READY) ## every week that is owed, or one: PERIOD=2025-W46
	@$(PY) -m jobs.weekly $(if $(PERIOD),--period $(PERIOD)) $(ARGS)

run-monthly: $(READY) ## every month that is owed, or one: PERIOD=2025-10
	@$(PY) -m jobs.monthly $(if $(PERIOD),--period $(PERIOD)) $(ARGS)

status: $(READY) ## what ran, what is open, what to do next // ARGS=--html writes var/status.html
	@$(PY) -m jobs.status $(ARGS)

explain: $(READY) ## where a report's figures come from // ARGS="--store A668 --date 2025-11-14"
	@$(PY) -m jobs.explain $(ARGS)

run-reports: $(READY) ## the daily reports of a day once more // ARGS="--date 2025-11-14"
	@$(PY) -m jobs.reports $(ARGS)

migrate: $(READY) ## bring the database to the newest revision
	@$(PY) -m jobs.migrate $(ARGS)

db-check: $(READY) ## is the database what the jobs expect?
	@$(PY) -m jobs.db_check $(ARGS)

replay: $(READY) ## try rejected rows again after a fix
	@$(PY) -m jobs.replay $(ARGS)

replay-run: $(READY) ## a run made again with this code: what differs? // RUN_ID=20251115_004500123456
	@$(PY) -m jobs.replay_run $(if $(RUN_ID),--run-id $(RUN_ID)) $(ARGS)

prune: $(READY) ## remove what has had its time // ARGS=--dry-run shows it
	@$(PY) -m jobs.prune $(ARGS)

returns: $(READY) ## read the forms that owners sent back
	@$(PY) -m jobs.returns $(ARGS)

drill: $(READY) ## on staging: break a run, see that it recovers // ARGS="--fault mail --seed 7"
	@$(PY) -m jobs.drill $(ARGS)

notify: $(READY) ## deliver mails that are still owed: ARGS="--run-id ID"
	@$(PY) -m jobs.notify $(ARGS)

notifications-test: $(READY) ## could a run's mails all go? // ARGS="--run-id ID --preview var/preview"
	@$(PY) -m jobs.notifications_test $(ARGS)

notifications-sync: $(READY) ## readers and texts from a file // ARGS="--file notifications.yml --dry-run"
	@$(PY) -m jobs.notifications_sync $(ARGS)

## Deploy
image: ## build the image of every job // ARGS="--build-arg BASE_IMAGE=…"
	@docker build --target app --tag simplify --build-arg REVISION=$$(git rev-parse HEAD) $(ARGS) .

sbom: $(SUPPLY) ## everything in the image, as CycloneDX // build/sbom.cdx.json, IMAGE=simplify
	@mkdir -p build && .venv/supply/bin/python deploy/supply/sbom.py $(or $(IMAGE),simplify) >build/sbom.cdx.json

test-deploy: $(DEV) $(SUPPLY) ## the playbook on a booted host, and a night there // root or an engine; half an hour; HOST=bookworm
	@tests/proofs/deploy/run.sh $(ARGS)

test-install: $(DEV) ## `make demo` on bare Debians, and with newer releases // root; 12 minutes; ARGS="-k debian_13"
	@tests/proofs/install/run.sh $(ARGS)

test-servers: ## PostgreSQL 15 becomes 18; all tests elsewhere // root; half an hour; PYTHON=3.14 PG=18
	@tests/proofs/servers/run.sh $(ARGS)

deploy: ## IMAGE=NAME@sha256:… to ENV=production (or staging) // at SIMPLIFY_HOST
	@cd deploy/ansible && ansible-playbook -i inventories/$(or $(ENV),production) $(ASK) -e app_image=$(IMAGE) $(ARGS) site.yml

rollback: ## the release before, with its settings and secrets
	@cd deploy/ansible && ansible-playbook -i inventories/$(or $(ENV),production) $(ASK) $(ARGS) rollback.yml

draw-certificates: ## new certificates for hosts that draw together // ENV=production (or staging), into its vault
	@cd deploy/ansible && sh draw_certificates.sh inventories/$(or $(ENV),production) $(ASK)

## Develop
check: $(DEV) ## lint, types, tests that need nothing; a minute
	@$(MAKE) --no-print-directory --jobs=2 --output-sync=target lint test-quick

# Lint beside the tests: its longest part, mypy, uses one processor.
test: $(DEV) ## lint, types, import contracts, tests // 9 minutes on two cores
	@$(MAKE) --no-print-directory lint & $(PY) -m pytest $(BESIDE_WAITING) $(ARGS); tests=$$?; wait $$! || { echo "make test: lint failed, see above" >&2; exit 1; }; exit $$tests

test-quick: $(DEV) ## the tests that need no process, server or network
	@$(PY) -m pytest $(BESIDE) -m "not integration" --hypothesis-profile=quick $(ARGS)

test-proofs: $(DEV) ## whole runs under faults, kills, drills; replays // 8 minutes on two cores; ARGS="-k sweep"
	@$(PY) -m pytest $(BESIDE_WAITING) --override-ini=python_files='proof_*.py' $(ARGS) tests/proofs

test-fuzz: $(DEV) ## property tests of all that comes from outside // 5,000 examples each; an hour; ARGS="-k csv"
	@$(PY) -m pytest --hypothesis-profile=fuzz $(ARGS) $$(grep -rl '@given' tests/lib)

test-faults: $(DEV) ## one fault at every file, statement, command, request // hours; ARGS="--job daily --sample 20"
	@$(PY) -m tests.proofs.faults $(ARGS)

test-load: $(DEV) ## one daily run of 200 and of 2,000 stores, watched // two hours; ARGS="--stores 2000 --reports 100"
	@$(PY) -m tests.proofs.load.morning $(ARGS)

test-soak: $(DEV) ## 1,000 small runs in one process: what grows, leaks // an hour; ARGS="--runs 100 --draw-every 10"
	@$(PY) -m tests.proofs.load.soak $(ARGS)

test-scale: $(DEV) ## three hosts draw together, and what may happen to them // root; 10 minutes; ARGS="-k killed"
	@$(PY) -m pytest -p no:cacheprovider -s tests/proofs/scale/check_scale.py $(ARGS)

test-php: $(DEV) ## a morning at a real Apache with mod_php // apt-get install apache2 libapache2-mod-php
	@$(PY) -m pytest -p no:cacheprovider -s tests/proofs/portal/check_php.py $(ARGS)

bench: $(DEV) ## what loads and reports cost, beside their rivals
	@for file in tests/proofs/bench/bench_*.py; do $(PY) -m tests.proofs.bench.$$(basename $$file .py) || exit 1; done

lint: $(DEV) ## ruff, mypy strict, import contracts, // zizmor on the workflows
	@.venv/bin/ruff check --quiet . && .venv/bin/ruff format --check --quiet .
	@.venv/bin/mypy --no-error-summary
	@.venv/bin/lint-imports --no-cache --no-logo
	@.venv/bin/zizmor --offline --quiet .github/workflows

format: $(DEV) ## let ruff write the layout
	@.venv/bin/ruff check --fix --quiet . ; .venv/bin/ruff format --quiet .

lock: ## resolve the dependencies again, with hashes // UPGRADE=1 takes newer versions, too
	@sh demo/lock.sh

audit: $(SUPPLY) ## ask PyPI's advisories about everything that is locked
	@.venv/supply/bin/python deploy/supply/audit.py

licences: $(DEV) ## write docs/reference/licences.md // refuse a licence that is not allowed
	@$(PY) deploy/supply/licences.py

# The product and the demo need no tools of the tests: the first `make demo` installs a third less.
$(READY): requirements-demo.lock requirements-install.lock demo/setup.sh demo/install.sh
	@sh demo/setup.sh demo

$(DEV): requirements-dev.lock requirements-install.lock demo/setup.sh demo/install.sh
	@sh demo/setup.sh dev

$(SUPPLY): requirements-supply.lock $(DEV)
	@sh demo/install.sh .venv/supply requirements-supply.lock
	@touch $@
