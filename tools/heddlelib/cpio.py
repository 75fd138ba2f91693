# SPDX-License-Identifier: BSD-2-Clause
"""cpio archives in the "newc" format: the same bytes for the same files.

Names have no leading "/" or "./"; directories above them are made.  Owners are
root, times are zero.
"""

import os

S_IFDIR, S_IFREG = 0o040000, 0o100000
HEADER_LEN = 110
TRAILER = "TRAILER!!!"


def pad4(data):
    """Fill up to a multiple of four bytes."""
    return data + b"\0" * (-len(data) % 4)


def entry(ino, name, mode, content):
    """One member of the archive."""
    raw = name.encode() + b"\0"
    nlink = 2 if mode & S_IFDIR == S_IFDIR else 1
    fields = (ino, mode, 0, 0, nlink, 0, len(content), 0, 0, 0, 0, len(raw), 0)
    header = b"070701" + b"".join(b"%08X" % field for field in fields)
    return pad4(header + raw) + pad4(content)


def archive(members):
    """The bytes of an archive of {name: (mode, content)}, directories added."""
    members = dict(members)
    for name in list(members):
        parts = name.split("/")[:-1]
        for depth in range(1, len(parts) + 1):
            members.setdefault("/".join(parts[:depth]), (S_IFDIR | 0o755, b""))
    out = [entry(ino, name, *members[name]) for ino, name in enumerate(sorted(members), 1)]
    return b"".join(out) + entry(0, TRAILER, 0, b"")


def read_archive(data):
    """The {name: (mode, content)} of an archive that archive() made."""
    members, at = {}, 0
    while data[at:at + 6] == b"070701":
        fields = [int(data[at + 6 + 8 * i:at + 14 + 8 * i], 16) for i in range(13)]
        mode, size, namesize = fields[1], fields[6], fields[11]
        name = data[at + HEADER_LEN:at + HEADER_LEN + namesize - 1].decode()
        if name == TRAILER:
            return members
        at += HEADER_LEN + namesize
        at += -at % 4
        members[name] = (mode, bytes(data[at:at + size]))
        at += size + -size % 4
    raise ValueError("not a newc archive, or cut off")


def read_member(name, path):
    """(mode, content) of the file at `path`, to be stored as `name`.

    What is executable, or goes under bin/ or tests/, gets mode 755, another file 644.
    """
    with open(path, "rb") as file:
        content = file.read()
    executable = name.startswith(("bin/", "tests/")) or os.access(path, os.X_OK)
    return S_IFREG | (0o755 if executable else 0o644), content
