# SPDX-License-Identifier: BSD-2-Clause
"""gdb commands that know Heddle's processes, LWPs, queues and locks.

They only read memory, so they work on a running machine that is stopped, through the proxy or not, and on a
memory dump.  Each command is a function in one of the modules; command.py makes it one of gdb's.
"""

from . import backwards, breaklwp, console, invariants, listings, printers, queues, traces, waiting
from .command import describe

describe()
printers.register()
backwards.hook()
