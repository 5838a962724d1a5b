# What one does with a clone of kdsl. `make demo` and `make test` need nothing but Python 3.10 or later, git and make.
#
#   make demo    run examples/photo.py and say where the picture is      PHOTO=my.jpg for a picture of your own
#   make test    everything that must pass: linter, types, tests         WORKERS=4  ARGS="-k saxpy"
#   make bench   kdsl against its peers: table and charts                ARGS="--quick"  ARGS="--only heat --peer c --peer kdsl"
#   make check-gpu  suites and benchmarks on every GPU of this machine; needs Python, NumPy, a driver    ARGS="--minutes 4"
#   make check-avx512  code for AVX-512 on a processor without, emulated by bochs: half an hour    ARGS="-k v4"
#   make lint docs clean
#
# Each set of requirements leaves a stamp in .venv and is installed again only when pyproject.toml changes.

VENV    ?= .venv
BIN     := $(VENV)/bin
PIP     := $(BIN)/python -m pip --quiet --disable-pip-version-check
WORKERS ?= auto
ARGS    ?=
PHOTO   ?=

# Tests execute aarch64 code with the emulator, against the C library of that machine (libc6-arm64-cross holds it), look at
# SPIR-V with spirv-tools, run it on a processor that plays a GPU (mesa) under Vulkan's validation layers, and compile texts
# for GPUs with g++ and clang: to run them on the CPU, and as AMD's compiler would. Libraries of kernels are linked into C
# programs of two machines, found by cmake and pkg-config, and watched by valgrind.
# The page of `kdsl explain --html` is opened in a browser.
TEST_PACKAGES  := qemu-user libc6-arm64-cross spirv-tools pocl-opencl-icd llvm-spirv-15 \
                  mesa-vulkan-drivers libvulkan1 vulkan-validationlayers libvulkan-dev g++ libc6-dev binutils clang-19 \
                  gcc gcc-aarch64-linux-gnu libc6-dev-arm64-cross valgrind cmake pkg-config chromium
# C and AVX-512 of the benchmarks (libgomp comes with the compiler), g++ for torch.compile, and one of the two OpenCLs.
BENCH_PACKAGES := gcc g++ libc6-dev pocl-opencl-icd
# The last numba whose llvmlite is built for SVML; it lives beside the numba of today, in an environment of its own.
SVML_PACKAGES  := numba==0.61.2 intel-cmplr-lib-rt

.PHONY: demo test bench check-gpu check-avx512 lint docs clean help
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
	$(BIN)/python -m pytest -q -n $(WORKERS) --dist loadgroup $(ARGS)

bench: $(VENV)/.installed-bench $(VENV)/.installed-peers
	@scripts/system_packages.sh $(BENCH_PACKAGES)
	$(BIN)/python benchmarks/run.py $(if $(ARGS),$(ARGS),--out benchmarks/results)

# Installs nothing: the machine with the GPU is often one where nothing can be installed. PYTHON=... for another interpreter.
check-gpu:
	$(or $(PYTHON),$(if $(wildcard $(BIN)/python),$(BIN)/python,python3)) -m tests.check_gpu $(ARGS)

# Needs bochs with AVX-512 and one of its displays that need none (Debian's has). Not a part of `make test`.
check-avx512: $(VENV)/.installed-test
	@scripts/system_packages.sh bochs
	@command -v bochs >/dev/null || { echo "bochs is not installed (Debian package bochs)"; exit 1; }
	TEST_AVX512=bochs $(BIN)/python -m pytest -q -n $(WORKERS) --dist loadgroup tests/unit tests/conformance \
	    $(if $(ARGS),$(ARGS),-k x86-64-v4)
	TEST_AVX512=bochs $(BIN)/python -m tests.property.run --count 240 --sizes 5,20,40,60 --compare cpu --jobs 1

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
	@$(BIN)/python -m compileall -q kdsl || true
	@touch $@

# Peers of the benchmarks: what does not install here is left out of the table, which says so.
$(VENV)/.installed-peers: pyproject.toml | $(VENV)/.installed-bench
	@echo "installing what kdsl is compared with into $(VENV) (some gigabytes)"
	@$(PIP) install --editable ".[peers]" || echo "not all peers install here"
	@PYTHON=$(BIN)/python scripts/make_venv.sh $(VENV)/numba-svml && \
	    $(VENV)/numba-svml/bin/python -m pip --quiet --disable-pip-version-check install $(SVML_PACKAGES) || \
	    echo "numba with SVML does not install here"
	@touch $@
