# SPDX-License-Identifier: BSD-2-Clause
# What gdb is told by `make debug`, before it is attached to the stopped machine.
# The symbols of the kernel, of init, the shell and the program of CMD= are loaded
# after this; another program's: add-symbol-file build/user/bin/NAME

# The programs carry the note of NetBSD programs, which most gdbs cannot handle, and need not.
set osabi none
set confirm off
set pagination off
set print pretty on
set breakpoint pending on
# From the kernel's stack a backtrace goes on to the program's, and ends in its main().
set backtrace past-main off

# The commands that know LWPs: help heddle
source -s tools/gdb/extension.py
