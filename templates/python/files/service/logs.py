"""mozlog 2.0 on stdout, one JSON object a line. The name of the logger is the Type of the line."""

import contextlib
import json
import logging
import os
import socket
import sys
import threading
import time
from datetime import UTC, datetime
from types import TracebackType
from typing import Any, TextIO

from dockerflow.logging import RequestIdLogFilter

from service import NAME

SEVERITIES = {logging.CRITICAL: 2, logging.ERROR: 3, logging.WARNING: 4, logging.INFO: 6, logging.DEBUG: 7}
NO_FIELDS = {*vars(logging.makeLogRecord({})), "asctime", "color_message", "message"}
HOSTNAME = socket.gethostname()

encode = json.JSONEncoder(allow_nan=False, default=repr).encode
summary_log = logging.getLogger("request.summary")


class Formatter(logging.Formatter):
    def format(self, record: logging.LogRecord) -> str:
        fields = {key: value for key, value in vars(record).items() if key not in NO_FIELDS and value is not None}
        message = record.getMessage()
        if record.exc_info:
            fields["error"] = repr(record.exc_info[1])
            fields["traceback"] = self.formatException(record.exc_info)
        if message or not fields:
            fields["msg"] = message
        return _line(record.name, record.levelno, record.created, fields)


class Handler(logging.StreamHandler[TextIO]):
    def handleError(self, record: logging.LogRecord) -> None:
        """Reports a record that cannot be logged, on stdout and not, as logging would, on stderr."""
        message = f"cannot log what {record.pathname}:{record.lineno} logs"
        fields = {"msg": message, "error": repr(sys.exception())}
        self.write(_line("app.error", logging.ERROR, record.created, fields))

    def write(self, line: str) -> None:
        with self.lock, contextlib.suppress(OSError, ValueError):
            self.stream.write(line + self.terminator)
            self.stream.flush()


handler = Handler(sys.stdout)
handler.setFormatter(Formatter())
handler.addFilter(RequestIdLogFilter())


def configure() -> None:
    """Logs everything, also what Python itself would print: warnings, and errors that nobody caught."""
    logging.getLogger().handlers = [handler]
    set_level("info")
    logging.captureWarnings(True)
    sys.excepthook = _log_uncaught
    sys.unraisablehook = lambda error: _log_uncaught(error.exc_type, error.exc_value, error.exc_traceback)
    threading.excepthook = lambda error: _log_uncaught(error.exc_type, error.exc_value, error.exc_traceback)


def set_level(name: str) -> None:
    level = logging.getLevelNamesMapping()[name.upper()]
    logging.getLogger().setLevel(level)
    for talkative in ("httpx2", "uvicorn"):
        logging.getLogger(talkative).setLevel(max(level, logging.WARNING))


def request_summary(fields: dict[str, Any]) -> None:
    """Goes round `logging`, whose record would be a fifth of the work of a request."""
    if summary_log.isEnabledFor(logging.INFO):
        handler.write(_line(summary_log.name, logging.INFO, time.time(), fields))


def _line(kind: str, level: int, created: float, fields: dict[str, Any]) -> str:
    return encode(
        {
            "Timestamp": int(created * 1e9),
            "Time": datetime.fromtimestamp(created, UTC).isoformat(),
            "Type": kind,
            "Logger": NAME,
            "Hostname": HOSTNAME,
            "EnvVersion": "2.0",
            "Severity": SEVERITIES.get(level, 7),
            "Pid": os.getpid(),
            "Fields": fields,
        }
    )


def _log_uncaught(kind: type[BaseException], error: BaseException | None, trace: TracebackType | None) -> None:
    if kind is not SystemExit:  # which ends a thread quietly
        logging.getLogger("app.error").error("", exc_info=(kind, error or kind(), trace))
