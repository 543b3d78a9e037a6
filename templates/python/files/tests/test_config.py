import pytest

from service.config import Config, ConfigError


def test_defaults() -> None:
    assert Config.from_environ({}) == Config(8000, None, 8125, "info", None)


def test_all_variables() -> None:
    environ = {
        "PORT": "65535",
        "STATSD_HOST": "statsd.example",
        "STATSD_PORT": "1",
        "LOG_LEVEL": "debug",
        "BACKEND_URL": "https://backend.example/health?deep=1",
    }
    expected = Config(65535, "statsd.example", 1, "debug", "https://backend.example/health?deep=1")
    assert Config.from_environ(environ) == expected


def test_empty_is_unset() -> None:
    names = ("PORT", "STATSD_HOST", "STATSD_PORT", "LOG_LEVEL", "BACKEND_URL")
    assert Config.from_environ(dict.fromkeys(names, "")) == Config()


@pytest.mark.parametrize("name", ["PORT", "STATSD_PORT"])
@pytest.mark.parametrize("value", ["0", "65536", "-1", "80.5", "8_000", " 8000", "0x50", "http", "9" * 5000])
def test_bad_port(name: str, value: str) -> None:
    with pytest.raises(ConfigError, match=f"^{name}: want an integer from 1 to 65535$"):
        Config.from_environ({name: value})


@pytest.mark.parametrize("value", ["verbose", "INFO", "20"])
def test_bad_log_level(value: str) -> None:
    with pytest.raises(ConfigError, match=r"^LOG_LEVEL: want one of debug, info, warning, error, critical$"):
        Config.from_environ({"LOG_LEVEL": value})


@pytest.mark.parametrize("value", ["backend", "//backend", "ftp://backend", "http://", "http://backend:x/", "http://["])
def test_bad_backend_url(value: str) -> None:
    with pytest.raises(ConfigError, match=r"^BACKEND_URL: want an http or https URL$"):
        Config.from_environ({"BACKEND_URL": value})
