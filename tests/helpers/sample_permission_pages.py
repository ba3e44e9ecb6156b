"""The pages of permissions in their situations, as ``sample_pages`` has the others."""

from __future__ import annotations

from twostep.admin.permission_page import dialog_of, page_of, page_of_user
from twostep.core.permissions import ALL, Permission
from twostep.core.users import User
from twostep.flows.permission_lists import Given, Holder, OfUser
from twostep.flows.step_up import By
from twostep.i18n.notices import Notice, said
from twostep.pages.link_views import ChoosePassword
from twostep.web.proof_fields import NOTHING_ASKED, ProofFields
from twostep.web.rendering import FieldError, View

TODAY = 1_775_989_860_000
DAY = 24 * 60 * 60_000
LONG_NAME = "bartholomäus-maximilian.von-und-zu-hohenlohe-schillingsfürst@northside.example"

ANN = User(
    id=b"a" * 16,
    environment_id=b"e" * 16,
    name="ann.lee",
    full_name="Ann Lee",
    made_at=TODAY - 100 * DAY,
    password_generation=1,
    second_step_generation=1,
)


def given(permission: Permission, by: str | None = None, *, erased: bool = False) -> Given:
    return Given(
        permission=permission,
        by=by,
        by_operator=by is None and not erased,
        at=TODAY - 30 * DAY,
    )


REMOVE = given(Permission.REMOVE_TWO_STEP, "kim")


def holder(name: str, *grants: Given, full_name: str = "", disabled: bool = False) -> Holder:
    return Holder(
        user_id=name.encode().ljust(16, b".")[:16],
        name=name,
        full_name=full_name,
        disabled=disabled,
        given=grants,
    )


def of_ann(*grants: Given, oneself: bool = False, may: frozenset[Permission] = ALL) -> OfUser:
    return OfUser(
        user=ANN,
        given=grants,
        may_grant=frozenset() if oneself else may,
        may_revoke=may,
        oneself=oneself,
    )


def dialog(
    *,
    granting: bool = True,
    oneself: bool = False,
    proof: ProofFields = NOTHING_ASKED,
    errors: tuple[FieldError, ...] = (),
) -> View:
    return dialog_of(
        of_ann(REMOVE, oneself=oneself),
        Permission.REMOVE_TWO_STEP,
        granting=granting,
        csrf="a-token",
        proof=proof,
        errors=errors,
    )


WRONG = FieldError(field="password", said=said(Notice.CURRENT_PASSWORD_WRONG))

PERMISSION_VIEWS: dict[str, View] = {
    "permissions": page_of(
        (
            holder("ann.lee", REMOVE, full_name="Ann Lee"),
            holder("kim", *(given(each) for each in Permission)),
            holder(LONG_NAME, given(Permission.AUDIT, erased=True), disabled=True),
        ),
        {Permission.MESSAGES},
    ),
    "permissions-of-nobody": page_of((), ()),
    "permissions-of-a-user": page_of_user(of_ann(REMOVE, given(Permission.AUDIT))),
    "permissions-nothing-to-give": page_of_user(of_ann(REMOVE, may=frozenset())),
    "permissions-of-oneself": page_of_user(of_ann(REMOVE, oneself=True)),
    "permissions-none": page_of_user(of_ann(may=frozenset({Permission.AUDIT}))),
    "permission-give": dialog(proof=ProofFields(by=By.CODE)),
    "permission-give-fresh": dialog(),
    "permission-take": dialog(granting=False, proof=ProofFields(by=By.PASSWORD)),
    "permission-take-wrong": dialog(
        granting=False, proof=ProofFields(by=By.PASSWORD), errors=(WRONG,)
    ),
    "permission-give-up": dialog(granting=False, oneself=True),
}

BREAK_GLASS_VIEWS: dict[str, View] = {
    "break-glass": ChoosePassword(
        csrf="a-token",
        user_name=LONG_NAME,
        shortest=8,
        save_url="/break-glass/a-link",
        invited=False,
        break_glass=True,
    ),
}
