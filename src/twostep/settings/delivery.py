"""The settings of messages: which server takes the mails, and which provider the texts."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Literal

from pydantic import Field, SecretStr, field_validator
from pydantic_settings import BaseSettings

from twostep.delivery.mail import Mailer, Relay, Tls, demand_authorities
from twostep.delivery.mail_form import demand_address
from twostep.delivery.relays import read_relay
from twostep.delivery.texts import Provider
from twostep.flows.installation import TEXTS_A_DAY
from twostep.flows.return_addresses import MOST_LOCAL, demand_room_for_reference
from twostep.flows.tries import Outgoing


class DeliverySettings(BaseSettings):
    """What the operator has decided about messages."""

    smtp: str | None = Field(
        default=None,
        description="an address such as smtp://user@mail.example.org:587 or"
        " smtps://mail.example.org, without a password",
    )
    smtp_password: SecretStr | None = Field(default=None, description="a password")
    smtp_starttls: Literal["required", "optional", "never"] = Field(
        default="required", description="required, optional or never"
    )
    smtp_authorities: Path | None = Field(
        default=None, description="the path of a PEM file of certificates"
    )
    smtp_connections: int = Field(default=4, ge=2, le=50, description="a whole number from 2 to 50")
    mail_sender: str | None = Field(default=None, description="one email address")
    mail_bounces: str | None = Field(
        default=None,
        description=f"one email address, with at most {MOST_LOCAL} characters before the @ and no"
        " plus sign",
    )
    mail_rate: int | None = Field(
        default=None, ge=1, le=100_000, description="a whole number from 1 to 100000"
    )
    text_provider: SecretStr | None = Field(
        default=None, description="an Apprise address of a text provider, with {to} in it once"
    )

    text_budget_a_day: int = Field(
        default=TEXTS_A_DAY, ge=0, le=1_000_000, description="a whole number from 0 to 1000000"
    )

    @field_validator("smtp")
    @classmethod
    def _mail_server(cls, value: str | None) -> str | None:
        if value is not None:
            read_relay(value)
        return value

    @field_validator("mail_sender", "mail_bounces")
    @classmethod
    def _one_address(cls, value: str | None) -> str | None:
        return None if value is None else demand_address(value.strip())

    @field_validator("mail_bounces")
    @classmethod
    def _with_room(cls, value: str | None) -> str | None:
        return None if value is None else demand_room_for_reference(value)

    @field_validator("smtp_authorities")
    @classmethod
    def _readable(cls, value: Path | None) -> Path | None:
        if value is not None:
            try:
                demand_authorities(value)
            except OSError as error:
                raise ValueError from error
        return value

    @field_validator("text_provider")
    @classmethod
    def _known_provider(cls, value: SecretStr | None) -> SecretStr | None:
        if value is not None:
            Provider(value.get_secret_value())
        return value

    @property
    def relay(self) -> Relay | None:
        """The mail server, where one is set."""
        if self.smtp is None:
            return None
        secret = self.smtp_password
        relay = read_relay(
            self.smtp,
            starttls=Tls(self.smtp_starttls),
            password=None if secret is None else secret.get_secret_value(),
        )
        return self.with_ours(relay)

    def with_ours(self, relay: Relay) -> Relay:
        """A mail server, ours or an environment's own, with what this machine decides."""
        return replace(relay, authorities=self.smtp_authorities, connections=self.smtp_connections)

    def outgoing(self, *, templates_dir: Path | None = None) -> Outgoing:
        """How messages leave. What is not set takes none, and each is given up with that reason."""
        relay, provider = self.relay, self.text_provider
        return Outgoing(
            sender=self.mail_sender or "twostep@localhost",
            envelope_sender=self.mail_bounces,
            open_mail=None if relay is None else lambda: Mailer(relay),
            open_own_mail=lambda relay: Mailer(self.with_ours(relay)),
            texts=None if provider is None else Provider(provider.get_secret_value()),
            rate=self.mail_rate,
            most_at_once=self.smtp_connections,
            templates_dir=templates_dir,
        )
