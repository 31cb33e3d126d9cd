# `make demo` and `make test` set up what they need in .venv and run.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
PIP := $(BIN)/python -m pip install --disable-pip-version-check --quiet --constraint constraints.txt
LOOPS ?= out/loops
KIT ?= out/kit
SEED ?= 1
MODULE_PACKAGES := deploy/provision/requirements-module.txt
# The demo's voices, one group of roles each, as the simulator's three sounds suggest.
ROLES_low := kick bass
ROLES_chords := chord lead
ROLES_percussion := snare hat percussion

.DEFAULT_GOAL := help
.PHONY: help demo studio test test-paper soak bench budget timing lint hardware boards experiments test-arm wheel docs pictures licences wasm clean test-boot test-vm hashes

help:  ## list the targets
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "make %-12s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

$(BIN)/python:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "Python 3.11 or newer is needed: make demo PYTHON=python3.11")'
	$(PYTHON) -m venv $(VENV)

$(VENV)/.demo: pyproject.toml constraints.txt | $(BIN)/python
	@echo "setting up $(VENV); the first time takes a minute or two"
	@# Python compiles what the demo imports; compiling all of it would take 10 s longer.
	@$(PIP) --no-compile --editable '.[trainer]'
	@touch $@

$(VENV)/.studio: $(VENV)/.demo
	@$(PIP) --editable '.[trainer,studio]'
	@touch $@

$(VENV)/.dev: pyproject.toml constraints.txt | $(BIN)/python
	@echo "setting up $(VENV); the first time takes a minute or two"
	@$(PIP) --editable '.[trainer,dev,hardware]'
	@touch $(VENV)/.demo $(VENV)/.desk $@

$(VENV)/.desk: pyproject.toml constraints.txt | $(VENV)/.demo
	@$(PIP) --editable '.[trainer,desk]'
	@touch $@

$(VENV)/.paper: $(VENV)/.dev
	@$(PIP) --editable '.[paper]'
	@touch $@

$(VENV)/.bench: $(VENV)/.dev
	@$(PIP) --editable '.[bench]'
	@touch $@

demo: $(VENV)/.demo  ## loops to kit to eight bars played, left in out/ (LOOPS=DIR for your own)
ifeq ($(LOOPS),out/loops)
	$(BIN)/trainer demo-loops out/loops --seed $(SEED)
	$(BIN)/trainer encode out/loops -o out/dataset.npz --report out/loops.html
	$(foreach group,low chords percussion,$(BIN)/trainer encode $(addprefix out/loops/,$(ROLES_$(group))) -o out/$(group).npz &&) true
	$(BIN)/trainer train -o out/kit --seed $(SEED) --loops 1=out/low.npz \
		--loops 2=out/chords.npz --loops 3=out/percussion.npz
else
	$(BIN)/trainer encode "$(LOOPS)" -o out/dataset.npz --report out/loops.html
	$(BIN)/trainer train out/dataset.npz -o out/kit --seed $(SEED)
endif
	$(BIN)/firmware sim out/kit --bars 8 --out out/sim
	@echo
	@echo "Listen to out/sim/sound.wav. Open out/loops.html (what each loop became) and"
	@echo "out/kit/report.html (the maps). Next: make demo LOOPS=a/folder/of/your/own, or"
	@echo "$(BIN)/firmware sim out/kit --set threshold=0.3 --set swing=0.6 --out out/sim"

studio: $(VENV)/.studio  ## the studio in the browser (LOOPS=DIR for your own loops)
ifeq ($(LOOPS),out/loops)
	test -d out/loops || $(BIN)/trainer demo-loops out/loops --seed $(SEED)
endif
	$(BIN)/trainer studio "$(LOOPS)" --project out/studio

live: $(VENV)/.desk $(KIT)/manifest.json  ## the whole module in this terminal (KIT=DIR for your own kit)
	$(BIN)/firmware sim "$(KIT)" --live

out/kit/manifest.json:
	$(MAKE) demo

test: $(VENV)/.dev  ## all tests but those of the circuit, which `make hardware` runs
	$(BIN)/pytest --numprocesses auto --dist worksteal --ignore tests/hardware -m "not paper and not booted and not emulated"

test-paper: $(VENV)/.paper  ## the tests that run the paper's own Keras models and converter
	$(BIN)/pytest -m paper tests/trainer

test-boot: $(VENV)/.dev  ## boot a Debian userland; provision, upgrade and repair it (as root; mmdebstrap, systemd-container)
	$(BIN)/pytest -m booted tests/deploy/booted

test-vm: $(VENV)/.dev  ## boot an emulated arm64 board and provision it (as root; see CONTRIBUTING)
	$(BIN)/pytest -m emulated --timeout 3600 --capture no tests/deploy/emulated

soak: $(VENV)/.dev  ## the long campaigns
	EXNIHILO_SOAK=1 $(BIN)/pytest -m soak --timeout 0

bench: $(VENV)/.bench  ## us and our peers side by side
	@for bench in tests/bench/bench_*.py; do \
		echo "== $$bench"; PYTHONPATH=. $(BIN)/python $$bench || exit 1; \
	done

budget: $(VENV)/.dev  ## instructions that the firmware spends, held to what is recorded (valgrind)
	$(BIN)/python -m tests.bench.budget $(BUDGET)

timing: $(VENV)/.bench  ## lateness in real time beside cyclictest, Pd and plain Python
	$(BIN)/python -m tests.bench.timing

experiments: $(VENV)/.bench  ## map quality against data, structure, latents (DATASETS=FILE.npz for more)
	OPENBLAS_NUM_THREADS=1 PYTHONPATH=. $(BIN)/python tests/bench/experiments.py $(DATASETS) --out out/experiments

hardware: $(VENV)/.dev  ## netlists, parts, sheets, SPICE figures, panel, manual, and their tests
	$(BIN)/python -m hardware.build
	$(BIN)/pytest --numprocesses auto --dist worksteal tests/hardware

boards: $(VENV)/.dev  ## the two boards from netlist and table, KiCad 9's design rules, gerbers
	$(BIN)/python -m hardware.pcb.builder
	$(BIN)/python -m hardware.pcb.export

test-arm: $(VENV)/.dev  ## install and play on an ARM64 userland (as root; debootstrap, qemu-user-static)
	rm -rf out/arm-bundles
	PYTHONPATH=. $(BIN)/python tests/deploy/make_bundles.py out/arm-bundles
	PATH="$(CURDIR)/$(BIN):$$PATH" tests/arm/play.sh out/arm out/arm-bundles/drums out/arm-bundles/bass

wheel:  ## build the wheel and run the commands from it in a clean environment
	PYTHON=$(PYTHON) .ci/wheel

docs: $(VENV)/.dev  ## the pages made from code, and the site in out/site, for reading offline
	$(BIN)/python -m tools.pages docs
	PYTHONPATH=. $(BIN)/python pd/make_patches.py
	PYTHONPATH=. $(BIN)/python pd/vcv/make_patches.py
	PYTHONPATH=. $(BIN)/python pd/vcv/make_plugin.py
	SOURCE_DATE_EPOCH=1735689600 NO_MKDOCS_2_WARNING=1 $(BIN)/python -m mkdocs build --quiet
	@echo "open out/site/index.html"

pictures: $(VENV)/.dev demo  ## the pictures of README, site and manual; CONTRIBUTING says what they need
	$(BIN)/python -m tools.pictures

wasm: $(VENV)/.demo  ## the portable core as WebAssembly (clang-14, lld-14)
	$(BIN)/python -m tools.build_wasm

licences: $(VENV)/.dev  ## the licences of all packages; fails if a default one is under the GPL
	$(BIN)/python -m tools.licences

hashes: $(BIN)/python  ## what pip may install on a module, anew from constraints.txt, with hashes
	@$(PIP) uv
	$(BIN)/uv pip compile pyproject.toml --extra pi --universal --python-version 3.11 \
		--constraint constraints.txt --generate-hashes --no-emit-package spidev \
		--no-config --no-header --no-annotate --quiet -o $(MODULE_PACKAGES)

lint: $(VENV)/.dev  ## ruff and mypy
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy

clean:  ## remove what was made
	rm -rf out hardware/out build dist .pytest_cache .mypy_cache .ruff_cache .hypothesis
