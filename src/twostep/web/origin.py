"""Who may send us a form: pages of our own, and nobody else (the procedure of the security notes,
section 3.7).

For every unsafe method, in this order: a browser that says where the request comes from
(``Sec-Fetch-Site``) must
say ``same-origin``; a sibling host (``same-site``) is a stranger. One that does not say it must
send an ``Origin``
that is exactly ours. One that says neither is refused. The form's own token is checked besides, by
the page.
"""

from __future__ import annotations

from collections.abc import Iterable

from twostep.core.environments import Origin
from twostep.i18n.matters import Matter
from twostep.web.errors import StopRequest

SAFE_METHODS = frozenset({"GET", "HEAD", "OPTIONS"})

EXEMPT_PATHS = frozenset({"/csp-reports"})
"""Browsers post these by themselves, without cookies, and nothing comes of them but a line in the
log.
"""


def demand_own_origin(
    method: str, path: str, headers: Iterable[tuple[bytes, bytes]], own: Origin
) -> None:
    """Raises StopRequest for an unsafe request that no page of ours has sent."""
    if method in SAFE_METHODS or path in EXEMPT_PATHS:
        return
    listed = list(headers)
    sites = [value for name, value in listed if name == b"sec-fetch-site"]
    if sites:
        if sites != [b"same-origin"]:
            raise StopRequest(Matter.ORIGIN_REFUSED, 403)
        return
    if [value for name, value in listed if name == b"origin"] != [str(own).encode()]:
        raise StopRequest(Matter.ORIGIN_REFUSED, 403)
