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

from twostep.admin.acting import USERS_PATH
from twostep.admin.dialogs import Dialogs, Opened
from twostep.admin.user_views import UserAct
from twostep.core.permissions import Permission
from twostep.flows import user_acts
from twostep.flows.administration import MayNot
from twostep.flows.user_acts import Done, LastManager, NothingToDo
from twostep.flows.user_details import open_of
from twostep.i18n.user_notices import UserNotice
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
        self._dialogs = Dialogs(site, signed_in)

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
        return await self._dialogs.show(request, NEEDED, partial(self._page, word))

    async def act(self, word: str, request: Request) -> Response:
        """The button was pressed."""
        page, act = partial(self._page, word), partial(self._act, DEEDS[word])
        return await self._dialogs.send(request, NEEDED, page, act)

    async def _act(self, deed: Deed, opened: Opened) -> Response:
        outcome: user_acts.Outcome = await self._site.run(
            deed.act,
            self._site.installation,
            opened.person,
            opened.user.id,
            browser=self._dialogs.browser(opened),
        )
        match outcome:
            case Done():
                return self._dialogs.done(opened, deed.done)
            case NothingToDo():
                return self._dialogs.done(opened, deed.nothing)
            case LastManager():
                return self._dialogs.done(opened, UserNotice.LAST_MANAGER)
            case MayNot():
                return self._dialogs.refused(opened, outcome)
            case _:
                assert_never(outcome)

    async def _page(self, word: str, opened: Opened) -> Response:
        found = await self._site.run(open_of, self._site.installation, opened.user)
        view = UserAct(
            **await self._dialogs.parts(opened),
            deed=word,
            sessions=found.sessions,
            devices=found.devices,
        )
        return await self._dialogs.page(opened, view)
