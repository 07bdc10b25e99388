# Every target is a thin name for an ./alpha command; CI runs the same ones.
.DEFAULT_GOAL := help

help: ## list the targets
	@grep -E '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed 's/:.*## /\t/' | expand -t 14

up: ## start everything: database, Redis, sandbox, API, workers
	./alpha up

check: ## format, lint, types, layers, unit tests
	.ci/static
	./alpha test tests/unit

test: ## every test
	./alpha test

bench: ## ratios to limits and peers
	./alpha bench

format: ## rewrite the code in our format
	.venv/bin/ruff format . && .venv/bin/ruff check --fix .

lock: ## resolve the dependencies anew
	uv pip compile --universal --generate-hashes --no-header --no-emit-index-url --python-version 3.11 pyproject.toml -o requirements.txt
	uv pip compile --universal --generate-hashes --no-header --no-emit-index-url --python-version 3.11 --extra dev -c requirements.txt pyproject.toml -o requirements-dev.txt
	printf 'cryptofeed==2.4.1\nfirebase-admin==7.7.0\nhiredis\nredis\nuvloop\nwebsockets\n' | uv pip compile --universal --generate-hashes --no-header --no-emit-index-url --python-version 3.11 -c requirements-dev.txt - -o requirements-peers.txt

schema: ## dump schema.sql from the migrations
	./alpha migrate --dump schema.sql

.PHONY: help up check test bench format lock schema
