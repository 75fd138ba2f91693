# SPDX-License-Identifier: BSD-2-Clause
"""The files of the tree that people have written."""

import os

from . import tree

DIRECTORIES = ("arch", "bin", "boot", "doc", "include", "kern", "lib", "mk", "tests", "tools", ".ci")
C_LIKE = (".c", ".h", ".S", ".ld")


def all_files():
    """Yield every file's path, relative to the top, in order."""
    for name in sorted(os.listdir(tree.TOP)):
        if os.path.isfile(os.path.join(tree.TOP, name)):
            yield name
    for directory in DIRECTORIES:
        for base, dirs, files in os.walk(os.path.join(tree.TOP, directory)):
            dirs[:] = sorted(name for name in dirs if name != "__pycache__")
            for name in sorted(files):
                yield os.path.relpath(os.path.join(base, name), tree.TOP)


def read(path):
    """The text of a file, or None if it is not text."""
    try:
        with open(os.path.join(tree.TOP, path), encoding="utf-8") as file:
            return file.read()
    except (UnicodeDecodeError, OSError):
        return None


def language(path, text):
    """"c", "python", "sh", "make" or None."""
    if path.endswith(C_LIKE):
        return "c"
    first = text.split("\n", 1)[0]
    if path.endswith(".py") or (first.startswith("#!") and "python" in first):
        return "python"
    if path.endswith(".sh") or (first.startswith("#!") and first.endswith("sh")):
        return "sh"
    if path.endswith(".mk") or os.path.basename(path) == "Makefile":
        return "make"
    return None
