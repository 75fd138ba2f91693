# SPDX-License-Identifier: BSD-2-Clause
"""How gdb prints values of the kernel's types."""

import gdb
import gdb.printing

from . import data


class Kmutex:
    """An adaptive mutex: its name and owner."""

    def __init__(self, value):
        self.value = value

    def to_string(self):
        """What print shows."""
        owner = data.mutex_owner(self.value)
        state = f"held by {data.who(owner)}" if owner else "free"
        waiters = ", waited for" if int(self.value["km_owner"]) & data.KMUTEX_WAITERS else ""
        return f"kmutex \"{data.text(self.value['km_name'])}\" {state}{waiters}"


class Kspin:
    """A spin mutex: its name and CPU."""

    def __init__(self, value):
        self.value = value

    def to_string(self):
        """What print shows."""
        debug = any(field.name == "ks_cpu" for field in self.value.type.fields())
        name = f" \"{data.text(self.value['ks_name'])}\"" if debug else ""
        if not int(self.value["ks_locked"]):
            return f"kspin{name} free"
        return f"kspin{name} held" + (f" by CPU {int(self.value['ks_cpu']) - 1}" if debug else "")


class Timespec:
    """A time: seconds, with nine digits behind the point."""

    def __init__(self, value):
        self.value = value

    def to_string(self):
        """What print shows."""
        return f"{int(self.value['tv_sec'])}.{int(self.value['tv_nsec']):09} s"


class LwpPointer:
    """A pointer to an LWP: which one it is."""

    def __init__(self, value):
        self.value = value

    def to_string(self):
        """What print shows."""
        address = int(self.value)
        if not address:
            return "0x0"
        try:
            state = data.STATES.get(int(self.value["l_stat"]), "?")
            return f"{address:#x} LWP {data.who(self.value)} {state}"
        except (gdb.error, UnicodeDecodeError):
            return f"{address:#x}"


def lookup(value):
    """The printer for a value, or None."""
    kind = value.type.strip_typedefs()
    if kind.code == gdb.TYPE_CODE_PTR and kind.target().unqualified().strip_typedefs().tag == "lwp":
        return LwpPointer(value)
    if kind.code == gdb.TYPE_CODE_STRUCT:
        printer = {"kmutex": Kmutex, "kspin": Kspin, "timespec": Timespec}.get(kind.unqualified().tag)
        return printer(value) if printer else None
    return None


def register():
    """Tell gdb."""
    gdb.pretty_printers.append(lookup)
