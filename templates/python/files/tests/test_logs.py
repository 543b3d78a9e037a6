import io
import logging
import os
import socket
import time
from collections.abc import Callable
from datetime import datetime
from typing import Any

import pytest
from dockerflow.logging import request_id_context

from service import NAME, logs

Lines = Callable[[], list[dict[str, Any]]]


def test_every_key(lines: Lines) -> None:
    before = time.time_ns()
    logging.getLogger("cart").info("%d added", 2, extra={"item": "book", "coupon": None, "color_message": "red"})
    [line] = lines()
    timestamp = line.pop("Timestamp")
    assert type(timestamp) is int
    assert before - 1_000_000 <= timestamp <= time.time_ns() + 1_000_000
    assert datetime.fromisoformat(line.pop("Time")).timestamp() == pytest.approx(timestamp / 1e9, abs=1e-3)
    assert line == {
        "Type": "cart",
        "Logger": NAME,
        "Hostname": socket.gethostname(),
        "EnvVersion": "2.0",
        "Severity": 6,
        "Pid": os.getpid(),
        "Fields": {"item": "book", "msg": "2 added"},
    }


@pytest.mark.parametrize(
    ("level", "severity"), [("debug", 7), ("info", 6), ("warning", 4), ("error", 3), ("critical", 2)]
)
def test_severity_and_level(lines: Lines, level: str, severity: int) -> None:
    number = logging.getLevelNamesMapping()[level.upper()]
    logs.set_level(level)
    logging.getLogger("cart").log(number - 1, "below")
    logging.getLogger("cart").log(number, "at")
    assert [(line["Severity"], line["Fields"]["msg"]) for line in lines()] == [(severity, "at")]


def test_error_with_its_cause(lines: Lines) -> None:
    try:
        try:
            {}["key"]
        except KeyError as error:
            raise ValueError("line\nbreak") from error
    except ValueError:
        logging.getLogger("cart").exception("")
    [line] = lines()
    assert line["Severity"] == 3
    assert line["Fields"]["error"] == "ValueError('line\\nbreak')"
    assert "KeyError: 'key'" in line["Fields"]["traceback"]
    assert line["Fields"]["traceback"].endswith("ValueError: line\nbreak")


@pytest.mark.parametrize("message", ["", "{}", '{"a": 1}'])
def test_fields_are_never_empty(lines: Lines, message: str) -> None:
    logging.getLogger("cart").info(message)
    assert lines()[0]["Fields"] == {"msg": message}


def test_request_id_is_added(lines: Lines) -> None:
    token = request_id_context.set("abc")
    logging.getLogger("cart").info("paid")
    request_id_context.reset(token)
    logging.getLogger("cart").info("swept")
    assert [line["Fields"] for line in lines()] == [{"rid": "abc", "msg": "paid"}, {"msg": "swept"}]


def test_stdout_is_gone(monkeypatch: pytest.MonkeyPatch, lines: Lines, capfd: pytest.CaptureFixture[str]) -> None:
    stream = io.StringIO()
    stream.close()
    with monkeypatch.context() as patch:
        patch.setattr(logs.handler, "stream", stream)
        logging.getLogger("cart").info("lost")
    assert (lines(), capfd.readouterr().err) == ([], "")


def test_what_cannot_be_logged_is_reported(lines: Lines, capfd: pytest.CaptureFixture[str]) -> None:
    logging.getLogger("cart").info("%d", "two")
    logging.getLogger("cart").info("", extra={"pairs": {(1, 2): 3}})
    logging.getLogger("cart").info("", extra={"ratio": float("nan")})
    assert [line["Type"] for line in lines()] == ["app.error"] * 3
    assert lines()[0]["Fields"]["msg"].startswith(f"cannot log what {__file__}:")
    assert capfd.readouterr().err == ""
