"""Whole pages that say one thing: what happened, what to do, where to go on.

Most of them answer a request that cannot be carried out. They say nothing about why in detail: the
log has that, under the reference that the page shows.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum

from twostep.i18n.sentences import N_, Sentence, says

START = N_("Go to the start page")
SIGN_IN = N_("Go to the sign-in page")


@dataclass(frozen=True, slots=True, kw_only=True)
class Explanation:
    """The sentences of such a page, and its way on: a path of this address with the words of the
    link.
    """

    title: Sentence
    happened: Sentence
    to_do: Sentence
    path: str | None = "/"
    link: str = START


class Matter(Enum):
    """What a message page is about."""

    BAD_REQUEST = Explanation(
        title=says(3010, "This page could not be read"),
        happened=says(
            3011, "Something in what your browser sent was not as a form of ours sends it."
        ),
        to_do=says(3012, "Go back, open the page afresh and try again."),
    )
    FIELD_TWICE = Explanation(
        title=says(3020, "This page came twice over"),
        happened=says(
            3021, "A field of the form arrived more than once, so it is not clear which to take."
        ),
        to_do=says(3022, "Go back, open the page afresh and send it once."),
    )
    NOT_UTF8 = Explanation(
        title=says(3030, "Some letters could not be read"),
        happened=says(
            3031, "The form did not arrive in the alphabet that it was sent out in (UTF-8)."
        ),
        to_do=says(3032, "Open the page afresh and type it again rather than pasting it."),
    )
    COOKIE_TWICE = Explanation(
        title=says(3040, "Your browser sent two of our cookies"),
        happened=says(
            3041, "One cookie arrived twice, so it is not clear which to trust. None was."
        ),
        to_do=says(3042, "Delete the cookies of this address in your browser, then sign in again."),
        path="/sign-in",
        link=SIGN_IN,
    )
    COOKIES_NEEDED = Explanation(
        title=says(3050, "Cookies are needed"),
        happened=says(3051, "Your browser did not send back the cookie that we gave it."),
        to_do=says(
            3052, "Allow cookies for this address in your browser's settings, then sign in again."
        ),
        path="/sign-in",
        link=SIGN_IN,
    )
    FORM_TOO_OLD = Explanation(
        title=says(3060, "This page is out of date"),
        happened=says(
            3061,
            "It had been open for long, or you signed in or out or gave your code or password in"
            " another tab meanwhile, or it was sent a second time.",
        ),
        to_do=says(3062, "Nothing was changed. Open the page afresh and try again."),
    )
    ORIGIN_REFUSED = Explanation(
        title=says(3070, "This came from another site"),
        happened=says(
            3071,
            "Your browser says that another site sent this request, so it was not carried out.",
        ),
        to_do=says(
            3072,
            "If you did not expect this, nothing is lost: close the other site."
            " Otherwise go to the start page and try again from there.",
        ),
    )
    FORBIDDEN = Explanation(
        title=says(3080, "This is not open to you"),
        happened=says(3081, "Your account may not do this here."),
        to_do=says(3082, "If you think that it should, ask whoever looks after this service."),
    )
    NOT_FOUND = Explanation(
        title=says(3090, "There is no such page"),
        happened=says(3091, "The address may be mistyped, or the page has moved."),
        to_do=says(3092, "Check the address, or begin at the start page."),
    )
    METHOD_NOT_ALLOWED = Explanation(
        title=says(3100, "This address cannot be used like that"),
        happened=says(3101, "The address exists, but not for this kind of request."),
        to_do=says(3102, "Begin at the start page and use its links and buttons."),
    )
    TOO_LARGE = Explanation(
        title=says(3110, "That was too much at once"),
        happened=says(3111, "What your browser sent is far larger than a form of ours."),
        to_do=says(3112, "Go back, shorten what you typed and try again."),
    )
    WRONG_CONTENT_TYPE = Explanation(
        title=says(3120, "This is not a form that we know"),
        happened=says(3121, "What was sent is not of the kind that our pages send."),
        to_do=says(3122, "Open the page afresh in an ordinary browser and try again."),
    )
    UNKNOWN_ADDRESS = Explanation(
        title=says(3130, "Nobody signs in at this address"),
        happened=says(3131, "This service is running, but no environment has this address."),
        to_do=says(
            3132,
            "Check the address that you were given."
            " If you look after this service, add the address to an environment.",
        ),
        path=None,
    )
    TOO_MANY_REQUESTS = Explanation(
        title=says(3140, "Too many requests"),
        happened=says(3141, "Very many requests came from your network in a short time."),
        to_do=says(3142, "Wait a minute or two, then try again."),
    )
    WENT_WRONG = Explanation(
        title=says(3150, "Something went wrong here"),
        happened=says(
            3151, "The fault is ours, not yours. Nothing was let in and nothing half done."
        ),
        to_do=says(
            3152,
            "Try again in a moment. If it stays so, ask for help and pass on the reference below.",
        ),
    )
    BUSY = Explanation(
        title=says(3160, "Very busy just now"),
        happened=says(
            3161, "More people are signing in at this moment than can be served at once."
        ),
        to_do=says(3162, "Wait a few seconds and try again. Nothing was counted against you."),
    )
    DATABASE_AWAY = Explanation(
        title=says(3170, "Not available at the moment"),
        happened=says(3171, "This service cannot reach its data just now, so it lets nobody in."),
        to_do=says(3172, "Try again in a few minutes. Nothing that was saved before is lost."),
    )
    LINK_OVER = Explanation(
        title=says(3180, "This link is no longer good"),
        happened=says(
            3181, "It has been used already, or its time is over, or it was not copied in full."
        ),
        to_do=says(
            3182,
            "If you have already chosen your name and password, sign in."
            " Otherwise ask for a new link.",
        ),
        path="/sign-in",
        link=SIGN_IN,
    )
    SIGN_IN_ENDED = Explanation(
        title=says(3190, "This sign-in has ended"),
        happened=says(3191, "It was finished, cancelled, or waited longer than its time limit."),
        to_do=says(3192, "Nothing is lost. Please start again."),
        path="/sign-in",
        link=SIGN_IN,
    )
    REFUSED = Explanation(
        title=says(3200, "You cannot be signed in just now"),
        happened=says(
            3201, "Your password was accepted, but what is asked for next cannot be done here."
        ),
        to_do=says(3202, "Ask whoever looks after this service; they can see the reason."),
        path="/sign-in",
        link=SIGN_IN,
    )
    REQUIRED_HERE = Explanation(
        title=says(3230, "2-Step Verification stays on"),
        happened=says(3231, "It is required here, so nobody can turn it off for themselves."),
        to_do=says(3232, "With a new phone, choose Generate a New Key instead."),
        path="/security",
        link=N_("Go to Security Settings"),
    )
    NEEDS_TWO_STEP = Explanation(
        title=says(3690, "Set up your own second step first"),
        happened=says(
            3691, "Here, nobody without a second step may do anything to another user's account."
        ),
        to_do=says(
            3692,
            "Set up 2-Step Verification for yourself in Security Settings, then come back.",
        ),
        path="/security",
        link=N_("Go to Security Settings"),
    )
    RESET_ASKED = Explanation(
        title=says(3510, "Look into your mailbox"),
        happened=says(
            3511,
            "If there is an account of this name or address that can be opened this way, a link is"
            " on its way to the address in its profile.",
        ),
        to_do=says(
            3512,
            "The link works once, for 30 minutes. If nothing has come after some minutes, look in"
            " junk mail, then ask whoever looks after this service: not every account can be"
            " opened by mail.",
        ),
        path="/sign-in",
        link=SIGN_IN,
    )
    RESET_OVER = Explanation(
        title=says(3513, "This link is no longer good"),
        happened=says(
            3514,
            "It has been used already, or its 30 minutes are over, or the password was changed"
            " since, or it was not copied in full.",
        ),
        to_do=says(3515, "If you still need a new password, ask for another link."),
        path="/forgot-password",
        link=N_("Ask for another link"),
    )
    BREAK_GLASS_OVER = Explanation(
        title=says(3708, "This link is no longer good"),
        happened=says(
            3709,
            "It has been used already, or its 15 minutes are over, or the password was changed"
            " since, or it was not copied in full.",
        ),
        to_do=says(3710, "If you still cannot get in, ask the operator for another link."),
        path="/sign-in",
        link=SIGN_IN,
    )
    INVITATION_OVER = Explanation(
        title=says(3516, "This invitation is no longer good"),
        happened=says(
            3517,
            "It has been used already, or its time is over, or a newer one was sent, or it was not"
            " copied in full.",
        ),
        to_do=says(
            3518,
            "If you have already chosen your password, sign in."
            " Otherwise ask whoever invited you for a new invitation.",
        ),
        path="/sign-in",
        link=SIGN_IN,
    )
    FORGOT_PASSWORD = Explanation(
        title=says(3210, "Forgot your password?"),
        happened=says(
            3211, "Nobody can look your password up: we keep it in a form that cannot be read back."
        ),
        to_do=says(
            3212,
            "Ask whoever looks after this service for you. They can give you a new one"
            " once they are sure that it is you.",
        ),
        path="/sign-in",
        link=SIGN_IN,
    )
    READ_TIMED_OUT = Explanation(
        title=says(3220, "The page did not arrive"),
        happened=says(3221, "Your browser began to send the page and then stopped for too long."),
        to_do=says(3222, "Check your connection and try again."),
    )

    @property
    def explanation(self) -> Explanation:
        """The sentences of this matter."""
        return self.value
