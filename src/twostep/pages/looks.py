"""The colours and the logo of an environment."""

from __future__ import annotations

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from twostep.core.looks import stored_shades
from twostep.flows.looks import logo_of
from twostep.pages.operation import FOR_EVER
from twostep.web.dress import COLOURS_PATH, LOGO_PATH, style_of
from twostep.web.errors import not_found
from twostep.web.site import Site, visit_of

_KEPT = {"cache-control": FOR_EVER}


class LookPages:
    """What everybody may see who can see the sign-in page."""

    def __init__(self, site: Site) -> None:
        self._site = site

    @property
    def routes(self) -> list[Route]:
        """Where they are."""
        return [
            Route(f"{COLOURS_PATH}{{name}}.css", self.colours, methods=["GET"]),
            Route(f"{LOGO_PATH}{{name}}.png", self.logo, methods=["GET"]),
        ]

    async def colours(self, request: Request) -> Response:
        """The style sheet of any colour that can be read: it is made from its name alone."""
        shades = stored_shades(f"#{request.path_params['name']}")
        if shades is None:
            raise not_found()
        return Response(style_of(shades), media_type="text/css", headers=_KEPT)

    async def logo(self, request: Request) -> Response:
        """The environment's own. Its name holds the hash of its content. It was looked at when it
        was set (``core/looks.py``), and is never anything but a PNG picture to a browser.
        """
        place, name = visit_of(request).environment, request.path_params["name"]
        content = await self._site.run(logo_of, self._site.installation, place.id, name)
        if content is None:
            raise not_found()
        return Response(content, media_type="image/png", headers=_KEPT)
