# SPDX-License-Identifier: BSD-2-Clause
#
# The kernel: build/debug/heddle.elf or build/release/heddle.elf.

GENASSYM := $(wildcard arch/x86_64/genassym.c)
KSRC := $(filter-out $(GENASSYM),$(wildcard boot/*.S arch/x86_64/*.S arch/x86_64/*.c kern/*.c kern/*/*.c))
KGENSRC := $(if $(SYSCALLS),$(GEN)/sysent.c)
KOBJ := $(KSRC:%=$(KBUILD)/%.o) $(KGENSRC:$(GEN)/%=$(KBUILD)/%.o)

KCFLAGS := $(COMMON) -D_KERNEL -ffreestanding -mcmodel=kernel -mno-red-zone -mgeneral-regs-only \
	-fno-strict-aliasing $(WARNINGS) -Wframe-larger-than=1024 \
	-Iinclude -Iarch/x86_64/include -I$(GEN) -I$(KBUILD)/gen
ifeq ($(KERNEL),debug)
KCFLAGS += -DDEBUG -fno-optimize-sibling-calls
endif
KLDFLAGS := -m elf_x86_64 -static -nostdlib -z max-page-size=4096 -z noexecstack --build-id=none

kernel: $(KBUILD)/heddle.elf

$(KBUILD)/flags: FORCE
	$(call keep_text,$(CC) $(KCFLAGS) $(KLDFLAGS))

$(KBUILD)/%.c.o: %.c $(KBUILD)/flags | $(TAKEN_HEADERS)
	$(call say,CC,$<)
	@mkdir -p $(@D)
	$(Q)$(CC) $(KCFLAGS) $(PREFIX_MAP) -MMD -MP -c -o $@ $<

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
	$(Q)$(CC) $(KCFLAGS) $(PREFIX_MAP) -MMD -MP -MF $(KBUILD)/gen/assym.d -MT $@ -S -o $(KBUILD)/gen/assym.s $<
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
