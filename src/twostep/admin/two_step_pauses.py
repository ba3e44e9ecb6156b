"""``/admin/users/<id>/pause`` and ``/end-pause``: **Pause** (B-5), and **End the pause now**."""

from __future__ import annotations

from typing import Final, assert_never

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from twostep.admin.acting import USERS_PATH, Doors, Opened, after_all, called
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
from twostep.web.notices import saying
from twostep.web.proof_fields import ProofInDialog, Proven, asks_for_code
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
        self._signed_in = signed_in
        self._doors = Doors(site, signed_in)
        self._proof = ProofInDialog(site, signed_in)

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
        opened = await self._doors.shown(request, NEEDED)
        return opened if isinstance(opened, Response) else await self._page(request, opened)

    async def pause(self, request: Request) -> Response:
        """The pause was asked for, or a code for the proof."""
        opened = await self._doors.sent(request, NEEDED)
        if isinstance(opened, Response):
            return opened
        errors: tuple[FieldError, ...] = ()
        if not asks_for_code(opened.form):
            wanted = end(opened.form, now=self._site.installation.clock())
            errors = (*wanted.errors, *why(opened.form).errors)
        if errors:
            return await self._page(request, opened, errors=errors)
        taken = await self._proof.take(request, opened.person, opened.form)
        if isinstance(taken, Response):
            return taken
        if isinstance(taken, Proven):
            return await self._pause(request, opened, taken)
        return await self._page(request, opened, errors=taken)

    async def _pause(self, request: Request, opened: Opened, proven: Proven) -> Response:
        because = why(opened.form)
        until = end(opened.form, now=self._site.installation.clock()).until
        assert because.reason is not None
        assert until is not None
        outcome = await self._site.run(
            pauses.pause,
            self._site.installation,
            proven.person,
            opened.user.id,
            until=until,
            reason=because.reason,
            note=because.note,
            browser=self._proof.browser(request, proven),
        )
        match outcome:
            case Paused():
                return self._proof.go(request, proven, saying(opened.back, HelpingNotice.PAUSED))
            case PauseNotUsable():
                wrong = FieldError(field="end", said=said(HelpingNotice.END_TOO_NEAR))
                return await self._page(request, opened, proven=proven, errors=(wrong,))
            case MayNot():
                return after_all(outcome, self._proof.go(request, proven, request.url.path))
            case _:
                assert_never(outcome)

    async def show_end(self, request: Request) -> Response:
        """What ending it does."""
        opened = await self._doors.shown(request, NEEDED)
        return opened if isinstance(opened, Response) else await self._end_page(request, opened)

    async def end(self, request: Request) -> Response:
        """**End the pause now**."""
        opened = await self._doors.sent(request, NEEDED)
        if isinstance(opened, Response):
            return opened
        taken = await self._proof.take(request, opened.person, opened.form)
        if isinstance(taken, Response):
            return taken
        if not isinstance(taken, Proven):
            return await self._end_page(request, opened, errors=taken)
        outcome = await self._site.run(
            pauses.end_pause,
            self._site.installation,
            taken.person,
            opened.user.id,
            browser=self._proof.browser(request, taken),
        )
        match outcome:
            case PauseEnded():
                path = saying(opened.back, HelpingNotice.PAUSE_ENDED)
                return self._proof.go(request, taken, path)
            case NothingPaused():
                path = saying(opened.back, HelpingNotice.NOTHING_PAUSED)
                return self._proof.go(request, taken, path)
            case MayNot():
                return after_all(outcome, self._proof.go(request, taken, request.url.path))
            case _:
                assert_never(outcome)

    async def _page(
        self,
        request: Request,
        opened: Opened,
        *,
        proven: Proven | None = None,
        errors: tuple[FieldError, ...] = (),
    ) -> Response:
        shown = proven or Proven(person=opened.person)
        now, form, because = self._site.installation.clock(), opened.form, why(opened.form)
        chosen = end(form, now=now).choice if "end" in form.names else USUAL_END
        facts = await self._site.run(
            two_step_removals.prospect, self._site.installation, opened.user
        )
        view = PauseTwoStep(
            csrf=self._proof.csrf(request, shown),
            called=called(opened.user),
            here=request.url.path,
            back=opened.back,
            paused_until=_paused_until(opened, now),
            has_one=facts.has_one,
            required=facts.required,
            ends=ends(chosen, now=now),
            day_chosen=chosen == ON_DAY,
            day=end(form, now=now).day,
            first_day=day_text(now),
            last_day=day_text(last_day(now)),
            told=await self._told(opened),
            by_password=not opened.acting.by_second_step,
            reasons=because.choices,
            note=because.note,
            proof=await self._proof.fields(request, shown.person),
            errors=errors,
        )
        status = 422 if errors else 200
        return await self._site.page(
            request, view, person=shown.person, minted=shown.minted, status=status
        )

    async def _told(self, opened: Opened) -> bool:
        return await self._site.run(
            can_be_told, self._site.installation, opened.user, MessageKind.TWO_STEP_PAUSED
        )

    async def _end_page(
        self, request: Request, opened: Opened, *, errors: tuple[FieldError, ...] = ()
    ) -> Response:
        view = EndPause(
            csrf=self._signed_in.csrf(request),
            called=called(opened.user),
            here=request.url.path,
            back=opened.back,
            paused_until=_paused_until(opened, self._site.installation.clock()),
            proof=await self._proof.fields(request, opened.person),
            errors=errors,
        )
        status = 422 if errors else 200
        return await self._site.page(request, view, person=opened.person, status=status)


def _paused_until(opened: Opened, now: int) -> int | None:
    user = opened.user
    return user.two_step_paused_until if user.two_step_paused(now) else None
