# SPDX-License-Identifier: BSD-2-Clause
"""gdb's remote protocol: packets over a socket."""

import socket
import time

INTERRUPT = b"\x03"     # Ctrl-C, sent between packets
LISTEN_SECONDS = 30     # between bind and listen QEMU does next to nothing: after that it has died


class Closed(Exception):
    """The other side has gone."""


class Ended(Closed):
    """The machine has gone."""


def checksum(data):
    """The two hexadecimal digits behind a packet."""
    return b"%02x" % (sum(data) & 0xff)


class Connection:
    """One end of a conversation.  Acknowledgements are sent, and those received are skipped."""

    def __init__(self, sock):
        self.socket = sock
        self.buffer = b""

    def fileno(self):
        """For select()."""
        return self.socket.fileno()

    def close(self):
        """End it."""
        self.socket.close()

    def pending(self):
        """Whether something that was received is not read yet."""
        return bool(self.buffer.lstrip(b"+-"))

    def fill(self):
        """Receive more."""
        try:
            data = self.socket.recv(65536)
        except OSError as error:
            raise Closed from error
        if not data:
            raise Closed
        self.buffer += data

    def receive(self):
        """The next packet's contents, or INTERRUPT."""
        while True:
            self.buffer = self.buffer.lstrip(b"+-")
            if self.buffer.startswith(INTERRUPT):
                self.buffer = self.buffer[1:]
                return INTERRUPT
            end = self.buffer.find(b"#")
            if self.buffer.startswith(b"$") and 0 < end <= len(self.buffer) - 3:
                data, self.buffer = self.buffer[1:end], self.buffer[end + 3:]
                self.write(b"+")
                return data
            if self.buffer and not self.buffer.startswith(b"$"):
                self.buffer = self.buffer[1:]
            else:
                self.fill()

    def write(self, data):
        """Send bytes as they are."""
        try:
            self.socket.sendall(data)
        except OSError as error:
            raise Closed from error

    def send(self, data):
        """Send a packet."""
        self.write(b"$" + data + b"#" + checksum(data))

    def await_close(self):
        """Until the other side has gone: it may still want to acknowledge."""
        try:
            while True:
                self.fill()
        except Closed:
            self.close()

    def request(self, data):
        """Send a packet and return the answer to it."""
        self.send(data)
        return self.receive()


def connect(path):
    """A connection to the socket of QEMU's stub; OSError.

    QEMU binds the socket first, which makes the file that says that QEMU is there, and has it listen then: in between
    it refuses.  There is no other way to see that than to try.
    """
    end = time.monotonic() + LISTEN_SECONDS
    while True:
        sock = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        try:
            sock.connect(path)
            return Connection(sock)
        except ConnectionRefusedError:
            sock.close()
            if time.monotonic() > end:
                raise
        time.sleep(0.002)
