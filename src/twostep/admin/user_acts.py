"""The dialogs of the simple acts on a user: **Unlock**, **End sessions**, **Forget devices**,
**Disable** and **Enable**. Each says what happens next, asks for a proof where none is fresh, and
leads back to the page of the user.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial
from typing import Final, assert_never

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from twostep.admin.acting import USERS_PATH, Doors, Opened, after_all, called
from twostep.admin.user_views import UserAct
from twostep.core.permissions import Permission
from twostep.flows import user_acts
from twostep.flows.administration import MayNot
from twostep.flows.user_acts import Done, LastManager, NothingToDo
from twostep.flows.user_details import open_of
from twostep.i18n.user_notices import UserNotice
from twostep.web.notices import notice_of, saying
from twostep.web.proof_fields import ProofInDialog, Proven
from twostep.web.rendering import FieldError
from twostep.web.signed_in import SignedInPages
from twostep.web.site import Site


@dataclass(frozen=True, slots=True, kw_only=True)
class Deed:
    """One act, and what is said after it: once it is done, and where there was nothing to do."""

    act: user_acts.UserAct
    done: UserNotice
    nothing: UserNotice


DEEDS: Final[dict[str, Deed]] = {
    "unlock": Deed(act=user_acts.unlock, done=UserNotice.UNLOCKED, nothing=UserNotice.UNLOCKED),
    "end-sessions": Deed(
        act=user_acts.end_sessions,
        done=UserNotice.SESSIONS_ENDED,
        nothing=UserNotice.NO_SESSION,
    ),
    "forget-devices": Deed(
        act=user_acts.forget_devices,
        done=UserNotice.DEVICES_FORGOTTEN,
        nothing=UserNotice.NO_DEVICE,
    ),
    "disable": Deed(
        act=user_acts.disable, done=UserNotice.DISABLED, nothing=UserNotice.DISABLED_ALREADY
    ),
    "enable": Deed(
        act=user_acts.enable, done=UserNotice.ENABLED, nothing=UserNotice.ENABLED_ALREADY
    ),
}
"""By the last part of their addresses."""

NEEDED: Final = Permission.MANAGE_USERS


class UserActPages:
    """The dialogs of one environment."""

    def __init__(self, site: Site, signed_in: SignedInPages) -> None:
        self._site = site
        self._signed_in = signed_in
        self._doors = Doors(site, signed_in)
        self._proof = ProofInDialog(site, signed_in)

    @property
    def routes(self) -> list[Route]:
        """Where these pages are."""
        found = []
        for word in DEEDS:
            path = f"{USERS_PATH}/{{id}}/{word}"
            found.append(Route(path, partial(self.show, word), methods=["GET"]))
            found.append(Route(path, partial(self.act, word), methods=["POST"]))
        return found

    async def show(self, word: str, request: Request) -> Response:
        """What happens next."""
        opened = await self._doors.shown(request, NEEDED)
        return opened if isinstance(opened, Response) else await self._page(request, word, opened)

    async def act(self, word: str, request: Request) -> Response:
        """The button was pressed."""
        opened = await self._doors.sent(request, NEEDED)
        if isinstance(opened, Response):
            return opened
        taken = await self._proof.take(request, opened.person, opened.form)
        if isinstance(taken, Response):
            return taken
        if not isinstance(taken, Proven):
            return await self._page(request, word, opened, errors=taken)
        deed = DEEDS[word]
        outcome: user_acts.Outcome = await self._site.run(
            deed.act,
            self._site.installation,
            taken.person,
            opened.user.id,
            browser=self._proof.browser(request, taken),
        )
        match outcome:
            case Done():
                notice = deed.done
            case NothingToDo():
                notice = deed.nothing
            case LastManager():
                notice = UserNotice.LAST_MANAGER
            case MayNot():
                again = saying(request.url.path, UserNotice.PROVE_AGAIN)
                return after_all(outcome, self._proof.go(request, taken, again))
            case _:
                assert_never(outcome)
        return self._proof.go(request, taken, saying(opened.back, notice))

    async def _page(
        self,
        request: Request,
        word: str,
        opened: Opened,
        *,
        errors: tuple[FieldError, ...] = (),
    ) -> Response:
        found = await self._site.run(open_of, self._site.installation, opened.user)
        view = UserAct(
            csrf=self._signed_in.csrf(request),
            deed=word,
            here=request.url.path,
            back=opened.back,
            called=called(opened.user),
            sessions=found.sessions,
            devices=found.devices,
            proof=await self._proof.fields(request, opened.person),
            errors=errors,
        )
        status = 422 if errors else 200
        return await self._site.page(
            request, view, person=opened.person, notice=notice_of(request), status=status
        )
