# SPDX-License-Identifier: BSD-2-Clause
"""The console of a machine that gdb's proxy moves through time.

Over a socket the proxy says which output is not to be shown, for it was shown before; and has the machine started
anew.  Messages are JSON; each is answered when it is done:

    {"do": "drain"}                     show what the guest has printed; the answer has the "status" that it printed at its end
    {"do": "quiet"}, {"do": "show"}     drop what the guest prints from now on; no longer
    {"do": "start", "plugin": ARGS, "attach": BOOL, "drop": N}
                                        a new machine, with the plugin of reverse execution, stopped for a debugger or
                                        not; of its output the first N bytes are dropped
    {"do": "count"}                     answer {"count": bytes that this machine has printed}

When a machine ends that was not to be attached to, {"ended": true} is sent.
"""

import json
import os
import select

from .console import Console

EVERYTHING = 1 << 60


class Directed(Console):
    """Such a console; `control` is our end of the socket."""

    def __init__(self, vm, args, source, control):
        super().__init__(vm, args, source, terminal=False)
        self.hang = 0           # a machine that gdb has stopped prints nothing
        self.control = control
        self.attached = True
        self.drop = 0           # bytes that are not to be shown
        self.count = 0          # bytes that this machine has printed

    def step(self, wait):
        """Wait for something, and handle it; False when gdb and the proxy have gone."""
        outputs = [self.output] if self.output is not None else []
        ready, _, _ = select.select([self.control] + outputs + [self.source], [], [], wait)
        if self.control in ready:
            message = self.control.recv(65536)
            if not message:
                self.drain()
                return False
            self.obey(json.loads(message))
        elif self.source in ready:
            self.handle_input(os.read(self.source, 4096))
        elif self.output in ready and not self.copy():
            self.output = None
            if not self.attached:
                self.tell(ended=True)
        return True

    def tell(self, **words):
        """Send a message."""
        self.control.send(json.dumps(words).encode())

    def copy(self):
        """Read output, and show what is to be shown; False at its end."""
        data = os.read(self.output, 65536)
        self.count += len(data)
        dropped = min(self.drop, len(data))
        self.drop -= dropped
        if len(data) > dropped:
            self.handle_output(data[dropped:])
        return bool(data)

    def drain(self, _seconds=0):
        """What a machine that stands still has printed."""
        while self.output is not None and select.select([self.output], [], [], 0)[0] and self.copy():
            pass
        return True

    def obey(self, message):
        """Do what the proxy says, and answer."""
        self.drain()
        if message["do"] == "start":
            self.vm.restart(message["plugin"], message["attach"])
            self.output, self.input = self.vm.process.stdout.fileno(), self.vm.process.stdin.fileno()
            self.count, self.drop, self.attached = 0, message["drop"], message["attach"]
        elif message["do"] in ("quiet", "show"):
            self.drop = EVERYTHING if message["do"] == "quiet" else 0
        self.tell(count=self.count, status=self.printed)
