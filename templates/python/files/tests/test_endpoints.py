import asyncio
from collections.abc import Callable
from typing import Any

import pytest
from dockerflow.checks import CheckMessage, Error
from dockerflow.checks import Warning as CheckWarning
from starlette.testclient import TestClient

from service import NAME, endpoints
from service.app import app
from service.checks import Check


async def fine() -> list[CheckMessage]:
    return []


async def doubtful() -> list[CheckMessage]:
    return [CheckWarning("nearly full", id="disk.space")]


async def broken() -> list[CheckMessage]:
    return [Error("no route", id="db.route")]


async def hanging() -> list[CheckMessage]:
    await asyncio.Event().wait()
    raise AssertionError


async def raising() -> list[CheckMessage]:
    raise ConnectionError("postgres://user:secret@db")


def test_version_is_the_file(client: TestClient) -> None:
    app.state.version_json = b'{ "commit": "abc" }\n'
    response = client.get("/__version__")
    assert response.status_code == 200
    assert response.headers["content-type"] == "application/json"
    assert response.content == b'{ "commit": "abc" }\n'


def test_version_is_missing(client: TestClient) -> None:
    app.state.version_json = None
    response = client.get("/__version__")
    assert (response.status_code, response.json()) == (404, {"error": "no version.json"})


def test_lbheartbeat_checks_nothing(client: TestClient) -> None:
    app.state.checks = {"db": broken}
    response = client.get("/__lbheartbeat__")
    assert (response.status_code, response.json()) == (200, {"status": "ok"})


def test_heartbeat_without_checks(client: TestClient) -> None:
    response = client.get("/__heartbeat__")
    assert (response.status_code, response.json()) == (200, {"status": "ok", "checks": {}, "details": {}})


def test_heartbeat_warning_is_still_200(client: TestClient) -> None:
    app.state.checks = {"cache": fine, "disk": doubtful}
    response = client.get("/__heartbeat__")
    assert response.status_code == 200
    assert response.json() == {
        "status": "warning",
        "checks": {"cache": "ok", "disk": "warning"},
        "details": {"disk": {"status": "warning", "level": 30, "messages": {"disk.space": "nearly full"}}},
    }


@pytest.mark.parametrize(
    ("check", "messages"),
    [
        (broken, {"db.route": "no route"}),
        (hanging, {"db.timeout": "no result within 0.05 s"}),
        (raising, {"db.exception": "ConnectionError"}),
    ],
)
def test_heartbeat_error(
    client: TestClient, monkeypatch: pytest.MonkeyPatch, check: Check, messages: dict[str, str]
) -> None:
    monkeypatch.setattr(endpoints, "CHECK_SECONDS", 0.05)
    app.state.checks = {"cache": fine, "db": check}
    response = client.get("/__heartbeat__")
    assert response.status_code == 500
    assert response.json() == {
        "status": "error",
        "checks": {"cache": "ok", "db": "error"},
        "details": {"db": {"status": "error", "level": 40, "messages": messages}},
    }


def test_heartbeat_runs_the_checks_at_once(client: TestClient) -> None:
    async def meet() -> list[CheckMessage]:
        await barrier.wait()
        return []

    barrier = asyncio.Barrier(2)
    app.state.checks = {"one": meet, "two": meet}
    assert client.get("/__heartbeat__").status_code == 200


def test_a_check_that_raises_is_logged(client: TestClient, lines: Callable[[], list[dict[str, Any]]]) -> None:
    app.state.checks = {"db": raising}
    client.get("/__heartbeat__")
    [line] = [line for line in lines() if line["Type"] == "service.endpoints"]
    assert line["Fields"]["msg"] == "the check db failed"
    assert line["Fields"]["error"] == "ConnectionError('postgres://user:secret@db')"


@pytest.mark.parametrize("path", ["/", "/__version__", "/__heartbeat__", "/__lbheartbeat__"])
def test_head(client: TestClient, path: str) -> None:
    get, head = client.get(path), client.head(path)
    assert (head.status_code, head.content) == (200, b"")
    assert head.headers["content-length"] == get.headers["content-length"]


def test_index(client: TestClient) -> None:
    response = client.get("/")
    assert (response.status_code, response.json()) == (200, {"service": NAME})


@pytest.mark.parametrize("path", ["/nothing", "/__version__/", "/__lbheartbeat__/"])
def test_unknown_path(client: TestClient, path: str) -> None:
    response = client.get(path)
    assert (response.status_code, response.json()) == (404, {"error": "not found"})


def test_method_not_allowed(client: TestClient) -> None:
    response = client.post("/__version__")
    assert (response.status_code, response.json()) == (405, {"error": "method not allowed"})
