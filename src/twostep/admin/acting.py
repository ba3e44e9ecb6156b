"""Whom an administrator's dialog is about, and whether it is open to them.

Every dialog on another user asks here before it shows anything and before it compares a proof:
whoever may not do it learns nothing by trying, and uses up none of their tries. The flow asks again
in its own transaction, and that alone counts.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from starlette.requests import Request
from starlette.responses import Response

from twostep.core.permissions import Permission
from twostep.core.users import User
from twostep.flows.administration import Acting, MayNot, reaching
from twostep.flows.sessions import Person
from twostep.i18n.matters import Matter
from twostep.web.errors import StopRequest, not_found
from twostep.web.forms import Form
from twostep.web.fresh_proof import session_over
from twostep.web.signed_in import SignedInPages
from twostep.web.site import Site

USERS_PATH: Final = "/admin/users"

ID_LENGTH: Final = 32


@dataclass(frozen=True, slots=True, kw_only=True)
class Opened:
    """A dialog that is open to this person. ``form`` is what was sent, empty where nothing was."""

    person: Person
    acting: Acting
    form: Form

    @property
    def user(self) -> User:
        """Whom it is about."""
        return self.acting.target

    @property
    def back(self) -> str:
        """The page of that user."""
        return f"{USERS_PATH}/{self.user.id.hex()}"


class Doors:
    """How every dialog on a user begins."""

    def __init__(self, site: Site, signed_in: SignedInPages) -> None:
        self._site = site
        self._signed_in = signed_in

    async def shown(self, request: Request, permission: Permission) -> Opened | Response:
        """The dialog was opened. Raises StopRequest (403, 404)."""
        person = await self._signed_in.person(request)
        return await self._opened(request, person, permission, Form({}))

    async def sent(self, request: Request, permission: Permission) -> Opened | Response:
        """The dialog was sent. Raises StopRequest (403, 404), and as a form does."""
        person, form = await self._signed_in.person_and_form(request)
        return await self._opened(request, person, permission, form)

    async def _opened(
        self, request: Request, person: Person | Response, permission: Permission, form: Form
    ) -> Opened | Response:
        if isinstance(person, Response):
            return person
        target_id = id_of(request.path_params["id"])
        found = await self._site.run(
            reaching, self._site.installation, person, permission, target_id
        )
        if isinstance(found, MayNot):
            raise refusal(found)
        return Opened(person=person, acting=found, form=form)


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
