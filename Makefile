# Everything a newcomer needs: make demo, make test. Everything a committer needs: make check.
PYTHON ?= $(shell for p in python3.13 python3.12 python3.11 python3; do command -v $$p >/dev/null 2>&1 && $$p -c 'import sys, venv; sys.exit(sys.version_info < (3, 11))' 2>/dev/null && echo $$p && break; done)
BIN := .venv/bin
READY := .venv/.ready

.PHONY: install demo test check lint types floors phrases reference picture bench chaos mutants clean

install: $(READY)

$(READY): pyproject.toml constraints.txt
	@test -n "$(PYTHON)" || { echo "MentorBot needs Python 3.11 or later with venv (on Debian and Ubuntu: apt install python3-venv)."; exit 1; }
	@echo "Setting up .venv (a minute, the first time) ..."
	@$(PYTHON) -m venv .venv
	@PIP_DISABLE_PIP_VERSION_CHECK=1 $(BIN)/pip install --quiet --constraint constraints.txt --editable '.[dev]'
	@touch $(READY)

demo: $(READY)
	@$(BIN)/mentorbot demo $(ARGS)

test: $(READY)
	$(BIN)/pytest --numprocesses auto --maxprocesses 4 --dist loadfile $(ARGS)

lint: $(READY)
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .

types: $(READY)
	$(BIN)/mypy

floors: $(READY)
	$(BIN)/lint-imports

check: lint types floors test

phrases: $(READY)
	@$(BIN)/python -m tests.phrases

reference: $(READY)
	@$(BIN)/mentorbot programme reference > docs/programme-file.md

picture: $(READY)
	$(BIN)/python -m tests.picture docs/demo.png

bench: $(READY)
	$(BIN)/python -m benchmarks.listener_overhead
	$(BIN)/python -m benchmarks.startup
	$(BIN)/python -m benchmarks.idle_memory
	$(BIN)/python -m benchmarks.tick
	$(BIN)/python -m benchmarks.due_scan
	$(BIN)/python -m benchmarks.http_clicks
	$(BIN)/python -m benchmarks.import_applications
	$(BIN)/python -m benchmarks.matching
	$(BIN)/python -m benchmarks.matching_peers
	$(BIN)/python -m benchmarks.certificates
	$(BIN)/python -m benchmarks.throughput
	$(BIN)/python -m benchmarks.end_to_end
	$(BIN)/python -m benchmarks.takeover

mutants: $(READY)
	@$(BIN)/python -m tests.faults.mutants

chaos: $(READY)
	@$(BIN)/python -m tests.faults.chaos $(CHAOS_ARGS)

clean:
	rm -rf .venv var build dist .mypy_cache .ruff_cache .import_linter_cache
