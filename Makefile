# ensemble-lua. `make` builds, `make demo` shows it, `make test` checks it; see the list at `make help`.
#   CC=clang  CFLAGS="-O3 -g"  V=1 (show commands)  WERROR=1 (warnings are errors)  PREFIX=/usr/local  DESTDIR=
#   SANITIZER=address | undefined | thread | address,undefined   builds into build/<name>, without LuaJIT
#   WITH_LUAJIT=0 leaves the LuaJIT program out, =1 asks for it (default: where pkg-config finds luajit); so WITH_HDF5, WITH_CFITSIO
#   WITH_MPI=0 leaves the plugins for MPI out, =1 asks for one (default: for each of mpicc.openmpi, mpicc.mpich and mpicc)
PREFIX ?= /usr/local
CFLAGS ?= -O2 -g
comma := ,
B := build$(if $(SANITIZER),/$(subst $(comma),-,$(SANITIZER)))
Q := $(if $(V),,@)
say = $(if $(V),,printf '  %-5s %s\n' $(1) $(2);)
JOBS := $(if $(filter -j% --jobserver%,$(MAKEFLAGS)),,-j$(shell nproc 2>/dev/null || echo 2) -Otarget)
SUBMAKE = $(MAKE) --no-print-directory $(JOBS)
pkg = $(shell { pkg-config $(1); } 2>/dev/null)
first-pkg = $(firstword $(foreach name,$(1),$(shell { pkg-config --exists $(name) && echo $(name); } 2>/dev/null)))

# ---- optional parts: WITH_X is 1, 0, or unset (found out) ----
LUAJIT := $(call first-pkg,luajit)
WITH_LUAJIT ?= $(if $(SANITIZER),0,$(if $(LUAJIT),1,0))
ifeq ($(WITH_LUAJIT)$(LUAJIT),1)
$(error WITH_LUAJIT=1, but pkg-config finds no luajit: scripts/install-deps optional installs it)
endif
# Libraries that the program loads when a file of theirs is read: WITH_X, pkg-config's names, the library, whose file
# wants its header. The name that is loaded is the one in the library.
soname = $(shell { file=$$(ls $(patsubst -L%,%/lib$(2).so,$(call pkg,--libs-only-L $(1))) /dev/null | grep so); \
  objdump -p "$${file:-$$($(CC) -print-file-name=lib$(2).so)}" | sed -n 's/^ *SONAME *//p'; } 2>/dev/null)
define loaded
$(1)_PKG := $(if $(filter 0,$(WITH_$(1))),,$(call first-pkg,$(2)))
$(1)_LIBRARY := $$(if $$($(1)_PKG),$$(call soname,$$($(1)_PKG),$(3)))
ifeq ($(WITH_$(1))$$($(1)_LIBRARY),1)
$$(error WITH_$(1)=1, but pkg-config finds no $(3): scripts/install-deps optional installs it)
endif
flags_$(4) := $$(if $$($(1)_LIBRARY),-DENS_$(1)_LIBRARY=$$($(1)_LIBRARY) $$(patsubst -I%,-isystem%,$$(call pkg,--cflags $$($(1)_PKG))))
endef
$(eval $(call loaded,HDF5,hdf5-serial hdf5,hdf5,hdf5))
$(eval $(call loaded,CFITSIO,cfitsio,cfitsio,fits))
LUA54 := $(or $(call first-pkg,lua5.4 lua-5.4 lua54),lua5.4)
lua54_flags := $(call pkg,--cflags $(LUA54))
lua54_libs := $(call pkg,--libs $(LUA54))
luajit_flags := $(call pkg,--cflags luajit)
luajit_libs := $(call pkg,--libs luajit)

# A plugin for each MPI that has a compiler; mpicc alone goes by the name of its own MPI.
mpicc = $(shell command -v mpicc.$(1) || { mpicc -show | grep -q $(1) && command -v mpicc; } 2>/dev/null)
MPICC_openmpi := $(call mpicc,openmpi)
MPICC_mpich := $(call mpicc,mpich)
MPIS := $(foreach mpi,openmpi mpich,$(if $(MPICC_$(mpi)),$(mpi)))
WITH_MPI ?= $(if $(MPIS),1,0)
ifeq ($(WITH_MPI)$(MPIS),1)
$(error WITH_MPI=1, but there is no mpicc: scripts/install-deps optional installs one)
endif

# ---- flags ----
WARNINGS := -Wall -Wextra -Wpedantic -Wshadow -Wconversion $(if $(filter 1,$(WERROR)),-Werror)
SANITIZE := $(if $(SANITIZER),-fsanitize=$(SANITIZER) -fno-sanitize-recover=all -fno-omit-frame-pointer)
# No contraction: a fused multiply-add would give another chain on another machine.
PLACES := -DENS_LUA_DIR="\"$(abspath lua)\"" -DENS_MODELS_DIR="\"$(PREFIX)/share/ensemble-lua/models\""
COMPILE := $(CC) -std=c11 -D_GNU_SOURCE $(WARNINGS) -ffp-contract=off $(SANITIZE) $(CPPFLAGS) $(CFLAGS) -Isrc $(PLACES)
LINK := $(CC) $(SANITIZE) $(CFLAGS) $(LDFLAGS)
LDLIBS := -lsqlite3 -lz -ldl -lpthread -lm

# ---- what is built ----
object = $(patsubst %.c,$(B)/$(1)/%.o,$(2))
CORE := $(wildcard src/core/*.c)
LIBRARY := $(CORE) $(filter-out src/eval/mpi_wire.c,$(wildcard src/eval/*.c)) $(wildcard src/data/*.c src/dist/*.c src/store/*.c src/report/*.c src/run*.c)
SCRIPT := $(wildcard src/script/*.c src/main.c)
UNITS := $(patsubst tests/unit/%.c,$(B)/unit/%,$(wildcard tests/unit/test_*.c))
PROGRAMS := $(B)/ensemble-lua $(if $(filter 1,$(WITH_LUAJIT)),$(B)/ensemble-luajit)
PLUGINS := $(if $(filter 1,$(WITH_MPI)),$(MPIS:%=$(B)/ensemble-mpi-%.so))
SPECS := $(wildcard tests/spec/*_spec.lua)
FULL_SPECS := $(wildcard tests/spec/full/*_spec.lua)
FORMATTED := $(wildcard src/*.[ch] src/*/*.[ch] tests/*/*.[ch])

.DEFAULT_GOAL := all
.PHONY: all help units demo test test-full run-test run-test-full bench fuzz lint check-layers format install clean FORCE
.DELETE_ON_ERROR:
all: $(PROGRAMS) $(PLUGINS)
units: $(UNITS)

help:
	@printf '%s\n' 'make [all]         the programs, in $(B)/' 'make demo          a run with a known answer' \
	  'make test          unit programs, specs, layers' 'make test-full     what make test leaves out: sanitizers, long specs' \
	  'make bench         times beside emcee (CASES="busy data")' 'make lint          luacheck, clang-format' \
	  'make fuzz          made-up input for the readers (FUZZ=csv RUNS=20000)' \
	  'make check-layers  who may include and call what' 'make format        clang-format in place' \
	  'make install       to PREFIX (DESTDIR before it)' 'make clean'

# A stamp is newer than what was built with other flags; the first one says what is missing to build.
$(B)/flags: WORDS = $(COMPILE) $(LINK) $(lua54_flags) $(luajit_flags) $(flags_hdf5) $(flags_fits)
$(B)/sources: WORDS = $(LIBRARY) $(SCRIPT)
$(B)/flags $(B)/sources: FORCE
	@[ -e $@ ] || scripts/install-deps --check build
	@mkdir -p $(@D); printf '%s\n' '$(WORDS)' | cmp -s - $@ || printf '%s\n' '$(WORDS)' > $@

define compile
	$(Q)mkdir -p $(@D); $(call say,CC,$@) $(COMPILE) $(1) -MMD -MP -c -o $@ $<
endef
$(B)/lib/%.o: %.c $(B)/flags
	$(call compile,$(flags_$(*F)))
$(B)/lua54/%.o: %.c $(B)/flags
	$(call compile,$(lua54_flags))
$(B)/luajit/%.o: %.c $(B)/flags
	$(call compile,$(luajit_flags))
$(B)/lua54/src/script/embedded.o $(B)/luajit/src/script/embedded.o: $(wildcard lua/ensemble/*.lua)

define archive
	$(Q)$(call say,AR,$@) rm -f $@ && ar rcs $@ $(filter %.o,$^)
endef
$(B)/libcore.a: $(call object,lib,$(CORE)) $(B)/sources
	$(call archive)
$(B)/libensemble.a: $(call object,lib,$(LIBRARY)) $(B)/sources
	$(call archive)

# -Wl,-E: Lua modules in C find the Lua API in the program.
$(B)/ensemble-lua: $(call object,lua54,$(SCRIPT)) $(B)/libensemble.a
	$(Q)$(call say,LINK,$@) $(LINK) -Wl,-E -o $@ $^ $(lua54_libs) $(LDLIBS)
$(B)/ensemble-luajit: $(call object,luajit,$(SCRIPT)) $(B)/libensemble.a
	$(Q)$(call say,LINK,$@) $(LINK) -Wl,-E -o $@ $^ $(luajit_libs) $(LDLIBS)
# What MPI's own compiler adds is all that differs between the plugins.
$(PLUGINS): $(B)/ensemble-mpi-%.so: src/eval/mpi_wire.c src/eval/wire.h $(B)/flags
	$(Q)$(call say,MPICC,$@) OMPI_CC="$(CC)" MPICH_CC="$(CC)" $(MPICC_$*) $(wordlist 2,99,$(COMPILE)) -fPIC -shared \
	  -isystem $(shell dirname $(MPICC_$*))/../include $(LDFLAGS) -o $@ $<
$(B)/unit/%: $(B)/lib/tests/unit/%.o $(B)/libensemble.a
	$(Q)mkdir -p $(@D); $(call say,LINK,$@) $(LINK) -o $@ $^ $(LDLIBS)
.SECONDARY: $(patsubst $(B)/unit/%,$(B)/lib/tests/unit/%.o,$(UNITS))

# ---- what is run: packages first, then a fresh make, which sees what they brought ----
demo:
	$(Q)scripts/install-deps build optional
	$(Q)$(SUBMAKE) all
	$(Q)$(B)/ensemble-lua examples/hogg2010/run.lua

test:
	$(Q)scripts/install-deps build optional test
	$(Q)$(SUBMAKE) run-test
run-test: $(PROGRAMS) $(PLUGINS) $(UNITS) $(B)/libcore.a
	$(Q)scripts/run-tests scripts/check-layers $(UNITS) --programs "$(PROGRAMS)" $(SPECS)

# The rest: the long specs, and everything once more under the sanitizers (not LuaJIT, whose code they cannot see).
AU := build/address-undefined
TS := build/thread
# What measures memory has nothing to measure under sanitizers, which bring their own malloc.
SANE := $(filter-out %/test_store_memory,$(UNITS))
test-full:
	$(Q)scripts/install-deps build optional full test fuzz
	$(Q)$(SUBMAKE) all units
	$(Q)$(SUBMAKE) fuzzers
	$(Q)$(SUBMAKE) SANITIZER=address,undefined all units
	$(Q)$(SUBMAKE) SANITIZER=thread all units
	$(Q)$(SUBMAKE) run-test-full
run-test-full:
	$(Q)RUNS=-1 SECONDS_EACH=12 scripts/run-tests scripts/fuzz --programs "$(PROGRAMS)" $(FULL_SPECS) \
	  $(SANE:build/%=$(AU)/%) --programs $(AU)/ensemble-lua $(SPECS) \
	  $(SANE:build/%=$(TS)/%) --programs $(TS)/ensemble-lua $(SPECS)

CASES ?=
PYTHON ?= $(or $(shell for p in python3 /usr/bin/python3; do $$p -c 'import emcee' 2>/dev/null && echo $$p && break; done),python3)
BENCH := $(B)/bench
BENCH_TOOLS := $(addprefix $(BENCH)/,stretch_loop stretch_loop_native update_loop rank_loop models.so described_gauss.so \
  described_dense.so line.so call_loop \
  $(if $(filter 1,$(WITH_LUAJIT)),call_loop_luajit))
bench:
	$(Q)scripts/install-deps build optional bench
	$(Q)$(SUBMAKE) all bench-tools
	$(Q)$(PYTHON) -B tests/bench/run.py --programs "$(PROGRAMS)" --tools $(BENCH) --json $(B)/bench.json $(CASES)
bench-tools: $(BENCH_TOOLS)
.PHONY: bench-tools
$(BENCH_TOOLS): tests/bench/targets.h src/ensemble_model.h $(B)/flags
define bench-tool
	$(Q)mkdir -p $(@D); $(call say,CC,$@) $(COMPILE) $(1) $(LDFLAGS) -o $@ $(filter %.c %.a,$^) $(2)
endef
$(BENCH)/stretch_loop: tests/bench/stretch_loop.c
	$(call bench-tool,,-lm)
$(BENCH)/stretch_loop_native: tests/bench/stretch_loop.c
	$(call bench-tool,-O3 -march=native,-lm)
$(BENCH)/update_loop: tests/bench/update_loop.c $(B)/libensemble.a
	$(call bench-tool,,$(LDLIBS))
$(BENCH)/rank_loop: tests/bench/rank_loop.c $(B)/libensemble.a
	$(call bench-tool,,$(LDLIBS))
$(BENCH)/models.so: tests/bench/models.c
	$(call bench-tool,-fPIC -shared,-lm)
$(BENCH)/described_gauss.so: tests/bench/described.c
	$(call bench-tool,-fPIC -shared,-lm)
$(BENCH)/described_dense.so: tests/bench/described.c
	$(call bench-tool,-DDENSE -fPIC -shared,-lm)
$(BENCH)/line.so: examples/native/line.c
	$(call bench-tool,-fPIC -shared,-lm)
$(BENCH)/call_loop: tests/bench/call_loop.c
	$(call bench-tool,$(lua54_flags),$(lua54_libs) -lm)
$(BENCH)/call_loop_luajit: tests/bench/call_loop.c
	$(call bench-tool,$(luajit_flags),$(luajit_libs) -lm)

# Made-up input for the readers, from the examples on: make fuzz FUZZ=csv RUNS=1000000
FUZZ ?= $(patsubst tests/fuzz/fuzz_%.c,%,$(wildcard tests/fuzz/fuzz_*.c))
RUNS ?= 20000
fuzz:
	$(Q)scripts/install-deps build fuzz
	$(Q)$(SUBMAKE) fuzzers
	$(Q)FUZZ="$(FUZZ)" RUNS=$(RUNS) scripts/fuzz
fuzzers:
	$(Q)$(SUBMAKE) CC=clang SANITIZER=fuzzer-no-link,address,undefined $(FUZZ:%=build/fuzz/%)
.PHONY: fuzzers
build/fuzz/%: $(B)/lib/tests/fuzz/fuzz_%.o $(B)/libensemble.a
	$(Q)mkdir -p $(@D); $(call say,LINK,$@) $(LINK) -fsanitize=fuzzer -o $@ $^ $(LDLIBS)

check-layers: $(B)/libcore.a
	$(Q)scripts/check-layers
lint:
	$(Q)scripts/install-deps lint
	$(Q)luacheck --quiet lua models examples tests/spec
	$(Q)clang-format --dry-run -Werror $(FORMATTED)
format:
	$(Q)clang-format -i $(FORMATTED)

# ---- install ----
SHARE := $(DESTDIR)$(PREFIX)/share/ensemble-lua
DOC := $(DESTDIR)$(PREFIX)/share/doc/ensemble-lua
INCLUDE := $(DESTDIR)$(PREFIX)/include
PKGCONFIG := $(DESTDIR)$(PREFIX)/share/pkgconfig
VERSION = $(shell sed -n 's/^.define ENS_VERSION "\(.*\)"/\1/p' src/run_process.c)
install: $(PROGRAMS) $(PLUGINS)
	install -d $(DESTDIR)$(PREFIX)/bin $(SHARE)/models $(DOC)
	install $(PROGRAMS) $(DESTDIR)$(PREFIX)/bin
	$(if $(PLUGINS),install -d $(DESTDIR)$(PREFIX)/lib/ensemble-lua && \
	  install $(PLUGINS) $(DESTDIR)$(PREFIX)/lib/ensemble-lua)
	install -m 644 $(wildcard models/*.lua) $(SHARE)/models
	install -m 644 $(wildcard README* LICENSE) $(DOC)
	install -d $(INCLUDE) $(PKGCONFIG)
	install -m 644 src/ensemble_model.h $(INCLUDE)
	printf '%s\n' 'prefix=$(PREFIX)' 'includedir=$${prefix}/include' 'modelsdir=$${prefix}/share/ensemble-lua/models' '' \
	  'Name: ensemble-lua' 'Description: header for models in C of the ensemble sampler ensemble-lua' \
	  'Version: $(VERSION)' 'Cflags: -I$${includedir}' > $(PKGCONFIG)/ensemble-lua.pc
clean:
	rm -rf build

-include $(shell find $(B) -name '*.d' 2>/dev/null)
