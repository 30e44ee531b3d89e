# Everything this project needs lives below this folder: the environment in .venv, every cache in .cache.
# `make demo` and `make test` set up what they need, once; afterwards they work without a network.

PYTHON ?= python3
VENV   := .venv
BIN    := $(VENV)/bin
UV     := .cache/uv-tool/bin/uv

export UV_CACHE_DIR         := $(CURDIR)/.cache/uv
export UV_PROJECT_ENVIRONMENT := $(CURDIR)/$(VENV)
export UV_PYTHON_DOWNLOADS  := never
export PIP_CACHE_DIR        := $(CURDIR)/.cache/pip
export PIP_DISABLE_PIP_VERSION_CHECK := 1
export RUFF_CACHE_DIR       := $(CURDIR)/.cache/ruff
export HYPOTHESIS_STORAGE_DIRECTORY := $(CURDIR)/.cache/hypothesis
export TMPDIR := $(CURDIR)/.cache/tmp
export PYTHONPYCACHEPREFIX  := $(CURDIR)/.cache/pycache
unexport VIRTUAL_ENV

# Behind a proxy with a certificate of its own, uv must ask the system whom to trust, as pip does. The second name is the
# one of earlier releases of uv. Where none of these is set, uv goes by the certificates it brings with it.
ifneq ($(strip $(SSL_CERT_FILE)$(SSL_CERT_DIR)$(PIP_CERT)$(REQUESTS_CA_BUNDLE)),)
export UV_SYSTEM_CERTS ?= true
export UV_NATIVE_TLS   ?= true
endif

.PHONY: help demo test check docs docs-generate faults mutate bench bench-large lock clean
.DEFAULT_GOAL := help

help:  ## what each target does
	@grep -hE '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed 's/:.*## /\t/' | expand -t 16

# Whatever a program puts into the temporary folder (locks of uv, the trials of the tests) stays below this folder.
$(TMPDIR):
	@mkdir -p $@

$(UV): | $(TMPDIR)
	$(PYTHON) -m venv .cache/uv-tool
	.cache/uv-tool/bin/python -m pip install --quiet 'uv>=0.8'

# One stamp for each set of packages: made again only when the lock or the project's file changes.
.cache/ready: $(UV) pyproject.toml uv.lock | $(TMPDIR)
	$(UV) sync --quiet --frozen --python "$$(command -v $(PYTHON))" --all-extras
	@touch $@

.cache/ready-bench: .cache/ready
	$(UV) sync --quiet --frozen --python "$$(command -v $(PYTHON))" --all-extras --all-groups
	@touch $@

# The tests check signatures with openssl and ssh-keygen too. Where a machine has neither, Debian's packages are
# unpacked below this folder, without being installed.
TOOLS := $(CURDIR)/.cache/tools
APT   := -qq -o Dir::State::lists=$(TOOLS)/lists -o Dir::Cache=$(TOOLS)/cache -o APT::Sandbox::User=root
export PATH := $(PATH):$(TOOLS)/usr/bin

.cache/ready-tools: | $(TMPDIR)
	@if ! { command -v openssl && command -v ssh-keygen; } >/dev/null; then \
	  mkdir -p $(TOOLS)/lists/partial $(TOOLS)/cache/archives/partial && cd $(TOOLS) && \
	  apt-get $(APT) update && apt-get $(APT) download openssl openssh-client && \
	  for package in *.deb; do dpkg -x "$$package" .; done || \
	  { echo "make test needs openssl and ssh-keygen: install them (Debian: openssl, openssh-client)" >&2; exit 1; }; \
	fi
	@touch $@

# The page of the audit is tested in a real browser: the machine's own Chromium, or Debian's, unpacked below this folder
# with those of its libraries that are not installed. Nothing is installed, and nothing is left elsewhere.
NEEDS := depends --recurse --no-recommends --no-suggests --no-conflicts --no-breaks --no-replaces --no-enhances
export PATH := $(PATH):$(TOOLS)/bin

.cache/ready-browser: | $(TMPDIR)
	@if ! command -v chromium >/dev/null; then \
	  mkdir -p $(TOOLS)/lists/partial $(TOOLS)/cache/archives/partial $(TOOLS)/browser $(TOOLS)/bin && \
	  cd $(TOOLS)/browser && apt-get $(APT) update && \
	  apt-cache $(APT) $(NEEDS) chromium | grep '^[a-z]' | sort -u >needed && \
	  dpkg-query -W -f '$${db:Status-Abbrev} $${Package}\n' | sed -n 's/^ii *//p' | sort -u >installed && \
	  comm -23 needed installed | xargs apt-get $(APT) download && \
	  for package in *.deb; do dpkg -x "$$package" . || exit 1; rm "$$package"; done && \
	  { echo '<?xml version="1.0"?><!DOCTYPE fontconfig SYSTEM "fonts.dtd"><fontconfig>'; \
	    echo "<dir>/usr/share/fonts</dir><dir>$$PWD/usr/share/fonts</dir><cachedir>$(TMPDIR)</cachedir></fontconfig>"; \
	  } >fonts.conf && \
	  { echo '#!/bin/sh'; echo "export FONTCONFIG_FILE='$$PWD/fonts.conf'"; \
	    echo "export LD_LIBRARY_PATH='$$PWD/usr/lib/$$(uname -m)-linux-gnu:$$PWD/lib/$$(uname -m)-linux-gnu'"; \
	    echo "exec '$$PWD/usr/lib/chromium/chromium' \"\$$@\""; } >$(TOOLS)/bin/chromium && \
	  chmod +x $(TOOLS)/bin/chromium && chromium --version >/dev/null || \
	  { echo "make test needs a Chromium: install it (Debian: apt install chromium) or put one named chromium on the PATH" >&2; \
	    exit 1; }; \
	fi
	@touch $@

# pm4py reads what the project exports. It is AGPL, so it has an environment of its own, and nothing here imports it.
.cache/ready-pm4py: .cache/ready tests/outside/pm4py.txt
	$(UV) venv --quiet --clear --python $(BIN)/python .cache/pm4py
	$(UV) pip install --quiet --python .cache/pm4py/bin/python --require-hashes -r tests/outside/pm4py.txt
	@touch $@

demo: .cache/ready  ## move, refuse, keep and audit real cases of both programmes
	@$(BIN)/shuroflow demo

check: .cache/ready  ## lint, format, strict types, the arrows between the rooms
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports --cache-dir .cache/import-linter

test: check docs .cache/ready-tools .cache/ready-browser .cache/ready-pm4py  ## the checks, the docs, then the whole test suite
	$(BIN)/pytest -n auto

docs: .cache/ready  ## build the documentation into site/
	$(BIN)/mkdocs build --quiet --strict

docs-generate: .cache/ready  ## write the generated pages of the documentation anew
	$(BIN)/python docs/generate.py

faults: .cache/ready  ## the whole fault campaign: kill -9, failing disks, concurrent writers, changed bytes
	$(BIN)/python -m tests.faults

mutate: .cache/ready  ## every rule mutant of both programmes against the tests of the rules
	$(BIN)/shuroflow mutate saitama tsushima --suite tests/states --suite tests/test_calendar.py \
	  --equivalent tests/verification/mutants/equivalent.toml --lang en

bench: .cache/ready-bench .cache/ready-pm4py  ## measure against the named baselines; writes benchmarks/latest.json
	$(BIN)/python -m benchmarks

bench-large: .cache/ready-bench  ## ten million events, in SQLite and in JSON Lines: time and memory; writes benchmarks/large.json
	$(BIN)/python -m benchmarks.large

lock: $(UV)  ## resolve the dependencies anew
	$(UV) lock
	$(UV) pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-header \
	  tests/outside/pm4py.in -o tests/outside/pm4py.txt

clean:  ## remove what was built or downloaded
	rm -rf .venv .cache site dist
