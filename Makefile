# SPDX-License-Identifier: BSD-2-Clause
#
# The one entry point.  `make help` lists the targets; the rules that compile
# and link are in mk/build.mk, which this file calls with as many jobs as there
# are CPUs, unless it was given -j itself.

KERNEL ?= debug
CPUS ?= 2
MEM ?= 512
TEST_CPUS ?=
TEST_JOBS ?= 2

# What the user wrote reaches the tools through the environment, so that nothing
# has to be quoted here.
export KERNEL CPUS MEM TEST_CPUS BOOT
export CORE ICOUNT CMD PROG ARGS APPEND TESTS DEBUG_SCRIPT V WERROR BENCH LINUX
export N M SEED MINUTES SCENARIO STRATEGY ROUNDS TRACE_KB
export PYTHONDONTWRITEBYTECODE = 1

JOBS = $(if $(findstring -j,$(MAKEFLAGS)),,-j$(shell nproc))
BUILD = $(MAKE) --no-print-directory -f mk/build.mk $(JOBS)

# The shell, not make, expands these: every value stays one word.  $(1) is the default of BOOT.
LAUNCH = tools/heddle-run --build "$$KERNEL" --cpus "$$CPUS" --mem "$$MEM" --boot "$${BOOT:-$(1)}" \
	$${APPEND:+--append "$$APPEND"} $${CORE:+--core "$$CORE"} $${ICOUNT:+--icount} $${CMD:+--cmd "$$CMD"} $${PROG:+--prog "$$PROG" --args "$$ARGS"}

.PHONY: all kernel lib user initrd iso run test debug postmortem bench profile check size clean help
.PHONY: coverage soak fuzz record replay explore model mutants trace
.DEFAULT_GOAL := all

## all: kernel, libraries, programs, ramdisk and bootable image (the default)
all:
	@tools/packages build
	+@$(BUILD) all

## kernel lib user initrd iso: these alone
kernel lib user initrd iso:
	+@$(BUILD) $@

build/%:
	+@$(BUILD) $@

## run [CMD="program args"] [PROG=file.c|directory|elf ARGS="..."] [CPUS=n] [MEM=megabytes] [BOOT=iso|uefi|direct]
##     [ICOUNT=1]: boot, to the shell's prompt or to run one program; Ctrl-A x leaves
run:
	@tools/packages build run
	+@$(BUILD) all
	@$(call LAUNCH,iso)

## test [TESTS="park wait"] [TEST_CPUS="1 2 4"]: all the tests, or those whose names contain one of the words; each
##     on 1, 2 and 4 CPUs or as its source says, or on as many as TEST_CPUS says
test:
	@tools/packages build run test debug trace model
	+@$(BUILD) all
	+@$(BUILD) KERNEL=release kernel
	@tools/heddle-test --build "$$KERNEL" --cpus "$$TEST_CPUS" --jobs $(TEST_JOBS) -- $(TESTS)

## fuzz [N=10000000] [SEED=1] [CPUS=4]: so many random system calls with random arguments; the seed says which
fuzz: CPUS = 4
fuzz:
	@tools/packages build run
	+@$(BUILD) all
	@tools/heddle-run --build "$$KERNEL" --cpus "$$CPUS" --mem "$$MEM" --hang 60 \
		--cmd "leakcheck /tests/t_fuzz -n $${N:-10000000} -s $${SEED:-1}"

## soak [MINUTES=60] [SEED=1] [CPUS=8]: mixed stress, round after round, until time is up; a round that fails is named
soak: CPUS = 8
soak:
	@tools/packages build run
	+@$(BUILD) all
	@tools/heddle-run --build "$$KERNEL" --cpus "$$CPUS" --mem "$$MEM" --hang 300 \
		--cmd "/tests/soak -t $$(($${MINUTES:-60} * 60)) -s $${SEED:-1}"

## coverage [TESTS=...] [TEST_CPUS=...]: the tests on a kernel that counts which lines of kern/ they execute:
##     build/coverage/kern.info, in lcov's format, and html/; prints a table, and the lines nobody knows the reason of
coverage: KERNEL = coverage
coverage:
	@tools/packages build run test debug trace coverage
	+@$(BUILD) all
	+@$(BUILD) KERNEL=release kernel
	@tools/coverage --cpus "$$TEST_CPUS" --jobs $(TEST_JOBS) -- $(TESTS)

## debug [CMD=...] [PROG=...] [DEBUG_SCRIPT=file] [PROXY=no]: boot stopped, with gdb attached; every LWP is a thread,
##     or, with PROXY=no, every CPU
debug:
	@tools/packages build run debug
	+@$(BUILD) all
	@$(call LAUNCH,direct) --debug $(if $(filter no,$(PROXY)),--no-proxy) $${DEBUG_SCRIPT:+--debug-script "$$DEBUG_SCRIPT"}

## record [CMD=...] [PROG=...] [CPUS=n]: run on one CPU (or n), and keep all that is needed to run the same again
record: CPUS = 1
record:
	@tools/packages build run
	+@$(BUILD) all
	@$(call LAUNCH,direct) --record build/record

## replay [DEBUG_SCRIPT=file]: run the recording again, with gdb, forwards and backwards
replay:
	@tools/packages run debug
	@tools/heddle-run --replay build/record $${DEBUG_SCRIPT:+--debug-script "$$DEBUG_SCRIPT"}

## trace CMD="program args" [PROG=...] [CPUS=n] [TRACE_KB=size]: run it with every switch, wake-up and system call recorded:
##     build/trace.html to look at, build/trace.json for Perfetto and the like; prints a summary; tools/trace has more
trace:
	@tools/packages build run trace
	+@$(BUILD) all
	@rm -f build/trace.*; status=0; \
	$(call LAUNCH,direct) --trace build/trace.bin $${TRACE_KB:+--trace-size "$$TRACE_KB"} || status=$$?; \
	tools/trace make build/trace.bin build/trace.json --command "$${CMD:-$$PROG $$ARGS}" && \
	tools/trace page build/trace.json build/trace.html && exit $$status

## postmortem [CORE=file] [CMD=...] [DEBUG_SCRIPT=file]: gdb on the memory that make run CORE=file has left of a
##     machine that panicked (build/core); CMD names the program whose symbols are wanted
postmortem:
	@tools/packages debug
	@tools/heddle-run --build "$$KERNEL" --postmortem "$${CORE:-build/core}" $${CMD:+--cmd "$$CMD"} \
		$${DEBUG_SCRIPT:+--debug-script "$$DEBUG_SCRIPT"}

## bench [LINUX=0]: what the LWP calls cost, in executed instructions, beside Linux in the same QEMU;
##     writes build/bench.tsv and build/bench.svg
bench:
	@tools/packages build run bench
	+@$(MAKE) --no-print-directory -f mk/build.mk $(JOBS) KERNEL=release kernel user initrd
	@tools/bench

## profile BENCH=pingpong: where the instructions of one operation go, function by function
profile:
	@tools/packages build run bench
	+@$(MAKE) --no-print-directory -f mk/build.mk $(JOBS) KERNEL=release kernel user initrd
	@tools/profile $${BENCH:-pingpong}

## explore [SCENARIO=unpark] [STRATEGY=pct1|pct2|pct3|starve|bound] [SEED=1] [ROUNDS=n]: scenarios of a few LWPs under
##     schedules from outside, each repeatable from its seed (doc/explore.md); all of them take some minutes
explore:
	@tools/packages build run bench
	+@$(BUILD) kernel user initrd
	@tools/explore --build "$$KERNEL" $${SCENARIO:+--scenario "$$SCENARIO"} $${STRATEGY:+--strategy "$$STRATEGY"} \
		$${SEED:+--seed "$$SEED"} $${ROUNDS:+--rounds "$$ROUNDS"}

## model: check the model of the sleep protocol with spin, with all its rules and with each of them left out (doc/model.md)
model:
	@tools/packages model
	@tools/model

## mutants [M="name name"]: break one rule of the kernel at a time, and see which layer of tests catches it (doc/mutants.md);
##     all of them take half an hour
mutants:
	@tools/packages build run bench check
	+@$(BUILD) all
	@tools/mutants $$M

## check: style and rules of the house; the patches of make mutants apply
check:
	@tools/packages check
	@tools/check
	@tools/mutants --check

## size: lines of code, comment and blank in each folder
size:
	@tools/size

## clean: remove build/
clean:
	rm -rf build

## help: this list
help:
	@echo "usage: make [target] [KERNEL=debug|release|ubsan|kasan|kcsan|coverage] [CC=clang] [CROSS=prefix] [V=1]"
	@sed -n 's/^## /  /p; s/^##  /   /p' Makefile
