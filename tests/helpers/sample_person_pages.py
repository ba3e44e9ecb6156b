"""**Export data** and **Erase**, as ``sample_pages`` has the others."""

from __future__ import annotations

from dataclasses import replace

from tests.helpers.sample_helping_pages import BY_CODE, BY_PASSWORD, CALLED
from twostep.admin.person_views import ErasePerson, ExportPerson
from twostep.i18n.notices import Notice, said
from twostep.i18n.person_notices import PersonNotice
from twostep.web.proof_fields import NOTHING_ASKED
from twostep.web.rendering import FieldError, View

HERE = f"/admin/users/{'ab' * 16}"

EXPORT = ExportPerson(
    csrf="a-token", called=CALLED, here=f"{HERE}/export-data", back=HERE, proof=BY_PASSWORD
)
ERASE = ErasePerson(
    csrf="a-token",
    called=CALLED,
    user_name="ann",
    typed="",
    here=f"{HERE}/erase",
    back=HERE,
    export_path=f"{HERE}/export-data",
    sessions=3,
    devices=2,
    proof=NOTHING_ASKED,
)

PERSON_VIEWS: dict[str, View] = {
    "person-export": EXPORT,
    "person-export-wrong": replace(
        EXPORT, errors=(FieldError(field="password", said=said(Notice.CURRENT_PASSWORD_WRONG)),)
    ),
    "person-erase": replace(ERASE, proof=BY_CODE),
    "person-erase-wrong": replace(
        ERASE,
        typed="anne",
        sessions=0,
        devices=0,
        errors=(FieldError(field="user_name_again", said=said(PersonNotice.NAME_DIFFERS)),),
    ),
}
