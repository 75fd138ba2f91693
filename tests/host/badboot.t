#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
# What a boot can be given that is wrong: a ramdisk that is missing, cut off or damaged; a
# command line that makes no sense.  Each gives a clear line; a panic, where there is no way on.
. tests/host/tap.sh

heddle --initrd none --cmd hello
is $status 125 "without a ramdisk it ends"
like "$scratch/out" "panic: no ramdisk" "and says so"

head -c 2000 build/initrd.cpio >"$scratch/short.cpio"
heddle --initrd "$scratch/short.cpio" --cmd hello
is $status 125 "a ramdisk that is cut off before any program"
like "$scratch/out" "panic: cannot start /bin/init: error 2" "names what is missing"

# Its second half is noise: what stands before is used.
size=$(wc -c <build/initrd.cpio)
head -c $((size / 2)) build/initrd.cpio >"$scratch/noise.cpio"
head -c $((size / 2)) build/heddle.iso >>"$scratch/noise.cpio"
heddle --initrd "$scratch/noise.cpio" --cmd hello
is $status 0 "a ramdisk whose second half is noise: the first half serves"
like "$scratch/out" "ramdisk: no cpio .* header at byte" "with a line that says what is wrong"

printf 'not a ramdisk at all' >"$scratch/text.cpio"
heddle --initrd "$scratch/text.cpio" --cmd hello
is $status 125 "a ramdisk that is none"

heddle --append 'init=/nothing' --cmd hello
is $status 125 "an init that is not there"
like "$scratch/out" "panic: cannot start /nothing: error 2" "is named"
heddle --append 'init=/etc/motd' --cmd hello
is $status 125 "an init that is no program"
heddle --append 'maxcpus=many nonsense=1 another"half' --cpus 2 --cmd hello
is $status 0 "words that make no sense are passed over"
like "$scratch/out" "maxcpus=many" "and what was meant for the kernel is reported"
heddle --cpus 40 --cmd hello
is $status 0 "more CPUs than the kernel takes"
like "$scratch/out" "^Heddle: 32 CPUs" "it takes 32 of them"
done_testing
