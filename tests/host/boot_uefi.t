#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
# The same image boots through GRUB on UEFI.
. tests/host/tap.sh

heddle --boot uefi --cpus 2 --cmd hello
is $status 0 "GRUB on UEFI: a program runs"
like "$scratch/out" "hello from LWP 2" "and has two LWPs"
done_testing
