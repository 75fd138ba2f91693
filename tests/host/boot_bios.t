#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
# The image boots through GRUB on BIOS, and takes its command line from fw_cfg.
. tests/host/tap.sh

heddle --boot iso --cpus 2 --cmd hello
is $status 0 "GRUB on BIOS: a program runs"
like "$scratch/out" "booted by GRUB" "the kernel knows who booted it"
like "$scratch/out" "hello from LWP 2" "and the program has two LWPs"
heddle --boot iso --cmd 'sh -c "exit 7"'
is $status 7 "GRUB on BIOS: the status comes back, the command line is whole"
done_testing
