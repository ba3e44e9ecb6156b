"""What an operator may set, each with what a value must be."""

from __future__ import annotations

import ipaddress
from ipaddress import IPv4Network, IPv6Network
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import Field, SecretStr, field_validator
from pydantic_settings import (
    BaseSettings,
    NoDecode,
    PydanticBaseSettingsSource,
    SettingsConfigDict,
)
from typing_extensions import override

from twostep.core.environments import NotAnOrigin, Origin, parse_origin
from twostep.delivery.mailbox import Mailbox
from twostep.delivery.syslog import Syslog, address_of, read_syslog
from twostep.flows.tries import Outgoing
from twostep.settings.delivery import DeliverySettings

PREFIX = "TWOSTEP_"
DEFAULT_PORT = 8000


def _optional(must: str) -> Any:
    return Field(default=None, description=must)


class Settings(DeliverySettings):
    """What the operator has decided, made from its arguments alone; ``load`` looks around.

    Each description says what a value must be.
    """

    model_config = SettingsConfigDict(
        extra="forbid", frozen=True, env_prefix=PREFIX, hide_input_in_errors=True
    )

    config: Path | None = _optional("the path of a TOML file")
    database: SecretStr | None = _optional(
        "a file, or a server such as postgresql://user:password@host/name"
    )
    data_dir: Path = Field(default=Path(), description="a folder")
    key_file: Path | None = _optional("the path of the key file")
    key: SecretStr | None = _optional("32 random bytes in base64")
    address: str | None = _optional("an address such as https://login.example.org, without a path")
    host: str = Field(default="127.0.0.1", description="an IP address of this machine")
    port: Annotated[int, Field(ge=1, le=65535)] | None = _optional("a whole number from 1 to 65535")
    workers: int = Field(default=1, ge=1, le=64, description="a whole number from 1 to 64")
    tls_certificate: Path | None = _optional("the path of a PEM file")
    tls_key: Path | None = _optional("the path of a PEM file")
    trusted_proxies: Annotated[tuple[IPv4Network | IPv6Network, ...], NoDecode] = Field(
        default=(), description="IP addresses or networks such as 10.0.0.0/8, with commas between"
    )
    hash_memory: int = Field(
        default=19, ge=12, le=256, description="a whole number of MiB from 12 to 256"
    )
    hash_passes: int = Field(default=2, ge=1, le=10, description="a whole number from 1 to 10")
    log_level: Literal["debug", "info", "warning", "error"] = Field(
        default="info", description="debug, info, warning or error"
    )
    log_format: Literal["json", "console"] | None = _optional("json or console")
    templates_dir: Path | None = _optional("a folder that exists")
    checkpoint_file: Path | None = _optional("the path of a file")
    checkpoint_syslog: str | None = _optional(
        "an address such as tls://logs.example.org:6514, udp://host:514 or unix:///dev/log"
    )
    audit_days: Annotated[int, Field(ge=1, le=36_500)] | None = _optional(
        "a whole number of days from 1 to 36500; everything is kept without it"
    )

    @field_validator("trusted_proxies", mode="before")
    @classmethod
    def _several(cls, value: object) -> object:
        return [part.strip() for part in value.split(",")] if isinstance(value, str) else value

    @field_validator("host")
    @classmethod
    def _numeric(cls, value: str) -> str:
        """A name may stand for several addresses, and one server listens on one."""
        return str(ipaddress.ip_address("127.0.0.1" if value == "localhost" else value))

    @field_validator("templates_dir")
    @classmethod
    def _folder(cls, value: Path | None) -> Path | None:
        if value is not None and not value.is_dir():
            raise ValueError
        return value

    @field_validator("checkpoint_syslog")
    @classmethod
    def _syslog(cls, value: str | None) -> str | None:
        return None if value is None else address_of(read_syslog(value))

    @field_validator("address")
    @classmethod
    def _origin(cls, value: str | None) -> str | None:
        if value is None:
            return None
        origin = parse_origin(value)
        if origin.scheme == "http" and not origin.on_loopback:
            raise NotAnOrigin("browsers keep Twostep's cookies only where it begins with https://")
        return str(origin)

    @classmethod
    @override
    def settings_customise_sources(
        cls,
        settings_cls: type[BaseSettings],
        init_settings: PydanticBaseSettingsSource,
        env_settings: PydanticBaseSettingsSource,
        dotenv_settings: PydanticBaseSettingsSource,
        file_secret_settings: PydanticBaseSettingsSource,
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        """The arguments, and nothing else."""
        return (init_settings,)

    @property
    def tls(self) -> bool:
        """Whether Twostep itself speaks TLS."""
        return self.tls_certificate is not None

    @property
    def origin(self) -> Origin:
        """The address of the first environment: the one given, or this machine's own name."""
        scheme = "https" if self.tls else "http"
        return parse_origin(self.address or f"{scheme}://localhost:{self.port or DEFAULT_PORT}")

    @property
    def listen_port(self) -> int:
        """The port given; else the address's own where nothing can stand before Twostep; else 8000.

        An address elsewhere, without TLS files, is a proxy's, and so is its port.
        """
        if self.port is not None:
            return self.port
        return self.origin.port if self.tls or self.origin.on_loopback else DEFAULT_PORT

    @property
    def database_url(self) -> str:
        """The database given, or ``twostep.db`` in the data folder. It may hold a password."""
        if self.database is not None:
            return self.database.get_secret_value()
        return str(self.data_dir / "twostep.db")

    @property
    def checkpoint_server(self) -> Syslog | None:
        """The syslog server that gets checkpoints. It is trusted by the same certificates as the
        mail server.
        """
        if self.checkpoint_syslog is None:
            return None
        return read_syslog(self.checkpoint_syslog, authorities=self.smtp_authorities)

    @property
    def key_path(self) -> Path:
        """The key file given, or ``twostep.key`` in the data folder."""
        return self.key_file or self.data_dir / "twostep.key"


class DemoSettings(Settings):
    """The settings of ``twostep demo``, which no file and no variable can make: its messages are
    kept in a folder and shown to everybody, codes and all.
    """

    mailbox: Path

    @override
    def outgoing(self, *, templates_dir: Path | None = None) -> Outgoing:
        """Into the mailbox. Texts go by gateway addresses, which are mails too."""
        return Outgoing(
            open_mail=lambda: Mailbox(self.mailbox),
            open_own_mail=lambda _: Mailbox(self.mailbox),
            open_own_texts=None,
            templates_dir=templates_dir,
        )
