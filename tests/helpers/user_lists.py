"""Lists of new users, as an administrator sends them."""

from __future__ import annotations

from collections.abc import Mapping

from tests.helpers.administrators import Administrator
from tests.helpers.http import Answer
from twostep.flows.import_lists import go_on

PATH = "/admin/users/import"
BOUNDARY = "----formboundary7MA4YWxk"


def form_of(parts: Mapping[str, bytes]) -> bytes:
    """The body of a form with a file, as browsers write it."""
    found = b""
    for name, value in parts.items():
        what = '; filename="people.csv"\r\nContent-Type: text/csv' if name == "file" else ""
        found += f'--{BOUNDARY}\r\nContent-Disposition: form-data; name="{name}"{what}'.encode()
        found += b"\r\n\r\n" + value + b"\r\n"
    return found + f"--{BOUNDARY}--\r\n".encode()


def post(by: Administrator, body: bytes, kind: str = "multipart/form-data") -> Answer:
    """A body, sent to the page that takes lists."""
    headers = {
        "Content-Type": f"{kind}; boundary={BOUNDARY}",
        "Origin": by.client.origin,
        "Sec-Fetch-Site": "same-origin",
    }
    return by.client.request("POST", PATH, body=body, headers=headers)


def send(by: Administrator, text: str | bytes, *, pasted: bool = False) -> Answer:
    """A list, as a file or pasted; the answer, not followed."""
    data = text.encode() if isinstance(text, str) else text
    parts = {
        "csrf": by.csrf().encode(),
        "file": b"" if pasted else data,
        "lines": data if pasted else b"",
    }
    return post(by, form_of(parts))


def checked(by: Administrator, text: str | bytes) -> str:
    """A list that could be read; the path of its page."""
    answer = send(by, text)
    assert answer.status == 303, answer.text
    assert answer.location is not None
    return answer.location


def import_(by: Administrator, path: str, **typed: str) -> Answer:
    """**Import**, sent by hand."""
    return by.client.post(path, {"csrf": by.csrf()} | typed)


def finished(by: Administrator) -> None:
    """What follows from an import is done."""
    while go_on(by.house.installation):
        pass
