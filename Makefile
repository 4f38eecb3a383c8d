# The two commands, and a few more. Everything else is CMake's: see CMakePresets.json.
SHELL := /bin/bash
# Emscripten: Debian's, or an emsdk that is active in this shell.
LC_EMSCRIPTEN ?= $(if $(EMSDK),$(EMSDK)/upstream/emscripten,/usr/share/emscripten)
export LC_EMSCRIPTEN
# Debian's Emscripten looks for acorn here when Node is not Debian's.
export NODE_PATH := /usr/share/nodejs
# ON: from scratch in less time, but an edit compiles more.
UNITY ?= OFF
PORT ?= 8080
export PORT

.PHONY: demo test test-long native dev web asan web-tests core fuzz bench bench-peers peers-modules format tidy clean

demo: ## serve the page on http://127.0.0.1:8080
	@scripts/setup demo
	$(call build,web,--target site)
	@node scripts/serve.mjs build/web/site

test: ## build everything and run every test
	@scripts/setup test
	@$(MAKE) --no-print-directory web dev asan
	ctest --test-dir build/web --output-on-failure -j 2
	ctest --test-dir build/asan --output-on-failure -j 2
	ctest --test-dir build/dev --output-on-failure -LE long -j 2

test-long: dev ## a thousand kills, a fault at every call of a save
	ctest --test-dir build/dev --output-on-failure -L long

# A build folder is configured once; later runs only build what changed.
define build
	@mkdir -p build
	@[ -f build/$(1)/build.ninja ] || cmake --preset $(1) -DLC_UNITY=$(UNITY) >build/$(1).configure.log || { cat build/$(1).configure.log; exit 1; }
	@cmake --build build/$(1) $(2)
endef

web:
	$(call build,web)
native: ## the programs, without their tests
	@scripts/setup native
	$(call build,dev,--target latent-canvas latent-canvas-train latent-canvas-viewer)
dev: ## the programs and their tests
	@scripts/setup native
	$(call build,dev)
core:
	$(call build,core)
asan:
	$(call build,asan)
fuzz:
	$(call build,fuzz)
bench: peers-modules ## GFLOP/s, pictures/s and the part of the ceiling, layer by layer: native, node, Chromium
	@scripts/setup native
	$(call build,bench)
	$(call build,web,--target bench_table)
	build/bench/bin/bench_engine
	build/bench/bin/bench_table
	node tests/bench/table.mjs build/web/bin node
	node tests/bench/table.mjs build/web/bin chromium
bench-peers: peers-modules ## the engine beside onnxruntime and TensorFlow.js; writes the tables of docs/benchmarks.md
	@scripts/setup test
	$(call build,bench,--target bench_model latent-canvas)
	$(call build,web,--target engine engine-relaxed engine-scalar)
	node tests/bench/peers/peers.mjs --write
	node tests/bench/peers/growth.mjs --write
peers-modules:
	@cd tests/bench/peers && [ node_modules/.package-lock.json -nt package-lock.json ] || ONNXRUNTIME_NODE_INSTALL=skip npm ci --no-audit --no-fund

format: ## clang-format on everything of ours
	git ls-files '*.h' '*.cpp' | xargs clang-format-14 -i
tidy: dev
	git ls-files 'shared/*.cpp' 'native/*.cpp' | xargs clang-tidy-14 -p build/dev --quiet

clean:
	rm -rf build
