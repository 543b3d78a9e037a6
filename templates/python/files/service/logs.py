"""mozlog 2.0 on stdout, one JSON object a line. The name of the logger is the Type of the line."""

import contextlib
import logging
import sys
import threading
from datetime import UTC, datetime
from types import TracebackType
from typing import Any, TextIO

from dockerflow.logging import MozlogFormatter, RequestIdLogFilter

from service import NAME


class Formatter(MozlogFormatter):
    """dockerflow's, with a readable Time, the causes of an error, and no null or empty Fields."""

    EXCLUDED_LOGRECORD_ATTRS = MozlogFormatter.EXCLUDED_LOGRECORD_ATTRS | {"color_message"}

    def is_value_jsonlike(self, _message: str) -> bool:
        return False  # dockerflow would drop the message

    def convert_record(self, record: logging.LogRecord) -> dict[str, Any]:
        line = super().convert_record(record)
        fields = {key: value for key, value in line["Fields"].items() if value is not None}
        if record.exc_info:
            fields["traceback"] = self.formatException(record.exc_info)
        line["Fields"] = fields or {"msg": ""}
        line["Time"] = datetime.fromtimestamp(record.created, UTC).isoformat()
        return line


class Handler(logging.StreamHandler[TextIO]):
    def handleError(self, record: logging.LogRecord) -> None:
        """Reports a record that cannot be logged, on stdout and not, as logging would, on stderr."""
        report = {
            "name": "app.error",
            "levelno": logging.ERROR,
            "msg": f"cannot log what {record.pathname}:{record.lineno} logs",
            "exc_info": sys.exc_info(),
        }
        with contextlib.suppress(OSError, ValueError):
            self.stream.write(self.format(logging.makeLogRecord(report)) + self.terminator)
            self.flush()


def configure(stream: TextIO) -> None:
    handler = Handler(stream)
    handler.setFormatter(Formatter(logger_name=NAME))
    handler.addFilter(RequestIdLogFilter())
    logging.getLogger().handlers = [handler]
    set_level("info")


def set_level(name: str) -> None:
    level = logging.getLevelNamesMapping()[name.upper()]
    logging.getLogger().setLevel(level)
    for talkative in ("httpx2", "uvicorn"):
        logging.getLogger(talkative).setLevel(max(level, logging.WARNING))


def catch_uncaught() -> None:
    """Logs what Python itself would print: warnings, and errors that nobody caught."""
    logging.captureWarnings(True)
    sys.excepthook = _log_uncaught
    sys.unraisablehook = lambda error: _log_uncaught(error.exc_type, error.exc_value, error.exc_traceback)
    threading.excepthook = lambda error: _log_uncaught(error.exc_type, error.exc_value, error.exc_traceback)


def _log_uncaught(kind: type[BaseException], error: BaseException | None, trace: TracebackType | None) -> None:
    if kind is not SystemExit:  # which ends a thread quietly
        logging.getLogger("app.error").error("", exc_info=(kind, error or kind(), trace))
