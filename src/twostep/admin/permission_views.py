"""What stands on the pages of permissions: moments in milliseconds, words by their numbers."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from twostep.i18n.sentences import Sentence
from twostep.web.proof_fields import ProofFields
from twostep.web.rendering import FieldError


@dataclass(frozen=True, slots=True, kw_only=True)
class GivenLine:
    """A permission that somebody has. ``by`` None: the operator gave it, or somebody whose name was
    erased. ``revoke_path``: the dialog that takes it back; None where whoever looks may not.
    """

    name: Sentence
    by: str | None
    by_operator: bool
    at: int
    revoke_path: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class HolderLine:
    """Somebody who has a permission."""

    path: str
    name: str
    full_name: str
    disabled: bool
    given: tuple[GivenLine, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """A permission of the catalogue. ``path``: the dialog that gives it; None on the page of all.
    ``yours``: whoever looks has it.
    """

    name: Sentence
    meaning: Sentence
    yours: bool = False
    path: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Permissions:
    """``/admin/permissions``: who may do what."""

    template: ClassVar[str] = "permissions.html"

    people: tuple[HolderLine, ...]
    catalogue: tuple[Entry, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class UserPermissions:
    """``/admin/users/{id}/permissions``: what one user may do. ``offered``: what whoever looks can
    give them. ``path``: the user's page.
    """

    template: ClassVar[str] = "user_permissions.html"

    path: str
    name: str
    full_name: str
    disabled: bool
    oneself: bool
    given: tuple[GivenLine, ...]
    offered: tuple[Entry, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class ChangePermission:
    """The dialog that gives a permission to a user, or takes it back. ``code``: as forms name it.
    ``here``: where its form goes, ``back``: where **Cancel** leads.
    """

    template: ClassVar[str] = "permission_change.html"

    csrf: str
    here: str
    back: str
    code: str
    permission: Entry
    user_name: str
    full_name: str
    granting: bool
    oneself: bool
    proof: ProofFields
    errors: tuple[FieldError, ...] = ()
