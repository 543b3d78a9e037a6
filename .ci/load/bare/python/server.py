"""FastAPI on uvicorn, and logging with one JSON line a request: what the generated service is measured against."""

import json
import logging
import os
import socket
import sys
import time
import uuid
from datetime import UTC, datetime

import uvicorn
from fastapi import FastAPI

HOSTNAME = socket.gethostname()

log = logging.getLogger("request.summary")


class Formatter(logging.Formatter):
    def format(self, record):
        return json.dumps(
            {
                "Timestamp": int(record.created * 1e9),
                "Time": datetime.fromtimestamp(record.created, UTC).isoformat(),
                "Type": record.name,
                "Logger": "bare",
                "Hostname": HOSTNAME,
                "EnvVersion": "2.0",
                "Severity": 6,
                "Pid": record.process,
                "Fields": record.fields,
            }
        )


class Log:
    def __init__(self, app):
        self.app = app

    async def __call__(self, scope, receive, send):
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return

        async def watched(message):
            nonlocal code
            if message["type"] == "http.response.start":
                code = message["status"]
            await send(message)

        start, code, headers = time.perf_counter(), 500, dict(scope["headers"])
        try:
            await self.app(scope, receive, watched)
        finally:
            fields = {
                "agent": headers.get(b"user-agent", b"").decode("latin-1"),
                "errno": code if code >= 400 else 0,
                "method": scope["method"],
                "path": scope["path"],
                "code": code,
                "lang": headers.get(b"accept-language", b"").decode("latin-1"),
                "uid": "",
                "rid": str(uuid.uuid4()),
                "t": int((time.perf_counter() - start) * 1000),
            }
            log.info("", extra={"fields": fields})


app = FastAPI()
app.add_middleware(Log)


@app.get("/")
async def index():
    return {"service": "bare"}


@app.get("/__lbheartbeat__")
async def lbheartbeat():
    return {"status": "ok"}


if __name__ == "__main__":
    handler = logging.StreamHandler(sys.stdout)
    handler.setFormatter(Formatter())
    log.addHandler(handler)
    log.setLevel(logging.INFO)
    uvicorn.run(app, host="0.0.0.0", port=int(os.environ["PORT"]), log_config=None, access_log=False)
