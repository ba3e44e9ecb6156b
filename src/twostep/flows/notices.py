"""Notices: what an act leaves behind, so that the user concerned is told (SECURITY §5.8).

    act with tell() ──► commit ──► the sender takes the row and writes the messages

An act that is rolled back has told nobody. It writes one row, whoever the user is and however many
addresses they have, so it takes no longer for them; what follows from the row stands in
``notice_expansion``.
"""

from __future__ import annotations

import json

from twostep.core.audit import EventKind, Visitor
from twostep.core.lockouts import Purpose, Standing
from twostep.core.messages import MessageKind
from twostep.core.notices import WRONG_CODES_TOLD, is_news, one_line
from twostep.crypto.identifiers import new_id
from twostep.flows import audit
from twostep.flows.installation import Installation
from twostep.flows.visitors import Browser
from twostep.storage import devices, notices, users
from twostep.storage.database import Connection
from twostep.storage.notices import Notice

_PAUSED = {
    Purpose.PASSWORD: "passwords",
    Purpose.SECOND_STEP: "codes",
    Purpose.RECOVERY_CODE: "recovery_codes",
    Purpose.HELP_DESK_CODE: "help_desk_codes",
}


def tell(
    connection: Connection,
    kind: MessageKind,
    environment_id: bytes,
    user_id: bytes,
    *,
    now: int,
    visitor: Visitor | None,
    **data: str | int,
) -> None:
    """Write down, in the transaction of the act, that the user is to be told.

    ``visitor``: the browser in which it was done, None where it was in none of the user's.
    ``data``: what else the words of that kind need; no secret, and no address of the user.
    """
    where = {
        "browser": one_line(visitor.browser) if visitor else "",
        "network_address": one_line(visitor.address) if visitor else "",
    }
    notices.add(
        connection,
        Notice(
            environment_id=environment_id,
            id=new_id(),
            user_id=user_id,
            kind=kind.value,
            data=json.dumps(data | where),
            made_at=now,
        ),
    )


def after_wrong_code(
    connection: Connection,
    installation: Installation,
    environment_id: bytes,
    user_id: bytes,
    *,
    standing: Standing,
    browser: Browser,
    now: int,
) -> None:
    """Tell the user, where this wrong code is one to tell of. Whichever code it was: for all doors
    that check the code of a second step, in the transaction that has settled the try.

    The third one of a sign-in, once; the one with which a pause begins; and the one that uses up
    what a day allows, after which somebody else probably knows the password (SECURITY §5.4).
    ``standing``: after this try.
    """
    whose, visitor = (environment_id, user_id), browser.visitor
    by = Purpose.SECOND_STEP
    if standing.budget_spent and users.suspect_password(connection, *whose, now=now):
        audit.record(
            connection,
            installation,
            EventKind.PASSWORD_SUSPECT,
            environment_id=environment_id,
            now=now,
            target=user_id,
            visitor=visitor,
        )
        tell(connection, MessageKind.PASSWORD_SUSPECT, *whose, now=now, visitor=visitor)
    elif not standing.open_now:
        tell_of_pause(connection, *whose, by, standing=standing, browser=browser, now=now)
    else:
        wrong = notices.wrong_in_sign_in(connection, *whose, browser.id, purpose=by)
        if wrong == WRONG_CODES_TOLD:
            tell(connection, MessageKind.CODES_REFUSED, *whose, now=now, visitor=visitor)


def tell_of_pause(
    connection: Connection,
    environment_id: bytes,
    user_id: bytes,
    purpose: Purpose,
    *,
    standing: Standing,
    browser: Browser,
    now: int,
) -> None:
    """Tell the user that a pause began. Not for passwords at sign-in: anybody can begin one who
    knows a name, and would have us write to its owner (AC-53).
    """
    tell(
        connection,
        MessageKind.LOCKOUT,
        environment_id,
        user_id,
        now=now,
        visitor=browser.visitor,
        what=_PAUSED[purpose],
        stopped=int(standing.disabled),
    )


def tell_of_new_device(
    connection: Connection,
    environment_id: bytes,
    user_id: bytes,
    device_id: bytes,
    *,
    browser: Browser,
    now: int,
) -> None:
    """Tell the user that somebody signed in with a browser that was not recognised, where that is
    news. ``device_id``: as what it is recognised from now on.
    """
    others = devices.others(connection, environment_id, user_id, device_id)
    visitor = browser.visitor
    if is_news(others, browser=visitor.browser, address=visitor.address, now=now):
        kind = MessageKind.NEW_DEVICE
        tell(connection, kind, environment_id, user_id, now=now, visitor=visitor)
