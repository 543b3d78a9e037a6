"""What /__heartbeat__ checks: each check returns what is wrong, an empty list if all is well.

To add one, write a function like `backend` and name it in `configured`. It runs beside the others and has a second;
what it raises counts as an error.
"""

from collections.abc import Awaitable, Callable
from functools import partial

import httpx2
from dockerflow.checks import CheckMessage, Error

from service.config import Config

Check = Callable[[], Awaitable[list[CheckMessage]]]


def configured(config: Config) -> dict[str, Check]:
    checks: dict[str, Check] = {}
    if config.backend_url:
        client = httpx2.AsyncClient(limits=httpx2.Limits(max_keepalive_connections=0))
        checks["backend"] = partial(backend, client, config.backend_url)
    return checks


async def backend(client: httpx2.AsyncClient, url: str) -> list[CheckMessage]:
    try:
        async with client.stream("GET", url) as response:
            if response.is_server_error:
                return [Error(f"answered {response.status_code}", id="backend.status")]
    except httpx2.TransportError as error:
        return [Error(f"no answer: {type(error).__name__}", id="backend.unreachable")]
    return []
