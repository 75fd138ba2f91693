# SPDX-License-Identifier: BSD-2-Clause
#
# How everything is made: toolchain, generated files, and what the other parts
# (kernel.mk, user.mk, image.mk) have in common.  Called by ../Makefile; runs in
# the top directory.  A new source file in a known directory is found by itself.

KERNEL ?= debug
KERNELS := debug release ubsan kasan kcsan coverage
ifeq ($(filter $(KERNELS),$(KERNEL)),)
$(error KERNEL is one of $(KERNELS), not "$(KERNEL)")
endif

# Toolchain: a bare-metal one if there is one, else the one that makes Linux programs.
have = $(shell command -v $(1) 2>/dev/null)
ifeq ($(origin CROSS),undefined)
CROSS := $(firstword $(foreach p,x86_64-elf- x86_64-linux-gnu-,$(if $(call have,$(p)gcc),$(p))))
endif
ifeq ($(origin CC),default)
CC := $(CROSS)gcc
endif
LD := $(CROSS)ld
AR := $(CROSS)ar
OBJCOPY := $(CROSS)objcopy
ifeq ($(call have,$(firstword $(CC))),)
$(error no compiler "$(CC)": run tools/packages, or set CC or CROSS)
endif
CLANG := $(shell $(CC) --version 2>/dev/null | grep -c clang)
ifneq ($(CLANG),0)
TARGET := --target=x86_64-elf
endif
CCINCLUDE := $(shell $(CC) -print-file-name=include)

BUILD := build
GEN := $(BUILD)/gen
KBUILD := $(BUILD)/$(KERNEL)
UBUILD := $(BUILD)/user

WARNINGS := -Wall -Wextra -Wshadow -Wstrict-prototypes -Wmissing-prototypes $(if $(WERROR),-Werror)

# For kernel and programs alike: nothing of the host's, the same output everywhere.
COMMON := $(TARGET) -std=gnu17 -O2 -g -nostdinc -isystem $(CCINCLUDE) \
	-fno-pic -fno-pie -fcf-protection=none \
	-fno-asynchronous-unwind-tables -fno-omit-frame-pointer

# No path of this machine in the output.  (Quoted: it may hold blanks.)
PREFIX_MAP := "-ffile-prefix-map=$(CURDIR)=."

# One line a step; V=1 shows the commands.
Q := $(if $(V),,@)
say = $(if $(V),@:,@printf '  %-8s%s\n' $(1) $(2))

.DELETE_ON_ERROR:
.SUFFIXES:
MAKEFLAGS += --no-builtin-rules

.PHONY: all kernel user initrd iso FORCE
all: kernel user initrd iso
FORCE:

# A file that holds the text given, and is newer only when the text has changed.
define keep_text
	@mkdir -p $(@D)
	@printf '%s\n' '$(1)' | cmp -s - $@ || printf '%s\n' '$(1)' > $@
endef

# Headers that are taken, not made: only these two of libbsd, and libc's elf.h, are to be seen.
BSD_HEADERS := $(GEN)/sys/queue.h $(GEN)/sys/tree.h
TAKEN_HEADERS := $(BSD_HEADERS) $(GEN)/elf.h
$(GEN)/elf.h: /usr/include/elf.h
	@mkdir -p $(@D)
	$(Q)sed '/<bits\/auxv.h>/d; s,<features.h>,<sys/cdefs.h>,' $< > $@
$(BSD_HEADERS): $(GEN)/sys/%.h: /usr/include/bsd/sys/%.h
	@mkdir -p $(@D)
	$(Q)sed 's,<bsd/sys/cdefs.h>,<sys/cdefs.h>,' $< > $@

# What comes from the system-call table; STUBS is set by the file included.
SYSCALLS := $(wildcard kern/sys/syscalls.master)
ifneq ($(SYSCALLS),)
$(GEN)/stubs.mk: $(SYSCALLS) tools/gensyscalls
	$(call say,GEN,$<)
	$(Q)tools/gensyscalls $< $(GEN)
include $(GEN)/stubs.mk
endif

include mk/kernel.mk mk/user.mk mk/image.mk
