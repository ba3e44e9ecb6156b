"""From the facts to the views of the pages of permissions."""

from __future__ import annotations

from collections.abc import Collection

from twostep.admin.permission_views import (
    ChangePermission,
    Entry,
    GivenLine,
    HolderLine,
    Permissions,
    UserPermissions,
)
from twostep.core.permissions import Permission
from twostep.flows.permission_lists import Given, Holder, OfUser
from twostep.i18n.permissions import MEANINGS, NAMES
from twostep.web.proof_fields import ProofFields
from twostep.web.rendering import FieldError

PATH = "/admin/permissions"


def user_path(user_id: bytes) -> str:
    """The page of one user's permissions."""
    return f"/admin/users/{user_id.hex()}/permissions"


def dialog_path(user_id: bytes, permission: Permission, *, granting: bool) -> str:
    """The dialog that gives this permission, or takes it back."""
    act = "grant" if granting else "revoke"
    return f"{user_path(user_id)}/{act}?permission={permission.value}"


def page_of(people: Collection[Holder], held: Collection[Permission]) -> Permissions:
    """Who may do what. ``held``: what whoever looks may do."""
    return Permissions(
        people=tuple(
            HolderLine(
                path=user_path(holder.user_id),
                name=holder.name,
                full_name=holder.full_name,
                disabled=holder.disabled,
                given=tuple(_line(given) for given in holder.given),
            )
            for holder in people
        ),
        catalogue=tuple(_entry(each, yours=each in held) for each in Permission),
    )


def page_of_user(found: OfUser) -> UserPermissions:
    """What one user may do, and what can be done about it."""
    user_id = found.user.id
    offered = [each for each in Permission if each in found.may_grant - found.theirs]
    return UserPermissions(
        path=f"/admin/users/{user_id.hex()}",
        name=found.user.name,
        full_name=found.user.full_name,
        disabled=found.user.disabled_at is not None,
        oneself=found.oneself,
        given=tuple(
            _line(
                given,
                dialog_path(user_id, given.permission, granting=False)
                if given.permission in found.may_revoke
                else None,
            )
            for given in found.given
        ),
        offered=tuple(
            _entry(each, path=dialog_path(user_id, each, granting=True)) for each in offered
        ),
    )


def dialog_of(
    found: OfUser,
    permission: Permission,
    *,
    granting: bool,
    csrf: str,
    proof: ProofFields,
    errors: tuple[FieldError, ...] = (),
) -> ChangePermission:
    """The dialog, what it says and what it asks."""
    path = dialog_path(found.user.id, permission, granting=granting)
    return ChangePermission(
        csrf=csrf,
        here=path.partition("?")[0],
        back=user_path(found.user.id),
        code=permission.value,
        permission=_entry(permission),
        user_name=found.user.name,
        full_name=found.user.full_name,
        granting=granting,
        oneself=found.oneself,
        proof=proof,
        errors=errors,
    )


def _line(given: Given, revoke_path: str | None = None) -> GivenLine:
    return GivenLine(
        name=NAMES[given.permission],
        by=given.by,
        by_operator=given.by_operator,
        at=given.at,
        revoke_path=revoke_path,
    )


def _entry(permission: Permission, *, yours: bool = False, path: str | None = None) -> Entry:
    return Entry(name=NAMES[permission], meaning=MEANINGS[permission], yours=yours, path=path)
