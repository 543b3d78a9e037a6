"""Configuration: environment variables, read once at the start."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Self
from urllib.parse import urlsplit

LOG_LEVELS = ("debug", "info", "warning", "error", "critical")


class ConfigError(Exception):
    """Names the variable that is wrong and what it wants, but not its value."""


@dataclass(frozen=True)
class Config:
    port: int = 8000
    statsd_host: str | None = None
    statsd_port: int = 8125
    log_level: str = "info"
    backend_url: str | None = None

    @classmethod
    def from_environ(cls, environ: Mapping[str, str]) -> Self:
        """An empty variable counts as unset."""
        return cls(
            port=_port(environ, "PORT", cls.port),
            statsd_host=environ.get("STATSD_HOST") or None,
            statsd_port=_port(environ, "STATSD_PORT", cls.statsd_port),
            log_level=_log_level(environ, "LOG_LEVEL", cls.log_level),
            backend_url=_url(environ, "BACKEND_URL"),
        )


def _port(environ: Mapping[str, str], name: str, default: int) -> int:
    value = environ.get(name) or str(default)
    if not re.fullmatch("[0-9]{1,5}", value) or not 1 <= int(value) <= 65535:
        raise ConfigError(f"{name}: want an integer from 1 to 65535")
    return int(value)


def _log_level(environ: Mapping[str, str], name: str, default: str) -> str:
    value = environ.get(name) or default
    if value not in LOG_LEVELS:
        raise ConfigError(f"{name}: want one of {', '.join(LOG_LEVELS)}")
    return value


def _url(environ: Mapping[str, str], name: str) -> str | None:
    value = environ.get(name) or None
    if value and not _is_http_url(value):
        raise ConfigError(f"{name}: want an http or https URL")
    return value


def _is_http_url(value: str) -> bool:
    try:
        parts = urlsplit(value)
        return parts.scheme in ("http", "https") and bool(parts.hostname) and parts.port != 0
    except ValueError:  # of an impossible port or IPv6 address
        return False
