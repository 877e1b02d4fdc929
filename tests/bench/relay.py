"""What passes between a client and a mail server, counted.

Relay(port) listens on a port of its own and passes everything on to `port`.
A trip is counted when a client sends something after the server has answered:
what is pipelined is one trip.
"""

from __future__ import annotations

import select
import socket
import sys
import threading
from dataclasses import dataclass
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent / "rig"))

import proc  # noqa: E402


@dataclass
class Counts:
    logins: int = 0  # connections
    trips: int = 0
    sent: int = 0  # bytes to the mail server
    got: int = 0

    def since(self, before: Counts) -> Counts:
        return Counts(
            self.logins - before.logins,
            self.trips - before.trips,
            self.sent - before.sent,
            self.got - before.got,
        )


class Relay:
    def __init__(self, port: int) -> None:
        self.target = port
        self.counts = Counts()
        self.lock = threading.Lock()
        self.flows = threading.Event()  # cleared: nothing passes, nobody is told
        self.flows.set()
        self.listener = socket.create_server((proc.LOOPBACK, 0))
        self.port = self.listener.getsockname()[1]
        threading.Thread(target=self.accept, daemon=True).start()

    def now(self) -> Counts:
        with self.lock:
            return Counts(**vars(self.counts))

    def accept(self) -> None:
        while True:
            try:
                client, _ = self.listener.accept()
            except OSError:
                return
            threading.Thread(target=self.serve, args=(client,), daemon=True).start()

    def serve(self, client: socket.socket) -> None:
        with client, socket.create_connection((proc.LOOPBACK, self.target)) as server:
            for each in (client, server):
                each.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            with self.lock:
                self.counts.logins += 1
            try:
                self.pump(client, server)
            except ConnectionError:
                pass  # either side may go when it likes

    def pump(self, client: socket.socket, server: socket.socket) -> None:
        has_answered = False
        while True:
            # The server's first: what it said before the client went on.
            ready = select.select([server, client], [], [])[0]
            source = server if server in ready else client
            data = source.recv(1 << 18)
            if not data:
                return
            self.flows.wait()
            with self.lock:
                if source is server:
                    self.counts.got += len(data)
                else:
                    self.counts.sent += len(data)
                    self.counts.trips += has_answered
            has_answered = source is server
            (client if source is server else server).sendall(data)

    def close(self) -> None:
        self.listener.close()
