"""``/admin/users/<id>/remove-two-step``: **Remove 2-step Verification** (CT-13)."""

from __future__ import annotations

from typing import Final, assert_never

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from twostep.admin.acting import USERS_PATH, called
from twostep.admin.dialogs import Dialogs, Opened
from twostep.admin.helping_forms import why
from twostep.admin.helping_views import CodeShown, RemoveTwoStep
from twostep.core.help_desk_codes import HelpDeskPurpose
from twostep.core.messages import MessageKind
from twostep.core.permissions import Permission
from twostep.core.spelling import spelled
from twostep.flows import two_step_removals
from twostep.flows.administration import MayNot
from twostep.flows.notice_expansion import can_be_told
from twostep.flows.two_step_removals import NoteTooLong, NothingToRemove, Removed
from twostep.i18n.helping_notices import HelpingNotice
from twostep.web.signed_in import SignedInPages
from twostep.web.site import Site

WORD: Final = "remove-two-step"
PATH: Final = f"{USERS_PATH}/{{id}}/{WORD}"

NEEDED: Final = Permission.REMOVE_TWO_STEP


class TwoStepRemovalPages:
    """The dialog, and the set-up code after it. One proof is for one removal (AC-36)."""

    def __init__(self, site: Site, signed_in: SignedInPages) -> None:
        self._site = site
        self._dialogs = Dialogs(site, signed_in, own=True)

    @property
    def routes(self) -> list[Route]:
        """Where this page is."""
        return [Route(PATH, self.show, methods=["GET"]), Route(PATH, self.remove, methods=["POST"])]

    async def show(self, request: Request) -> Response:
        """What would go, and what is asked for it."""
        return await self._dialogs.show(request, NEEDED, self._page)

    async def remove(self, request: Request) -> Response:
        """**Turn off 2-step verification**, or a button of the proof's fields."""
        return await self._dialogs.send(
            request, NEEDED, self._page, self._remove, check=lambda opened: why(opened.form).errors
        )

    async def _remove(self, opened: Opened) -> Response:
        because = why(opened.form)
        assert because.reason is not None
        outcome = await self._site.run(
            two_step_removals.remove,
            self._site.installation,
            opened.person,
            opened.user.id,
            reason=because.reason,
            note=because.note,
            browser=self._dialogs.browser(opened),
        )
        match outcome:
            case Removed():
                return await self._done(opened, outcome)
            case NothingToRemove():
                return self._dialogs.done(opened, HelpingNotice.NOTHING_TO_REMOVE)
            case NoteTooLong():
                return self._dialogs.go(opened, opened.here)
            case MayNot():
                return self._dialogs.refused(opened, outcome)
            case _:
                assert_never(outcome)

    async def _done(self, opened: Opened, done: Removed) -> Response:
        """The code stands in this answer alone: nowhere in an address, and in no other page."""
        if done.set_up_code is None or done.until is None:
            return self._dialogs.done(opened, HelpingNotice.REMOVED)
        code = done.set_up_code.reveal()
        view = CodeShown(
            called=called(opened.user),
            back=opened.back,
            code=code,
            groups=spelled(code),
            purpose=HelpDeskPurpose.SET_UP,
            until=done.until,
            uses=1,
            told=await self._told(opened),
            after_removal=True,
        )
        return await self._dialogs.page(opened, view)

    async def _told(self, opened: Opened) -> bool:
        return await self._site.run(
            can_be_told, self._site.installation, opened.user, MessageKind.REMOVED
        )

    async def _page(self, opened: Opened) -> Response:
        because = why(opened.form)
        facts = await self._site.run(
            two_step_removals.prospect, self._site.installation, opened.user
        )
        view = RemoveTwoStep(
            **await self._dialogs.parts(opened),
            caller_check=f"{opened.back}/check-caller",
            has_one=facts.has_one,
            sessions=facts.sessions,
            devices=facts.devices,
            required=facts.required,
            asks_set_up_code=facts.asks_set_up_code,
            told=await self._told(opened),
            by_password=not opened.acting.by_second_step,
            reasons=because.choices,
            note=because.note,
        )
        return await self._dialogs.page(opened, view)
