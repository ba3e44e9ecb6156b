"""What machines ask for: is it alive, is it ready, the files that pages load, and browsers'
reports.
"""

from __future__ import annotations

import json
import re

import structlog
from starlette.requests import Request
from starlette.responses import JSONResponse, PlainTextResponse, Response
from starlette.routing import Route

from twostep.flows.readiness import readiness
from twostep.web.errors import bad_request, not_found
from twostep.web.site import Site

_log = structlog.get_logger("twostep.web")

FOR_EVER = "public, max-age=31536000, immutable"

_DIRECTIVE = re.compile(r"[a-z-]{1,40}")


class OperationPages:
    """Pages that nobody reads."""

    def __init__(self, site: Site) -> None:
        self._site = site

    @property
    def routes(self) -> list[Route]:
        """Where these pages are."""
        return [
            Route("/healthz", self.alive, methods=["GET"]),
            Route("/readyz", self.ready, methods=["GET"]),
            Route("/static/{name}", self.file, methods=["GET"]),
            Route("/favicon.ico", self.mark, methods=["GET"]),
            Route("/csp-reports", self.report, methods=["POST"]),
        ]

    async def alive(self, _request: Request) -> Response:
        """The process answers; nothing else is looked at, so that a database that is away restarts
        nobody.
        """
        return PlainTextResponse("ok\n")

    async def ready(self, _request: Request) -> Response:
        """Whether sign-ins can be served here now, and what stands in the way."""
        found = await self._site.run(readiness, self._site.installation)
        body = {"ready": found.ready, "because": [problem.value for problem in found.because]}
        return JSONResponse(body, status_code=200 if found.ready else 503)

    async def file(self, request: Request) -> Response:
        """A file that pages load. Its name holds the hash of its content, so it can be kept for
        ever.
        """
        asset = self._site.assets.find(request.path_params["name"])
        if asset is None:
            raise not_found()
        return Response(
            asset.content, media_type=asset.media_type, headers={"cache-control": FOR_EVER}
        )

    async def mark(self, _request: Request) -> Response:
        """For browsers that ask for it by themselves."""
        asset = self._site.assets.named("mark.svg")
        if asset is None:
            raise not_found()
        return Response(asset.content, media_type=asset.media_type)

    async def report(self, request: Request) -> Response:
        """A browser says that a page broke our content policy: a line in the log, without
        addresses.
        """
        try:
            reports = json.loads(await request.body())
        except (ValueError, RecursionError):
            raise bad_request() from None
        for report in reports[:5] if isinstance(reports, list) else ():
            body = report.get("body") if isinstance(report, dict) else None
            if isinstance(body, dict):
                _log.warning("csp_report", directive=_directive(body.get("effectiveDirective")))
        return Response(status_code=204)


def _directive(said: object) -> str:
    """The name of a directive. Anybody can send a report, so nothing else of it reaches the log."""
    return said if isinstance(said, str) and _DIRECTIVE.fullmatch(said) else "unknown"
