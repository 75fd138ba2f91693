# SPDX-License-Identifier: BSD-2-Clause
"""What the host tools share: the ramdisk, the machine under QEMU, its console."""
