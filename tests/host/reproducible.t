#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
# The same sources give the same kernel, library and ramdisk in another directory, with a blank in its name.
. tests/host/tap.sh

if [ "${KERNEL:-debug}" = coverage ]; then
	echo "1..0 # SKIP what counts for gcov holds the paths of its files"
	exit 0
fi
copy="$scratch/another place"
mkdir "$copy"
for item in *; do
	[ "$item" = build ] || cp -R "$item" "$copy/"
done
cc=$(sed 's/^CC=\([^|]*\).*/\1/' build/user/cc.conf)
(cd "$copy" && env -u MAKEFLAGS -u MAKELEVEL -u MAKEOVERRIDES \
    make KERNEL="${KERNEL:-debug}" CC="$cc" kernel initrd) </dev/null >"$scratch/out" 2>&1 && status=0 || status=$?
is $status 0 "a copy of the tree builds"
for file in "${KERNEL:-debug}/heddle.elf" user/lib/libc.a initrd.cpio; do
	cmp "build/$file" "$copy/build/$file" >"$scratch/out" 2>&1 && status=0 || status=$?
	is $status 0 "$file is the same"
done
done_testing
