"""What surrounds every request: its id, its log line and its metrics."""

import logging
import time
import uuid

from dockerflow.logging import request_id_context
from starlette.requests import ClientDisconnect
from starlette.responses import JSONResponse
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from service import logs
from service.metrics import metrics

LOGGED_LENGTH = 256

error_log = logging.getLogger("request.error")


class RequestMiddleware:
    """An uncaught error becomes a log line and a 500. A handler that knows its user sets `request.state.uid`."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return

        start = time.perf_counter()
        headers = dict(scope["headers"])
        rid = _request_id(headers.get(b"x-request-id", b"").decode("latin-1"))
        request_id_context.set(rid)
        started = False
        code = 500

        async def send_with_id(message: Message) -> None:
            nonlocal started, code
            if message["type"] == "http.response.start":
                started = True
                code = message["status"]
                message["headers"] = [*message.get("headers", ()), (b"x-request-id", rid.encode())]
            await send(message)

        try:
            await self.app(scope, receive, send_with_id)
        except ClientDisconnect:
            code = 400
        except Exception:
            error_log.exception("")
            code = 500
            if not started:
                response = JSONResponse({"error": "internal server error"}, 500)
                await response(scope, receive, send_with_id)
        finally:
            milliseconds = (time.perf_counter() - start) * 1000
            fields = {
                "agent": _text(headers.get(b"user-agent")),
                "errno": code if code >= 400 else 0,
                "method": scope["method"],
                "path": scope["path"][:LOGGED_LENGTH],
                "code": code,
                "lang": _text(headers.get(b"accept-language")),
                "uid": scope.get("state", {}).get("uid", ""),
                "rid": rid,
                "t": int(milliseconds),
            }
            logs.request_summary(fields)
            metrics.incr(f"request.count.{code}")
            metrics.timing("request.time", round(milliseconds, 3))


def _request_id(sent: str) -> str:
    if 0 < len(sent) <= 128 and sent.isascii() and sent.isprintable():
        return sent
    return str(uuid.uuid4())


def _text(header: bytes | None) -> str:
    return header[:LOGGED_LENGTH].decode("latin-1") if header else ""
