# SPDX-License-Identifier: BSD-2-Clause
#
# User space: libc, start-up code, programs and tests.
# bin/NAME.c, bin/NAME/*.c, tests/demos/NAME.c become /bin/NAME; tests/bench/*.c become
# /bin/bench; tests/t_NAME.c becomes /tests/t_NAME, tests/soak.c /tests/soak; tests/explore/*.c become /tests/explore.

# One file is the kernel's and the library's.
SHARED := kern/subr/string.c
LIBSRC := $(wildcard lib/*.c lib/*.S lib/*/*.c lib/*/*.S) $(SHARED)
CRTSRC := $(firstword $(filter %/crt0.S %/crt0.c,$(LIBSRC)))
LIBOBJ := $(patsubst %,$(UBUILD)/obj/%.o,$(filter-out $(CRTSRC),$(LIBSRC)) $(STUBS))
CRT0 := $(UBUILD)/lib/crt0.o
LIBC := $(UBUILD)/lib/libc.a
LIBGCC := $(wildcard $(shell $(CROSS)gcc -print-libgcc-file-name 2>/dev/null))

UCFLAGS := $(COMMON) -fno-stack-protector $(WARNINGS) -U__linux__ -Ulinux -U__linux -U__gnu_linux__ -D__heddle__
UINCLUDE := -Iinclude -I$(GEN)
# The library must not have its own memcpy made into a call of memcpy.
LIBCFLAGS := -ffreestanding $(if $(filter 0,$(CLANG)),-fno-tree-loop-distribute-patterns)
ULDFLAGS := -m elf_x86_64 -static -nostdlib -z max-page-size=4096 -z separate-code -z noexecstack \
	-z norelro --build-id=none

# Programs that are there beside every other get addresses of their own, so that
# a debugger can hold the symbols of all three.
TEXT_init := -Ttext-segment=0x10000000
TEXT_sh := -Ttext-segment=0x18000000

BINSRC := $(wildcard bin/*.c tests/demos/*.c)
BENCHSRC := $(wildcard tests/bench/*.c)
BINDIRS := $(patsubst bin/%/,%,$(sort $(dir $(wildcard bin/*/*.c))))
BINS := $(sort $(basename $(notdir $(BINSRC))) $(BINDIRS) $(if $(BENCHSRC),bench))
EXPLORESRC := $(wildcard tests/explore/*.c)
TESTS_ALL := $(basename $(notdir $(wildcard tests/t_*.c tests/soak.c)))
PROGRAMS := $(BINS:%=bin/%) $(TESTS_ALL:%=tests/%) $(if $(EXPLORESRC),tests/explore)

.PHONY: lib
user: lib $(PROGRAMS:%=$(UBUILD)/%)
lib: $(if $(LIBSRC),$(CRT0) $(LIBC)) $(UBUILD)/cc.conf $(TAKEN_HEADERS)

$(UBUILD)/flags: FORCE
	$(call keep_text,$(CC) $(UCFLAGS) $(UINCLUDE) $(LIBCFLAGS) $(STEPPED) $(ULDFLAGS))

# What tools/heddle-cc has to know.
$(UBUILD)/cc.conf: FORCE
	$(call keep_text,CC=$(CC)|LD=$(LD)|CFLAGS=$(filter-out $(WARNINGS) -g -O2 -std=%,$(UCFLAGS)) $(STEPPED)|LDFLAGS=$(ULDFLAGS)|LIBGCC=$(LIBGCC))

$(UBUILD)/obj/lib/%.o $(UBUILD)/obj/$(GEN)/%.o $(SHARED:%=$(UBUILD)/obj/%.o): UCFLAGS += $(LIBCFLAGS)
# A thread that locks and waits, or copies memory, is not to own the vector registers by that: the kernel saves
# them only for those that have used them.
$(UBUILD)/obj/lib/pthread/%.o $(SHARED:%=$(UBUILD)/obj/%.o): UCFLAGS += -mgeneral-regs-only
# Its functions are short and call each other often; gdb finds their frames without frame pointers.
$(UBUILD)/obj/lib/pthread/%.o: UCFLAGS += -fomit-frame-pointer
# What people step through: the last call of a function is a call, else gdb's next goes into it and its caller is in no backtrace.
STEPPED = -fno-optimize-sibling-calls
$(UBUILD)/obj/tests/demos/%.o: UCFLAGS += $(STEPPED)

$(UBUILD)/obj/%.c.o: %.c $(UBUILD)/flags $(GEN)/stubs.mk | $(TAKEN_HEADERS)
	$(call say,CC,$<)
	@mkdir -p $(@D)
	$(Q)$(CC) $(UCFLAGS) $(UINCLUDE) $(if $(filter tests/%,$<),-Itests) $(PREFIX_MAP) -MMD -MP -c -o $@ $<

$(UBUILD)/obj/%.S.o: %.S $(UBUILD)/flags | $(TAKEN_HEADERS)
	@mkdir -p $(@D)
	$(Q)$(CC) $(UCFLAGS) $(UINCLUDE) $(PREFIX_MAP) -MMD -MP -c -o $@ $<

$(CRT0): $(UBUILD)/obj/$(CRTSRC).o
	@mkdir -p $(@D)
	$(Q)cp $< $@

$(UBUILD)/lib/objects: FORCE
	$(call keep_text,$(LIBOBJ))

$(LIBC): $(LIBOBJ) $(UBUILD)/lib/objects
	$(call say,AR,$@)
	@mkdir -p $(@D)
	$(Q)rm -f $@
	$(Q)$(AR) rcsD $@ $(LIBOBJ)

# The objects of a program: one file's, or those of all files in its directory.
objects = $(patsubst %,$(UBUILD)/obj/%.o,$(filter %/$(1).c,$(BINSRC)) $(wildcard bin/$(1)/*.c) $(if $(filter bench,$(1)),$(BENCHSRC)))

define program_rule
$(UBUILD)/bin/$(1): $(call objects,$(1)) $(CRT0) $(LIBC)
	$$(call say,LD,$$@)
	@mkdir -p $$(@D)
	$$(Q)$$(LD) $$(ULDFLAGS) $$(TEXT_$(1)) -o $$@ $$(CRT0) $(call objects,$(1)) --start-group $$(LIBC) $$(LIBGCC) --end-group
endef
$(foreach p,$(BINS),$(eval $(call program_rule,$(p))))

$(UBUILD)/tests/%: $(UBUILD)/obj/tests/%.c.o $(CRT0) $(LIBC)
	$(call say,LD,$@)
	@mkdir -p $(@D)
	$(Q)$(LD) $(ULDFLAGS) -o $@ $(CRT0) $< --start-group $(LIBC) $(LIBGCC) --end-group

EXPLOREOBJ := $(EXPLORESRC:%=$(UBUILD)/obj/%.o)
$(UBUILD)/tests/explore: $(EXPLOREOBJ) $(CRT0) $(LIBC)
	$(call say,LD,$@)
	@mkdir -p $(@D)
	$(Q)$(LD) $(ULDFLAGS) -o $@ $(CRT0) $(EXPLOREOBJ) --start-group $(LIBC) $(LIBGCC) --end-group

# A program as if from NetBSD: no library, no header of ours, segments 2 MiB apart.
RAW := t_netbsd
$(RAW:%=$(UBUILD)/obj/tests/%.c.o): UINCLUDE :=
$(RAW:%=$(UBUILD)/obj/tests/%.c.o): UCFLAGS += -ffreestanding -ftls-model=local-exec -U__heddle__
$(RAW:%=$(UBUILD)/tests/%): $(UBUILD)/tests/%: $(UBUILD)/obj/tests/%.c.o
	$(call say,LD,$@)
	@mkdir -p $(@D)
	$(Q)$(LD) -m elf_x86_64 -static -nostdlib -z max-page-size=0x200000 -z noseparate-code -z norelro --build-id=none -o $@ $<

.SECONDARY:
-include $(patsubst %.o,%.d,$(LIBOBJ) $(UBUILD)/obj/$(CRTSRC).o $(foreach p,$(BINS),$(call objects,$(p))) \
	$(TESTS_ALL:%=$(UBUILD)/obj/tests/%.c.o) $(EXPLOREOBJ))
