# SPDX-License-Identifier: BSD-2-Clause
"""Plugins for QEMU: compiled when they are needed, into build/."""

import os
import subprocess

from . import tree


def build(source):
    """Compile a plugin if it is not there or old; its file."""
    plugin = os.path.join(tree.BUILD, os.path.basename(source).replace(".c", ".so"))
    if not os.path.exists(plugin) or os.path.getmtime(plugin) <= os.path.getmtime(source):
        new = f"{plugin}.{os.getpid()}"
        subprocess.run(["gcc", "-O2", "-Wall", "-Wextra", "-shared", "-fPIC", "-o", new, source], check=True)
        os.replace(new, plugin)
    return plugin
