"""The few things that a user may be allowed to do to others, in words.

The catalogue is fixed. Each permission is granted by someone who holds it, never to oneself
(CT-14); the first administrator of an environment gets all of them from the operator.

What protects people from each other is :func:`reach`: nobody acts on themselves by a help desk's
road, and nobody on somebody who may do what they may not. Otherwise whoever may unlock a colleague
could become them.
"""

from __future__ import annotations

from collections.abc import Set as AbstractSet
from enum import StrEnum
from typing import Protocol


class Permission(StrEnum):
    """One permission; the value is what the command line and the database call it."""

    MANAGE_USERS = "manage_users"
    REMOVE_TWO_STEP = "remove_two_step"
    """On the screen: **Remove 2-Step Verification Admin Access**."""
    HELP_DESK_CODES = "help_desk_codes"
    SYSTEM_PROPERTIES = "system_properties"
    MESSAGES = "messages"
    AUDIT = "audit"


ALL = frozenset(Permission)


class Reach(StrEnum):
    """Whether somebody may do a thing to somebody else, as far as who they are decides."""

    REACHES = "reaches"
    NOT_HELD = "not_held"
    """They do not hold the permission for it."""
    ONESELF = "oneself"
    HOLDS_MORE = "holds_more"
    """The other one holds a permission that they lack."""


class Rule(Protocol):
    """Who may use a permission on whom: :func:`reach`, and the two about permissions themselves."""

    def __call__(
        self,
        held: AbstractSet[Permission],
        needed: Permission,
        held_by_target: AbstractSet[Permission],
        /,
        *,
        oneself: bool,
    ) -> Reach:
        """What decides."""
        ...


def reach(
    held: AbstractSet[Permission],
    needed: Permission,
    held_by_target: AbstractSet[Permission],
    *,
    oneself: bool,
) -> Reach:
    """Whether whoever holds ``held`` may use ``needed`` on somebody who holds ``held_by_target``
    (AC-36).
    """
    if needed not in held:
        return Reach.NOT_HELD
    if oneself:
        return Reach.ONESELF
    return Reach.REACHES if held_by_target <= held else Reach.HOLDS_MORE


def reach_to_grant(
    held: AbstractSet[Permission],
    needed: Permission,
    held_by_target: AbstractSet[Permission],
    *,
    oneself: bool,
) -> Reach:
    """Whether whoever holds ``held`` may give ``needed`` to somebody (CT-14).

    What the other one holds besides makes no difference: nothing is taken from them, and they could
    not be asked for anything by it.
    """
    if needed not in held:
        return Reach.NOT_HELD
    return Reach.ONESELF if oneself else Reach.REACHES


def reach_to_revoke(
    held: AbstractSet[Permission],
    needed: Permission,
    held_by_target: AbstractSet[Permission],
    *,
    oneself: bool,
) -> Reach:
    """Whether whoever holds ``held`` may take ``needed`` from somebody. One's own may be given up,
    and from somebody who holds more nothing is taken.
    """
    if needed in held and oneself:
        return Reach.REACHES
    return reach(held, needed, held_by_target, oneself=oneself)


def opens_user_management(held: AbstractSet[Permission]) -> bool:
    """Whether one may read User Management: with any permission (CT-14)."""
    return bool(held)
