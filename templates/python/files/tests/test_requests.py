import re
from collections.abc import Callable, Iterator
from typing import Any

import httpx2
import pytest
from starlette.testclient import TestClient

from service import logs
from service.app import BODY_LIMIT

Lines = Callable[[], list[dict[str, Any]]]


def test_summary(client: TestClient, lines: Lines) -> None:
    headers = {"User-Agent": "curl/8", "Accept-Language": "de, en", "X-Request-Id": "id-1"}
    response = client.get("/?token=secret", headers=headers)
    [line] = lines()
    assert (line["Type"], line["Severity"]) == ("request.summary", 6)
    assert type(line["Fields"].pop("t")) is int
    assert line["Fields"] == {
        "agent": "curl/8",
        "errno": 0,
        "method": "GET",
        "path": "/",
        "code": 200,
        "lang": "de, en",
        "uid": "",
        "rid": "id-1",
    }
    assert response.headers["x-request-id"] == "id-1"


def test_summary_is_of_level_info(client: TestClient, lines: Lines) -> None:
    logs.set_level("warning")
    client.get("/")
    assert lines() == []


@pytest.mark.parametrize("method", ["GET", "HEAD"])
def test_summary_of_a_failed_request(client: TestClient, lines: Lines, method: str) -> None:
    client.request(method, "/nothing")
    [line] = lines()
    assert {"method": method, "path": "/nothing", "code": 404, "errno": 404}.items() <= line["Fields"].items()


@pytest.mark.parametrize("sent", [None, "", "x" * 129, "caf\xe9", "a\tb"])
def test_a_bad_request_id_is_replaced(client: TestClient, lines: Lines, sent: str | None) -> None:
    headers = {} if sent is None else {"X-Request-Id": sent.encode("latin-1")}
    rid = client.get("/", headers=headers).headers["x-request-id"]
    assert re.fullmatch(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}", rid)
    assert lines()[0]["Fields"]["rid"] == rid


def test_logged_headers_are_bounded(client: TestClient, lines: Lines) -> None:
    client.get("/" + "p" * 5000, headers={"User-Agent": "a" * 5000, "Accept-Language": "l" * 5000})
    fields = lines()[0]["Fields"]
    assert [len(fields[name]) for name in ("agent", "path", "lang")] == [256, 256, 256]


def test_uid(client: TestClient, lines: Lines) -> None:
    client.post("/echo")
    assert lines()[0]["Fields"]["uid"] == "user-1"


def test_uncaught_error(client: TestClient, lines: Lines) -> None:
    response = client.get("/crash", headers={"X-Request-Id": "id-1"})
    assert (response.status_code, response.json()) == (500, {"error": "internal server error"})
    assert response.headers["x-request-id"] == "id-1"
    error, summary = lines()
    assert (error["Type"], error["Severity"]) == ("request.error", 3)
    assert (error["Fields"]["error"], error["Fields"]["rid"]) == ("RuntimeError('oh no')", "id-1")
    assert error["Fields"]["traceback"].endswith("RuntimeError: oh no")
    assert summary["Type"] == "request.summary"
    assert {"code": 500, "errno": 500, "rid": "id-1"}.items() <= summary["Fields"].items()


def test_uncaught_error_after_the_start_of_the_response(client: TestClient, lines: Lines) -> None:
    client.get("/crash-midway")
    error, summary = lines()
    assert (error["Type"], summary["Fields"]["code"]) == ("request.error", 500)


def test_a_client_that_leaves_is_no_error(client: TestClient, lines: Lines) -> None:
    client.get("/gone")
    [line] = lines()
    assert (line["Type"], line["Fields"]["code"]) == ("request.summary", 400)


@pytest.mark.parametrize("chunked", [False, True])
def test_body_limit(client: TestClient, lines: Lines, *, chunked: bool) -> None:
    def post(size: int) -> httpx2.Response:
        def chunks() -> Iterator[bytes]:
            yield b"x" * (size - 1)
            yield b"x"

        return client.post("/echo", content=chunks() if chunked else b"x" * size)

    assert post(BODY_LIMIT).json() == BODY_LIMIT
    assert post(BODY_LIMIT + 1).status_code == 413
    assert lines()[1]["Fields"]["code"] == 413
