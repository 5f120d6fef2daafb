# ensemble-lua. `make` builds, `make demo` shows it, `make test` checks it. Variables:
#   CC=clang  CFLAGS="-O3 -g"  V=1 (show commands)  WERROR=1 (warnings are errors)  PREFIX=/usr/local  DESTDIR=  B=build
#   SANITIZER=address | undefined | thread | address,undefined   builds into build/<name>, without LuaJIT
#   WITH_LUAJIT  WITH_HDF5  WITH_CFITSIO  WITH_MPI   0 leaves it out, 1 requires it; without a value: if it is found
#   LUA_CFLAGS LUA_LIBS LUAJIT_CFLAGS LUAJIT_LIBS    instead of pkg-config's   SQLITE_LIBS=-lsqlite3  ZLIB_LIBS=-lz

VERSION := $(shell cat VERSION)
PREFIX ?= /usr/local
SQLITE_LIBS ?= -lsqlite3
ZLIB_LIBS ?= -lz
CFLAGS ?= -O2 -g
comma := ,
B := build$(if $(SANITIZER),/$(subst $(comma),-,$(SANITIZER)))
Q := $(if $(V),,@)
say = $(if $(V),,printf '  %-5s %s\n' $(1) $(2);)
JOBS = $(if $(filter -j% --jobserver%,$(MAKEFLAGS)),,-j$(shell nproc 2>/dev/null || echo 2) -Otarget)
SUBMAKE = $(MAKE) --no-print-directory $(JOBS)

# ---- flags; find-parts prints one assignment per word for the optional parts of this machine ----
WISHES := $(foreach x,CC SANITIZER LUAJIT_LIBS $(addprefix WITH_,LUAJIT HDF5 CFITSIO MPI),$(x)='$($(x))')
$(foreach line,$(shell $(WISHES) scripts/find-parts),$(eval $(subst ~, ,$(line))))
WARNINGS := -Wall -Wextra -Wpedantic -Wshadow -Wconversion $(if $(filter 1,$(WERROR)),-Werror)
SANITIZE := $(if $(SANITIZER),-fsanitize=$(SANITIZER) -fno-sanitize-recover=all -fno-omit-frame-pointer)
# Sanitized builds check the effect of each function on the Lua stack, too (script/state/stack.h).
DEBUG := $(if $(SANITIZER),-DENS_DEBUG)
PLACES := -DENS_LUA_DIR="\"$(abspath lua)\"" -DENS_MODELS_DIR="\"$(PREFIX)/share/ensemble-lua/models\"" \
  -DENS_VERSION="\"$(VERSION)\""
# No contraction: a fused multiply-add would give another chain on another machine.
FLAGS := -std=c11 -D_GNU_SOURCE $(WARNINGS) -ffp-contract=off $(SANITIZE) $(DEBUG) $(CPPFLAGS) $(CFLAGS) -Isrc $(PLACES)
COMPILE := $(CC) $(FLAGS)
LINK := $(CC) $(SANITIZE) $(CFLAGS) $(LDFLAGS)
LDLIBS := $(SQLITE_LIBS) $(ZLIB_LIBS) -ldl -lpthread -lm

# ---- programs, libraries, plugins ----
object = $(patsubst %.c,$(B)/$(1)/%.o,$(2))
SOURCES := $(sort $(shell find src -name '*.c'))
CORE := $(filter src/base/% src/move/% src/core/% src/stats/%,$(SOURCES))
SCRIPT := $(filter src/script/% src/main.c,$(SOURCES))
LIBRARY := $(filter-out $(SCRIPT) src/eval/ranks/mpi_wire.c,$(SOURCES))
UNITS := $(patsubst tests/unit/%.c,$(B)/unit/%,$(sort $(shell find tests/unit -name 'test_*.c')))
PROGRAMS := $(B)/ensemble-lua $(if $(LUAJIT),$(B)/ensemble-luajit)
PLUGINS := $(MPIS:%=$(B)/ensemble-mpi-%.so)
SPECS := $(wildcard tests/spec/*_spec.lua)
FORMATTED := $(shell find src tests -name '*.[ch]')

.PHONY: all units help demo test check run-test test-full bench run-bench bench-tools fuzz fuzzers manual check-layers \
  lint format install dist clean FORCE
.DELETE_ON_ERROR:
.SECONDARY:
all: $(PROGRAMS) $(PLUGINS) ## the programs and the plugins for MPI, in build/
units: $(UNITS)

help: ## this list
	@sed -n 's/^\([a-z-]*\):.*## /\1\t/p' Makefile | expand -t 14
	@sed '/^#/!Q; s/^# //' Makefile

# A stamp is newer than files that were built with other flags. Before the first build, name the missing packages.
$(B)/flags: WORDS = $(COMPILE) $(LINK) $(LUA_CFLAGS) $(LUA_LIBS) $(LUAJIT_CFLAGS) $(LUAJIT_LIBS) $(LDLIBS) \
  $(flags_hdf5) $(flags_fits)
$(B)/sources: WORDS = $(LIBRARY) $(SCRIPT)
$(B)/flags $(B)/sources: FORCE
	@[ -e $@ ] || LUA_CFLAGS='$(LUA_CFLAGS)' LUA_LIBS='$(LUA_LIBS)' scripts/install-deps --check build
	@mkdir -p $(@D); printf '%s\n' '$(WORDS)' | cmp -s - $@ || printf '%s\n' '$(WORDS)' > $@

compile = $(Q)mkdir -p $(@D); $(call say,CC,$@) $(COMPILE) $(1) -MMD -MP -c -o $@ $<
$(B)/lib/%.o: %.c $(B)/flags
	$(call compile,$(flags_$(*F)))
$(B)/lua54/%.o: %.c $(B)/flags
	$(call compile,$(LUA_CFLAGS))
$(B)/luajit/%.o: %.c $(B)/flags
	$(call compile,$(LUAJIT_CFLAGS))
$(B)/lua54/src/script/state/embedded.o $(B)/luajit/src/script/state/embedded.o: $(shell find lua -name '*.lua')

$(B)/libcore.a: $(call object,lib,$(CORE))
$(B)/libensemble.a: $(call object,lib,$(LIBRARY))
$(B)/libcore.a $(B)/libensemble.a: $(B)/sources
	$(Q)$(call say,AR,$@) rm -f $@ && ar rcs $@ $(filter %.o,$^)

link = $(Q)mkdir -p $(@D); $(call say,LINK,$@) $(LINK) -o $@ $(filter %.o %.a,$^) $(1) $(LDLIBS)
# Lua modules in C find the whole Lua API in the program, even if Lua is a static library.
api = -Wl,-E -Wl,--whole-archive $(1) -Wl,--no-whole-archive
$(B)/ensemble-lua: $(call object,lua54,$(SCRIPT)) $(B)/libensemble.a
	$(call link,$(call api,$(LUA_LIBS)))
$(B)/ensemble-luajit: $(call object,luajit,$(SCRIPT)) $(B)/libensemble.a
	$(call link,$(call api,$(LUAJIT_LIBS)))
$(B)/lib/tests/unit/%.o $(B)/lua54/tests/unit/%.o: COMPILE += -Itests/unit
$(B)/unit/%: $(B)/lib/tests/unit/%.o $(B)/libensemble.a
	$(call link)
$(B)/unit/script/%: $(B)/lua54/tests/unit/script/%.o $(call object,lua54,$(filter-out src/main.c,$(SCRIPT))) $(B)/libensemble.a
	$(call link,$(call api,$(LUA_LIBS)))
build/fuzz/%: $(B)/lib/tests/fuzz/fuzz_%.o $(B)/libensemble.a
	$(call link,-fsanitize=fuzzer)
# The plugins differ only by the flags that each MPI's own compiler adds.
$(PLUGINS): $(B)/ensemble-mpi-%.so: src/eval/ranks/mpi_wire.c src/eval/ranks/wire.h $(B)/flags
	$(Q)$(call say,MPICC,$@) OMPI_CC="$(CC)" MPICH_CC="$(CC)" $(MPICC_$*) $(FLAGS) -fPIC -shared \
	  -isystem $(dir $(MPICC_$*))../include $(LDFLAGS) -o $@ $<

# ---- jobs: install packages, then start a fresh make, which finds them ----
demo: ## a run with a known answer
	$(Q)scripts/install-deps build optional
	$(Q)+$(SUBMAKE) all
	$(Q)$(B)/ensemble-lua examples/hogg2010/run.lua

test: ## unit programs, specs, layers
	$(Q)scripts/install-deps build optional test
	$(Q)+$(SUBMAKE) all units
	$(Q)$(MAKE) --no-print-directory run-test
check: all units ## the tests that need no package, no network and no root
	$(Q)if scripts/install-deps --check test; then $(MAKE) --no-print-directory run-test; \
	  else echo 'without them, only the unit programs run'; scripts/run-tests scripts/check-glibc $(UNITS); fi
run-test: $(PROGRAMS) $(PLUGINS) $(UNITS) $(B)/libcore.a
	$(Q)scripts/run-tests scripts/check-layers scripts/check-glibc $(UNITS) --programs "$(PROGRAMS)" $(SPECS)
test-full: ## more tests: sanitizers, long specs, archives and packages
	$(Q)MAKE='$(MAKE_COMMAND)' scripts/test-full

PYTHON ?= $(firstword $(shell for p in python3 /usr/bin/python3; do $$p -c 'import emcee' && echo $$p; done 2>/dev/null) python3)
bench: ## benchmarks beside emcee: CASES="busy data", all by default
	$(Q)scripts/install-deps build optional bench
	$(Q)+$(SUBMAKE) all bench-tools
	$(Q)$(MAKE) --no-print-directory run-bench
run-bench:
	$(Q)$(PYTHON) -B tests/bench/run.py --programs "$(PROGRAMS)" --tools $(B)/bench --json $(B)/bench.json $(CASES)

# Each tool with its sources and its own flags. A tool under two names is one source with different flags.
TOOLS := $(addprefix $(B)/bench/,stretch_loop stretch_loop_native update_loop rank_loop models.so described_gauss.so \
  described_dense.so line.so call_loop $(if $(LUAJIT),call_loop_luajit))
$(B)/bench/stretch_loop $(B)/bench/stretch_loop_native: tests/bench/stretch_loop.c
$(B)/bench/update_loop $(B)/bench/rank_loop: $(B)/bench/%: tests/bench/%.c $(B)/libensemble.a
$(B)/bench/models.so: tests/bench/models.c
$(B)/bench/described_gauss.so $(B)/bench/described_dense.so: tests/bench/described.c
$(B)/bench/line.so: examples/native/line.c
$(B)/bench/call_loop $(B)/bench/call_loop_luajit: tests/bench/call_loop.c
flags_stretch_loop_native := -O3 -march=native
flags_described_dense := -DDENSE
flags_call_loop = $(LUA_CFLAGS) $(LUA_LIBS)
flags_call_loop_luajit = $(LUAJIT_CFLAGS) $(LUAJIT_LIBS)
bench-tools: $(TOOLS)
$(TOOLS): tests/bench/targets.h src/ensemble_model.h $(B)/flags
	$(Q)mkdir -p $(@D); $(call say,CC,$@) $(COMPILE) $(if $(filter %.so,$@),-fPIC -shared) $(LDFLAGS) -o $@ \
	  $(filter %.c %.a,$^) $(flags_$(basename $(@F))) $(if $(filter %.a,$^),$(LDLIBS),-lm)
FUZZ ?= $(patsubst tests/fuzz/fuzz_%.c,%,$(wildcard tests/fuzz/fuzz_*.c))
fuzz: ## random input for the readers: FUZZ=csv RUNS=1000000 SECONDS_EACH=60
	$(Q)scripts/install-deps build fuzz
	$(Q)+$(SUBMAKE) fuzzers
	$(Q)scripts/fuzz
fuzzers:
	$(Q)+$(SUBMAKE) CC=clang SANITIZER=fuzzer-no-link,address,undefined $(FUZZ:%=build/fuzz/%)

manual: $(B)/ensemble-lua ## the man page and the reference's generated parts
	$(Q)$(B)/ensemble-lua scripts/make-manual
check-layers: $(B)/libcore.a ## the rules of includes and calls between folders
	$(Q)scripts/check-layers
lint: ## luacheck, clang-format
	$(Q)scripts/install-deps lint
	$(Q)luacheck --quiet lua models examples tests/spec scripts/make-manual
	$(Q)clang-format --dry-run -Werror $(FORMATTED)
format: ## clang-format in place
	$(Q)clang-format -i $(FORMATTED)

install: $(PROGRAMS) $(PLUGINS) ## into PREFIX, below DESTDIR if that is set
	$(Q)scripts/install "$(DESTDIR)$(PREFIX)" $^
dist: ## archives in build/dist, of the source and of the programs (relocatable): URL=https://... of the download
	$(Q)scripts/install-deps build
	$(Q)MAKE='$(MAKE_COMMAND)' URL='$(URL)' scripts/dist
clean: ## removes build/
	rm -rf build

-include $(shell find $(B) -name '*.d' 2>/dev/null)
