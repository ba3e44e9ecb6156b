"""The operator's templates, looked at before they are used."""

from __future__ import annotations

from pathlib import Path

from jinja2 import TemplateError

from twostep.delivery.templates import MessageTemplates
from twostep.web.assets import Assets
from twostep.web.rendering import Renderer


def what_is_wrong(folder: Path | None) -> str | None:
    """The first template that cannot be used, and why; None where all can."""
    try:
        MessageTemplates(overrides=folder).warm()
        Renderer(Assets(), overrides=folder).warm()
    except TemplateError as error:
        where = getattr(error, "filename", None) or getattr(error, "name", None) or folder
        return f"{where}: {error}"
    return None
