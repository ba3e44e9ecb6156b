"""``/``: who you are; and signing out."""

from __future__ import annotations

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from twostep.core.policies import TwoStepVerification
from twostep.flows import authenticators, sessions
from twostep.flows.properties import policy_for
from twostep.flows.recovery_codes import state_of
from twostep.flows.sent_code_choice import choice_of
from twostep.i18n.notices import Notice
from twostep.pages.recovery_codes import line_of
from twostep.pages.views import Home
from twostep.web import cookies
from twostep.web.notices import notice_of, saying
from twostep.web.signed_in import SignedInPages
from twostep.web.site import Site, see_other


class HomePages:
    """The first page of somebody who is signed in."""

    def __init__(self, site: Site, signed_in: SignedInPages) -> None:
        self._site = site
        self._signed_in = signed_in

    @property
    def routes(self) -> list[Route]:
        """Where these pages are."""
        return [
            Route("/", self.show, methods=["GET"]),
            Route("/sign-out", self.sign_out, methods=["POST"]),
        ]

    async def show(self, request: Request) -> Response:
        """Who you are."""
        person = await self._signed_in.person(request)
        if isinstance(person, Response):
            return person
        installation = self._site.installation
        policy = await self._site.run(policy_for, installation, person.user.environment_id)
        since = await self._site.run(authenticators.state_of, installation, person)
        choice = await self._site.run(choice_of, installation, person)
        codes = bool(choice.allowed and choice.to) and (choice.required or choice.since is not None)
        view = Home(
            # Who is asked for a code that is sent has more than a password.
            two_step_on=since is not None or codes,
            may_set_up=policy.two_step_verification is not TwoStepVerification.OFF,
            required_from=policy.required_from,
            recovery_codes=line_of(await self._site.run(state_of, installation, person)),
        )
        return await self._site.page(request, view, person=person, notice=notice_of(request))

    async def sign_out(self, request: Request) -> Response:
        """End this session here and on the server, and have the browser forget what it kept of the
        pages.
        """
        person, _ = await self._signed_in.person_and_form(request)
        if not isinstance(person, Response):
            await self._site.run(sessions.sign_out, self._site.installation, person)
        response = see_other(saying("/sign-in", Notice.SIGNED_OUT))
        cookies.drop_cookie(response, cookies.SESSION)
        # Not "cookies": that would make this browser a stranger to everybody else who uses it.
        response.headers["clear-site-data"] = '"cache", "storage"'
        return response
