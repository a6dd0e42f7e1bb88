from dataclasses import replace
from io import BytesIO
from zoneinfo import ZoneInfo

import pikepdf
import pytest

from lib.reports.build.html import daily_html
from lib.reports.daily.context import daily_context
from lib.reports.render import pdf_check, weasyprint_engine
from lib.reports.render.pdf_check import Expected, WrongReport
from tests.factories.pdfs import pdf
from tests.factories.reports import RUN, facts

FIELDS = frozenset(
    {"undelivered_delivered_1", "undelivered_not_delivered_1", "undelivered_comment_1"}
)
EXPECTED = Expected("A668", "2025-11-14", RUN.run_id, FIELDS)
WITHOUT_FIELDS = replace(EXPECTED, fields=frozenset())
IDENTITY = "".join(
    f'<meta name="{name}" content="{content}">'
    for name, content in [("StoreCode", "A668"), ("Period", "2025-11-14"), ("RunId", RUN.run_id)]
)


@pytest.fixture(scope="module")
def report():
    return weasyprint_engine.render(
        daily_html(daily_context(facts(orders=1), RUN, ZoneInfo("Asia/Kolkata")))
    )


def test_the_report_that_was_asked_for_passes(report):
    pdf_check.check(report, EXPECTED)


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        pytest.param({"store_code": "A817"}, "storecode 'A668' where 'A817'", id="another store"),
        pytest.param(
            {"period": "2025-11-13"}, "period '2025-11-14' where '2025-11-13'", id="another day"
        ),
        pytest.param({"run_id": "other"}, "runid", id="another run"),
        pytest.param({"fields": frozenset()}, "3 form fields where 0", id="more fields"),
        pytest.param(
            {"fields": FIELDS | {"missed_lead_comment_1"}},
            "3 form fields where 4",
            id="fewer fields",
        ),
    ],
)
def test_another_report_is_refused(report, changes, message):
    with pytest.raises(WrongReport, match=message):
        pdf_check.check(report, replace(EXPECTED, **changes))


@pytest.mark.parametrize(
    "kept",
    [slice(0), slice(9), slice(2000), slice(-20)],
    ids=["nothing", "a header", "a part", "no end"],
)
def test_a_blank_or_partial_file_is_refused(report, kept):
    with pytest.raises(WrongReport, match="blank or partial"):
        pdf_check.check(report[kept], EXPECTED)


def test_what_is_no_pdf_is_refused():
    with pytest.raises(WrongReport, match="blank or partial"):
        pdf_check.check(b"<html>an error page</html>", EXPECTED)


def test_a_pdf_of_unknown_origin_is_refused():
    with pytest.raises(WrongReport, match="says storecode 'nothing'"):
        pdf_check.check(weasyprint_engine.render('<html lang="en"><title>x</title><p>x'), EXPECTED)


def test_a_blank_page_is_refused():
    head = "".join(
        f'<meta name="{n}" content="{v}">'
        for n, v in [("StoreCode", "A668"), ("Period", "2025-11-14"), ("RunId", RUN.run_id)]
    )
    with pytest.raises(WrongReport, match="blank page"):
        pdf_check.check(
            weasyprint_engine.render(f'<html lang="en"><title>x</title>{head}<div></div>'), EXPECTED
        )


def own_template(lang='lang="en"', title="<title>x</title>", body="<p>figures"):
    return weasyprint_engine.render(f"<html {lang}>{title}{IDENTITY}{body}")


def test_a_page_of_an_own_template_passes():
    pdf_check.check(own_template(), WITHOUT_FIELDS)


@pytest.mark.parametrize(
    ("page", "reason"),
    [
        pytest.param({"lang": ""}, "no language; give its <html> one", id="no language"),
        pytest.param({"lang": 'lang=" "'}, "no language", id="an empty language"),
        pytest.param({"title": ""}, "no title; give its <head> a <title>", id="no title"),
        pytest.param({"title": "<title> </title>"}, "no title", id="an empty title"),
    ],
)
def test_what_would_claim_to_be_accessible_and_is_not_is_refused(page, reason):
    with pytest.raises(WrongReport, match=reason):
        pdf_check.check(own_template(**page), WITHOUT_FIELDS)


def test_two_fields_of_one_name_are_refused():
    fields = '<p>x<input name="undelivered_comment_1"><input name="undelivered_comment_1">'
    expected = replace(EXPECTED, fields=frozenset({"undelivered_comment_1"}))
    with pytest.raises(WrongReport, match="1 form fields have the name of another"):
        pdf_check.check(own_template(body=fields), expected)


@pytest.mark.parametrize(
    "field",
    [
        '<input name="undelivered_comment_1" value="Asha">',
        '<input type="checkbox" checked name="undelivered_comment_1">',
    ],
    ids=["typed", "ticked"],
)
def test_a_form_that_is_filled_in_already_is_refused(field):
    expected = replace(EXPECTED, fields=frozenset({"undelivered_comment_1"}))
    with pytest.raises(WrongReport, match="1 form fields are filled in already"):
        pdf_check.check(own_template(body=f"<p>x{field}"), expected)


def test_a_pdf_that_claims_pdf_ua_says_that_it_is_1_7(report):
    into = BytesIO()
    with pikepdf.open(BytesIO(report)) as opened:
        opened.save(into, force_version="1.3", fix_metadata_version=False)
    with pytest.raises(WrongReport, match=r"claims PDF/UA-1 and says that it is PDF 1\.3"):
        pdf_check.check(into.getvalue(), EXPECTED)


def test_a_pdf_that_claims_nothing_may_be_of_any_version():
    pdf_check.check(pdf(WITHOUT_FIELDS), WITHOUT_FIELDS)
    with pytest.raises(WrongReport, match="no language"):
        pdf_check.check(pdf(WITHOUT_FIELDS, Lang=None), WITHOUT_FIELDS)
