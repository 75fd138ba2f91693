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

# A second archive behind it, with one member: archive NAME [HEADER EXPRESSION]: the member's header, changed.
archive() {
	python3 -B - "$1" "${2:-header}" "$scratch/two.cpio" <<-'END'
		import sys
		sys.path.insert(0, "tools")
		from heddlelib import cpio
		name, change, out = sys.argv[1:]
		member = cpio.entry(9999, name, cpio.S_IFREG | 0o644, b"second archive\n")
		header, rest = member[:cpio.HEADER_LEN], member[cpio.HEADER_LEN:]
		header = eval(change)
		end = cpio.entry(0, cpio.TRAILER, 0, b"")
		with open("build/initrd.cpio", "rb") as first, open(out, "wb") as file:
		    file.write(first.read() + bytes(512) + header + rest + end)
	END
}

archive etc/second 'header[:6] + header[6:].lower()'
heddle --initrd "$scratch/two.cpio" --cmd "cat /etc/second"
is $status 0 "a second archive, behind zeros, its digits in small letters"
like "$scratch/out" "^second archive" "is used"
archive bin/hello/below
heddle --initrd "$scratch/two.cpio" --cmd hello
is $status 0 "a member below a file"
like "$scratch/out" "ramdisk: the member at byte [0-9]+ cannot be used" "is named"
like "$scratch/out" "ramdisk: 1 members were left out" "and counted"
archive bin
heddle --initrd "$scratch/two.cpio" --cmd hello
is $status 0 "a file in the place of a directory"
like "$scratch/out" "ramdisk: 1 members were left out" "is left out, and the directory stays"
archive etc/second 'header[:94] + b"00000003" + header[102:]'
heddle --initrd "$scratch/two.cpio" --cmd hello
is $status 0 "a name that is longer than it says"
like "$scratch/out" "ramdisk: a name is empty, or not ended by a zero at byte" "ends the reading"
archive etc/second 'header[:94] + b"00FFFFFF" + header[102:]'
heddle --initrd "$scratch/two.cpio" --cmd hello
is $status 0 "one that says it is longer than the archive"
like "$scratch/out" "ramdisk: ends inside a name at byte" "does so too"

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
