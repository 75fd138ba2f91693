# SPDX-License-Identifier: BSD-2-Clause
#
# What is booted besides the kernel: the ramdisk, and the image for GRUB.

INITRD := $(BUILD)/initrd.cpio
ISO := $(BUILD)/heddle.iso
ROOT := $(UBUILD)/root
ETC := $(wildcard tools/ramdisk/etc/*)

initrd: $(INITRD)
iso: $(ISO)

# Without debugging information; gdb reads the programs in build/user.
$(ROOT)/%: $(UBUILD)/%
	@mkdir -p $(@D)
	$(Q)$(OBJCOPY) --strip-debug $< $@

$(BUILD)/initrd.list: FORCE
	$(call keep_text,$(PROGRAMS) $(ETC))

# Files that are no programs although they look like it, for t_exec: /tests/bad/*.
$(BUILD)/bad.made: tests/mkbadelf.py
	$(call say,GEN,$(BUILD)/bad)
	$(Q)rm -rf $(BUILD)/bad
	$(Q)tests/mkbadelf.py $(BUILD)/bad
	@touch $@

$(INITRD): $(PROGRAMS:%=$(ROOT)/%) $(ETC) $(BUILD)/initrd.list $(BUILD)/bad.made tools/mkcpio
	$(call say,CPIO,$@)
	$(Q)tools/mkcpio $@ $(foreach p,$(PROGRAMS),$(p)=$(ROOT)/$(p)) $(foreach f,$(ETC),$(f:tools/ramdisk/%=%)=$(f)) \
		$$(cd $(BUILD)/bad && for f in *; do echo tests/bad/$$f=$(BUILD)/bad/$$f; done)

# GRUB would load the debugging information into memory, too.
$(KBUILD)/heddle.boot.elf: $(KBUILD)/heddle.elf
	$(Q)$(OBJCOPY) --strip-debug $< $@

$(BUILD)/heddle.iso.kernel: FORCE
	$(call keep_text,$(KERNEL))

$(ISO): $(KBUILD)/heddle.boot.elf $(INITRD) boot/grub.cfg tools/mkiso $(BUILD)/heddle.iso.kernel
	$(call say,ISO,$@)
	$(Q)tools/mkiso $(KBUILD)/heddle.boot.elf $(INITRD) $@
