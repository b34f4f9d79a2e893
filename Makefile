# epocl. `make help` lists the targets.
#
# All that is built lies under $(BUILD): the program epocl, libepocl.a, libepocl.so and epocl.pc; in tests/ and
# examples/ what `make check` runs. Builds with other flags live side by side: make BUILD=build/other CFLAGS=-O0
# Needs GNU make, and for the rest what scripts/setup.sh looks for.

BUILD    ?= build
# Spelt in one way, whoever calls: the lists of headers that objects depend on name the objects as they were then.
override BUILD := $(patsubst $(CURDIR)/%,%,$(BUILD))
PREFIX   ?= /usr/local
BINDIR   ?= $(PREFIX)/bin
LIBDIR   ?= $(PREFIX)/lib
INCLUDEDIR ?= $(PREFIX)/include
DATADIR  ?= $(PREFIX)/share
MANDIR   ?= $(DATADIR)/man
BASH_COMPLETIONS ?= $(DATADIR)/bash-completion/completions
ZSH_COMPLETIONS  ?= $(DATADIR)/zsh/site-functions
FISH_COMPLETIONS ?= $(DATADIR)/fish/vendor_completions.d
CFLAGS   ?= -O2 -g
WERROR   ?=
V        ?=

MAKEFLAGS += --no-builtin-rules
.SUFFIXES:
.SECONDARY:
.DELETE_ON_ERROR:
.DEFAULT_GOAL := all

# ---- What is built from what --------------------------------------------------------------------------------

MPI_SOURCES     := $(wildcard host/command/mpi/*.c)
PROGRAM_SOURCES := $(filter-out $(MPI_SOURCES),$(wildcard host/command/*.c host/command/*/*.c host/command/*/*/*.c))
LIBRARY_SOURCES := $(filter-out $(PROGRAM_SOURCES) $(MPI_SOURCES),$(wildcard host/*/*.c host/*/*/*.c host/*/*/*/*.c))
KERNELS         := $(wildcard kernels/*.cl kernels/*/*.cl)
TEST_KINDS      := host device command faults
TEST_SHARED     := $(wildcard tests/reference/*.c tests/support/*.c)

objects = $(patsubst %.c,$(BUILD)/objects/%.o,$(1))

LIBRARY_OBJECTS := $(call objects,$(LIBRARY_SOURCES)) $(BUILD)/objects/embedded_kernels.o
PROGRAM_OBJECTS := $(call objects,$(PROGRAM_SOURCES))
TESTS           := $(TEST_KINDS:%=$(BUILD)/tests/%_tests)
TEST_LAYER      := $(BUILD)/tests/libtest_layer.so
FAULT_PRELOAD   := $(BUILD)/tests/libfault_preload.so
LAYER_PROBE     := $(BUILD)/tests/layer_probe
ODD_LAYER       := $(BUILD)/tests/libodd_layer.so
PRETEND_LAYER   := $(BUILD)/tests/libpretend_layer.so
KERNEL_PROGRAMS := $(BUILD)/tests/kernel_programs
MANUAL          := $(BUILD)/manual
EXAMPLES        := $(patsubst examples/%.c,$(BUILD)/examples/%,$(wildcard examples/*.c)) \
                   $(patsubst examples/%.cpp,$(BUILD)/examples/%_cpp,$(wildcard examples/*.cpp))

# The version, and the number of the binary interface, are those of the public header.
VERSION := $(shell sed -n 's/^.define EPOCL_VERSION  *"\(.*\)"/\1/p' include/epocl.h)
SONAME  := libepocl.so.$(shell sed -n 's/^.define EPOCL_ABI  *//p' include/epocl.h)
SHARED  := $(BUILD)/libepocl.so.$(VERSION)
STATIC  := $(BUILD)/libepocl.a

# ---- Flags --------------------------------------------------------------------------------------------------

WARNINGS := -Wall -Wextra -Wpedantic -Wconversion -Wshadow -Wstrict-prototypes -Wmissing-prototypes
CXX_WARNINGS := -Wall -Wextra -Wpedantic -Wconversion -Wshadow
PACKAGES := OpenCL clblast libdeflate zlib jansson

# pkg-config may be missing until `make setup` has run, so it is asked when a recipe first needs the answer.
PACKAGE_CFLAGS = $(eval PACKAGE_CFLAGS := $(shell pkg-config --cflags $(PACKAGES)))$(PACKAGE_CFLAGS)
PACKAGE_LIBS   = $(eval PACKAGE_LIBS := $(shell pkg-config --libs $(PACKAGES)) -lm -lpthread)$(PACKAGE_LIBS)
HOST_LIBS      = $(eval HOST_LIBS := $(shell pkg-config --libs libdeflate zlib jansson) -lm -lpthread)$(HOST_LIBS)
CHECK_CFLAGS   = $(eval CHECK_CFLAGS := $(shell pkg-config --cflags check))$(CHECK_CFLAGS)
CHECK_LIBS     = $(eval CHECK_LIBS := $(shell pkg-config --libs check) -ldl)$(CHECK_LIBS)

COMPILE_FLAGS = -std=c11 -D_POSIX_C_SOURCE=200809L -DCL_TARGET_OPENCL_VERSION=120 -Iinclude -Ihost $(WARNINGS) \
                $(WERROR) -fPIC -fvisibility=hidden -MMD -MP $(PACKAGE_CFLAGS) $(CPPFLAGS) $(CFLAGS)
COMPILE = $(CC) $(COMPILE_FLAGS)
COMPILE_CXX = $(CXX) -std=c++17 -Iinclude $(CXX_WARNINGS) $(WERROR) -MMD -MP $(CPPFLAGS) $(CFLAGS)
LINK    = $(CC) $(CFLAGS) $(LDFLAGS)

# A short line for each file built; the whole command with V=1.
Q = $(if $(V),,@)
define begin
@mkdir -p $(@D)
$(if $(V),,@echo "  $(1) $@")
endef

# A job for each processor, unless make was told otherwise. Recipes mark it with +, since make does not see that
# there is a $(MAKE) in it.
MAKE_ALL = $(MAKE) --no-print-directory $(if $(findstring -j,$(MAKEFLAGS)),,-j$(shell nproc))

# ---- Library and program ------------------------------------------------------------------------------------

# A target that is named by its whole path is the one that is made here.
$(CURDIR)/$(BUILD)/%: $(BUILD)/% ;

.PHONY: all
all: $(BUILD)/epocl $(STATIC) $(BUILD)/libepocl.so $(BUILD)/epocl.pc  ## build library and program (the default)

# What is needed to compile is looked for once in a build folder.
$(BUILD)/ready:
	@mkdir -p $(@D)
	@CC="$(CC)" NO_SETUP=1 scripts/setup.sh build
	@touch $@

$(BUILD)/objects/%.o: %.c | $(BUILD)/ready
	$(call begin,compile)
	$(Q)$(COMPILE) -c $< -o $@

# The tests compare with computations in which no multiplication and addition are contracted.
$(BUILD)/objects/tests/%.o: tests/%.c | $(BUILD)/ready
	$(call begin,compile)
	$(Q)$(COMPILE) -Itests -ffp-contract=off $(CHECK_CFLAGS) -c $< -o $@

# The baseline of `epocl bench` is what the C compiler can do on this machine; a program made for others sets
# BASELINE_CFLAGS to what they all have. Fast math lets it take exponentials in vectors.
BASELINE_CFLAGS ?= -O3 -march=native -ffast-math
$(BUILD)/objects/host/command/bench/baseline/cpu_baseline.o: CFLAGS += $(BASELINE_CFLAGS)

# The folder is a prerequisite so that a removed kernel is noticed, too.
$(BUILD)/embedded_kernels.c: $(KERNELS) $(sort $(dir $(KERNELS))) scripts/embed_kernels.sh
	$(call begin,embed)
	$(Q)scripts/embed_kernels.sh $(KERNELS) > $@

$(BUILD)/objects/embedded_kernels.o: $(BUILD)/embedded_kernels.c | $(BUILD)/ready
	$(call begin,compile)
	$(Q)$(COMPILE) -c $< -o $@

$(STATIC): $(LIBRARY_OBJECTS)
	$(call begin,archive)
	$(Q)rm -f $@ && $(AR) rcs $@ $^

$(SHARED): $(LIBRARY_OBJECTS)
	$(call begin,link)
	$(Q)$(LINK) -shared -Wl,-soname,$(SONAME) $^ $(PACKAGE_LIBS) -o $@

$(BUILD)/libepocl.so: $(SHARED)
	$(Q)ln -sf $(<F) $(BUILD)/$(SONAME)
	$(Q)ln -sf $(SONAME) $@

$(BUILD)/epocl: $(PROGRAM_OBJECTS) $(STATIC)
	$(call begin,link)
	$(Q)$(LINK) $^ $(PACKAGE_LIBS) -ldl -o $@

# The same program over MPI, which nothing else needs: of the implementation whose compiler MPICC is.
MPICC       ?= mpicc
MPI_PROGRAM := $(BUILD)/$(notdir $(MPICC))/epocl-mpi
MPI_OBJECTS := $(MPI_SOURCES:%.c=$(dir $(MPI_PROGRAM))objects/%.o)

$(dir $(MPI_PROGRAM))ready:
	@mkdir -p $(@D)
	@MPICC="$(MPICC)" scripts/setup.sh mpi
	@touch $@

$(MPI_OBJECTS): $(dir $(MPI_PROGRAM))objects/%.o: %.c | $(BUILD)/ready $(dir $(MPI_PROGRAM))ready
	$(call begin,compile)
	$(Q)$(MPICC) $(COMPILE_FLAGS) -c $< -o $@

$(MPI_PROGRAM): $(MPI_OBJECTS) $(filter-out %/main.o,$(PROGRAM_OBJECTS)) $(STATIC)
	$(call begin,link)
	$(Q)$(MPICC) $(CFLAGS) $(LDFLAGS) $^ $(PACKAGE_LIBS) -ldl -o $@

# Writes man, completions and docs/environment.md, which are kept in the project, from the tables of options.
$(MANUAL): $(call objects,$(wildcard scripts/manual/*.c)) $(filter-out %/main.o,$(PROGRAM_OBJECTS)) $(STATIC)
	$(call begin,link)
	$(Q)$(LINK) $^ $(PACKAGE_LIBS) -ldl -o $@

define PC_TEXT
prefix=$(PREFIX)
libdir=$(LIBDIR)
includedir=$(INCLUDEDIR)

Name: epocl
Description: Trains fully connected neural networks on any OpenCL device
Version: $(VERSION)
Requires.private: $(PACKAGES)
Libs: -L$${libdir} -lepocl
Libs.private: -lm -lpthread
Cflags: -I$${includedir}
endef
export PC_TEXT

$(BUILD)/epocl.pc: Makefile include/epocl.h
	$(call begin,write)
	$(Q)echo "$$PC_TEXT" > $@

# For CMake, beside the library; the headers are found from there. A pointer has as many bytes as the build's.
CMAKE_FILES := epoclConfig.cmake epoclConfigVersion.cmake
CMAKE_SED = -e 's|@VERSION@|$(VERSION)|g; s|@SONAME@|$(SONAME)|g; s|@MAJOR@|$(firstword $(subst ., ,$(VERSION)))|g' \
            -e "s|@INCLUDE_FROM_HERE@|$$(realpath -m --relative-to=$(LIBDIR)/cmake/epocl $(INCLUDEDIR))|" \
            -e "s|@POINTER_BYTES@|$$(echo __SIZEOF_POINTER__ | $(CC) $(CFLAGS) -E -P -)|g"

.PHONY: mpi
mpi: $(MPI_PROGRAM)  ## build epocl-mpi, which spreads sweeps over the ranks of MPI (MPICC=mpicc.mpich: of that one)
	@ln -sf $(notdir $(MPICC))/epocl-mpi $(BUILD)/epocl-mpi

# ---- Set-up, demonstration, measurement ---------------------------------------------------------------------

.PHONY: setup demo bench
setup:  ## install what is missing to build and train (Debian); NO_SETUP=1 only looks
	@scripts/setup.sh

demo:  ## set up, build, train on Fashion-MNIST, evaluate
	@scripts/setup.sh
	+@$(MAKE_ALL) all
	@BUILD=$(BUILD) scripts/demo.sh

bench: all  ## measure every device (BENCH="--device gpu" passes options)
	$(BUILD)/epocl bench $(BENCH)

.PHONY: bench-peers
bench-peers: all  ## measure epocl and its peers in turn (PEERS="--rounds 1" passes options)
	@BUILD=$(BUILD) bench/peers/run.sh $(PEERS)

.PHONY: bench-accuracy
bench-accuracy: all  ## measure whole trainings to an accuracy, epocl's and its peers' (ACCURACY="--seeds 1")
	@BUILD=$(BUILD) bench/accuracy/run.sh $(ACCURACY)

.PHONY: bench-reading
bench-reading: all  ## measure how fast tables are read, beside pandas, DuckDB, Polars, LightGBM (READING="--rounds 1")
	@BUILD=$(BUILD) bench/reading/run.sh $(READING)

.PHONY: bench-prediction
bench-prediction: all  ## measure how fast networks predict, beside ONNX Runtime (PREDICTION="--rounds 1")
	@BUILD=$(BUILD) bench/prediction/run.sh $(PREDICTION)

.PHONY: bench-tables
bench-tables: all  ## measure models of five public tables, beside boosted trees and other networks (TABLES="--seeds 1")
	@BUILD=$(BUILD) bench/tables/run.sh $(TABLES)

# ---- Tests --------------------------------------------------------------------------------------------------

# What tests link: read() and pread() are those of tests/support/short_reads.c.
SHORT_READS := -Wl,--wrap=read,--wrap=pread

# An executable for each kind of test. Those of the host link without OpenCL, which what they test must not need; those
# of the command also reach the program's parts.
define TEST_EXECUTABLE
$(BUILD)/tests/$(1)_tests: $(call objects,$(wildcard tests/$(1)/*.c) $(TEST_SHARED)) $(2) $(STATIC)
	$$(call begin,link)
	$$(Q)$$(LINK) $(SHORT_READS) $$^ $$(CHECK_LIBS) $$($(3)_LIBS) -o $$@
endef
$(eval $(call TEST_EXECUTABLE,host,,HOST))
$(eval $(call TEST_EXECUTABLE,device,,PACKAGE))
$(eval $(call TEST_EXECUTABLE,command,$(filter-out %/main.o,$(PROGRAM_OBJECTS)) $(call objects,tests/pretend_gpus/gpus.c),PACKAGE))
$(eval $(call TEST_EXECUTABLE,faults,$(call objects,tests/command/fixture.c),PACKAGE))

# The fuzz targets also reach the program's parts.
FUZZ_OBJECTS := $(call objects,$(wildcard tests/fuzz/*.c tests/fuzz/support/*.c))
FUZZ_TARGETS := $(patsubst tests/fuzz/%.c,$(BUILD)/tests/fuzz/%,$(wildcard tests/fuzz/*.c))
FUZZ_SHARED  := $(call objects,$(wildcard tests/fuzz/support/*.c) tests/support/short_cells.c tests/support/short_reads.c) $(filter-out %/main.o,$(PROGRAM_OBJECTS))

$(BUILD)/tests/fuzz/%: $(BUILD)/objects/tests/fuzz/%.o $(FUZZ_SHARED) $(STATIC)
	$(call begin,link)
	$(Q)$(LINK) -fsanitize=fuzzer $(SHORT_READS) $^ $(PACKAGE_LIBS) -o $@

$(LAYER_PROBE): $(call objects,tests/probe/probe.c)
	$(call begin,link)
	$(Q)$(LINK) $^ $(PACKAGE_LIBS) -o $@

$(KERNEL_PROGRAMS): $(call objects,tests/kernels/programs.c) $(STATIC)
	$(call begin,link)
	$(Q)$(LINK) $^ $(PACKAGE_LIBS) -o $@

$(FAULT_PRELOAD): $(call objects,tests/preload/faults.c)
	$(call begin,link)
	$(Q)$(LINK) -shared $^ -ldl -o $@

$(TEST_LAYER): $(call objects,$(wildcard tests/layers/*.c))
	$(call begin,link)
	$(Q)$(LINK) -shared $^ -lpthread -o $@

$(ODD_LAYER): $(call objects,tests/odd_devices/layer.c)
	$(call begin,link)
	$(Q)$(LINK) -shared $^ -o $@

$(PRETEND_LAYER): $(call objects,$(wildcard tests/pretend_gpus/*.c))
	$(call begin,link)
	$(Q)$(LINK) -shared $^ -lpthread -o $@

$(BUILD)/examples/%: $(BUILD)/objects/examples/%.o $(STATIC)
	$(call begin,link)
	$(Q)$(LINK) $^ $(PACKAGE_LIBS) -o $@

# Of examples in C++; a C example may have the same name.
$(BUILD)/objects/examples/%.cpp.o: examples/%.cpp | $(BUILD)/ready
	$(call begin,compile)
	$(Q)$(COMPILE_CXX) -c $< -o $@

$(BUILD)/examples/%_cpp: $(BUILD)/objects/examples/%.cpp.o $(STATIC)
	$(call begin,link)
	$(Q)$(CXX) $(CFLAGS) $(LDFLAGS) $^ $(PACKAGE_LIBS) -o $@

RUN_TESTS = BUILD=$(BUILD) MAKE="$(MAKE)" CC="$(CC)" CFLAGS="$(CFLAGS)" tests/run.sh

.PHONY: tests check test-host test-pocl test-pocl-small test-oclgrind test-rusticl test-command test-odd faults interop asan strict analyze
tests: all $(TESTS) $(TEST_LAYER) $(FAULT_PRELOAD) $(LAYER_PROBE) $(ODD_LAYER) $(PRETEND_LAYER) $(KERNEL_PROGRAMS) $(MANUAL) $(EXAMPLES)  ## build all tests and examples

check:  ## set up, build and run all tests
	@scripts/setup.sh check
	+@$(MAKE_ALL) tests
	@$(RUN_TESTS)

.PHONY: check-quick
check-quick:  ## the core of the tests, on PoCL alone: about a minute, for work in between
	@scripts/setup.sh check
	+@$(MAKE_ALL) tests
	@$(RUN_TESTS) quick

faults: tests  ## make every OpenCL call, allocation and write of a run fail; many minutes
	@FAULTS_SAMPLE=all $(RUN_TESTS) faults

test-host test-pocl test-pocl-small test-oclgrind test-rusticl test-command test-odd: test-%: tests  ## run one part of the tests
	@$(RUN_TESTS) $*

.PHONY: check-mpi
check-mpi:  ## sweeps over the ranks of what MPI there is, beside those of one process: about a minute
	@scripts/setup.sh check-mpi
	+@$(MAKE_ALL) all
	@BUILD=$(BUILD) MAKE="$(MAKE)" tests/mpi/run.sh

.PHONY: test-device bench-device
test-device: tests  ## run the tests of kernels and training on one device (DEVICE=nvidia: part of a name, gpu, an index)
	@DEVICE="$(DEVICE)" $(RUN_TESTS) device

bench-device: all  ## measure one device with the networks of README.md (DEVICE=nvidia)
	@BUILD=$(BUILD) bench/device.sh "$(or $(DEVICE),gpu)"

.PHONY: gpu-static
gpu-static: $(BUILD)/epocl $(PRETEND_LAYER)  ## compile the kernels for GPUs of three vendors and hold what compilers say to limits; no GPU
	@BUILD=$(BUILD) tests/gpu_static/run.sh $(RESULT)

interop:  ## compare training with PyTorch, models with safetensors', ONNX Runtime's and scikit-learn's readings of them
	@scripts/setup.sh check
	+@$(MAKE_ALL) all
	@BUILD=$(BUILD) tests/interop/run.sh

.PHONY: abi abi-check
abi-check: $(BUILD)/libepocl.so  ## fail if programs built against tests/install/abi/epocl.h would break with this library
	@CC="$(CC)" tests/install/abi/check.py check $<

abi: $(BUILD)/libepocl.so  ## write the baseline in tests/install/abi: at a release, or when EPOCL_ABI has risen
	@CC="$(CC)" tests/install/abi/check.py write $<

.PHONY: wheel check-python
wheel: $(BUILD)/libepocl.so  ## make a wheel of the Python package, in $(BUILD)/python/dist
	@BUILD=$(BUILD) python/run.sh wheel

check-python:  ## make and install the Python package in $(BUILD)/python, and test it
	@scripts/setup.sh check
	+@$(MAKE_ALL) all
	@BUILD=$(BUILD) python/run.sh check $(PYTEST)

.PHONY: soak
SOAK_SECONDS ?= 600
soak: all  ## kill and resume random runs for SOAK_SECONDS (SOAK="--seed 1" passes options)
	nice -n 19 tests/soak/soak.py --epocl $(BUILD)/epocl --seconds $(SOAK_SECONDS) $(SOAK)

asan: export ASAN_OPTIONS  = allocator_may_return_null=1
asan: export UBSAN_OPTIONS = halt_on_error=1:print_stacktrace=1
asan: export LSAN_OPTIONS  = suppressions=$(CURDIR)/tests/lsan.supp:print_suppressions=0
asan: export CK_TIMEOUT_MULTIPLIER = 10
asan tsan: export KERNELS_OF = $(abspath $(BUILD))
asan: export FAULTS_SUITES = layer opencl_calls
asan:  ## build and run the tests under AddressSanitizer and UndefinedBehaviorSanitizer
	@scripts/setup.sh check
	@$(MAKE) --no-print-directory run-asan BUILD=$(BUILD)/asan \
	    CFLAGS="-O1 -g -fno-omit-frame-pointer -fsanitize=address,undefined -fno-sanitize-recover=undefined"

# CI leaves out pocl: what the library does on the host there, the commands do as well. Leaks are looked for where no
# driver has threads: with them, LeakSanitizer's tracer crashes now and then ("Tracer caught signal 11"). A driver that
# crashes must end its process by the signal, as it does without a sanitizer.
ASAN_PARTS ?= host pocl command faults examples
.PHONY: run-asan
run-asan:
	+@$(MAKE_ALL) tests
	$(if $(filter host,$(ASAN_PARTS)),@$(RUN_TESTS) host)
	$(if $(filter-out host,$(ASAN_PARTS)),@ASAN_OPTIONS=$(ASAN_OPTIONS):detect_leaks=0:handle_segv=0 $(RUN_TESTS) \
	    $(filter-out host,$(ASAN_PARTS)))

# What is fuzzed is built by Clang, whose libFuzzer it needs. Options and limits of a run are in tests/fuzz/run.sh.
FUZZ_CFLAGS := -O2 -g -fno-omit-frame-pointer -fsanitize=fuzzer-no-link,address,undefined -fno-sanitize-recover=undefined
fuzz fuzz-merge: NAMES = $(if $(FUZZ),$(FUZZ),$(notdir $(FUZZ_TARGETS)))
fuzz:  ## feed readers and parsers with damaged input (FUZZ_RUNS or FUZZ_SECONDS each; FUZZ="idx_inputs model")
	@scripts/setup.sh check
	+@$(MAKE_ALL) fuzz-build BUILD=$(BUILD)/fuzz CC=clang CFLAGS="$(FUZZ_CFLAGS)"
	@BUILD=$(BUILD)/fuzz tests/fuzz/run.sh $(NAMES)

fuzz-merge:  ## add to tests/fuzz/corpus what reaches code that nothing in it reaches
	+@$(MAKE_ALL) fuzz-build BUILD=$(BUILD)/fuzz CC=clang CFLAGS="$(FUZZ_CFLAGS)"
	@BUILD=$(BUILD)/fuzz tests/fuzz/merge.sh $(NAMES)

.PHONY: fuzz fuzz-merge fuzz-build fuzz-objects
fuzz-build: $(FUZZ_TARGETS)
fuzz-objects: $(FUZZ_OBJECTS)

# GCC finds some of its warnings only while it optimises; Clang finds its own before. From 19 on it takes an enumeration's
# constants in sums with a double for a mistake; here they are sizes.
strict:  ## compile everything with gcc and with clang, warnings being errors; includes go from room to room one way
	@tests/analysis/rooms.py
	@scripts/setup.sh analyze
	+@$(MAKE_ALL) tests BUILD=$(BUILD)/strict-gcc CC=gcc CXX=g++ WERROR=-Werror
	+@$(MAKE_ALL) tests fuzz-objects BUILD=$(BUILD)/strict-clang CC=clang CXX=clang++ WERROR=-Werror CFLAGS="-O0 -Wno-enum-float-conversion"
	@BUILD=$(BUILD)/strict-clang tests/kernels/check.sh

tsan: export CK_TIMEOUT_MULTIPLIER = 10
tsan:  ## build and run the tests of threads under ThreadSanitizer
	@scripts/setup.sh check
	@$(MAKE) --no-print-directory run-tsan BUILD=$(BUILD)/tsan CFLAGS="-O1 -g -fno-omit-frame-pointer -fsanitize=thread"

.PHONY: run-tsan tsan valgrind test-intel mutants
run-tsan:
	+@$(MAKE_ALL) tests
	@$(RUN_TESTS) threads

valgrind: tests  ## run the host tests and a short training under Valgrind
	@scripts/setup.sh analyze
	@$(RUN_TESTS) valgrind

test-intel: tests  ## run on Intel's CPU runtime and with the Khronos loader, from PyPI into $(BUILD)/intel
	@BUILD=$(BUILD) tests/implementations/intel.sh
	@$(RUN_TESTS) intel khronos

.PHONY: docs pages site
docs: pages  ## the pages made from the options, then the documentation as a site in $(BUILD)/site
	@BUILD=$(BUILD) scripts/site/run.sh

pages: $(BUILD)/tests/host_tests $(MANUAL)  ## write the table of docs/options.md, docs/environment.md, man and completions
	@WRITE_DOCS=1 $(BUILD)/tests/host_tests options
	@$(MANUAL) write

site:  ## the documentation alone: static pages in $(BUILD)/site, their links checked
	@BUILD=$(BUILD) scripts/site/run.sh

.PHONY: report-shots
report-shots: all  ## pictures of pages of epocl report, as a browser shows them, in $(BUILD)/report-shots
	@BUILD=$(BUILD) tests/report/shots.sh

mutants:  ## break the code in small ways and count what the tests notice (hours; MUTANTS="--jobs 2" passes options)
	@tests/mutants/run.py $(MUTANTS)

analyze:  ## static analysis with cppcheck, GCC's -fanalyzer and clang-tidy
	@scripts/setup.sh analyze
	@tests/analysis/run.sh

# ---- Installation and upkeep --------------------------------------------------------------------------------

# The dynamic loader finds a library in its folders only once it has been told; into a DESTDIR nothing runs.
TELL_LOADER = PATH="$$PATH:/usr/sbin:/sbin"; [ -n "$(DESTDIR)" ] || ! command -v ldconfig > /dev/null || \
    if [ "$$(id -u)" = 0 ]; then ldconfig; else \
    echo "not root: if programs do not find libepocl.so, run ldconfig, or add $(LIBDIR) to LD_LIBRARY_PATH"; fi

COMPLETION_FOLDERS := $(BASH_COMPLETIONS) $(ZSH_COMPLETIONS) $(FISH_COMPLETIONS)

.PHONY: install uninstall format format-check clean help
install: all  ## install below PREFIX (/usr/local); DESTDIR is put before it; as root, runs ldconfig
	install -d $(DESTDIR)$(BINDIR) $(DESTDIR)$(LIBDIR)/pkgconfig $(DESTDIR)$(LIBDIR)/cmake/epocl $(DESTDIR)$(INCLUDEDIR)
	install -m 755 $(BUILD)/epocl $(DESTDIR)$(BINDIR)/
	[ ! -e $(BUILD)/epocl-mpi ] || install -m 755 $(BUILD)/epocl-mpi $(DESTDIR)$(BINDIR)/
	install -m 644 include/epocl.h include/epocl.hpp $(DESTDIR)$(INCLUDEDIR)/
	install -m 644 $(STATIC) $(SHARED) $(DESTDIR)$(LIBDIR)/
	ln -sf $(notdir $(SHARED)) $(DESTDIR)$(LIBDIR)/$(SONAME)
	ln -sf $(SONAME) $(DESTDIR)$(LIBDIR)/libepocl.so
	echo "$$PC_TEXT" > $(DESTDIR)$(LIBDIR)/pkgconfig/epocl.pc
	for file in $(CMAKE_FILES); do \
	    sed $(CMAKE_SED) packaging/cmake/$$file.in > $(DESTDIR)$(LIBDIR)/cmake/epocl/$$file || exit 1; done
	install -d $(DESTDIR)$(MANDIR)/man1 $(addprefix $(DESTDIR),$(COMPLETION_FOLDERS))
	install -m 644 man/*.1 $(DESTDIR)$(MANDIR)/man1/
	install -m 644 completions/epocl.bash $(DESTDIR)$(BASH_COMPLETIONS)/epocl
	install -m 644 completions/_epocl $(DESTDIR)$(ZSH_COMPLETIONS)/_epocl
	install -m 644 completions/epocl.fish $(DESTDIR)$(FISH_COMPLETIONS)/epocl.fish
	@$(TELL_LOADER)

uninstall:  ## remove what `make install` put there
	rm -f $(DESTDIR)$(BINDIR)/epocl $(DESTDIR)$(BINDIR)/epocl-mpi $(DESTDIR)$(INCLUDEDIR)/epocl.h $(DESTDIR)$(INCLUDEDIR)/epocl.hpp \
	    $(addprefix $(DESTDIR)$(LIBDIR)/,pkgconfig/epocl.pc libepocl.a libepocl.so $(SONAME) $(notdir $(SHARED))) \
	    $(addprefix $(DESTDIR)$(MANDIR)/man1/,$(notdir $(wildcard man/*.1))) $(DESTDIR)$(BASH_COMPLETIONS)/epocl \
	    $(DESTDIR)$(ZSH_COMPLETIONS)/_epocl $(DESTDIR)$(FISH_COMPLETIONS)/epocl.fish
	rm -rf $(DESTDIR)$(LIBDIR)/cmake/epocl

.PHONY: deb
deb:  ## Debian packages, in $(BUILD)/debian; DEB=--twice builds them twice and compares
	@BUILD=$(BUILD) packaging/debian/build.sh $(DEB)

# But not the interface that was, which is as it was written.
C_FILES = $(filter-out tests/install/abi/epocl.h,$(shell find include host tests examples bench scripts -name '*.[ch]' -o -name '*.[ch]pp' 2>/dev/null)) $(KERNELS)

format:  ## lay out all C files and kernels
	clang-format -i $(C_FILES)

format-check:  ## fail if `make format` would change a file
	clang-format --dry-run -Werror $(C_FILES)

clean:  ## remove all that was built
	rm -rf $(BUILD)

help:  ## this list
	@sed -n 's/^\([a-z][a-z -]*\):.*  ## \(.*\)/\1\t\2/p' $(MAKEFILE_LIST) | \
	    awk -F '\t' '{ printf "%-14s %s\n", ($$1 ~ / /) ? "test-..." : $$1, $$2 }'

-include $(shell find $(BUILD)/objects $(dir $(MPI_PROGRAM)) -name '*.d' 2>/dev/null)
