"""Metrics by statsd, through markus: `metrics.incr(...)`, `metrics.timing(...)`, `metrics.gauge(...)`."""

import asyncio
import contextlib
import socket
import threading
from typing import Any, ClassVar

import markus
from markus.backends import BackendBase
from markus.main import MetricsRecord

from service import NAME
from service.config import Config

LINES_PER_PACKET = 15

metrics = markus.get_metrics()


class Statsd(BackendBase):
    """Sends what was counted in one turn of the event loop together; never blocks, never fails.

    markus's own backend sends a packet for every value, from a socket that blocks and knows no IPv6.
    """

    TYPES: ClassVar = {"incr": "c", "gauge": "g", "timing": "ms", "histogram": "ms"}

    def __init__(self, options: dict[str, Any], filters: list[Any] | None = None) -> None:
        super().__init__(options, filters)
        family, kind, _, _, address = socket.getaddrinfo(options["host"], options["port"], type=socket.SOCK_DGRAM)[0]
        self.address = address
        self.socket = socket.socket(family, kind)
        self.socket.setblocking(False)
        self.lines: list[str] = []
        self.lock = threading.Lock()

    def emit(self, record: MetricsRecord) -> None:
        with self.lock:
            self.lines.append(f"{NAME}.{record.key}:{record.value}|{self.TYPES[record.stat_type]}")
            first = len(self.lines) == 1
        if first:
            try:
                asyncio.get_running_loop().call_soon(self.flush)
            except RuntimeError:  # a thread outside the event loop
                self.flush()

    def flush(self) -> None:
        with self.lock:
            lines, self.lines = self.lines, []
        for start in range(0, len(lines), LINES_PER_PACKET):
            packet = "\n".join(lines[start : start + LINES_PER_PACKET])
            with contextlib.suppress(OSError):
                self.socket.sendto(packet.encode(), self.address)


def configure(config: Config) -> None:
    """A host that cannot be resolved is logged by markus, and the service goes on without metrics."""
    options = {"host": config.statsd_host, "port": config.statsd_port}
    markus.configure([{"class": Statsd, "options": options}] if config.statsd_host else [])
