"""The endpoints that Dockerflow asks for."""

import asyncio
import logging
from functools import partial

from dockerflow.checks import ERROR, CheckMessage, Error, level_to_text, run_checks_async
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from service.checks import Check

CHECK_SECONDS = 1

log = logging.getLogger(__name__)


async def version(request: Request) -> Response:
    content: bytes | None = request.app.state.version_json
    if content is None:
        raise HTTPException(404, "no version.json")
    return Response(content, media_type="application/json")


async def lbheartbeat() -> Response:
    return JSONResponse({"status": "ok"})


async def heartbeat(request: Request) -> Response:
    checks: dict[str, Check] = request.app.state.checks
    results = await run_checks_async([(name, partial(_run, name, check)) for name, check in checks.items()])
    body = {"status": level_to_text(results.level), "checks": results.statuses, "details": results.details}
    return JSONResponse(body, 500 if results.level >= ERROR else 200)


async def _run(name: str, check: Check) -> list[CheckMessage]:
    try:
        async with asyncio.timeout(CHECK_SECONDS):
            return await check()
    except TimeoutError:
        return [Error(f"no result within {CHECK_SECONDS} s", id=f"{name}.timeout")]
    except Exception as error:
        log.exception("the check %s failed", name)
        return [Error(type(error).__name__, id=f"{name}.exception")]


ENDPOINTS = {
    "/__version__": version,
    "/__heartbeat__": heartbeat,
    "/__lbheartbeat__": lbheartbeat,
}
