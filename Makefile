# Every target sets up what it needs. `make help` lists them.
.DEFAULT_GOAL := help
.PHONY: help setup run test check format messages screenshots lock

# A Python to use instead of the one that is found: make run PYTHON=/path/to/python3
export PYTHON

help: ## this list
	@awk -F ':.*## ' '/^[a-z]+:.*## / { printf "  make %-10s %s\n", $$1, $$2 }' Makefile

run: ## try Twostep: a throw-away demo with two environments (needs only Python 3.11)
	@scripts/setup run
	@exec .venv/bin/twostep demo $(ARGS)

setup: ## make .venv with Twostep and the tools to work on it
	@scripts/setup develop

test: ## everything CI does: system packages, checks, all tests, the wheel tried
	@scripts/test $(ARGS)

check: setup ## read the code without running it: ruff, mypy --strict, import contracts
	@scripts/check

format: setup ## let ruff put the code in its form
	@.venv/bin/ruff format .
	@.venv/bin/ruff check --fix .

messages: setup ## collect the sentences for translators
	@scripts/messages

screenshots: setup ## take the pictures of docs/screens anew
	@scripts/system-packages
	@.venv/bin/python scripts/screenshots.py $(ARGS)

lock: setup ## write requirements/ anew from pyproject.toml (ARGS=--upgrade for newer versions)
	@scripts/lock $(ARGS)
