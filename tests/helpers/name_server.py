"""A name server on this machine: real messages over UDP, and answers that a test has written."""

from __future__ import annotations

import socket
import threading
from dataclasses import dataclass, field
from typing import Self

import dns.flags
import dns.message
import dns.name
import dns.rcode
import dns.rdatatype
import dns.rrset


@dataclass
class NameServer:
    """``texts``: the TXT records of each name. A name that is not there does not exist; while it is
    ``silent`` nobody gets an answer.
    """

    texts: dict[str, list[str]] = field(default_factory=dict)
    silent: bool = False
    rcode: dns.rcode.Rcode = dns.rcode.NOERROR
    asked: list[str] = field(default_factory=list)

    def __enter__(self) -> Self:
        self._socket = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self._socket.bind(("127.0.0.1", 0))
        self.address: tuple[str, int] = self._socket.getsockname()
        self._thread = threading.Thread(target=self._serve, daemon=True)
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as ending:
            ending.sendto(b"", self.address)
        self._thread.join()
        self._socket.close()

    def _serve(self) -> None:
        while True:
            wire, client = self._socket.recvfrom(4096)
            if not wire:
                return
            if not self.silent:
                self._socket.sendto(self._answer(dns.message.from_wire(wire)), client)
            else:
                self.asked.append("")

    def _answer(self, query: dns.message.Message) -> bytes:
        name = query.question[0].name
        text = name.to_text(omit_final_dot=True).lower()
        self.asked.append(text)
        answer = dns.message.make_response(query)
        answer.flags |= dns.flags.AA
        answer.set_rcode(self.rcode)
        records = self.texts.get(text)
        if records is None and self.rcode == dns.rcode.NOERROR:
            below = any(other.endswith(f".{text}") for other in self.texts)
            answer.set_rcode(dns.rcode.NOERROR if below else dns.rcode.NXDOMAIN)
        if records:
            quoted = [" ".join(f'"{piece}"' for piece in _pieces(each)) for each in records]
            answer.answer.append(dns.rrset.from_text_list(name, 60, "IN", "TXT", quoted))
        return answer.to_wire()


def _pieces(text: str) -> list[str]:
    """A string of a TXT record has 255 characters at the most; short ones here, so that a test sees
    that they are joined.
    """
    return [text[start : start + 40] for start in range(0, len(text), 40)] or [""]
