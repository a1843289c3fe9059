"""Settings: a table of (name, type, default, help), read once from the environment.

`FREEHOLD_<SERVICE>_<NAME>` beats `FREEHOLD_<NAME>`, which beats the default. A name with `_FILE` appended gives a
file that holds the value, which is how secrets come in. The reference page is generated from these tables.
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any


@dataclass(frozen=True)
class Setting:
    """One setting; `default` may be a callable that gets the settings read so far."""

    name: str
    type: type
    default: Any
    help: str
    secret: bool = False


class SettingError(ValueError):
    """A setting has a value that its type cannot take."""


def _sqlite_url(known: Mapping[str, Any]) -> str:
    return f"sqlite:///{known['home']}/{known['service']}.db"


CHASSIS_SETTINGS: tuple[Setting, ...] = (
    Setting("mode", str, "embedded",
            "`embedded` (one process, SQLite) or `servers` (PostgreSQL, RabbitMQ, a process per role)"),
    Setting("node", str, "", "name of this server among several that each keep a store of their own"),
    Setting("home", Path, Path("var"), "folder of data, keys and generated secrets"),
    Setting("database_url", str, _sqlite_url, "SQLAlchemy URL of the service's own database", secret=True),
    Setting("database_pool", int, 10, "connections a process keeps open to its database"),
    Setting("database_timeout_ms", int, 30_000, "longest time one SQL statement may take"),
    Setting("broker_url", str, lambda known: f"local:{known['home']}/broker.db",
            "`amqp://…` of RabbitMQ, or `local:<file>` in embedded mode", secret=True),
    Setting("keys_dir", Path, lambda known: Path(known["home"]) / "keys",
            "folder with one folder of private signing keys per service"),
    Setting("gateway_url", str, "http://127.0.0.1:8400", "address of the gateway for calls between services"),
    Setting("customer_url", str, "http://127.0.0.1:8401", "address of the customer service"),
    Setting("workflow_url", str, "http://127.0.0.1:8402", "address of the workflow service"),
    Setting("notify_url", str, "http://127.0.0.1:8403", "address of the notify service"),
    Setting("report_url", str, "http://127.0.0.1:8404", "address of the report service"),
    Setting("public_url", str, "http://127.0.0.1:8400", "address that people use; stands in links of messages"),
    Setting("listen", str, "127.0.0.1:8400", "address and port of a web role"),
    Setting("admin_listen", str, "127.0.0.1:0",
            "address and port of metrics and health of a process; port 0 switches it off"),
    Setting("web_server", str, "",
            "`granian` or `gunicorn` under a web role; empty: what suits the service, see docs/adr/two-web-servers.md"),
    Setting("web_workers", int, 2, "processes of a web role"),
    Setting("web_threads", int, 8, "threads of each process of a web role"),
    Setting("access_token_seconds", int, 600, "life of an access token"),
    Setting("max_body_bytes", int, 1_048_576, "largest body of an ordinary request"),
    Setting("call_timeout_seconds", float, 10.0, "longest time one call to another service may take"),
    Setting("log_level", str, "INFO", "DEBUG, INFO, WARNING or ERROR"),
    Setting("log_format", str, "json", "`json`, or `text` for people"),
    Setting("otlp_endpoint", str, "", "OTLP/HTTP address of a trace collector; empty switches traces off"),
    Setting("default_locale", str, "zh-CN",
            "language where neither the caller nor the request names one: `en` or `zh-CN`"),
    Setting("default_timezone", str, "Asia/Shanghai", "time zone of people who chose none"),
    Setting("retry_delays", str, "1,5,30,120,600", "seconds before each new try of an event that failed"),
    Setting("stop_seconds", int, 20, "how long a process finishes what it holds before it ends"),
)


class Settings:
    """The values of one process; attributes are the names of the table."""

    def __init__(self, values: dict[str, Any]) -> None:
        self._values = values

    def __getattr__(self, name: str) -> Any:
        try:
            return self.__dict__["_values"][name]
        except KeyError:
            raise AttributeError(f"there is no setting {name!r}") from None

    @property
    def embedded(self) -> bool:
        """Whether everything runs in one process."""
        return self.mode == "embedded"


def load_settings(service: str, own: tuple[Setting, ...] = (), env: Mapping[str, str] | None = None) -> Settings:
    """Read the settings of `service`; raises SettingError naming the variable that is wrong."""
    env = os.environ if env is None else env
    values: dict[str, Any] = {"service": service}
    for setting in CHASSIS_SETTINGS + own:
        values[setting.name] = _read(setting, service, env, values)
    return Settings(values)


def _read(setting: Setting, service: str, env: Mapping[str, str], known: Mapping[str, Any]) -> Any:
    for variable in (f"FREEHOLD_{service}_{setting.name}".upper(), f"FREEHOLD_{setting.name}".upper()):
        if variable in env:
            return _convert(setting, variable, env[variable])
        if f"{variable}_FILE" in env:
            return _convert(setting, variable, Path(env[f"{variable}_FILE"]).read_text(encoding="utf-8").strip())
    return setting.default(known) if callable(setting.default) else setting.default


def _convert(setting: Setting, variable: str, text: str) -> Any:
    try:
        if setting.type is bool:
            return {"1": True, "true": True, "yes": True, "0": False, "false": False, "no": False}[text.lower()]
        return setting.type(text)
    except (KeyError, ValueError) as error:
        raise SettingError(f"{variable}: not a valid {setting.type.__name__}") from error
