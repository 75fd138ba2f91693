# SPDX-License-Identifier: BSD-2-Clause
#
# The kernel: build/KERNEL/heddle.elf.  Besides debug and release there are three debug
# kernels that the compiler has filled with checks; their run-time is kern/san/KERNEL.c.
# And one that counts what of kern/ is executed (tools/heddlelib/coverage.py).

GENASSYM := $(wildcard arch/x86_64/genassym.c)
OTHER_SAN := $(filter-out kern/san/$(KERNEL).c,$(wildcard kern/san/*.c))
KSRC := $(filter-out $(GENASSYM) $(OTHER_SAN),$(wildcard boot/*.S arch/x86_64/*.S arch/x86_64/*.c kern/*.c kern/*/*.c))
KGENSRC := $(if $(SYSCALLS),$(GEN)/sysent.c)
KOBJ := $(KSRC:%=$(KBUILD)/%.o) $(KGENSRC:$(GEN)/%=$(KBUILD)/%.o)

KCFLAGS := $(COMMON) -D_KERNEL -ffreestanding -mcmodel=kernel -mno-red-zone -mgeneral-regs-only \
	-fno-strict-aliasing $(WARNINGS) \
	-Iinclude -Iarch/x86_64/include -I$(GEN) -I$(KBUILD)/gen
ifeq ($(KERNEL),release)
KCFLAGS += -fno-stack-protector
else
KCFLAGS += -DDEBUG -fno-optimize-sibling-calls -fstack-protector-strong -mstack-protector-guard=global
endif

# Instrumentation; what the run-time stands on goes without it.
SAN_ubsan := -fsanitize=undefined
SAN_kasan := -fsanitize=kernel-address --param asan-instrumentation-with-call-threshold=0 \
	--param asan-stack=0 --param asan-globals=1
SAN_kcsan := -fsanitize=thread --param tsan-instrument-func-entry-exit=0 --param tsan-distinguish-volatile=1 -Wno-tsan
SAN_FLAGS := $(SAN_$(KERNEL))
ifneq ($(SAN_FLAGS),)
ifneq ($(CLANG),0)
$(error KERNEL=$(KERNEL) is for gcc)
endif
KCFLAGS += -D$(shell echo $(KERNEL) | tr a-z A-Z) -DSANITIZER
else
KCFLAGS += -Wframe-larger-than=1024
endif
# Counters for gcov.  Nothing in the kernel reads them; atomic, for gcov computes some from differences of others.
ifeq ($(KERNEL),coverage)
ifneq ($(CLANG),0)
$(error KERNEL=$(KERNEL) is for gcc)
endif
COUNTERS := -fprofile-arcs -ftest-coverage -fprofile-info-section -fprofile-update=atomic
endif
SAN_NOT_kasan := kern/mem/page.c kern/mem/pool.c kern/mem/kmem.c
# gdt.c runs before the CPU knows itself.
SAN_NOT := $(SAN_NOT_$(KERNEL)) arch/x86_64/gdt.c kern/san/$(KERNEL).c kern/subr/panic.c kern/subr/ksyms.c
san = $(if $(filter $(SAN_NOT),$(1)),,$(SAN_FLAGS))
counters = $(if $(filter kern/%,$(1)),$(COUNTERS))
KLDFLAGS := -m elf_x86_64 -static -nostdlib -z max-page-size=4096 -z noexecstack --build-id=none \
	$(if $(COUNTERS),--defsym=__gcov_merge_add=0)

kernel: $(KBUILD)/heddle.elf

$(KBUILD)/flags: FORCE
	$(call keep_text,$(CC) $(KCFLAGS) $(SAN_FLAGS) $(SAN_NOT) $(COUNTERS) $(KLDFLAGS))

$(KBUILD)/%.c.o: %.c $(KBUILD)/flags | $(TAKEN_HEADERS)
	$(call say,CC,$<)
	@mkdir -p $(@D)
	$(Q)$(CC) $(KCFLAGS) $(call san,$<) $(call counters,$<) $(PREFIX_MAP) -MMD -MP -c -o $@ $<

$(KBUILD)/%.c.o: $(GEN)/%.c $(KBUILD)/flags | $(TAKEN_HEADERS)
	$(call say,CC,$<)
	@mkdir -p $(@D)
	$(Q)$(CC) $(KCFLAGS) $(PREFIX_MAP) -MMD -MP -c -o $@ $<

$(KBUILD)/%.S.o: %.S $(KBUILD)/flags | $(TAKEN_HEADERS)
	$(call say,AS,$<)
	@mkdir -p $(@D)
	$(Q)$(CC) $(KCFLAGS) $(PREFIX_MAP) -MMD -MP -c -o $@ $<

# Offsets of fields and values of constants for the assembly files: genassym.c is
# compiled, not assembled, and its lines "->NAME VALUE" become #defines.
ifneq ($(GENASSYM),)
ASSYM := $(KBUILD)/gen/assym.h
$(ASSYM): $(GENASSYM) $(KBUILD)/flags | $(TAKEN_HEADERS)
	$(call say,GEN,$@)
	@mkdir -p $(@D)
	$(Q)$(CC) $(KCFLAGS) $(PREFIX_MAP) -MMD -MP -MF $(KBUILD)/gen/assym.d -fno-stack-protector -MT $@ -S -o $(KBUILD)/gen/assym.s $<
	$(Q)sed -n 's/.*->\([A-Za-z_0-9]*\) *\$$*\(-*[0-9][0-9]*\).*/#define \1 \2/p' $(KBUILD)/gen/assym.s > $@
$(filter %.S.o,$(KOBJ)): | $(ASSYM)
-include $(KBUILD)/gen/assym.d
endif

$(KBUILD)/objects: FORCE
	$(call keep_text,$(KOBJ))

# Linked, then told its own function names for the backtraces of panics.
$(KBUILD)/heddle.elf: $(KOBJ) $(KBUILD)/objects boot/link.ld tools/genksyms
	$(call say,LD,$@)
	$(Q)$(LD) $(KLDFLAGS) -T boot/link.ld -o $@.nosyms $(KOBJ)
	$(Q)tools/genksyms $@.nosyms $@

-include $(KOBJ:.o=.d)
