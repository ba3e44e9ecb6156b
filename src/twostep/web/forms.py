"""Reading a form: strictly, once, and without losing what was typed.

What a browser cannot send by itself (another content type, a field twice, bytes that are not UTF-8)
stops the
request with a page that says so. What a person can do (leave a field empty, paste too much) is the
page's to say,
beside the field.
"""

from __future__ import annotations

from collections.abc import Mapping
from urllib.parse import parse_qsl

from starlette.requests import ClientDisconnect, Request

from twostep.i18n.matters import Matter
from twostep.web.errors import StopRequest, bad_request

MOST_FIELDS = 40


class Form:
    """The fields of a form that was sent. A field that was not sent reads as empty."""

    def __init__(self, fields: Mapping[str, str]) -> None:
        self._fields = fields

    @property
    def names(self) -> frozenset[str]:
        """Of all fields that were sent."""
        return frozenset(self._fields)

    def text(self, name: str, *, longest: int) -> str:
        """What stands in the field, cut where it is so long that nobody typed it; ask
        :meth:`too_long` first.
        """
        return self._fields.get(name, "")[:longest]

    def too_long(self, name: str, *, longest: int) -> bool:
        """Whether the field holds more characters than that."""
        return len(self._fields.get(name, "")) > longest


async def read_form(request: Request) -> Form:
    """The form of a POST. Raises StopRequest (400, 413, 415)."""
    kind, _, rest = request.headers.get("content-type", "").partition(";")
    if kind.strip().lower() != "application/x-www-form-urlencoded":
        raise StopRequest(Matter.WRONG_CONTENT_TYPE, 415)
    charset = rest.strip().lower().replace('"', "")
    if charset and charset != "charset=utf-8":
        raise StopRequest(Matter.WRONG_CONTENT_TYPE, 415)
    try:
        body = await request.body()
    except ClientDisconnect:
        raise bad_request() from None
    try:
        pairs = parse_qsl(
            body.decode("ascii"),
            keep_blank_values=True,
            encoding="utf-8",
            errors="strict",
            max_num_fields=MOST_FIELDS,
        )
    except ValueError:
        # Bytes that are not UTF-8 (UnicodeDecodeError is a ValueError), or more fields than any
        # form of ours has.
        raise bad_request() from None
    fields: dict[str, str] = {}
    for name, value in pairs:
        if name in fields:
            raise StopRequest(Matter.FIELD_TWICE, 400)
        fields[name] = value
    return Form(fields)
