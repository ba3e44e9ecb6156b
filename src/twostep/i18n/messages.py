"""Why a sign-in was decided as it was, in words: one sentence for each code of ``core.reasons``.

The same sentences stand on the code page ("Why am I asked?"), in a person's recent activity and in
what the help desk reads, so they speak of "this person" to nobody: each is true whoever reads it.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import tzinfo
from types import MappingProxyType

from twostep.core.reasons import Code, Reason
from twostep.i18n import times
from twostep.i18n.sentences import Sentence, fill, says

SENTENCES: Mapping[Code, Sentence] = MappingProxyType(
    {
        Code.NOTHING_PROVEN: says(1001, "No password has been given yet."),
        Code.PASSWORD_PROVEN: says(1002, "The password was right."),
        Code.TOO_MANY_HELP_DESK_CODES: says(
            1071, "Too many wrong help-desk codes: no more are taken until %(until)s."
        ),
        Code.HELP_DESK_CODES_STOPPED: says(
            1072, "Too many wrong help-desk codes: an administrator has to unlock them."
        ),
        Code.HELP_DESK_CODE_OVER: says(
            1073, "The session was opened by a help-desk code, and ended with it."
        ),
        Code.TWO_STEP_PAUSE_OVER: says(
            1074,
            "The session was opened while 2-Step Verification was paused, and ended with the"
            " pause.",
        ),
        Code.HELP_DESK_CODE_SHOWN: says(
            1075, "A code of the help desk for today's work was shown; it ends at %(until)s."
        ),
        Code.HELP_DESK_SESSION: says(
            1076,
            "A session that a help-desk code opened does not change how somebody signs in.",
        ),
        Code.SET_UP_CODE_ASKED: says(
            1077,
            "An administrator removed 2-Step Verification from this account. The set-up code that"
            " they gave is asked before it can be set up again.",
        ),
        Code.SET_UP_CODE_SHOWN: says(
            1078, "The set-up code was right. Now 2-Step Verification is set up."
        ),
        Code.TWO_STEP_PAUSED: says(
            1079,
            "An administrator has paused 2-Step Verification for this account until %(until)s.",
        ),
        Code.TWO_STEP_OFF: says(1003, "2-Step Verification is switched off here."),
        Code.OPTIONAL_AND_NOT_SET_UP: says(
            1004, "2-Step Verification is optional here and has not been set up for this account."
        ),
        Code.SET_UP_BY_PERSON: says(1005, "2-Step Verification is on for this account."),
        Code.REQUIRED_HERE: says(1006, "Everybody is asked for a second step here."),
        Code.NOT_SET_UP_YET: says(
            1007, "A second step is required here and has not been set up for this account yet."
        ),
        Code.NO_METHOD_ALLOWED: says(
            1008,
            "A second step is required here, but none that can be set up is allowed."
            " An administrator has to change that.",
        ),
        Code.NEW_DEVICE: says(1009, "This browser is not remembered for this account."),
        Code.DEVICE_REMEMBERED: says(1040, "This device is remembered until %(until)s."),
        Code.DEVICE_PASSES: says(
            1041, "A code was right in this browser a moment ago, which counts until %(until)s."
        ),
        Code.DEVICE_NOT_REMEMBERED: says(
            1042, "You did not ask to have this device remembered when you last gave a code."
        ),
        Code.DEVICE_TIME_OVER: says(1043, "This device was remembered until %(until)s."),
        Code.DEVICE_BEFORE_PASSWORD: says(
            1044,
            "This device was remembered until %(until)s; your password changed on %(changed)s.",
        ),
        Code.DEVICE_BEFORE_SECOND_STEP: says(
            1045,
            "This device was remembered until %(until)s; your second step changed on %(changed)s.",
        ),
        Code.DEVICE_FORGOTTEN: says(1046, "This device was forgotten."),
        Code.DEVICE_OLD_TOKEN: says(
            1047,
            "This browser showed what it had before its last sign-in, as a restored tab does.",
        ),
        Code.DEVICE_COOKIE_NOT_KEPT: says(
            1049,
            "A browser like this one was remembered twice lately, but did not keep our cookie:"
            " private windows drop it, and so do browsers that delete cookies when they close. To"
            " be remembered, use an ordinary window that keeps the cookies of this address.",
        ),
        Code.REMEMBERING_SWITCHED_OFF: says(
            1048, "An administrator switched remembering off after this device was remembered."
        ),
        Code.BOTH_STEPS_PROVEN: says(1010, "The password and the code were both right."),
        Code.ASKED_BY_ACT: says(1011, "The next thing to be done needs a code of its own."),
        Code.REQUIRED_SINCE_SIGNED_IN: says(
            1081, "2-Step Verification became required while you were signed in."
        ),
        Code.PROOF_TOO_OLD: says(
            1012, "The last code was given too long ago for the next thing to be done."
        ),
        Code.PASSWORD_MAY_BE_KNOWN: says(
            1013,
            "Somebody gave the right password and many wrong codes, so the password may be known"
            " to somebody else. A new one is asked.",
        ),
        Code.SESSION_GOES_ON: says(1014, "Signed in already, and nothing more is needed."),
        Code.USER_UNKNOWN: says(1015, "There is no user of that name here."),
        Code.USER_DISABLED: says(1016, "The account is disabled."),
        Code.PASSWORD_CHANGED: says(1017, "The password has been changed since."),
        Code.SECOND_STEP_CHANGED: says(1018, "2-Step Verification has been changed since."),
        Code.INSTALLATION_RESTORED: says(
            1019, "The service has been restored from a backup since."
        ),
        Code.WAITED_TOO_LONG: says(1020, "The sign-in waited longer than its time limit."),
        Code.SESSION_IDLE: says(1021, "The session was not used for a while, so it ended."),
        Code.SESSION_OVER: says(1022, "The session reached the longest time that one may last."),
        Code.LASTING_OVERRULED: says(
            1095,
            "The installation asks everyone to sign in, so staying signed in has no effect now.",
        ),
        Code.ENDED: says(1023, "It was ended: signed out, cancelled or already used."),
        Code.TOO_MANY_PASSWORDS: says(
            1024, "Too many wrong passwords: sign-in is paused until %(until)s."
        ),
        Code.TOO_MANY_CODES: says(1025, "Too many wrong codes: sign-in is paused until %(until)s."),
        Code.PASSWORD_STOPPED: says(
            1026,
            "A hundred wrong passwords were given. An administrator has to unlock the account.",
        ),
        Code.SECOND_STEP_STOPPED: says(
            1027, "A hundred wrong codes were given. An administrator has to unlock the account."
        ),
        Code.TOO_MANY_RECOVERY_CODES: says(
            1060, "Too many wrong recovery codes: they are checked again from %(until)s on."
        ),
        Code.LAST_RECOVERY_CODE: says(
            1062,
            "That was your last recovery code. Set your app up again now, or nothing is left to"
            " sign in with.",
        ),
        Code.RECOVERY_CODES_STOPPED: says(
            1061,
            "A hundred wrong recovery codes were given. An administrator has to unlock them.",
        ),
    }
)


def sentence(reason: Reason, language: str, *, now: int, timezone: tzinfo | None = None) -> str:
    """The reason in words; times are UTC, and say so, where no time zone is given.

    Raises KeyError for a reason that lacks a datum which its sentence needs.
    """
    data = dict(reason.data)
    text = SENTENCES[reason.code].in_language(language, data)
    return fill(
        text,
        data,
        moment=lambda at: times.pause_end(at, language, now=now, timezone=timezone),
        day=lambda at: times.day(at, language, now=now, timezone=timezone),
    )
