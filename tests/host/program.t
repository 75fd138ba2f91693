#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
# A user's own program, from outside the tree: one file, a directory, linked already.
. tests/host/tap.sh

top=$PWD
own="$scratch/my own"
mkdir -p "$own/several"
cp bin/hello.c "$own/first try.c"
cat >"$own/several/main.c" <<'END'
#include <stdio.h>
#include <stdlib.h>
#include "answer.h"
int
main(int argc, char **argv)
{
	for (int i = 1; i < argc; i++)
		printf("argument %d is <%s>\n", i, argv[i]);
	return answer();
}
END
echo 'int answer(void);' >"$own/several/answer.h"
printf '#include "answer.h"\nint answer(void) { return 200; }\n' >"$own/several/answer.c"

# Under make; the variables of the make that runs the tests are not for this one.
env -u MAKEFLAGS -u MAKELEVEL -u MAKEOVERRIDES -u CMD -u ARGS -u APPEND \
    make run KERNEL="${KERNEL:-debug}" PROG="$own/first try.c" BOOT=direct CPUS=2 \
    </dev/null >"$scratch/out" 2>&1 && status=0 || status=$?
is $status 0 "make run PROG=: a file with a blank in its path"
like "$scratch/out" "hello from LWP 2" "it ran"

heddle --boot iso --prog "$own/first try.c"
is $status 0 "a file, booted through GRUB"
like "$scratch/out" "hello from LWP 2" "it ran"

heddle --prog "$own/several" --args 'one "two three"'
is $status 200 "a directory of several files; its whole status comes back"
like "$scratch/out" "argument 2 is <two three>" "its arguments arrive"

(cd "$own" && "$top/tools/heddle-cc" -c several/answer.c several/main.c &&
    "$top/tools/heddle-cc" -o "linked" main.o answer.o) >"$scratch/out" 2>&1 && status=0 || status=$?
is $status 0 "tools/heddle-cc compiles and links apart, from another directory"
heddle --prog "$own/linked"
is $status 200 "an ELF file"

echo 'int main(void) { return undeclared; }' >"$own/bad.c"
heddle --prog "$own/bad.c"
is $status 1 "one that does not compile is not booted"
like "$scratch/err" "undeclared" "the compiler's message is shown"
heddle --prog "$own/none.c"
is $status 1 "one that is not there"
like "$scratch/err" "no such file" "which is said"
heddle --prog /bin/sh
is $status 1 "a program of the host"
like "$scratch/err" "not a static x86-64 executable" "which is said"
done_testing
