"""``/admin/users/<id>/pause`` and ``/end-pause``: **Pause** (B-5), and **End the pause now**."""

from __future__ import annotations

from typing import Final, assert_never

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from twostep.admin.acting import USERS_PATH
from twostep.admin.dialogs import Dialogs, Opened
from twostep.admin.helping_forms import ON_DAY, USUAL_END, day_text, end, ends, last_day, why
from twostep.admin.helping_views import EndPause, PauseTwoStep
from twostep.core.messages import MessageKind
from twostep.core.permissions import Permission
from twostep.flows import pauses, two_step_removals
from twostep.flows.administration import MayNot
from twostep.flows.notice_expansion import can_be_told
from twostep.flows.pauses import NothingPaused, Paused, PauseEnded, PauseNotUsable
from twostep.i18n.helping_notices import HelpingNotice
from twostep.i18n.notices import said
from twostep.web.rendering import FieldError
from twostep.web.signed_in import SignedInPages
from twostep.web.site import Site

WORD: Final = "pause"
END_WORD: Final = "end-pause"
PATH: Final = f"{USERS_PATH}/{{id}}/{WORD}"
END_PATH: Final = f"{USERS_PATH}/{{id}}/{END_WORD}"

NEEDED: Final = Permission.REMOVE_TWO_STEP
"""It lets somebody in with the password alone, as a removal does (R-35)."""


class TwoStepPausePages:
    """The two dialogs."""

    def __init__(self, site: Site, signed_in: SignedInPages) -> None:
        self._site = site
        self._dialogs = Dialogs(site, signed_in)

    @property
    def routes(self) -> list[Route]:
        """Where these pages are."""
        return [
            Route(PATH, self.show, methods=["GET"]),
            Route(PATH, self.pause, methods=["POST"]),
            Route(END_PATH, self.show_end, methods=["GET"]),
            Route(END_PATH, self.end, methods=["POST"]),
        ]

    async def show(self, request: Request) -> Response:
        """Until when, and why."""
        return await self._dialogs.show(request, NEEDED, self._page)

    async def pause(self, request: Request) -> Response:
        """The pause was asked for, or a code for the proof."""
        return await self._dialogs.send(request, NEEDED, self._page, self._pause, check=self._wrong)

    def _wrong(self, opened: Opened) -> tuple[FieldError, ...]:
        wanted = end(opened.form, now=self._site.installation.clock())
        return (*wanted.errors, *why(opened.form).errors)

    async def _pause(self, opened: Opened) -> Response:
        because = why(opened.form)
        until = end(opened.form, now=self._site.installation.clock()).until
        assert because.reason is not None
        assert until is not None
        outcome = await self._site.run(
            pauses.pause,
            self._site.installation,
            opened.person,
            opened.user.id,
            until=until,
            reason=because.reason,
            note=because.note,
            browser=self._dialogs.browser(opened),
        )
        match outcome:
            case Paused():
                return self._dialogs.done(opened, HelpingNotice.PAUSED)
            case PauseNotUsable():
                wrong = FieldError(field="end", said=said(HelpingNotice.END_TOO_NEAR))
                return await self._page(opened.wrong(wrong))
            case MayNot():
                return self._dialogs.refused(opened, outcome)
            case _:
                assert_never(outcome)

    async def show_end(self, request: Request) -> Response:
        """What ending it does."""
        return await self._dialogs.show(request, NEEDED, self._end_page)

    async def end(self, request: Request) -> Response:
        """**End the pause now**."""
        return await self._dialogs.send(request, NEEDED, self._end_page, self._end)

    async def _end(self, opened: Opened) -> Response:
        outcome = await self._site.run(
            pauses.end_pause,
            self._site.installation,
            opened.person,
            opened.user.id,
            browser=self._dialogs.browser(opened),
        )
        match outcome:
            case PauseEnded():
                return self._dialogs.done(opened, HelpingNotice.PAUSE_ENDED)
            case NothingPaused():
                return self._dialogs.done(opened, HelpingNotice.NOTHING_PAUSED)
            case MayNot():
                return self._dialogs.refused(opened, outcome)
            case _:
                assert_never(outcome)

    async def _page(self, opened: Opened) -> Response:
        now, form, because = self._site.installation.clock(), opened.form, why(opened.form)
        chosen = end(form, now=now).choice if "end" in form.names else USUAL_END
        facts = await self._site.run(
            two_step_removals.prospect, self._site.installation, opened.user
        )
        told = await self._site.run(
            can_be_told, self._site.installation, opened.user, MessageKind.TWO_STEP_PAUSED
        )
        view = PauseTwoStep(
            **await self._dialogs.parts(opened),
            paused_until=_paused_until(opened, now),
            has_one=facts.has_one,
            required=facts.required,
            ends=ends(chosen, now=now),
            day_chosen=chosen == ON_DAY,
            day=end(form, now=now).day,
            first_day=day_text(now),
            last_day=day_text(last_day(now)),
            told=told,
            by_password=not opened.acting.by_second_step,
            reasons=because.choices,
            note=because.note,
        )
        return await self._dialogs.page(opened, view)

    async def _end_page(self, opened: Opened) -> Response:
        view = EndPause(
            **await self._dialogs.parts(opened),
            paused_until=_paused_until(opened, self._site.installation.clock()),
        )
        return await self._dialogs.page(opened, view)


def _paused_until(opened: Opened, now: int) -> int | None:
    user = opened.user
    return user.two_step_paused_until if user.two_step_paused(now) else None
