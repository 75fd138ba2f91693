# SPDX-License-Identifier: BSD-2-Clause
"""What tools/heddle.gdb sources: the package heddle, which lies beside this file."""

import os
import sys

sys.dont_write_bytecode = True
sys.path.insert(0, os.path.dirname(os.path.realpath(__file__)))
import heddle  # pylint: disable=wrong-import-position,unused-import
