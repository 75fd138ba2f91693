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

python
import os

class Console(gdb.Command):
    """Type a line at the guest's console: console ls -l
The guest reads it when it runs on (continue)."""

    def __init__(self):
        super().__init__("console", gdb.COMMAND_SUPPORT)

    def invoke(self, text, from_tty):
        with open(os.environ["HEDDLE_CONSOLE"], "w", encoding="utf-8") as fifo:
            fifo.write(text + "\n")

Console()
end

# The commands that know LWPs: help heddle
source -s tools/gdb/extension.py
