import asyncio
import io
import json
import logging
import os
import socket
import subprocess
import sys
from collections.abc import AsyncIterator, Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from starlette.requests import ClientDisconnect, Request
from starlette.responses import StreamingResponse
from starlette.testclient import TestClient

from service import logs, protocol
from service.app import app

ROOT = Path(__file__).parent.parent

Line = dict[str, Any]


@app.get("/crash")
async def crash() -> None:
    raise RuntimeError("oh no")


@app.get("/crash-midway")
async def crash_midway() -> StreamingResponse:
    async def body() -> AsyncIterator[bytes]:
        yield b"some"
        raise RuntimeError("oh no")

    return StreamingResponse(body())


@app.post("/echo")
async def echo(request: Request) -> int:
    request.state.uid = "user-1"
    return len(await request.body())


@app.get("/background")
async def background() -> None:
    task = asyncio.create_task(crash())
    await asyncio.sleep(0)
    del task


@app.get("/gone")
async def gone() -> None:
    raise ClientDisconnect


@app.get("/slow")
async def slow() -> None:
    await asyncio.sleep(2 * protocol.REQUEST_SECONDS)


@pytest.fixture
def client() -> TestClient:
    app.state.checks = {}
    app.state.version_json = b'{"version": "1.2.3"}\n'
    return TestClient(app, raise_server_exceptions=False, follow_redirects=False)


@pytest.fixture
def lines(monkeypatch: pytest.MonkeyPatch) -> Callable[[], list[Line]]:
    """What the service has logged so far."""
    stream = io.StringIO()
    monkeypatch.setattr(logs.handler, "stream", stream)
    monkeypatch.setattr(logging.getLogger(), "handlers", [logs.handler])
    logs.set_level("info")
    return lambda: [json.loads(line) for line in stream.getvalue().splitlines()]


@pytest.fixture
def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as server:
        port: int = server.getsockname()[1]
        return port


class Service:
    """The service as a process; what it writes, to stderr too, has to be mozlog."""

    def __init__(self, *command: str, **environ: str) -> None:
        environ["PATH"] = os.defpath
        self.process = subprocess.Popen(
            [sys.executable, *(command or ("-m", "service"))],
            cwd=ROOT,
            env=environ,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )

    def line(self, kind: str) -> Line:
        """The next line of that Type."""
        assert self.process.stdout is not None
        for text in self.process.stdout:
            line: Line = json.loads(text)
            if line["Type"] == kind:
                return line
        raise AssertionError(f"the service ended without a line of Type {kind}")

    def end(self) -> tuple[int, list[Line]]:
        """The exit code, and the lines that nobody has read yet."""
        output, _ = self.process.communicate(timeout=10)
        return self.process.returncode, [json.loads(line) for line in output.splitlines()]


@pytest.fixture
def start() -> Iterator[Callable[..., Service]]:
    started: list[Service] = []

    def start(*command: str, **environ: str) -> Service:
        started.append(Service(*command, **environ))
        return started[-1]

    yield start
    for service in started:
        service.process.kill()
        service.process.communicate()
