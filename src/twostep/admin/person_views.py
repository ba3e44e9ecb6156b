"""What stands on the dialogs **Export data** and **Erase**. See ``user_views``."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from twostep.web.proof_fields import ProofFields
from twostep.web.rendering import FieldError


@dataclass(frozen=True, slots=True, kw_only=True)
class ExportPerson:
    """``/admin/users/<id>/export-data``: what the file holds, before it is made."""

    template: ClassVar[str] = "person_export.html"

    csrf: str
    called: str
    here: str
    back: str
    proof: ProofFields
    errors: tuple[FieldError, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class ErasePerson:
    """``/admin/users/<id>/erase``: what goes for ever. ``user_name`` is to be typed; ``typed`` is
    what was.
    """

    template: ClassVar[str] = "person_erase.html"

    csrf: str
    called: str
    user_name: str
    typed: str
    here: str
    back: str
    export_path: str
    sessions: int
    devices: int
    proof: ProofFields
    errors: tuple[FieldError, ...] = ()
