"""``/admin/permissions`` and what leads on from it: who may do what, and giving and taking it.

Whoever holds any permission may read who holds which. What one may not give or take is not offered,
and refused by hand, before any proof is compared (R-35).
"""

from __future__ import annotations

from typing import assert_never

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from twostep.admin.acting import after_all, id_of, refusal
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
from twostep.web.errors import StopRequest, not_found
from twostep.web.notices import notice_of, saying
from twostep.web.proof_fields import ProofInDialog, Proven
from twostep.web.rendering import FieldError
from twostep.web.signed_in import SignedInPages
from twostep.web.site import Site, see_other, visit_of

USER_PATH = "/admin/users/{id}/permissions"

_LONGEST_CODE = 32


class PermissionPages:
    """The permissions of one environment."""

    def __init__(self, site: Site, signed_in: SignedInPages) -> None:
        self._site = site
        self._signed_in = signed_in
        self._proof = ProofInDialog(site, signed_in)

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
        found, permission = await self._may(request, person, text, granting=granting)
        if (permission in found.theirs) is granting:
            return see_other(user_path(found.user.id))
        return await self._dialog(request, person, found, permission, granting=granting)

    async def _change(self, request: Request, *, granting: bool) -> Response:
        person, form = await self._signed_in.person_and_form(request)
        if isinstance(person, Response):
            return person
        text = form.text("permission", longest=_LONGEST_CODE)
        found, permission = await self._may(request, person, text, granting=granting)
        taken = await self._proof.take(request, person, form)
        match taken:
            case Response():
                return taken
            case Proven():
                return await self._do(request, taken, found, permission, granting=granting)
            case errors:
                return await self._dialog(
                    request, person, found, permission, granting=granting, errors=errors
                )

    async def _do(
        self,
        request: Request,
        proven: Proven,
        found: OfUser,
        permission: Permission,
        *,
        granting: bool,
    ) -> Response:
        outcome: Done | AsBefore | LastHolder | MayNot = await self._site.run(
            permissions.grant_by if granting else permissions.revoke_by,
            self._site.installation,
            proven.person,
            found.user.id,
            permission,
            browser=self._proof.browser(request, proven),
        )
        back = user_path(found.user.id)
        match outcome:
            case Done():
                return self._proof.go(request, proven, _done(found, permission, granting=granting))
            case AsBefore():
                notice = PermissionNotice.HAD_IT if granting else PermissionNotice.HAD_IT_NOT
                return self._proof.go(request, proven, saying(back, notice))
            case LastHolder():
                notice = PermissionNotice.LAST_HOLDER
                return self._proof.go(request, proven, saying(back, notice))
            case MayNot():
                path = dialog_path(found.user.id, permission, granting=granting)
                return after_all(outcome, self._proof.go(request, proven, path))
            case _:
                assert_never(outcome)

    async def _dialog(
        self,
        request: Request,
        person: Person,
        found: OfUser,
        permission: Permission,
        *,
        granting: bool,
        errors: tuple[FieldError, ...] = (),
    ) -> Response:
        view = dialog_of(
            found,
            permission,
            granting=granting,
            csrf=self._signed_in.csrf(request),
            proof=await self._proof.fields(request, person),
            errors=errors,
        )
        return await self._site.page(request, view, person=person, status=403 if errors else 200)

    async def _may(
        self, request: Request, person: Person, text: str, *, granting: bool
    ) -> tuple[OfUser, Permission]:
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
        return found, permission

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


def _done(found: OfUser, permission: Permission, *, granting: bool) -> str:
    """Where to go on, and what is said there. Whoever has given up the last one that they had may
    not read these pages any more.
    """
    if granting:
        return saying(user_path(found.user.id), PermissionNotice.GRANTED)
    if not found.oneself:
        return saying(user_path(found.user.id), PermissionNotice.REVOKED)
    left = found.theirs - {permission}
    return saying(user_path(found.user.id) if left else "/", PermissionNotice.GIVEN_UP)
