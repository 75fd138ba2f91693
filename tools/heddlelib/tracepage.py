# SPDX-License-Identifier: BSD-2-Clause
"""The page that shows a trace: one file that opens in any browser without a network.

tools/tracepage/ holds its parts; d3 (Debian's node-d3) and the trace are put into it."""

import html
import pathlib
import re

PARTS = pathlib.Path(__file__).resolve().parent.parent / "tracepage"
D3 = [pathlib.Path(base) / "d3/dist/d3.min.js" for base in ("/usr/share/nodejs", "/usr/lib/nodejs", "/usr/local/lib/node_modules")]


def library():
    """The text of d3; FileNotFoundError says which package has it."""
    for path in D3:
        if path.exists():
            return path.read_text(encoding="utf-8")
    raise FileNotFoundError("d3.min.js not found: it comes with the package node-d3")


def inside_script(text):
    """A text that may stand in a script element: nothing in it ends or comments the element."""
    return text.replace("</", "<\\/").replace("<!--", "<\\!--")


def inside_json(text):
    """JSON with the same property; there only the escape by number is allowed."""
    return text.replace("<", "\\u003c")


def page(trace, title):
    """The page, from the text of a trace.json and a title."""
    part = lambda name: (PARTS / name).read_text(encoding="utf-8")  # noqa: E731
    values = {
        "TITLE": html.escape(title),
        "STYLE": part("style.css"),
        "D3": inside_script(library()),
        "TRACE": inside_json(trace),
        "MODEL": inside_script(part("model.js")),
        "VIEW": inside_script(part("view.js")),
        "PANEL": inside_script(part("panel.js")),
    }
    # In one pass: what a value contains is not looked at again.
    return re.sub(r"@([A-Z0-9]+)@", lambda match: values.get(match[1], match[0]), part("page.html"))
