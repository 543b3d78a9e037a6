import asyncio
import re
import socket
from collections.abc import Callable, Iterator
from typing import Any

import markus
import pytest
from starlette.testclient import TestClient

from service import NAME, metrics
from service.config import Config


@pytest.fixture
def statsd() -> Iterator[socket.socket]:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as server:
        server.bind(("127.0.0.1", 0))
        server.settimeout(5)
        yield server
    markus.configure([])


def configure(port: int) -> None:
    metrics.configure(Config(statsd_host="127.0.0.1", statsd_port=port))


def test_a_request_is_counted_and_timed(client: TestClient, statsd: socket.socket) -> None:
    configure(statsd.getsockname()[1])
    client.get("/nothing")
    count, timer = statsd.recv(1500).decode().split("\n")
    assert count == f"{NAME}.request.count.404:1|c"
    assert re.fullmatch(rf"{NAME}\.request\.time:[0-9.]+\|ms", timer)


def test_outside_the_event_loop(statsd: socket.socket) -> None:
    configure(statsd.getsockname()[1])
    metrics.metrics.gauge("queue", 7)
    assert statsd.recv(1500).decode() == f"{NAME}.queue:7|g"


def test_packets_stay_small(statsd: socket.socket) -> None:
    configure(statsd.getsockname()[1])

    async def count() -> None:
        for _ in range(metrics.LINES_PER_PACKET + 1):
            metrics.metrics.incr("hit")

    asyncio.run(count())
    sizes = [len(statsd.recv(1500).split(b"\n")) for _ in range(2)]
    assert sizes == [metrics.LINES_PER_PACKET, 1]


def test_nobody_listens(client: TestClient, statsd: socket.socket) -> None:
    port = statsd.getsockname()[1]
    statsd.close()
    configure(port)
    assert [client.get("/").status_code for _ in range(3)] == [200, 200, 200]


def test_what_cannot_be_sent_is_dropped(statsd: socket.socket) -> None:
    configure(statsd.getsockname()[1])
    metrics.metrics.incr("x" * 100_000)
    metrics.metrics.incr("y")
    assert statsd.recv(1500).decode() == f"{NAME}.y:1|c"


def test_unknown_host(
    client: TestClient, lines: Callable[[], list[dict[str, Any]]], monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_: object, **__: object) -> None:
        raise socket.gaierror("Name or service not known")

    monkeypatch.setattr(socket, "getaddrinfo", fail)
    configure(8125)
    assert lines()[0]["Fields"]["error"] == "gaierror('Name or service not known')"
    assert client.get("/").status_code == 200
