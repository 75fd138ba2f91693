# SPDX-License-Identifier: BSD-2-Clause
"""console: typing at the guest's console."""

import os

import gdb

from .command import COMMANDS


class Console(gdb.Command):
    """Type a line at the guest's console: console ls -l
The guest reads it when it runs on (continue)."""

    def __init__(self):
        super().__init__("console", gdb.COMMAND_SUPPORT)
        COMMANDS.append(("console", "Type a line at the guest's console: console TEXT"))

    def invoke(self, text, _from_tty):
        """The launcher has made a FIFO for it; of a dump that is /dev/null, and without the launcher there is none."""
        path = os.environ.get("HEDDLE_CONSOLE", os.devnull)
        if path == os.devnull:
            raise gdb.GdbError("console: there is no guest to type to")
        with open(path, "w", encoding="utf-8") as fifo:
            fifo.write(text + "\n")


Console()
