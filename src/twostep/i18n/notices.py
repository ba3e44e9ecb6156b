"""What a page says about one field, or once at its top: a code with data, and its sentence.

A sentence says what happened, then what to do, and blames nobody. Several situations that must not
be told apart from outside share one: the sentence is then true for each of them.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import tzinfo
from enum import Enum
from typing import Protocol

from twostep.i18n import times
from twostep.i18n.sentences import Sentence, counts, fill, says


class Notice(Enum):
    """One notice; the value is its sentence with its stable number."""

    # The first step.
    NAME_OR_PASSWORD_WRONG = says(
        2001,
        "That user name and password do not match, or sign-in with this name is paused after too"
        " many tries. Check both and try again. A pause lasts 30 minutes at most.",
    )
    """For an unknown name, a wrong password, a disabled user and a pause alike: nobody learns
    which.
    """
    USER_NAME_MISSING = says(2002, "Type your user name.")
    PASSWORD_MISSING = says(2003, "Type your password.")
    FIELD_MISSING = says(2004, "This is needed. Please fill it in.")
    FIELD_TOO_LONG = counts(
        2005,
        "This is too long. Use at most %(limit)s character.",
        "This is too long. Use at most %(limit)s characters.",
        by="limit",
    )
    BUSY = says(2006, "Very many people are signing in just now. Wait a few seconds and try again.")
    NETWORK_PAUSED = says(
        2007,
        "Very many wrong tries came from your network. The next one is looked at from %(until)s"
        " on.",
    )

    # The code.
    CODE_MISSING = says(2101, "Type the code that your app shows.")
    CODE_MISSHAPEN = counts(
        2102,
        "A code is %(digits)s digit. Type the newest one that your app shows.",
        "A code is %(digits)s digits. Type the newest one that your app shows.",
        by="digits",
    )
    CODE_WRONG = counts(
        2103,
        "That code did not match. Use the newest one your app shows. %(tries)s try left before a"
        " pause.",
        "That code did not match. Use the newest one your app shows. %(tries)s tries left before a"
        " pause.",
        by="tries",
    )
    CODE_WRONG_PLAIN = says(2104, "That code did not match. Use the newest one your app shows.")
    CODE_USED = says(2105, "That code was already used. Wait for the next one your app shows.")
    CLOCK_SLOW = counts(
        2106,
        "Your phone's clock is about %(minutes)s minute slow."
        " Set it to automatic time and try the next code.",
        "Your phone's clock is about %(minutes)s minutes slow."
        " Set it to automatic time and try the next code.",
        by="minutes",
    )
    CLOCK_FAST = counts(
        2107,
        "Your phone's clock is about %(minutes)s minute fast."
        " Set it to automatic time and try the next code.",
        "Your phone's clock is about %(minutes)s minutes fast."
        " Set it to automatic time and try the next code.",
        by="minutes",
    )
    PAUSED_UNTIL = says(
        2108, "There were too many wrong codes. Codes are checked again from %(until)s on."
    )
    CODES_STOPPED = says(
        2111,
        "A hundred wrong codes were given, so codes are not checked any more."
        " An administrator has to unlock your account.",
    )
    SET_UP_CODE_WRONG = says(
        2109,
        "That code did not match, so nothing has been saved. Check that you scanned the picture of"
        " this page, and type the newest code that your app shows.",
    )
    SET_UP_ANEW = says(
        2110,
        "That picture is no longer good, so nothing has been saved. Delete its entry from your"
        " app, then choose Configure for a new one.",
    )

    # Recovery codes.
    RECOVERY_CODE_MISSING = says(2701, "Type one of your recovery codes.")
    RECOVERY_CODE_MISSHAPEN = says(
        2702,
        "A recovery code is two digits, then sixteen letters and digits. Type the whole line as it"
        " stands on your list, its two digits included.",
    )
    RECOVERY_CODE_WRONG = counts(
        2703,
        "That recovery code did not match. Compare it with your list, character by character."
        " %(tries)s try left before a pause.",
        "That recovery code did not match. Compare it with your list, character by character."
        " %(tries)s tries left before a pause.",
        by="tries",
    )
    RECOVERY_CODE_USED = says(
        2704, "That recovery code was used before. Cross it out and take another one of your list."
    )
    RECOVERY_CODES_PAUSED = says(
        2705,
        "There were too many wrong recovery codes. They are checked again from %(until)s on.",
    )
    RECOVERY_CODES_STOPPED = says(
        2706,
        "A hundred wrong recovery codes were given, so they are not checked any more."
        " An administrator has to unlock them.",
    )
    RECOVERY_CODES_SHOWN_ONCE = says(
        2707,
        "Your recovery codes have been shown, and cannot be shown again."
        " If you have not kept them, make new ones.",
    )

    # The course of a sign-in or a session.
    START_AGAIN = says(2201, "That sign-in has ended. Nothing is lost: please start again.")
    SIGN_IN_WAITED_TOO_LONG = says(
        2202,
        "The page waited longer than its time limit, so the sign-in has ended. Please start again.",
    )
    SESSION_ENDED = says(2203, "Your session has ended. Please sign in again.")
    SESSION_IDLE = says(
        2204, "You were signed out because nothing happened for a while. Please sign in again."
    )
    LASTING_OVERRULED = says(
        2213, "The installation asks everyone to sign in. So your session has ended."
    )
    SIGN_IN_FIRST = says(
        2205, "Please sign in first. You will then come to the page that you wanted."
    )
    SIGNED_OUT = says(2206, "You are signed out.")
    CANCELLED = says(2207, "The sign-in was cancelled.")
    MORE_TIME = says(2208, "You have more time now.")
    FORM_TOO_OLD = says(
        2209, "The page had been open for long, or in a second tab. Please send it once more."
    )
    COOKIES_NEEDED = says(
        2210,
        "Your browser did not send back our cookie. Signing in needs cookies: allow them for this"
        " address and try again.",
    )
    PASSWORD_CHANGED_SIGN_IN = says(
        2211, "Your password has been changed. Please sign in with the new one."
    )
    ONLY_ONE_WAY = says(2212, "This is the only second step that is set up for you.")

    # New passwords.
    PASSWORD_TOO_SHORT = counts(
        2301,
        "This is too short. Use at least %(limit)s character.",
        "This is too short. Use at least %(limit)s characters.",
        by="limit",
    )
    PASSWORD_TOO_LONG = counts(
        2302,
        "This is too long. Use at most %(limit)s character.",
        "This is too long. Use at most %(limit)s characters.",
        by="limit",
    )
    PASSWORD_COMMON = says(
        2303,
        "Many people use this password, so it is among the first to be guessed. Choose another.",
    )
    PASSWORD_HAS_CONTEXT = says(
        2304,
        "This password is easy to guess because it contains “%(word)s”. Choose one without it.",
    )
    PASSWORD_IS_OLD = says(2305, "That is your password of today. Choose a new one.")
    CURRENT_PASSWORD_WRONG = says(
        2306, "That is not your current password. Check it and try again."
    )
    CURRENT_PASSWORD_PAUSED = says(
        2307, "There were too many wrong passwords. It is checked again from %(until)s on."
    )
    NEW_PASSWORD_MISSING = says(2308, "Type a new password.")
    PASSWORD_UNREADABLE = says(
        2309,
        "This password contains a sign that cannot be typed again for sure. Choose one without it.",
    )
    PASSWORD_STOPPED = says(
        2310,
        "A hundred wrong passwords were given, so it is not checked any more."
        " An administrator has to unlock your account.",
    )

    # Properties.
    PROPERTIES_SAVED = says(2601, "Saved.")
    CHANGED_MEANWHILE = says(
        2602,
        "Somebody else has saved a change since you opened this page, so nothing was saved."
        " Look at what stands beside the fields, then save again.",
    )
    REQUIRED_AT_ONCE = says(
        2613,
        "2-Step Verification is required here now, also for people who are signed in."
        " After this step you go on where you were.",
    )
    REQUIRED_SIGN_IN_AGAIN = says(
        2614,
        "2-Step Verification is required here now. Please sign in again; you will then set it up.",
    )

    # Names.
    USER_NAME_TAKEN = says(2401, "There is a user of that name already. Choose another name.")
    USER_NAME_INVALID = says(
        2402,
        "A user name has no blank at its beginning or end and no invisible signs. Please change"
        " it.",
    )

    # Things done.
    SET_UP_DONE = says(
        2501,
        "2-Step Verification is on. From your next sign-in on, you will be asked for a code from"
        " your app.",
    )
    PASSWORD_SAVED = says(2502, "Your new password is saved. All your other sessions have ended.")
    STAY_SAVED = says(2512, "Your choice is saved.")
    OTHER_SESSION_ENDED = says(2503, "That session has ended.")
    OTHER_SESSIONS_ENDED = says(2504, "All your other sessions have ended.")
    NO_OTHER_SESSION = says(2505, "There was no other session to end.")
    NOTHING_CHANGED = says(2506, "Nothing was changed.")
    DEVICE_FORGOTTEN = says(2509, "That device is forgotten, and its sessions have ended.")
    NO_OTHER_DEVICE = says(2510, "There was no other device to forget.")
    DEVICES_FORGOTTEN = says(
        2511, "All your other devices are forgotten, and their sessions have ended."
    )
    TURNED_OFF = says(
        2508,
        "2-Step Verification is off. From your next sign-in on, your password alone is enough."
        " All your other sessions have ended.",
    )
    FIRST_ADMINISTRATOR_MADE = says(
        2507,
        "Your account is ready. Sign in with the name and the password that you have just chosen.",
    )

    @property
    def sentence(self) -> Sentence:
        """The sentence of this notice."""
        return self.value


class AnyNotice(Protocol):
    """One notice of any subject: those here, and those of ``contact_notices``, ``message_notices``
    and their like.
    """

    @property
    def sentence(self) -> Sentence:
        """The sentence of this notice."""
        ...


@dataclass(frozen=True, slots=True)
class Said:
    """A notice and the numbers or words that its sentence needs, as sorted pairs."""

    notice: AnyNotice
    data: tuple[tuple[str, int | str], ...] = ()


def said(notice: AnyNotice, **data: int | str) -> Said:
    """A notice, written where it is decided: ``said(Notice.CODE_WRONG, tries=3)``."""
    return Said(notice, tuple(sorted(data.items())))


def clock_off(*, slow: bool, minutes: int) -> Said:
    """What to say of a phone whose clock is that far off: a hint never means less than a minute."""
    return said(Notice.CLOCK_SLOW if slow else Notice.CLOCK_FAST, minutes=minutes)


def words(what: Said, language: str, *, now: int, timezone: tzinfo | None = None) -> str:
    """The notice in words, as plain text. Raises KeyError where a datum is missing."""
    data = dict(what.data)
    text = what.notice.sentence.in_language(language, data)
    return fill(
        text,
        data,
        moment=lambda at: times.pause_end(at, language, now=now, timezone=timezone),
        day=lambda at: times.day(at, language, now=now, timezone=timezone),
    )
