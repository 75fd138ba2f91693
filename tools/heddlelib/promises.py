# SPDX-License-Identifier: BSD-2-Clause
"""Which promises of the system calls the tests have tested: tests/promises against their output."""

import os
import re

from . import tree

LIST = os.path.join(tree.TOP, "tests", "promises")
ID = re.compile(r"\b[a-z]+\.\d+\b")
RESULT = re.compile(r"^(?:not )?ok\b[ \d]*(?:- )?(?P<text>[^#]*)(?P<directive>#\s*(?:skip|todo))?", re.I)


def read_list(path=LIST):
    """The (ids that count now, ids of later issues) of the list."""
    now, later, current = set(), set(), None
    with open(path, encoding="utf-8") as file:
        for lineno, line in enumerate(file, 1):
            words = line.split()
            if not words or words[0].startswith("#"):
                continue
            if words[0] == "issue":
                current = int(words[1])
            elif current is None or len(words) < 3 or not ID.fullmatch(words[0]) or not words[1].isdigit():
                raise ValueError(f"{path}:{lineno}: not 'ID ISSUE TEXT'")
            else:
                (now if int(words[1]) <= current else later).add(words[0])
    return now, later


def tested_in(lines, known):
    """The known ids, and those that look like one but are not known, in the results among the lines."""
    families = {name.split(".")[0] for name in known}
    found, strange = set(), set()
    for line in lines:
        match = RESULT.match(line)
        if not match or match.group("directive"):
            continue
        for name in ID.findall(match.group("text")):
            if name in known:
                found.add(name)
            elif name.split(".")[0] in families:
                strange.add(name)
    return found, strange


def survey(logs):
    """What the logs cover: {"now", "later", "tested", "strange"}, sets of ids."""
    now, later = read_list()
    tested, strange = set(), set()
    for path in logs:
        with open(path, encoding="utf-8", errors="replace") as file:
            found, unknown = tested_in(file, now | later)
        tested |= found
        strange |= unknown
    return {"now": now, "later": later, "tested": tested, "strange": strange}


def in_order(ids):
    """The ids sorted by family and number, as a text."""
    return " ".join(sorted(ids, key=lambda name: (name.split(".")[0], int(name.split(".")[1]))))


def summary(result):
    """The one line of figures."""
    return f"promises covered: {len(result['now'] & result['tested'])}/{len(result['now'])}"
