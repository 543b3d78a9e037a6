import asyncio

import httpx2
import pytest
from dockerflow.checks import CheckMessage

from service import checks
from service.config import Config


def backend(answer: httpx2.Response | Exception) -> list[CheckMessage]:
    def handle(request: httpx2.Request) -> httpx2.Response:
        assert str(request.url) == "http://backend.example/health"
        if isinstance(answer, Exception):
            raise answer
        return answer

    client = httpx2.AsyncClient(transport=httpx2.MockTransport(handle))
    return asyncio.run(checks.backend(client, "http://backend.example/health"))


def test_only_what_is_configured() -> None:
    assert checks.configured(Config()) == {}
    assert list(checks.configured(Config(backend_url="http://backend.example"))) == ["backend"]


@pytest.mark.parametrize("status", [200, 302, 404])
def test_backend_works(status: int) -> None:
    assert backend(httpx2.Response(status, headers={"location": "http://elsewhere.example"})) == []


def test_backend_is_broken() -> None:
    [error] = backend(httpx2.Response(503))
    assert (error.level, error.id, error.msg) == (40, "backend.status", "answered 503")


def test_backend_is_down() -> None:
    [error] = backend(httpx2.ConnectError("http://user:secret@backend.example"))
    assert (error.level, error.id, error.msg) == (40, "backend.unreachable", "no answer: ConnectError")
