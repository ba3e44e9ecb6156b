"""Every page once in each of its situations, with the data of an ordinary day."""

from base64 import b64encode
from dataclasses import dataclass, replace
from datetime import UTC, datetime

from tests.helpers.pictures import png
from tests.helpers.sample_admin_pages import ADMIN_VIEWS
from tests.helpers.sample_arrival_pages import ARRIVAL_VIEWS, LINK_VIEWS
from tests.helpers.sample_audit_pages import AUDIT_VIEWS
from tests.helpers.sample_code_pages import (
    ALL_WAYS,
    CODES_TO,
    SENT_CODE_CONFIRM_VIEWS,
    SENT_CODE_VIEWS,
    TWO_STEP_VIEWS,
)
from tests.helpers.sample_contact_pages import CONTACT_LINES, CONTACT_VIEWS
from tests.helpers.sample_helping_pages import HELPING_VIEWS
from tests.helpers.sample_message_pages import MESSAGE_VIEWS
from tests.helpers.sample_overview_pages import OVERVIEW_VIEWS
from tests.helpers.sample_permission_pages import BREAK_GLASS_VIEWS, PERMISSION_VIEWS
from tests.helpers.sample_person_pages import PERSON_VIEWS
from tests.helpers.sample_readiness_pages import READINESS_VIEWS
from tests.helpers.sample_recovery_pages import SIGNED_IN_VIEWS, SIGNED_OUT_VIEWS, line
from tests.helpers.sample_user_list_pages import USER_LIST_VIEWS
from tests.helpers.sample_user_pages import USER_VIEWS
from twostep.core.looks import Look
from twostep.core.permissions import ALL
from twostep.core.reasons import Code, because
from twostep.crypto.secret import Secret
from twostep.delivery.mailbox import KeptMail
from twostep.i18n.activities import Activity
from twostep.i18n.matters import Matter
from twostep.i18n.notices import Notice, Said, clock_off, said
from twostep.pages import security_views, views
from twostep.pages.mailbox import MailboxPage
from twostep.pages.views import FieldError, Wait
from twostep.web.dress import colours_url
from twostep.web.languages import LanguageLink
from twostep.web.pictures import qr_picture
from twostep.web.rendering import Frame, Support, View

NOW = int(datetime(2026, 4, 12, 10, 31, tzinfo=UTC).timestamp()) * 1000
MINUTE = 60_000
HOUR = 60 * MINUTE
DAY = 24 * HOUR

NONCE = "a-nonce-of-the-tests"
OWN_COLOUR = "#a65f24"
"""Hardly dark enough."""
LOGO = f"data:image/png;base64,{b64encode(png(120, 40)).decode()}"

KEY = "JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP"


LINKS = (
    LanguageLink(code="en", name="English", href="?language=en"),
    LanguageLink(code="es", name="Español", href="?language=es"),
)


@dataclass(frozen=True, kw_only=True)
class Sample:
    """A view, whether somebody is signed in, and the notice above it."""

    view: View
    signed_in: bool = False
    administrator: bool = False
    notice: Said | None = None
    own_look: bool = False

    @property
    def frame(self) -> Frame:
        return self.frame_in("en")

    def frame_in(self, language: str) -> Frame:
        return Frame(
            environment_name="Northside Housing",
            language=language,
            now=NOW,
            nonce=NONCE,
            support=Support(text="it@northside.example", link="mailto:it@northside.example"),
            user_name="ann.lee" if self.signed_in else None,
            csrf="a-token" if self.signed_in else None,
            notice=self.notice,
            permissions=ALL if self.administrator else frozenset(),
            languages=tuple(link for link in LINKS if link.code != language),
            colours_url=colours_url(Look(accent=OWN_COLOUR)) if self.own_look else None,
            logo_url=LOGO if self.own_look else None,
        )


def wrong(field: str, notice: Notice, **data: int | str) -> FieldError:
    return FieldError(field=field, said=said(notice, **data))


WAIT = Wait(until=NOW + 15 * MINUTE, more_time_url="/sign-in/more-time")

ADDRESS = f"otpauth://totp/Northside%20Housing:ann.lee?secret={KEY}&issuer=Northside%20Housing"


def enter_code(*errors: FieldError) -> views.EnterCode:
    return views.EnterCode(
        csrf="a-token",
        user_name="ann.lee",
        issuer="Northside Housing",
        reasons=(because(Code.NEW_DEVICE),),
        errors=errors,
        wait=WAIT,
    )


def set_up(*errors: FieldError, inside_sign_in: bool) -> views.SetUp:
    return views.SetUp(
        csrf="a-token",
        issuer="Northside Housing",
        account="Northside Housing:ann.lee",
        qr=qr_picture(Secret(ADDRESS)),
        key=KEY,
        save_url="/sign-in/set-up" if inside_sign_in else "/security/two-step/verify",
        cancel_url="/sign-in/cancel" if inside_sign_in else "/security",
        inside_sign_in=inside_sign_in,
        required=inside_sign_in,
        errors=errors,
        wait=WAIT if inside_sign_in else Wait(until=NOW + 30 * MINUTE),
        codes_url=None if inside_sign_in else "/security/two-step/codes",
    )


def change_password(*errors: FieldError, inside_sign_in: bool = False) -> views.ChangePassword:
    return views.ChangePassword(
        csrf="a-token",
        user_name="ann.lee",
        shortest=15,
        save_url="/security/password",
        cancel_url="/security",
        inside_sign_in=inside_sign_in,
        ask_current=not inside_sign_in,
        reasons=(because(Code.PASSWORD_MAY_BE_KNOWN),) if inside_sign_in else (),
        errors=errors,
        wait=WAIT if inside_sign_in else None,
    )


def security_settings(*, two_step_since: int | None) -> security_views.SecuritySettings:
    here = security_views.SessionLine(
        id="a1",
        current=True,
        browser="Chrome on Windows",
        address="203.0.113.7",
        started_at=NOW - 2 * HOUR,
        last_used_at=NOW,
    )
    there = security_views.SessionLine(
        id="a2",
        current=False,
        browser="",
        address="2001:db8:1234:5678:9abc:def0:1234:5678",
        started_at=NOW - 26 * HOUR,
        last_used_at=NOW - 25 * HOUR,
    )
    devices = (
        security_views.DeviceLine(
            id="d1",
            current=True,
            browser="Chrome on Windows",
            address="203.0.113.7",
            first_used_at=NOW - 60 * DAY,
            last_used_at=NOW,
            remembered_until=NOW + 21 * DAY,
        ),
        security_views.DeviceLine(
            id="d2",
            current=False,
            browser="",
            address="2001:db8:1234:5678:9abc:def0:1234:5678",
            first_used_at=NOW - 26 * HOUR,
            last_used_at=NOW - 25 * HOUR,
            remembered_until=None,
        ),
    )
    activity = (
        security_views.ActivityLine(
            at=NOW - 2 * HOUR,
            activity=Activity.SIGNED_IN,
            browser="Chrome on Windows",
            address="203.0.113.7",
            reasons=(because(Code.BOTH_STEPS_PROVEN), because(Code.NEW_DEVICE)),
        ),
        security_views.ActivityLine(at=NOW - 26 * HOUR, activity=Activity.TWO_STEP_SET_UP),
    )
    return security_views.SecuritySettings(
        csrf="a-token",
        password_changed_at=NOW - 31 * DAY,
        two_step_since=two_step_since,
        devices=devices if two_step_since else devices[:1],
        sessions=(here, there) if two_step_since else (here,),
        activity=activity if two_step_since else (),
    )


SAMPLES = {
    "sign-in": Sample(view=views.SignIn(csrf="a-token")),
    "sign-in-after-sign-out": Sample(
        view=views.SignIn(csrf="a-token"), notice=said(Notice.SIGNED_OUT)
    ),
    "sign-in-wrong": Sample(
        view=views.SignIn(
            csrf="a-token", user_name="ann.lee", errors=(wrong("", Notice.NAME_OR_PASSWORD_WRONG),)
        )
    ),
    "sign-in-empty": Sample(
        view=views.SignIn(
            csrf="a-token",
            errors=(
                wrong("user_name", Notice.USER_NAME_MISSING),
                wrong("password", Notice.PASSWORD_MISSING),
            ),
            wait=Wait(until=NOW + HOUR),
        )
    ),
    "code": Sample(view=enter_code()),
    "code-wrong": Sample(view=enter_code(wrong("code", Notice.CODE_WRONG, tries=3))),
    "code-clock": Sample(
        view=enter_code(FieldError(field="code", said=clock_off(slow=True, minutes=4)))
    ),
    "another-way": Sample(
        view=views.AnotherWay(
            csrf="a-token",
            user_name="ann.lee",
            ways=ALL_WAYS,
            wait=WAIT,
        )
    ),
    "set-up-in-sign-in": Sample(view=set_up(inside_sign_in=True)),
    "set-up": Sample(view=set_up(inside_sign_in=False), signed_in=True),
    "set-up-wrong": Sample(
        view=set_up(wrong("code", Notice.SET_UP_CODE_WRONG), inside_sign_in=False), signed_in=True
    ),
    "home": Sample(view=views.Home(two_step_on=False), signed_in=True),
    "home-after-set-up": Sample(
        view=views.Home(two_step_on=True), signed_in=True, notice=said(Notice.SET_UP_DONE)
    ),
    "security": Sample(view=security_settings(two_step_since=None), signed_in=True),
    "security-two-step-on": Sample(
        view=security_settings(two_step_since=NOW - 100 * DAY), signed_in=True
    ),
    "two-step-state": Sample(
        view=security_views.TwoStepState(csrf="a-token", since=NOW - 100 * DAY, required=True),
        signed_in=True,
    ),
    "password": Sample(view=change_password(), signed_in=True),
    "password-wrong": Sample(
        view=change_password(
            wrong("current_password", Notice.CURRENT_PASSWORD_WRONG),
            wrong("new_password", Notice.PASSWORD_TOO_SHORT, limit=15),
        ),
        signed_in=True,
    ),
    "password-in-sign-in": Sample(view=change_password(inside_sign_in=True)),
    "welcome": Sample(
        view=views.Welcome(csrf="a-token", save_url="/welcome/a-link", shortest=15, link_lasts=30)
    ),
    "locked": Sample(
        view=views.Locked(
            csrf="a-token",
            until=NOW + 30 * MINUTE,
            reasons=(because(Code.TOO_MANY_CODES, until=NOW + 30 * MINUTE),),
        )
    ),
    "locked-for-good": Sample(
        view=views.Locked(csrf="a-token", until=None, reasons=(because(Code.SECOND_STEP_STOPPED),))
    ),
    "forgot": Sample(view=views.Message(matter=Matter.FORGOT_PASSWORD)),
    "not-found": Sample(view=views.Message(matter=Matter.NOT_FOUND), signed_in=True),
    "went-wrong": Sample(view=views.Message(matter=Matter.WENT_WRONG, reference="7f3a-91c2")),
}

SAMPLES |= {
    name: Sample(view=view, signed_in=True, administrator=True)
    for name, view in (ADMIN_VIEWS | MESSAGE_VIEWS | READINESS_VIEWS | HELPING_VIEWS).items()
}
SAMPLES |= {
    name: Sample(view=view, signed_in=True, administrator=True)
    for name, view in (ARRIVAL_VIEWS | PERSON_VIEWS).items()
}
SAMPLES |= {name: Sample(view=view) for name, view in LINK_VIEWS.items()}
for name, matter in {
    "reset-asked": Matter.RESET_ASKED,
    "reset-over": Matter.RESET_OVER,
    "invitation-over": Matter.INVITATION_OVER,
}.items():
    SAMPLES[name] = Sample(view=views.Message(matter=matter))
SAMPLES["home-before-the-day"] = Sample(
    view=views.Home(two_step_on=False, required_from=NOW + 19 * DAY), signed_in=True
)
for name in ("sign-in", "security"):
    SAMPLES[f"{name}-own-look"] = replace(SAMPLES[name], own_look=True)
SAMPLES["home-administrator"] = Sample(
    view=views.Home(two_step_on=True), signed_in=True, administrator=True
)
for act in security_views.Act:
    SAMPLES[f"confirm-{act}"] = Sample(
        view=security_views.Confirm(
            csrf="a-token",
            act=act,
            by_code=act is not security_views.Act.PROPERTIES,
            or_recovery_code=act is security_views.Act.NEW_KEY,
            or_sent_code=act is security_views.Act.TURN_OFF,
            user_name="ann.lee",
            issuer="Northside Housing",
        ),
        signed_in=True,
    )
SAMPLES |= {name: Sample(view=view) for name, view in SENT_CODE_VIEWS.items()}
SAMPLES |= {
    name: Sample(view=view, signed_in=True)
    for name, view in (SENT_CODE_CONFIRM_VIEWS | TWO_STEP_VIEWS).items()
}
SAMPLES["mailbox"] = Sample(
    view=MailboxPage(
        mails=[
            KeptMail(
                at=NOW - MINUTE,
                to="ann@northside.example",
                sender="Northside Housing <twostep@localhost>",
                subject="Your Northside Housing code is 123456",
                text="Your Northside Housing code is 123456\n\nIt works for 10 minutes.",
            )
        ]
    )
)
SAMPLES["mailbox-empty"] = Sample(view=MailboxPage(mails=[]))
SAMPLES |= {name: Sample(view=view) for name, view in SIGNED_OUT_VIEWS.items()}
SAMPLES |= {name: Sample(view=view, signed_in=True) for name, view in SIGNED_IN_VIEWS.items()}
SAMPLES |= {name: Sample(view=view, signed_in=True) for name, view in CONTACT_VIEWS.items()}
SAMPLES |= {name: Sample(view=view, signed_in=True) for name, view in AUDIT_VIEWS.items()}
SAMPLES |= {name: Sample(view=view, signed_in=True) for name, view in PERMISSION_VIEWS.items()}
SAMPLES |= {name: Sample(view=view) for name, view in BREAK_GLASS_VIEWS.items()}
SAMPLES |= {name: Sample(view=view, signed_in=True) for name, view in USER_VIEWS.items()}
SAMPLES |= {name: Sample(view=view, signed_in=True) for name, view in OVERVIEW_VIEWS.items()}
SAMPLES |= {name: Sample(view=view, signed_in=True) for name, view in USER_LIST_VIEWS.items()}
STAYS = security_views.StayCard(chosen=True, idle_minutes=1, hours=1)
for name, stay in {
    "stays": STAYS,
    "stays-overruled": replace(STAYS, overruled=True, idle_minutes=60, hours=12),
}.items():
    SAMPLES[f"security-{name}"] = Sample(
        view=replace(security_settings(two_step_since=None), stay=stay), signed_in=True
    )
for name, contacts in CONTACT_LINES.items():
    SAMPLES[f"security-contacts-{name}"] = Sample(
        view=replace(security_settings(two_step_since=None), contacts=contacts, codes_to=CODES_TO),
        signed_in=True,
    )
for name, codes in {
    "none": line(0, made=False),
    "many": line(8),
    "few": line(2),
    "all-used": line(0),
    "app-missing": line(4, app_missing=True),
}.items():
    SAMPLES[f"home-recovery-codes-{name}"] = Sample(
        view=views.Home(two_step_on=True, recovery_codes=codes), signed_in=True
    )
    SAMPLES[f"security-recovery-codes-{name}"] = Sample(
        view=replace(security_settings(two_step_since=NOW - 100 * DAY), recovery_codes=codes),
        signed_in=True,
    )
