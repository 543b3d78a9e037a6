import contextlib
import socket
import threading
from collections.abc import Iterator
from http.client import HTTPResponse

import pytest
import uvicorn

from service import NAME, protocol
from service.app import app


@pytest.fixture
def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(protocol, "REQUEST_SECONDS", 0.2)


@pytest.fixture
def connection() -> Iterator[socket.socket]:
    config = uvicorn.Config(app, loop="uvloop", http=protocol.BoundedProtocol, log_config=None)
    server = uvicorn.Server(config)
    with socket.create_server(("127.0.0.1", 0)) as listener:
        address = listener.getsockname()
        thread = threading.Thread(target=server.run, args=([listener],))
        thread.start()
        with socket.create_connection(address, timeout=10) as connection:
            yield connection
        server.should_exit = True
        thread.join()


def all_received(connection: socket.socket) -> bytes:
    with connection.makefile("rb") as file:
        return file.read()


@pytest.mark.parametrize(
    "sent",
    [
        b"",
        b"\r\n",
        b"GET / HT",
        b"GET / HTTP/1.1\r\nHost: x\r\n",
        b"POST /echo HTTP/1.1\r\nContent-Length: 9\r\n\r\nx",
    ],
)
@pytest.mark.usefixtures("impatient")
def test_a_request_has_to_arrive_in_time(connection: socket.socket, sent: bytes) -> None:
    connection.sendall(sent)
    assert all_received(connection) == b""


@pytest.mark.usefixtures("impatient")
def test_time_starts_anew_with_each_request(connection: socket.socket) -> None:
    connection.sendall(b"GET / HTTP/1.1\r\n\r\n")
    response = HTTPResponse(connection)
    response.begin()
    assert (response.status, response.read()) == (200, b'{"service":"%b"}' % NAME.encode())
    connection.sendall(b"GET /")
    assert all_received(connection) == b""


@pytest.mark.usefixtures("impatient")
def test_a_body_that_nobody_reads_has_to_arrive_in_time(connection: socket.socket) -> None:
    connection.sendall(b"POST / HTTP/1.1\r\nContent-Length: 9\r\n\r\nx")
    assert all_received(connection).startswith(b"HTTP/1.1 405")


@pytest.mark.usefixtures("impatient")
def test_an_answer_may_take_longer(connection: socket.socket) -> None:
    connection.sendall(b"GET /slow HTTP/1.1\r\nConnection: close\r\n\r\n")
    assert all_received(connection).startswith(b"HTTP/1.1 200")


@pytest.mark.parametrize("size", [protocol.HEAD_LIMIT + 1, 100 * protocol.HEAD_LIMIT])
def test_head_is_too_large(connection: socket.socket, size: int) -> None:
    with contextlib.suppress(ConnectionError):  # the service does not read it all
        connection.sendall(b"GET / HTTP/1.1\r\nX: " + size * b"x")
    assert connection.recv(1000).startswith(b"HTTP/1.1 431")


def test_many_heads_are_no_large_head(connection: socket.socket) -> None:
    request = b"GET / HTTP/1.1\r\nX: " + protocol.PART // 2 * b"x" + b"\r\n"
    connection.sendall(20 * (request + b"\r\n") + request + b"Connection: close\r\n\r\n")
    assert all_received(connection).count(b"HTTP/1.1 200") == 21


def test_a_large_body_is_no_large_head(connection: socket.socket) -> None:
    body = 10 * protocol.HEAD_LIMIT * b"x"
    connection.sendall(b"POST /echo HTTP/1.1\r\nConnection: close\r\nContent-Length: %d\r\n\r\n%b" % (len(body), body))
    assert all_received(connection).endswith(b"\r\n\r\n%d" % len(body))
