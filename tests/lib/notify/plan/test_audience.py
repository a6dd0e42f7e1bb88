"""Whom a forced run would mail: said before it does."""

from lib.notify.model.rows import Facts, Profile, Recipient
from lib.notify.plan.audience import audience, reached

STORE = Profile(1, "store_reports", "any", "store", "per_store_pdf")
RUN = Profile(2, "run_summary", "any", "run", "none")
ALL_STORES = Profile(3, "owners", "any", "combined", "all_store_pdfs")


def facts(profiles, *recipients):
    return Facts(
        "simplify_dashboard_weekly",
        "",
        "weekly",
        None,
        profiles=tuple(profiles),
        recipients=recipients,
    )


def to(number, profile, address, store_code=None, send_as="to"):
    return Recipient(number, profile.id, address, send_as, store_code)


def test_a_line_for_each_mail_with_masked_readers():
    known = facts(
        [RUN, ALL_STORES, STORE],
        to(1, RUN, "operations@example.invalid"),
        to(2, ALL_STORES, "chain@example.invalid", "ALL"),
        to(3, STORE, "asha@example.invalid", "A668"),
        to(4, STORE, "manager@example.invalid", "A668", "cc"),
        to(5, STORE, "audit@example.invalid", "A668", "bcc"),
    )
    assert list(reached(known, "prod", ["A668", "A817"])) == [
        "run_summary: to o…@example.invalid",
        "owners ALL: to c…@example.invalid",
        "store_reports A668: to a…@example.invalid, cc m…@example.invalid, bcc a…@example.invalid",
        "store_reports A817: nobody",
    ]


def test_profiles_that_do_not_apply_are_not_named():
    silent = Profile(4, "silent", "any", "run", "none", is_active=False)
    elsewhere = Profile(5, "elsewhere", "prod", "run", "none")

    assert list(reached(facts([silent, elsewhere]), "dev", ["A668"])) == []


def test_the_seeds_of_a_fresh_database(engine):
    lines = audience(engine, "simplify_dashboard_weekly", "dev", ["A668"])

    assert [line.partition(":")[0] for line in lines] == [
        "all_stores_report ALL",
        "run_summary",
        "store_weekly_reports A668",
    ]
    assert lines[0].partition(":")[2] == lines[1].partition(":")[2]
    assert "example.invalid" in lines[1]
    assert "store-a668" not in lines[2]
