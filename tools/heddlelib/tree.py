# SPDX-License-Identifier: BSD-2-Clause
"""Where things are in the source tree, found from this file's own place."""

import os

TOP = os.path.dirname(os.path.dirname(os.path.dirname(os.path.realpath(__file__))))
TOOLS = os.path.join(TOP, "tools")
BUILD = os.path.join(TOP, "build")
INITRD = os.path.join(BUILD, "initrd.cpio")
ISO = os.path.join(BUILD, "heddle.iso")
USER = os.path.join(BUILD, "user")
KERNELS = ["debug", "release", "ubsan", "kasan", "kcsan", "coverage"]    # as in mk/build.mk


def kernel_dir(kernel):
    """The build directory of one of KERNELS."""
    return os.path.join(BUILD, kernel)


def clean_environment():
    """The environment without what an outer make put there, for calling make again."""
    drop = ("MAKEFLAGS", "MAKELEVEL", "MFLAGS", "MAKEOVERRIDES")
    return {name: value for name, value in os.environ.items() if name not in drop}
