"""The process: configuration, socket, uvicorn, signals, exit code."""

import asyncio
import json
import logging
import os
import signal
import socket
from pathlib import Path
from typing import Any

import uvicorn

from service import checks, logs, metrics
from service.app import app
from service.config import Config, ConfigError
from service.protocol import BoundedProtocol

VERSION_JSON = Path(__file__).parent.parent / "version.json"
BACKLOG = 2048
KEEP_ALIVE_SECONDS = 65
LULL_SECONDS = 0.5
GRACE_SECONDS = 8  # after the lull; docker stop kills after 10


class Server(uvicorn.Server):
    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        asyncio.get_running_loop().set_exception_handler(_log_uncaught)
        await super().startup(sockets)
        fields = {"port": self.config.port, "version": _version(app.state.version_json)}
        logging.getLogger("app.start").info("listening", extra=fields)

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        """Answers what waits in a connection, not read yet, which uvicorn would take for idle and close at once."""
        for server in self.servers:
            server.close()
        for listener in sockets or []:
            listener.close()
        self.server_state.default_headers.append((b"connection", b"close"))
        await asyncio.sleep(LULL_SECONDS)
        await super().shutdown(sockets)


def main() -> int:
    try:
        config = Config.from_environ(os.environ)
    except ConfigError as error:
        logging.getLogger("app.config").critical("", extra={"error": str(error)})
        return 1

    logs.set_level(config.log_level)
    metrics.configure(config)
    app.state.checks = checks.configured(config)
    app.state.version_json = VERSION_JSON.read_bytes() if VERSION_JSON.exists() else None
    server = Server(
        uvicorn.Config(
            app,
            port=config.port,
            loop="uvloop",
            http=BoundedProtocol,
            ws="none",
            log_config=None,
            access_log=False,
            server_header=False,
            proxy_headers=False,
            timeout_keep_alive=KEEP_ALIVE_SECONDS,
            timeout_graceful_shutdown=GRACE_SECONDS,
        )
    )
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, server.handle_exit)  # uvicorn raises the signal again when it has stopped
    try:
        server.run([_listen(config.port)])
    except SystemExit:
        logging.getLogger("app.error").error("the lifespan of the application failed")
        return 1
    logging.getLogger("app.stop").info("stopped")
    return 0


def _listen(port: int) -> socket.socket:
    if socket.has_dualstack_ipv6():
        return socket.create_server(("", port), family=socket.AF_INET6, backlog=BACKLOG, dualstack_ipv6=True)
    return socket.create_server(("", port), backlog=BACKLOG)


def _version(version_json: bytes | None) -> str | None:
    try:
        return json.loads(version_json or b"{}").get("version") or None
    except (ValueError, AttributeError):
        return None


def _log_uncaught(_loop: asyncio.AbstractEventLoop, context: dict[str, Any]) -> None:
    logging.getLogger("app.error").error(context["message"], exc_info=context.get("exception"))
