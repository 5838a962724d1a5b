# What one does with a clone of kdsl. `make demo` and `make test` need nothing but Python 3.10 or later, git and make.
#
#   make demo    run examples/photo.py and say where the picture is      PHOTO=my.jpg for a picture of your own
#   make test    everything that must pass: linter, types, tests         WORKERS=4  ARGS="-k saxpy"
#   make bench   the benchmarks' table                                   ARGS=--quick
#   make lint docs clean
#
# Each set of requirements leaves a stamp in .venv and is installed again only when pyproject.toml changes.

VENV    ?= .venv
BIN     := $(VENV)/bin
PIP     := $(BIN)/python -m pip --quiet --disable-pip-version-check
WORKERS ?= auto
ARGS    ?=
PHOTO   ?=

# Tests execute aarch64 code with the emulator, against the C library of that machine. libc6-arm64-cross holds it.
TEST_PACKAGES  := qemu-user libc6-arm64-cross
# The C side of the benchmarks (libgomp comes with the compiler).
BENCH_PACKAGES := gcc libc6-dev

.PHONY: demo test bench lint docs clean help
.DELETE_ON_ERROR:

help:
	@sed -n 's/^#  *make/  make/p' Makefile

demo: $(VENV)/.installed-examples
	$(BIN)/python examples/photo.py $(PHOTO) --out out/photo.png $(ARGS)
	@echo "The picture is in $$(pwd)/out/photo.png"

test: $(VENV)/.installed-test
	@scripts/system_packages.sh $(TEST_PACKAGES)
	$(BIN)/ruff check --quiet .
	$(BIN)/pyright
	$(BIN)/python -m pytest -q -n $(WORKERS) $(ARGS)

bench: $(VENV)/.installed-bench
	@scripts/system_packages.sh $(BENCH_PACKAGES)
	$(BIN)/python benchmarks/run.py $(ARGS)

lint: $(VENV)/.installed-test
	$(BIN)/ruff check .
	$(BIN)/pyright

docs: $(VENV)/.installed-test
	$(BIN)/python -m kdsl ops --markdown > docs/OPS.md.new
	mv docs/OPS.md.new docs/OPS.md

clean:
	rm -rf build dist out .pytest_cache .hypothesis .ruff_cache benchmarks/peers/build ./*.egg-info
	find . -name __pycache__ -type d -not -path './$(VENV)/*' -prune -exec rm -rf {} +

$(VENV)/.made: scripts/make_venv.sh
	@PYTHON="$(PYTHON)" scripts/make_venv.sh $(VENV)
	@touch $@

$(VENV)/.installed-examples: EXTRAS = examples
$(VENV)/.installed-test:     EXTRAS = test,dev
$(VENV)/.installed-bench:    EXTRAS = bench
$(VENV)/.installed-%: pyproject.toml | $(VENV)/.made
	@echo "installing kdsl[$(EXTRAS)] into $(VENV)"
	@$(PIP) install --editable ".[$(EXTRAS)]"
	@touch $@
