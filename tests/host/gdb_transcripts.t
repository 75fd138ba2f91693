#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
# The sessions that doc/transcripts/ shows, gone through again.
if [ "${KERNEL:-debug}" != debug ]; then
	echo "1..0 # skip the transcripts are those of a debug kernel"
	exit 0
fi
exec tests/host/transcript doc/transcripts/*.md
