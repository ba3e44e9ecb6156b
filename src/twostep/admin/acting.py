"""Whom an administrator's dialog is about, and what becomes of somebody to whom it is not open."""

from __future__ import annotations

from typing import Final

from starlette.responses import Response

from twostep.core.users import User
from twostep.flows.administration import MayNot
from twostep.i18n.matters import Matter
from twostep.web.errors import StopRequest, not_found
from twostep.web.fresh_proof import session_over

USERS_PATH: Final = "/admin/users"

ID_LENGTH: Final = 32


def called(user: User) -> str:
    """What a dialog calls the user: so that of two people of one name the right one is meant."""
    return f"{user.full_name} ({user.name})" if user.full_name else user.name


def id_of(text: str) -> bytes:
    """An id as an address holds it. Raises StopRequest (404) for what none is."""
    try:
        found = bytes.fromhex(text) if len(text) == ID_LENGTH else b""
    except ValueError:
        found = b""
    if not found or found.hex() != text:
        raise not_found()
    return found


def refusal(why: MayNot) -> StopRequest:
    """What stops whoever may not do it."""
    if why is MayNot.NOBODY:
        return not_found()
    if why is MayNot.NEEDS_TWO_STEP:
        return StopRequest(Matter.NEEDS_TWO_STEP, 403)
    return StopRequest(Matter.FORBIDDEN, 403)


def after_all(why: MayNot, again: Response) -> Response:
    """The answer where a flow refuses what the page had found open: something changed in between.
    ``again``: back to the dialog, which asks for another proof. Raises StopRequest (403, 404).
    """
    if why is MayNot.PROVE_AGAIN:
        return again
    if why is MayNot.SIGNED_OUT:
        return session_over()
    raise refusal(why)
