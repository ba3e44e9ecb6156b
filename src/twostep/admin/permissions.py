"""``/admin/permissions`` and what leads on from it: who may do what, and giving and taking it.

Whoever holds any permission may read who holds which. What one may not give or take is not offered,
and refused by hand, before any proof is compared (R-35).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import assert_never

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from twostep.admin.acting import after_all, id_of, refusal
from twostep.admin.dialogs import Dialogs, Standing
from twostep.admin.permission_page import (
    PATH,
    dialog_of,
    dialog_path,
    page_of,
    page_of_user,
    user_path,
)
from twostep.core.permissions import (
    Permission,
    opens_user_management,
    reach_to_grant,
    reach_to_revoke,
)
from twostep.flows import permission_lists, permissions
from twostep.flows.administration import MayNot, reaching
from twostep.flows.permission_lists import OfUser
from twostep.flows.permissions import AsBefore, Done, LastHolder
from twostep.flows.sessions import Person
from twostep.i18n.matters import Matter
from twostep.i18n.permission_notices import PermissionNotice
from twostep.i18n.user_notices import UserNotice
from twostep.web.errors import StopRequest, not_found
from twostep.web.forms import Form
from twostep.web.notices import notice_of, saying
from twostep.web.proof_fields import Proven
from twostep.web.signed_in import SignedInPages
from twostep.web.site import Site, see_other, visit_of

USER_PATH = "/admin/users/{id}/permissions"

_LONGEST_CODE = 32


@dataclass(frozen=True, slots=True, kw_only=True)
class _Change(Standing):
    """The dialog that gives a permission to a user, or takes it back."""

    found: OfUser
    permission: Permission
    granting: bool


class PermissionPages:
    """The permissions of one environment."""

    def __init__(self, site: Site, signed_in: SignedInPages) -> None:
        self._site = site
        self._signed_in = signed_in
        self._dialogs = Dialogs(site, signed_in)

    @property
    def routes(self) -> list[Route]:
        """Where these pages are."""
        return [
            Route(PATH, self.show, methods=["GET"]),
            Route(USER_PATH, self.show_user, methods=["GET"]),
            Route(f"{USER_PATH}/grant", self.ask_grant, methods=["GET"]),
            Route(f"{USER_PATH}/grant", self.grant, methods=["POST"]),
            Route(f"{USER_PATH}/revoke", self.ask_revoke, methods=["GET"]),
            Route(f"{USER_PATH}/revoke", self.revoke, methods=["POST"]),
        ]

    async def show(self, request: Request) -> Response:
        """Who may do what."""
        person = await self._signed_in.person(request)
        if isinstance(person, Response):
            return person
        held = await self._held(request, person)
        people = await self._site.run(
            permission_lists.holders_of, self._site.installation, person.user.environment_id
        )
        view = page_of(people, held)
        return await self._site.page(request, view, person=person, notice=notice_of(request))

    async def show_user(self, request: Request) -> Response:
        """What one user may do."""
        person = await self._signed_in.person(request)
        if isinstance(person, Response):
            return person
        view = page_of_user(await self._found(request, person))
        return await self._site.page(request, view, person=person, notice=notice_of(request))

    async def ask_grant(self, request: Request) -> Response:
        """The dialog of **Give**."""
        return await self._ask(request, granting=True)

    async def ask_revoke(self, request: Request) -> Response:
        """The dialog of **Take back**, or **Give up**."""
        return await self._ask(request, granting=False)

    async def grant(self, request: Request) -> Response:
        """**Give permission** was pressed."""
        return await self._change(request, granting=True)

    async def revoke(self, request: Request) -> Response:
        """**Take permission back**, or **Give permission up**, was pressed."""
        return await self._change(request, granting=False)

    async def _ask(self, request: Request, *, granting: bool) -> Response:
        person = await self._signed_in.person(request)
        if isinstance(person, Response):
            return person
        text = request.query_params.get("permission", "")
        change = await self._may(request, person, Form({}), text, granting=granting)
        if (change.permission in change.found.theirs) is granting:
            return see_other(user_path(change.found.user.id))
        return await self._dialog(change)

    async def _change(self, request: Request, *, granting: bool) -> Response:
        person, form = await self._signed_in.person_and_form(request)
        if isinstance(person, Response):
            return person
        text = form.text("permission", longest=_LONGEST_CODE)
        change = await self._may(request, person, form, text, granting=granting)
        return await self._dialogs.prove(change, self._dialog, self._do)

    async def _do(self, change: _Change) -> Response:
        user_id, granting = change.found.user.id, change.granting
        outcome: Done | AsBefore | LastHolder | MayNot = await self._site.run(
            permissions.grant_by if granting else permissions.revoke_by,
            self._site.installation,
            change.person,
            user_id,
            change.permission,
            browser=self._dialogs.browser(change),
        )
        match outcome:
            case Done():
                return self._dialogs.go(change, _done(change))
            case AsBefore():
                notice = PermissionNotice.HAD_IT if granting else PermissionNotice.HAD_IT_NOT
                return self._dialogs.go(change, saying(user_path(user_id), notice))
            case LastHolder():
                path = saying(user_path(user_id), PermissionNotice.LAST_HOLDER)
                return self._dialogs.go(change, path)
            case MayNot():
                path = dialog_path(user_id, change.permission, granting=granting)
                again = saying(path, UserNotice.PROVE_AGAIN)
                return after_all(outcome, self._dialogs.go(change, again))
            case _:
                assert_never(outcome)

    async def _dialog(self, change: _Change) -> Response:
        parts = await self._dialogs.form_parts(change)
        view = dialog_of(change.found, change.permission, granting=change.granting, **parts)
        return await self._dialogs.page(change, view, failed=403)

    async def _may(
        self, request: Request, person: Person, form: Form, text: str, *, granting: bool
    ) -> _Change:
        """Raises StopRequest: 403 for what they may not, 404 for what there is not."""
        found = await self._found(request, person)
        if text not in set(Permission):
            raise not_found()
        permission = Permission(text)
        acting = await self._site.run(
            reaching,
            self._site.installation,
            person,
            permission,
            found.user.id,
            rule=reach_to_grant if granting else reach_to_revoke,
        )
        if isinstance(acting, MayNot):
            raise refusal(acting)
        return _Change(
            request=request,
            proven=Proven(person=person),
            form=form,
            found=found,
            permission=permission,
            granting=granting,
        )

    async def _found(self, request: Request, person: Person) -> OfUser:
        """Raises StopRequest (403, 404)."""
        await self._held(request, person)
        user_id = id_of(request.path_params["id"])
        found = await self._site.run(
            permission_lists.of_user, self._site.installation, person, user_id
        )
        if found is None:
            raise not_found()
        return found

    async def _held(self, request: Request, person: Person) -> frozenset[Permission]:
        """Raises StopRequest (403) for somebody without any permission."""
        held = await self._site.permissions(visit_of(request).environment, person)
        if not opens_user_management(held):
            raise StopRequest(Matter.FORBIDDEN, 403)
        return held


def _done(change: _Change) -> str:
    """Where to go on, and what is said there. Whoever has given up the last one that they had may
    not read these pages any more.
    """
    path, found = user_path(change.found.user.id), change.found
    if change.granting:
        return saying(path, PermissionNotice.GRANTED)
    if not found.oneself:
        return saying(path, PermissionNotice.REVOKED)
    left = found.theirs - {change.permission}
    return saying(path if left else "/", PermissionNotice.GIVEN_UP)
