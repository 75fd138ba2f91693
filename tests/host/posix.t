#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-2-Clause
"""Each assertion of tests/posix is named by a test, and each that tests name is in the list."""

import glob
import re
import sys

ID = re.compile(r"\b((?:pthread|sem)_[a-z]+(?:_[a-z]+)*\.\d+)\b")
failed = []


def ok(missing, text):
    """A result: good if nothing is missing."""
    failed.append(bool(missing))
    print(f"{'not ok' if missing else 'ok'} {len(failed)} - {text}")
    if missing:
        print("#", " ".join(sorted(missing)))


with open("tests/posix", encoding="utf-8") as file:
    lines = [line for line in file.read().splitlines() if line and not line.startswith("#")]
wanted = {line.split()[0] for line in lines if not line.startswith("- ")}
others = {line.split()[1] for line in lines if line.startswith("- ")}
named = set()
for path in glob.glob("tests/t_*.c"):
    with open(path, encoding="utf-8") as file:
        for text in re.findall(r'"((?:[^"\\]|\\.)*)"', file.read()):
            named |= set(ID.findall(text))
ok({line for line in lines if not re.fullmatch(r"(- )?\w+\.\d+\t(\d+|-)\t.+", line)}, "the list is one")
ok(wanted & others, "no number is in it twice")
ok(wanted - named, f"all {len(wanted)} assertions are named by tests")
ok(named - wanted, "and no others")
print(f"1..{len(failed)}")
sys.exit(any(failed))
