"""What the pages work with: the installation, and how a page is made of a view."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import ParamSpec, TypeVar, cast

import anyio.to_thread
from anyio import CapacityLimiter
from starlette.requests import Request
from starlette.responses import HTMLResponse, RedirectResponse, Response

from twostep.core.environments import Environment
from twostep.core.keys import KeyPurpose
from twostep.core.messages import WaysOut
from twostep.core.permissions import Permission
from twostep.core.properties import effective
from twostep.core.sessions import Session
from twostep.crypto.passwords import QUEUE, Busy
from twostep.crypto.secret import Secret
from twostep.crypto.tokens import Token, TokenPurpose, csrf_matches, csrf_token, issue, read
from twostep.flows.delivery_routes import ways_out
from twostep.flows.installation import Installation
from twostep.flows.looks import look_of
from twostep.flows.mint import Minted
from twostep.flows.permissions import held_by
from twostep.flows.properties import stored_of
from twostep.flows.sessions import Found, Person, who
from twostep.flows.visitors import Browser
from twostep.i18n.matters import Matter
from twostep.i18n.notices import Said
from twostep.web import cookies
from twostep.web.assets import Assets
from twostep.web.dress import colours_url, logo_url
from twostep.web.errors import StopRequest
from twostep.web.forms import Form
from twostep.web.languages import other_languages
from twostep.web.rendering import Frame, Renderer, Support, View
from twostep.web.visitor import Network, Visit

P = ParamSpec("P")
R = TypeVar("R")

HASHING_THREADS = QUEUE + 16
"""Threads for the acts that hash a password: more than the hashing queue has places, so that the
queue itself
sends away whoever comes too late, and these acts never hold the threads of the other pages."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SignedOutForm:
    """What a form of somebody who is not signed in is bound to: the browser's visitor token."""

    token: Token
    is_new: bool


class Site:
    """Built once by the composition root."""

    def __init__(
        self,
        installation: Installation,
        *,
        renderer: Renderer,
        assets: Assets,
        trusted_proxies: Sequence[Network] = (),
        ways: WaysOut | None = None,
    ) -> None:
        self.installation = installation
        self.renderer = renderer
        self.assets = assets
        self.trusted_proxies = tuple(trusted_proxies)
        self.ways = ways or WaysOut()
        self._hashing_threads = CapacityLimiter(HASHING_THREADS)

    async def run(self, act: Callable[P, R], *args: P.args, **kwargs: P.kwargs) -> R:
        """Run a flow in a worker thread. It is finished even when the visitor goes away."""
        return await anyio.to_thread.run_sync(lambda: act(*args, **kwargs))

    async def run_hashing(self, act: Callable[P, R], *args: P.args, **kwargs: P.kwargs) -> R:
        """Run a flow that hashes a password, in threads of its own kind. Raises Busy where all are
        taken.
        """
        if self._hashing_threads.available_tokens < 1:
            raise Busy
        return await anyio.to_thread.run_sync(
            lambda: act(*args, **kwargs), limiter=self._hashing_threads
        )

    async def person(self, request: Request, *, is_use: bool = True) -> Found:
        """Who is signed in in this browser, or None. ``SignedInPages.person`` says where somebody
        goes who must prove more. ``is_use``: a person asked, and not a page by itself.
        """
        visit = visit_of(request)
        cookie = visit.cookies.get(cookies.SESSION)
        if cookie is None:
            return None
        return await self.run(who, self.installation, visit.environment, cookie, is_use=is_use)

    def visitor_token(self, visit: Visit) -> SignedOutForm:
        """The browser's visitor token, or a new one that the answer must set."""
        keys = self.installation.keys.token_keys(KeyPurpose.SESSION)
        text = visit.cookies.get(cookies.VISITOR)
        known = text and read(
            text, keys=keys, purpose=TokenPurpose.VISITOR, environment_id=visit.environment.id
        )
        if known:
            return SignedOutForm(token=known, is_new=False)
        fresh = issue(keys, purpose=TokenPurpose.VISITOR, environment_id=visit.environment.id)
        return SignedOutForm(token=fresh, is_new=True)

    def session_token(self, visit: Visit) -> Token:
        """The token of the live session; only asked where :meth:`person` found one."""
        found = read(
            visit.cookies[cookies.SESSION],
            keys=self.installation.keys.token_keys(KeyPurpose.SESSION),
            purpose=TokenPurpose.SESSION,
            environment_id=visit.environment.id,
        )
        assert found is not None
        return found

    def csrf(self, token: Token) -> str:
        """What a form carries that is shown to the browser with this token."""
        return csrf_token(self.installation.keys.token_keys(KeyPurpose.CSRF), binding=token.random)

    def form_is_ours(self, form: Form, token: Token) -> bool:
        """Whether the form was made for the browser with this token."""
        return csrf_matches(
            form.text("csrf", longest=100),
            keys=self.installation.keys.token_keys(KeyPurpose.CSRF),
            binding=token.random,
        )

    def demand_form(self, form: Form, token: Token) -> None:
        """Raises StopRequest for a form that was not made for this browser."""
        if not self.form_is_ours(form, token):
            raise StopRequest(Matter.FORM_TOO_OLD, 403)

    async def page(
        self,
        request: Request,
        view: View,
        *,
        person: Person | None = None,
        notice: Said | None = None,
        status: int = 200,
        minted: Minted | None = None,
    ) -> Response:
        """The view as a page, in the frame of its environment and, where somebody is signed in,
        theirs. ``minted``: the session that has just taken the place of the request's.
        """
        visit = visit_of(request)
        token = self.session_token(visit) if person and not minted else minted and minted.token
        look = await self.run(look_of, self.installation, visit.environment.id)
        frame = Frame(
            environment_name=visit.environment.name,
            language=visit.language,
            now=self.installation.clock(),
            nonce=visit.nonce,
            support=await self.support(visit.environment),
            user_name=person.user.name if person else None,
            csrf=self.csrf(token) if token else None,
            notice=notice,
            permissions=await self.permissions(visit.environment, person),
            languages=other_languages(request.scope, visit.language),
            colours_url=colours_url(look),
            logo_url=logo_url(look),
            help_desk_until=_help_desk_until(person),
        )
        response = HTMLResponse(self.renderer.render(view, frame), status_code=status)
        if minted is not None:
            _hand_over(request, response, minted)
        return response

    async def ways_out(self, environment: Environment) -> WaysOut:
        """By which ways the environment's messages leave: its own, or the installation's."""
        return await self.run(ways_out, self.installation, environment.id, self.ways)

    async def permissions(
        self, environment: Environment, person: Person | None
    ) -> frozenset[Permission]:
        """What the person may do to others, as of now."""
        if person is None:
            return frozenset()
        return await self.run(held_by, self.installation, environment, person.user)

    async def support(self, environment: Environment) -> Support | None:
        """Whom to ask, as the environment's properties have it."""
        stored = await self.run(stored_of, self.installation, environment.id)
        text = effective(stored, "support_contact").value
        link = effective(stored, "support_link").value
        return Support(text=text or link, link=link or None) if text or link else None

    def signed_in(self, request: Request, minted: Minted, path: str) -> Response:
        """Send a browser that has just earned a session to where it was going."""
        response = see_other(path)
        _hand_over(request, response, minted)
        return response


def _help_desk_until(person: Person | None) -> int | None:
    if person is None or person.session.help_desk_code_id is None:
        return None
    return person.session.ends_at


def _hand_over(request: Request, response: Response, minted: Minted) -> None:
    """Give the browser the token of its new session, in the place of what led there."""
    cookies.set_cookie(
        response, cookies.SESSION, minted.token.text.reveal(), max_age=_lasts(minted.session)
    )
    cookies.drop_cookie(response, cookies.PENDING)
    cookies.drop_cookie(response, cookies.VISITOR)
    if minted.device is not None:
        value = minted.device.token.text.reveal()
        cookies.keep_device(response, minted.device.name, value, visit_of(request).cookies)


def _lasts(session: Session) -> int | None:
    """For how many seconds the browser is to keep the cookie of a session that begins now; None:
    for as long as it is open. The session ends by its own limits, whatever a browser keeps.
    """
    until = session.lasts_until
    return None if until is None else max(0, until - session.last_used_at) // 1000


def visit_of(request: Request) -> Visit:
    """What the front found out about this request."""
    return cast(Visit, request.scope["state"]["visit"])


def browser_of(visit: Visit, token: Token) -> Browser:
    """The browser as the flows know it, by the token that only it holds."""
    devices = {name: text for name, text in visit.cookies.items() if cookies.DEVICE.match(name)}
    return Browser(id=token.stored, visitor=visit.visitor, devices=devices)


def see_other(path: str) -> RedirectResponse:
    """On to another page by GET: 303 and never 307, which would carry the form along (RFC 9700
    section 2.1).
    """
    return RedirectResponse(path, status_code=303)


def secret_text(form: Form, name: str, *, longest: int) -> Secret[str]:
    """A field that must not be seen by accident."""
    return Secret(form.text(name, longest=longest))
