# SPDX-License-Identifier: BSD-2-Clause
"""Functions as commands of gdb's, and `help heddle`, which lists them."""

import gdb

COMMANDS = []   # (name, its first line of documentation)


def command(name, kind=gdb.COMMAND_STATUS):
    """A decorator: the function becomes a gdb command.  It is given the words of the command line."""
    def make(function):
        """Make the class that gdb wants."""
        class Command(gdb.Command):
            """Replaced below by the function's own documentation."""

            def __init__(self):
                super().__init__(name, kind)

            def invoke(self, text, _from_tty):
                """Run it; trouble with memory is an error message, no traceback."""
                try:
                    function(gdb.string_to_argv(text))
                except gdb.MemoryError as error:
                    raise gdb.GdbError(f"{name}: {error} (has the kernel started?)") from error

        Command.__doc__ = function.__doc__
        COMMANDS.append((name, function.__doc__.split("\n")[0]))
        Command()
        return function
    return make


def describe():
    """Make the command `heddle`, whose help lists all."""
    lines = ["Commands that know Heddle's LWPs.", ""]
    lines += [f"  {name:<10} {text}" for name, text in COMMANDS]
    lines += ["", "LWPs are written PID.LID, as `lwps' shows them.  `help COMMAND' says more."]

    class Heddle(gdb.Command):
        """Replaced below."""

        def __init__(self):
            super().__init__("heddle", gdb.COMMAND_STATUS)

        def invoke(self, _text, _from_tty):
            """The same as `help heddle`."""
            print("\n".join(lines))

    Heddle.__doc__ = "\n".join(lines)
    Heddle()


def table(rows, heading):
    """Print rows in columns as wide as needed."""
    rows = [heading] + [[str(cell) for cell in row] for row in rows]
    widths = [max(len(row[i]) for row in rows) for i in range(len(heading))]
    for row in rows:
        print("  ".join(cell.ljust(width) for cell, width in zip(row, widths)).rstrip())
