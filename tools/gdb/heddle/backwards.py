# SPDX-License-Identifier: BSD-2-Clause
"""Which thread a step backwards is for.

gdb's packet for it ("bs") names no thread, and gdb does not select one before: for the proxy the selected thread would be the
last one whose registers gdb has read, which after `info threads` is any.  So before each of gdb's commands that go
backwards the proxy is told, by a packet that gdb itself does not use here.  Where there is no proxy it does no harm.
"""

import gdb


def name_thread():
    """Tell the proxy which thread is selected."""
    thread = gdb.selected_thread()
    if thread is None:
        return
    try:
        gdb.execute(f"maintenance packet Hc{thread.ptid[1]:x}", to_string=True)
    except gdb.error:
        pass    # a dump


def hook():
    """Have each command do so first."""
    for name in ("continue", "step", "stepi", "next", "nexti", "finish"):
        gdb.execute(f"define hook-reverse-{name}\npython heddle.backwards.name_thread()\nend")
