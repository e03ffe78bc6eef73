# The commands that people type; Meson does the work. `make` alone builds.
PYTHON ?= python3
BUILD := build
SANITIZED := build-sanitized
WORKERS := $(shell expr $$(nproc) + 1) # of tests: some wait more than they work

.PHONY: all setup demo test check test-peers test-mutants sim bench bench-peers install clean format

all: $(BUILD)/build.ninja
	@ninja -C $(BUILD)

$(BUILD)/build.ninja:
	@scripts/setup build
	meson setup $(BUILD) --buildtype=release $(if $(CI),--werror)

# Installs what is missing from Debian's packages, and says what.
setup:
	@scripts/setup build test

demo: all
	@$(BUILD)/keel demo

test:
	@scripts/setup build test
	@$(MAKE) --no-print-directory all
	meson test -C $(BUILD) --print-errorlogs --num-processes $(WORKERS)

# Both compilers without a warning, both sanitizers, the analyser, the format, the layers.
check:
	@scripts/setup build test check
	@$(MAKE) --no-print-directory all
	@scripts/check

# Takes each fix out in turn, in a copy, and expects its test to fail.
test-mutants:
	@scripts/setup build test
	@test/mutants/run

# Other people's clients, unmodified, against the paper venue.
test-peers:
	@scripts/setup build test peers
	@$(MAKE) --no-print-directory all
	@test/peer/run

# make sim SEEDS=500 SEED_BASE=1; make sim SEED=42 replays one; with FAULTS=1 everything goes wrong;
# VENUE=gateio, binance-spot or gateio-spot: on another wire.
sim: all
	@$(BUILD)/test/sim $(if $(VENUE),--venue $(VENUE)) $(if $(FAULTS),--faults) $(if $(SEED),--seed $(SEED),$(if $(SEEDS),--seeds $(SEEDS)) --base $(or $(SEED_BASE),1))

bench: all
	@$(BUILD)/bench/keel-bench

# The same work by ccxt and by keel, and how many times as long the one takes.
bench-peers:
	@scripts/setup build test peers
	@$(MAKE) --no-print-directory all
	@test/peer/run --speed

# Into DESTDIR where it is given. Else programs find the library only when its cache knows of it.
install: all
	meson install -C $(BUILD) --no-rebuild
	@[ -n "$(DESTDIR)" ] || [ "$$(id -u)" -ne 0 ] || ldconfig

format:
	git ls-files '*.c' '*.h' | xargs -n 1 clang-format -i

clean:
	rm -rf $(BUILD) $(SANITIZED)
