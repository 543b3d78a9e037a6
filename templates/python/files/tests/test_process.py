import signal
import socket
import time
from collections.abc import Callable
from contextlib import closing
from http.client import HTTPConnection, HTTPResponse

import pytest

from service import NAME
from tests.conftest import ROOT, Service

Start = Callable[..., Service]

RUN = "import runpy; runpy.run_module('service', run_name='__main__')"
WITH_TEST_ROUTES = f"import tests.conftest; {RUN}"
IMPATIENT = f"from service import server; server.GRACE_SECONDS = 0.1; {WITH_TEST_ROUTES}"
WITHOUT_UVICORN = f"import sys; sys.modules['uvicorn'] = None; {RUN}"
WITHOUT_LIFESPAN = f"from service.app import app; app.router.lifespan_context = None; {RUN}"
LOGGING = "from service import logs; logs.configure()"

HEAD = b"POST /echo HTTP/1.1\r\nContent-Length: 2\r\nExpect: 100-continue\r\n\r\n"


def accepts(port: int) -> bool:
    try:
        socket.create_connection(("127.0.0.1", port), timeout=5).close()
    except ConnectionError:
        return False
    return True


def get(port: int, path: str) -> tuple[HTTPResponse, bytes]:
    with closing(HTTPConnection("127.0.0.1", port, timeout=5)) as client:
        client.request("GET", path)
        response = client.getresponse()
        return response, response.read()


def until(condition: Callable[[], bool]) -> None:
    while not condition():
        time.sleep(0.01)


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_start_and_stop(start: Start, free_port: int, number: signal.Signals) -> None:
    service = start(PORT=str(free_port))
    line = service.line("app.start")
    assert (line["Logger"], line["Fields"]["port"]) == (NAME, free_port)
    assert start("-m", "service.healthcheck", PORT=str(free_port)).end() == (0, [])
    response, body = get(free_port, "/__version__")
    assert (body, response.getheader("server")) == ((ROOT / "version.json").read_bytes(), None)
    service.process.send_signal(number)
    code, lines = service.end()
    assert (code, [line["Type"] for line in lines]) == (0, ["request.summary", "request.summary", "app.stop"])


def test_sigterm_finishes_the_requests_in_flight(start: Start, free_port: int) -> None:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as statsd:
        statsd.bind(("127.0.0.1", 0))
        statsd.settimeout(5)
        service = start(
            "-c",
            WITH_TEST_ROUTES,
            PORT=str(free_port),
            STATSD_HOST="127.0.0.1",
            STATSD_PORT=str(statsd.getsockname()[1]),
        )
        service.line("app.start")
        with socket.create_connection(("127.0.0.1", free_port), timeout=5) as client:
            client.sendall(HEAD)
            assert client.recv(1000).startswith(b"HTTP/1.1 100")
            service.process.terminate()
            until(lambda: not accepts(free_port))
            client.sendall(b"hi")
            response = HTTPResponse(client)
            response.begin()
            assert (response.status, response.getheader("connection"), response.read()) == (200, "close", b"2")
        code, lines = service.end()
        assert (code, [line["Type"] for line in lines]) == (0, ["request.summary", "app.stop"])
        assert statsd.recv(1500).startswith(f"{NAME}.request.count.200:1|c\n".encode())


def test_sigterm_answers_what_waits_in_a_connection(start: Start, free_port: int) -> None:
    service = start(PORT=str(free_port))
    service.line("app.start")
    with closing(HTTPConnection("127.0.0.1", free_port, timeout=5)) as client:
        client.request("GET", "/")
        response = client.getresponse()
        assert (response.read() != b"", response.getheader("connection")) == (True, None)
        service.process.terminate()
        until(lambda: not accepts(free_port))
        client.request("GET", "/")
        response = client.getresponse()
        assert (response.status, response.getheader("connection")) == (200, "close")
    assert service.end()[0] == 0


def test_sigterm_does_not_wait_for_ever(start: Start, free_port: int) -> None:
    service = start("-c", IMPATIENT, PORT=str(free_port))
    service.line("app.start")
    with socket.create_connection(("127.0.0.1", free_port), timeout=5) as client:
        client.sendall(HEAD)
        assert client.recv(1000).startswith(b"HTTP/1.1 100")
        service.process.terminate()
        code, lines = service.end()
    assert (code, lines[-1]["Type"]) == (0, "app.stop")


def test_backend_is_checked(start: Start, free_port: int) -> None:
    with socket.socket() as closed:
        closed.bind(("127.0.0.1", 0))
        service = start(PORT=str(free_port), BACKEND_URL=f"http://127.0.0.1:{closed.getsockname()[1]}")
        service.line("app.start")
        response, body = get(free_port, "/__heartbeat__")
        assert response.status == 500
        assert b'"checks":{"backend":"error"}' in body


def test_log_level(start: Start, free_port: int) -> None:
    service = start(PORT=str(free_port), LOG_LEVEL="warning")
    until(lambda: accepts(free_port))
    service.process.terminate()
    assert service.end() == (0, [])


def test_bad_configuration(start: Start) -> None:
    code, [line] = start(PORT="eighty").end()
    assert (code, line["Type"], line["Severity"]) == (1, "app.config", 2)
    assert line["Fields"] == {"error": "PORT: want an integer from 1 to 65535"}


def test_port_in_use(start: Start) -> None:
    with socket.create_server(("", 0)) as other:
        code, [line] = start(PORT=str(other.getsockname()[1])).end()
    assert (code, line["Type"], line["Severity"]) == (1, "app.error", 3)
    assert "Address already in use" in line["Fields"]["error"]


def test_failing_import(start: Start) -> None:
    code, [line] = start("-c", WITHOUT_UVICORN).end()
    assert (code, line["Type"], line["Severity"]) == (1, "app.error", 3)
    assert line["Fields"]["error"].startswith("ModuleNotFoundError(")


def test_failing_lifespan(start: Start, free_port: int) -> None:
    code, lines = start("-c", WITHOUT_LIFESPAN, PORT=str(free_port)).end()
    assert (code, lines[-1]["Type"]) == (1, "app.error")


def test_failing_task(start: Start, free_port: int) -> None:
    service = start("-c", WITH_TEST_ROUTES, PORT=str(free_port))
    service.line("app.start")
    get(free_port, "/background")
    assert service.line("app.error")["Fields"]["error"] == "RuntimeError('oh no')"


def test_failing_thread(start: Start) -> None:
    _, [line] = start("-c", f"{LOGGING}; import threading; threading.Thread(target=lambda: 1 / 0).start()").end()
    assert (line["Type"], line["Fields"]["error"]) == ("app.error", "ZeroDivisionError('division by zero')")


def test_ending_thread(start: Start) -> None:
    assert start("-c", f"{LOGGING}; import sys, threading; threading.Thread(target=sys.exit).start()").end() == (0, [])


def test_warning(start: Start) -> None:
    _, [line] = start("-c", f"{LOGGING}; import warnings; warnings.warn('careful')").end()
    assert (line["Type"], line["Severity"]) == ("py.warnings", 4)
    assert "careful" in line["Fields"]["msg"]


def test_healthcheck_without_a_service(start: Start, free_port: int) -> None:
    process = start("-m", "service.healthcheck", PORT=str(free_port)).process
    assert process.wait(timeout=10) == 1
