# SPDX-License-Identifier: BSD-2-Clause
"""A client of QEMU's machine protocol (QMP), as small as the launcher needs it."""

import json
import socket


class QmpError(Exception):
    """QEMU did not answer, or answered with an error."""


class Qmp:
    """A connection to the socket at `path`; each answer is waited for up to `timeout` seconds."""

    def __init__(self, path, timeout=5):
        self.socket = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        self.socket.settimeout(timeout)
        try:
            self.socket.connect(path)
            self.file = self.socket.makefile("rw", encoding="utf-8")
            self.receive()
        except OSError as error:
            raise QmpError(f"no connection: {error}") from error
        self.execute("qmp_capabilities")

    def receive(self):
        """The next message."""
        line = self.file.readline()
        if not line:
            raise QmpError("connection closed")
        return json.loads(line)

    def execute(self, command, **arguments):
        """Run a command; returns its result.  Events that come in between are dropped."""
        request = {"execute": command, "arguments": arguments}
        try:
            self.file.write(json.dumps(request) + "\n")
            self.file.flush()
            while True:
                answer = self.receive()
                if "return" in answer:
                    return answer["return"]
                if "error" in answer:
                    raise QmpError(answer["error"].get("desc", "error"))
        except (OSError, ValueError) as error:
            raise QmpError(f"{command}: {error}") from error

    def monitor(self, line):
        """The output of a command of the human monitor."""
        return self.execute("human-monitor-command", **{"command-line": line})

    def close(self):
        """End the connection."""
        self.socket.close()
