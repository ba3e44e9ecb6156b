"""What all pages of somebody who is signed in share: the session, and its forms."""

from __future__ import annotations

from urllib.parse import quote

from starlette.requests import Request
from starlette.responses import Response

from twostep.flows.sessions import Person
from twostep.i18n.notices import Notice
from twostep.pages.notices import saying
from twostep.web import cookies
from twostep.web.destinations import own_path
from twostep.web.forms import Form, read_form
from twostep.web.site import Site, see_other, visit_of


class SignedInPages:
    """The session of a request."""

    def __init__(self, site: Site) -> None:
        self._site = site

    async def person(self, request: Request) -> Person | Response:
        """Who is signed in, or the way to the sign-in page, which remembers where the person was
        going.
        """
        person = await self._site.person(request)
        if person is not None:
            return person
        had_one = cookies.SESSION in visit_of(request).cookies
        notice = Notice.SESSION_ENDED if had_one else Notice.SIGN_IN_FIRST
        path = own_path(request.scope["path"]) if request.method in ("GET", "HEAD") else None
        wanted = f"?going_to={quote(path, safe='/')}" if path and path != "/" else ""
        plain = path == "/" and not had_one
        response = see_other("/sign-in" if plain else saying(f"/sign-in{wanted}", notice))
        if had_one:
            cookies.drop_cookie(response, cookies.SESSION)
        return response

    async def person_and_form(self, request: Request) -> tuple[Person | Response, Form]:
        """Who sent this form. Raises StopRequest for a form that was not made for this session."""
        form = await read_form(request)
        person = await self.person(request)
        if isinstance(person, Person):
            self._site.demand_form(form, self._site.session_token(visit_of(request)))
        return person, form

    def csrf(self, request: Request) -> str:
        """For the forms of this session."""
        return self._site.csrf(self._site.session_token(visit_of(request)))
