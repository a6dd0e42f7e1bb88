"""Who is sent what, as tables; whole plans are compared.

Source: docs/reference/domain.md#notification-selection.
"""

from __future__ import annotations

from dataclasses import replace

import pytest

from lib.model import Finding, Status
from lib.notify.model.rows import AttachMode, Template
from lib.notify.plan.build import MailPlan, build
from tests.factories.notify import PROFILE, RUN, TEMPLATE, document, facts, mail, recipient

A668, A817, COMBINED, LOOSE = document("A668"), document("A817"), document("ALL"), document(None)
EVERY_DOCUMENT = (A668, A817, COMBINED, LOOSE)


def shown(plan: MailPlan) -> list[str]:
    """Write a plan down: a line a mail, then a line a finding."""
    return [_mail_line(one) for one in plan.mails] + [f"{f.severity} {f}" for f in plan.findings]


def _mail_line(one) -> str:
    lists = {"to": one.to, "cc": one.cc, "bcc": one.bcc}
    people = [
        f"{kind} {','.join(a.mailbox.split('@')[0] for a in group)}"
        for kind, group in lists.items()
        if group
    ]
    files = ",".join(str(d.store_code) for d in one.attachments)
    return f"mail about {one.store_code}: {' '.join(people)} [{files}]"


def planned(*recipients, documents=EVERY_DOCUMENT, scope="run", attach_mode="none", **changes):
    profile = replace(PROFILE, scope=scope, attach_mode=attach_mode)
    return build(facts(profiles=(profile,), recipients=recipients, documents=documents, **changes))


CONTRADICTION = "warning profile readers: a mail about one store never carries another's documents, so {} acts as per_store_pdf"
RUN_CONTRADICTION = "warning profile readers: a mail about the run has no store, so per_store_pdf attaches nothing; use all_store_pdfs"


@pytest.mark.parametrize(
    ("scope", "attach_mode", "expected"),
    [
        ("run", "none", ["mail about None: to boss []"]),
        ("run", "per_store_pdf", ["mail about None: to boss []", RUN_CONTRADICTION]),
        ("run", "all_store_pdfs", ["mail about None: to boss [A668,A817,ALL]"]),
        ("run", "all_docs_for_run", ["mail about None: to boss [A668,A817,ALL,None]"]),
        ("store", "none", ["mail about A668: to boss []", "mail about A817: to boss []"]),
        (
            "store",
            "per_store_pdf",
            ["mail about A668: to boss [A668]", "mail about A817: to boss [A817]"],
        ),
        (
            "store",
            "all_store_pdfs",
            [
                "mail about A668: to boss [A668]",
                "mail about A817: to boss [A817]",
                CONTRADICTION.format("all_store_pdfs"),
            ],
        ),
        (
            "store",
            "all_docs_for_run",
            [
                "mail about A668: to boss [A668]",
                "mail about A817: to boss [A817]",
                CONTRADICTION.format("all_docs_for_run"),
            ],
        ),
        ("combined", "none", ["mail about ALL: to boss []"]),
        ("combined", "per_store_pdf", ["mail about ALL: to boss [ALL]"]),
        ("combined", "all_store_pdfs", ["mail about ALL: to boss [A668,A817,ALL]"]),
        ("combined", "all_docs_for_run", ["mail about ALL: to boss [A668,A817,ALL,None]"]),
    ],
)
def test_scope_and_attach_mode_decide_mails_and_documents(scope, attach_mode, expected):
    assert shown(planned(recipient("boss"), scope=scope, attach_mode=attach_mode)) == expected


EVERYBODY = (
    recipient("null"),
    recipient("all", store_code="ALL"),
    recipient("one", store_code="A668"),
    recipient("lower", store_code=" a817 "),
)
NEVER_USED = "warning profile readers has scope {}; its recipients with store code {} get no mail"


@pytest.mark.parametrize(
    ("scope", "expected"),
    [
        ("run", ["mail about None: to null []", NEVER_USED.format("run", "A668, A817, ALL")]),
        ("store", ["mail about A668: to null,all,one []", "mail about A817: to null,all,lower []"]),
        (
            "combined",
            ["mail about ALL: to null,all []", NEVER_USED.format("combined", "A668, A817")],
        ),
    ],
)
def test_the_store_code_of_a_recipient_decides_which_mails_it_gets(scope, expected):
    assert shown(planned(*EVERYBODY, scope=scope)) == expected


@pytest.mark.parametrize(
    ("run_env", "profile_env", "recipient_env", "is_sent"),
    [
        ("prod", "any", "any", True),
        ("prod", "prod", "prod", True),
        ("prod", "any", "dev", False),
        ("prod", "dev", "any", False),
        ("dev", "dev", "any", True),
        ("local", "any", "local", True),
        ("production", "any", "any", True),
        ("production", "prod", "any", False),
    ],
)
def test_rows_apply_to_their_env_or_to_any(run_env, profile_env, recipient_env, is_sent):
    plan = build(
        facts(
            run=replace(RUN, run_env=run_env),
            profiles=(replace(PROFILE, env=profile_env),),
            recipients=(recipient("boss", env=recipient_env),),
            documents=(A668,),
        )
    )

    assert [one.to[0].mailbox for one in plan.mails] == (
        ["boss@example.invalid"] if is_sent else []
    )
    assert is_sent or plan.findings


def test_inactive_rows_do_not_count():
    assert shown(planned(recipient("gone", is_active=False), recipient("boss"))) == [
        "mail about None: to boss []"
    ]
    inactive = build(facts(profiles=(replace(PROFILE, is_active=False),)))

    assert shown(inactive) == [
        "warning no active profile of simplify_dashboard_daily applies to the env dev"
    ]


def test_without_any_to_the_cc_take_its_place():
    cc_only = (
        recipient("a", send_as="cc"),
        recipient("b", send_as="cc"),
        recipient("c", send_as="bcc"),
    )
    assert shown(planned(*cc_only)) == ["mail about None: to a,b bcc c []"]


def test_an_address_is_in_one_list_once_and_the_more_visible_list_wins():
    twice = (
        recipient("a"),
        recipient("A"),
        recipient("a", send_as="cc"),
        recipient("b", send_as="cc"),
        recipient("b", send_as="bcc"),
        recipient("c", send_as="bcc"),
    )
    assert shown(planned(*twice)) == ["mail about None: to a cc b bcc c []"]


def test_a_report_made_again_in_the_same_run_is_attached_once_and_newest():
    older, newer = replace(A668, id=1, problem="stale"), replace(A668, id=2)
    plan = planned(
        recipient("boss"), documents=(older, newer), scope="store", attach_mode="per_store_pdf"
    )
    shown = replace(newer, shown_name="A668 \N{EN DASH} Fri 14 Nov 2025.pdf")

    assert [one.attachments for one in plan.mails] == [(shown,)]
    assert plan.findings == ()


def test_mails_about_the_run_go_first_then_combined_then_store_by_store():
    scopes = {1: "store", 2: "combined", 3: "run"}
    plan = build(
        facts(
            profiles=tuple(
                replace(PROFILE, id=i, code=f"p{i}", scope=scope) for i, scope in scopes.items()
            ),
            templates=tuple(replace(TEMPLATE, profile_id=i) for i in scopes),
            recipients=tuple(recipient("boss", profile_id=i) for i in scopes),
            documents=(A817, A668),
        )
    )

    assert [one.store_code for one in plan.mails] == [None, "ALL", "A668", "A817"]


LEFT_OUT = "warning recipient 7 of profile readers is left out: {}; correct notification_recipients"
MISSING = replace(A668, problem="its file cannot be read")


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        pytest.param(
            {"run": None},
            ["warning there is no summary row of the run 20251115_023005123456"],
            id="no run",
        ),
        pytest.param(
            {"pipeline_description": None},
            [
                "warning the table pipelines has no row with the code simplify_dashboard_daily: nobody can be told about it"
            ],
            id="no pipeline row",
        ),
        pytest.param(
            {"run": replace(RUN, pipeline_name="other")},
            [
                "warning the run 20251115_023005123456 belongs to the pipeline other, not to simplify_dashboard_daily"
            ],
            id="run of another pipeline",
        ),
        pytest.param(
            {"profiles": ()},
            ["warning no active profile of simplify_dashboard_daily applies to the env dev"],
            id="no profile",
        ),
        pytest.param(
            {"templates": (replace(TEMPLATE, name="other"),)},
            ["warning profile readers sends nothing: it has no active template named default"],
            id="no default template",
        ),
        pytest.param(
            {"templates": (replace(TEMPLATE, is_active=False),)},
            ["warning profile readers sends nothing: it has no active template named default"],
            id="inactive template",
        ),
        pytest.param(
            {"profiles": (replace(PROFILE, scope="galaxy"),)},
            [
                "warning profile readers sends nothing: its scope 'galaxy' is not one of run, store, combined"
            ],
            id="unknown scope",
        ),
        pytest.param(
            {"profiles": (replace(PROFILE, attach_mode="zip"),)},
            [
                f"warning profile readers sends nothing: its attach mode 'zip' is not one of {', '.join(AttachMode)}"
            ],
            id="unknown attach mode",
        ),
        pytest.param(
            {"recipients": ()},
            ["warning profile readers has no recipient; add one in notification_recipients"],
            id="no recipient",
        ),
        pytest.param(
            {"recipients": (recipient("c", send_as="bcc"),)},
            [
                "warning profile readers has only bcc recipients; make one of them to or cc in notification_recipients"
            ],
            id="only bcc",
        ),
        pytest.param(
            {"recipients": (recipient("c", send_as="fax"), recipient("boss"))},
            [
                "mail about None: to boss []",
                LEFT_OUT.format("its send_as is not one of to, cc, bcc"),
            ],
            id="unknown send_as",
        ),
        pytest.param(
            {"recipients": (recipient("c", store_code=" "), recipient("boss"))},
            [
                "mail about None: to boss []",
                LEFT_OUT.format("its store code is blank; null means every store"),
            ],
            id="blank store code",
        ),
        pytest.param(
            {"recipients": (recipient("c\r\nBcc: d"), recipient("boss"))},
            [
                "mail about None: to boss []",
                LEFT_OUT.format("it has a line break or another control character"),
            ],
            id="an address with a line break",
        ),
        pytest.param(
            {
                "profiles": (replace(PROFILE, scope="store", attach_mode="per_store_pdf"),),
                "recipients": (),
            },
            [
                "warning A668: there is a document, but profile readers has no recipient; add one in notification_recipients"
            ],
            id="a store with a document and no recipient",
        ),
        pytest.param(
            {
                "profiles": (replace(PROFILE, scope="store", attach_mode="per_store_pdf"),),
                "recipients": (
                    recipient("a", store_code="A668"),
                    recipient("b", store_code="A817"),
                ),
            },
            [
                "mail about A668: to a [A668]",
                "ok A817: profile readers has recipients, but the run has no document of this store",
            ],
            id="a store with a recipient and no document",
        ),
        pytest.param(
            {
                "profiles": (replace(PROFILE, scope="store", attach_mode="per_store_pdf"),),
                "documents": (COMBINED,),
            },
            ["warning profile readers sends nothing: no store has a document"],
            id="no store document",
        ),
        pytest.param(
            {"profiles": (replace(PROFILE, scope="combined", attach_mode="per_store_pdf"),)},
            ["ok ALL: profile readers sends no mail: no document"],
            id="no combined document",
        ),
        pytest.param(
            {
                "profiles": (replace(PROFILE, scope="store", attach_mode="per_store_pdf"),),
                "documents": (MISSING,),
            },
            [
                "error A668: A668_2025-11-14.pdf cannot be attached: its file cannot be read",
                "error A668: profile readers sends no mail: none of its documents can be attached",
            ],
            id="file gone, store mail dropped",
        ),
        pytest.param(
            {
                "profiles": (replace(PROFILE, attach_mode="all_store_pdfs"),),
                "documents": (MISSING, A817),
            },
            [
                "mail about None: to boss [A817]",
                "error A668: A668_2025-11-14.pdf cannot be attached: its file cannot be read",
            ],
            id="file gone, run mail goes with the rest",
        ),
    ],
)
def test_nothing_is_skipped_in_silence(changes, expected):
    assert (
        shown(build(facts(**{"recipients": (recipient("boss"),), "documents": (A668,), **changes})))
        == expected
    )


def test_an_unknown_env_of_the_run_is_named():
    plan = build(
        facts(
            run=replace(RUN, run_env="production"),
            recipients=(recipient("boss"),),
            documents=(A668,),
        )
    )
    text = (
        "the run's env 'production' is not one of dev, local, prod: only rows for any apply to it"
    )

    assert plan.findings == (Finding(Status.WARNING, text),)


@pytest.mark.parametrize(
    ("subject", "body", "problem"),
    [
        ("{{ nothing }}", "x", "the subject template cannot be rendered: 'nothing' is undefined"),
        (
            "x",
            "{{ store_code }}",
            "the body template cannot be rendered: 'store_code' is undefined",
        ),
        (" ", "x", "the subject template renders to nothing"),
        ("x", "\n", "the body template renders to nothing"),
        (
            "x\r\nBcc: y@example.invalid",
            "x",
            "the subject has a line break or another control character",
        ),
    ],
)
def test_a_mail_whose_template_fails_is_owed_and_its_raw_text_goes_nowhere(subject, body, problem):
    template = Template(PROFILE.id, subject, body)
    plan = build(facts(templates=(template,), recipients=(recipient("reader"),), documents=(A668,)))
    expected = Finding(Status.ERROR, f"profile readers: {problem}; correct email_templates")

    assert plan == MailPlan((mail(subject="", body="", problem=problem),), (expected,))


def test_a_template_that_fails_for_every_store_is_named_once():
    broken = Template(PROFILE.id, "x", "{{ nothing }}")
    plan = planned(recipient("boss"), scope="store", templates=(broken,))

    assert len(plan.mails) == 2
    assert len(plan.findings) == 1


def test_the_mails_of_a_store_know_its_code_and_name():
    template = Template(PROFILE.id, "{{ store_code }} {{ store_name }}", "x")
    stores = {"A668": "Example Road"}
    plan = planned(recipient("boss"), scope="store", templates=(template,), store_names=stores)

    assert [one.subject for one in plan.mails] == ["A668 Example Road", "A817 A817"]
    plan = planned(recipient("boss"), scope="combined", templates=(template,), store_names=stores)
    assert [one.subject for one in plan.mails] == ["ALL All stores"]


def test_a_run_without_documents_is_told_with_its_reasons():
    metrics = {
        "stores": {"report_failures": {"A817": "no dashboard for T", "A668": "no dashboard for T"}}
    }
    run = replace(RUN, overall_status="error", metrics=metrics)
    [only] = build(facts(run=run, recipients=(recipient("boss"),))).mails

    assert only.body == (
        "No documents were produced. The run ended as error, because:\n"
        "- A668: no dashboard for T\n- A817: no dashboard for T\n\nStatus: ok"
    )


@pytest.mark.parametrize(
    ("scope", "days", "expected"),
    [
        pytest.param("store", {"A668": ["2025-11-16"]}, ["16 Nov.", ""], id="one store"),
        pytest.param("store", {}, ["", ""], id="none"),
        pytest.param(
            "store",
            {"A817": [f"2025-11-{day}" for day in range(10, 16)]},
            ["", "10 Nov to 15 Nov (6 days)."],
            id="a whole stretch",
        ),
        pytest.param(
            "combined",
            {"A668": ["2025-11-15", "2025-11-16"], "A817": ["2025-11-16"]},
            ["A668: 15 Nov, 16 Nov; A817: 16 Nov."],
            id="all stores",
        ),
    ],
)
def test_a_mail_names_the_days_that_its_report_lacks(scope, days, expected):
    run = replace(RUN, metrics={"missing_days": days})
    opening = "The portal gave no figures of these days, and the report is made without them: "
    plan = planned(recipient("boss"), scope=scope, run=run)

    assert [one.body for one in plan.mails] == [
        f"{opening}{text}\n\nStatus: ok" if text else "Status: ok" for text in expected
    ]


def test_the_mail_about_the_run_names_what_is_wrong_with_the_others():
    profiles = PROFILE, replace(PROFILE, id=2, code="stores", scope="store")
    templates = TEMPLATE, replace(TEMPLATE, profile_id=2)
    plan = build(
        facts(
            profiles=profiles,
            templates=templates,
            recipients=(recipient("boss"),),
            documents=(A668,),
        ),
    )

    assert plan.mails[0].body == (
        "Notification problems:\n- A668: there is a document, but profile stores has no recipient; "
        "add one in notification_recipients\n\nStatus: warning"
    )


def test_a_summary_is_no_better_than_the_problems_above_it():
    """It was written before the mails were planned: `Status: ok, Issues.

    None` above 14 problems.
    """
    run = replace(RUN, summary_text="Status: ok\n\nData:\n- none\n\nIssues:\n- none")
    documents = tuple(document(f"A{number}") for number in range(14))
    profiles = PROFILE, replace(PROFILE, id=2, code="stores", scope="store")
    templates = (
        replace(TEMPLATE, subject="{{ overall_status }}"),
        replace(TEMPLATE, profile_id=2),
    )
    [mail] = build(
        facts(
            run=run,
            profiles=profiles,
            templates=templates,
            recipients=(recipient("boss"),),
            documents=documents,
        )
    ).mails

    assert mail.subject == "warning"
    assert mail.body.count("there is a document, but") == 1, "each problem once"
    assert "- A0, A1, A10, A11, " in mail.body
    assert mail.body.endswith(
        "Status: warning\n\nData:\n- none\n\nIssues:\n- 14 notification problems, listed above"
    )


def test_the_same_facts_give_the_same_plan():
    given = facts(recipients=EVERYBODY, documents=EVERY_DOCUMENT)
    assert build(given) == build(given)
