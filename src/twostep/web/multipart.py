"""Forms with a file in them (multipart/form-data, RFC 7578), read piece by piece.

Only one address of ours takes them. What a browser sends is read strictly, and anything else is
refused: parts are fields of known names, with their name and nothing of a path that we would use;
no part lies within a part, and none is encoded anew. Nothing is kept but the piece at hand.
"""

from __future__ import annotations

import re
from collections.abc import AsyncIterator, Iterator
from typing import Final

from starlette.requests import ClientDisconnect, Request

from twostep.i18n.matters import Matter
from twostep.web.errors import StopRequest, bad_request

LONGEST_HEAD: Final = 1_024
"""Bytes of what stands above a part: its name, and the name of a file, which is not looked at."""

MOST_PARTS: Final = 8

_TYPE: Final = re.compile(
    r'multipart/form-data; *boundary=("?)([0-9A-Za-z\'()+_,./:=?-]{1,70})\1', re.IGNORECASE
)
_NAME: Final = re.compile(rb'form-data; *name="([a-z_]{1,30})"(?:; *filename="[^"\r\n]*")?')
_HEADERS: Final = frozenset({b"content-disposition", b"content-type"})


class Malformed(ValueError):
    """This is no form that a browser of ours sends."""


Piece = tuple[str, bytes]
"""The name of a part, and some of what is in it; an empty piece begins each part."""


class Parts:
    """A body that comes in. ``feed`` it in pieces of any size, then ``end``.

    Each gives the pieces of parts that are known so far, and may raise Malformed.
    """

    def __init__(self, boundary: str) -> None:
        self._mark = b"\r\n--" + boundary.encode("ascii")
        # As if a line had ended before the first mark, which then is like all others.
        self._rest = b"\r\n"
        self._name: str | None = None
        self._count = 0
        self._over = False

    def feed(self, data: bytes) -> Iterator[Piece]:
        """The next piece of the body."""
        self._rest += data
        while not self._over:
            at = self._rest.find(self._mark)
            if at < 0:
                yield from self._safe()
                return
            after = self._rest[at + len(self._mark) :]
            head = self._head(after)
            if head is None:
                # The mark is there and what follows it is not yet: nothing before it is lost.
                yield from self._inside(self._rest[:at])
                self._rest = self._rest[at:]
                return
            yield from self._inside(self._rest[:at])
            if head == b"--":
                self._over = True
                return
            self._rest = after[len(head) :]
            yield from self._begin(head)

    def end(self) -> None:
        """All has come. Raises Malformed where the last mark has not."""
        if not self._over:
            raise Malformed("the last mark is missing")

    def _safe(self) -> Iterator[Piece]:
        """What cannot be the beginning of a mark."""
        keep = len(self._mark) - 1
        if len(self._rest) > keep:
            yield from self._inside(self._rest[:-keep])
            self._rest = self._rest[-keep:]

    def _inside(self, data: bytes) -> Iterator[Piece]:
        if not data:
            return
        if self._name is None:
            raise Malformed("something stands before the first mark")
        yield self._name, data

    def _head(self, after: bytes) -> bytes | None:
        """What follows a mark: the end of all, or the head of a part; None where more must come."""
        if after.startswith(b"--"):
            return b"--"
        end = after.find(b"\r\n\r\n")
        if end > LONGEST_HEAD or (end < 0 and len(after) > LONGEST_HEAD):
            raise Malformed("the head of a part is too long")
        return None if end < 0 else after[: end + 4]

    def _begin(self, head: bytes) -> Iterator[Piece]:
        if not head.startswith(b"\r\n"):
            raise Malformed("something stands beside a mark")
        lines = head[2:-4].split(b"\r\n")
        split = (line.partition(b":") for line in lines)
        fields = {name.strip().lower(): value.strip() for name, _, value in split}
        found = _NAME.fullmatch(fields.get(b"content-disposition", b""))
        if found is None or len(fields) != len(lines) or not fields.keys() <= _HEADERS:
            raise Malformed("the head of a part is none of ours")
        self._count += 1
        if self._count > MOST_PARTS:
            raise Malformed("too many parts")
        self._name = found[1].decode("ascii")
        yield self._name, b""


async def read_parts(request: Request) -> AsyncIterator[Piece]:
    """The parts of a request's body, as they come. Raises StopRequest (400, 413, 415)."""
    kind = _TYPE.fullmatch(request.headers.get("content-type", ""))
    if kind is None:
        raise StopRequest(Matter.WRONG_CONTENT_TYPE, 415)
    parts = Parts(kind[2])
    try:
        async for data in request.stream():
            for piece in parts.feed(data):
                yield piece
        parts.end()
    except (ClientDisconnect, Malformed):
        raise bad_request() from None
