import csv

import pytest

from demo.portal import pages as shown
from lib.domain.exports import EXPORTS
from lib.model import Bucket
from lib.portal.http.reply import (
    Reply,
    ReplyKind,
    classify,
    columns,
    store_codes,
    without_sentence,
)

HTML, CSV = "text/html; charset=UTF-8", "text/csv;charset=UTF-8"
DASHBOARD = '<!DOCTYPE html><html><body><h1 class="dashboard-title">A</h1></body></html>'
LEADS = b"id,mobile_number,store_code,special_instruction\n1,0000000001,A668,none\n"
SENTENCE = b"No data available to export."
MISSED_LEADS = EXPORTS[Bucket.MISSED_LEADS]


def reply(body, content_type=HTML, status=200, **headers):
    body = body.encode() if isinstance(body, str) else body
    return Reply(status, {"content-type": content_type} | headers, body)


@pytest.mark.parametrize(
    ("answer", "kind"),
    [
        (reply(DASHBOARD), ReplyKind.PAGE),
        (reply(shown.logged_out_page()), ReplyKind.LOGGED_OUT),
        (reply(DASHBOARD.replace("</body>", "Please log in</body>")), ReplyKind.LOGGED_OUT),
        (reply(shown.tickets_page()), ReplyKind.UNKNOWN),
        (reply(shown.maintenance_page()), ReplyKind.UNKNOWN),
        (reply(""), ReplyKind.UNKNOWN),
        (reply("", status=401), ReplyKind.LOGGED_OUT),
        (reply("", status=403), ReplyKind.LOGGED_OUT),
        (
            reply("", status=302, location="https://portal.example.invalid/home/login"),
            ReplyKind.LOGGED_OUT,
        ),
        (reply("", status=302, location="/elsewhere"), ReplyKind.UNKNOWN),
        (reply("", status=404), ReplyKind.UNKNOWN),
        (reply("", status=429), ReplyKind.RATE_LIMITED),
        (reply("", status=408), ReplyKind.SERVER_ERROR),
        (reply("", status=500), ReplyKind.SERVER_ERROR),
        (reply("", status=503), ReplyKind.SERVER_ERROR),
        (reply(shown.challenge_page(), status=403), ReplyKind.CHALLENGE),
        (reply(shown.challenge_page(), status=503), ReplyKind.CHALLENGE),
        (reply(shown.challenge_page()), ReplyKind.CHALLENGE),
        (reply("", **{"cf-mitigated": "challenge"}), ReplyKind.CHALLENGE),
    ],
)
def test_a_dashboard_is_known_by_its_title_and_everything_else_by_its_own_mark(answer, kind):
    assert classify(answer) is kind


@pytest.mark.parametrize(
    ("body", "kind"),
    [
        (LEADS, ReplyKind.CSV),
        (b"\xef\xbb\xbf" + LEADS, ReplyKind.CSV),
        (b"\r\n" + LEADS.replace(b"\n", b"\r\n"), ReplyKind.CSV),
        (b"Store Code,Mobile-Number,Pickup Row Id\n", ReplyKind.CSV),
        (b'"ID","Mobile Number","STORE_CODE"', ReplyKind.CSV),
        (SENTENCE, ReplyKind.EMPTY_EXPORT),
        (b"\xef\xbb\xbf  no data available TO EXPORT\r\n", ReplyKind.EMPTY_EXPORT),
        (SENTENCE + b"\n" + LEADS, ReplyKind.CSV),
        (SENTENCE + b" Or is there?", ReplyKind.UNKNOWN),
        (LEADS.replace(b"none", b"please login to the gate"), ReplyKind.CSV),
        (LEADS + b"You need to be logged in to view this page!\n", ReplyKind.LOGGED_OUT),
        (LEADS + shown.logged_out_page().encode(), ReplyKind.LOGGED_OUT),
        (b"Please log in", ReplyKind.LOGGED_OUT),
        (b"id,store_code\n1,A668\n", ReplyKind.UNKNOWN),
        (b"", ReplyKind.UNKNOWN),
        (b"\x00\xff\xfe", ReplyKind.UNKNOWN),
        (b'"' + b"x" * 200_000, ReplyKind.UNKNOWN),
    ],
)
def test_an_export_is_known_by_its_columns_or_by_the_sentence_for_no_rows(body, kind):
    assert classify(reply(body, CSV), MISSED_LEADS) is kind


LIMIT = b"Maximum execution time of 30 seconds exceeded in /var/www/mis.php on line 117"
MEMORY = (
    b"Allowed memory size of 134217728 bytes exhausted (tried to allocate 20480 bytes) in x.php"
)
ROW = b"2,0000000002,A668,none\n"


@pytest.mark.parametrize(
    "body",
    [
        LEADS + b"<br />\n<b>Fatal error</b>:  " + LIMIT + b"<br />\n",
        LEADS + b"3,00000<br />\n<b>Fatal error</b>:  " + MEMORY + b"<br />\n",
        LEADS + b"\nFatal error: " + LIMIT + b"\n",
        LEADS + b"\nPHP Fatal error:  " + MEMORY,
        LEADS + b"<div><h4>A PHP Error was encountered</h4>\n<p>Severity: Error</p></div>",
        LEADS + b"<h4>An uncaught Exception was encountered</h4>",
        LEADS + b"3,0000000003",
        LEADS + ROW + b"3,0000000003,A6",
        SENTENCE + b"\n" + LEADS + b"3",
    ],
)
def test_an_export_that_php_ended_or_that_ends_in_a_row_is_never_whole(body):
    assert classify(reply(body, CSV), MISSED_LEADS) is ReplyKind.CUT_SHORT


@pytest.mark.parametrize(
    "body",
    [
        LEADS + b"<br />\n<b>Notice</b>:  Undefined index: x in y.php on line 3<br />\n",
        b"id,mobile_number,store_code\n1,0000000001,A668,\n2,0000000002,A668,\n",
        b"id,mobile_number,store_code,remark\n1,0000000001,A668\n2,0000000002,A668\n",
        LEADS.replace(b"none", b"Fatal error: he said"),
        LEADS + b'3,0000000003,A668,"two\nlines"\n',
        LEADS + b'3,0000000003,"a \\"quote\\"","of PHP, \\"\nA668"\n',
        LEADS + b'3,0000000003,A668,"cut in a ce',
        LEADS + b"\n\n",
        LEADS.rstrip(b"\n"),
    ],
    ids=[
        "a notice",
        "a comma after each row",
        "rows that are short",
        "a customer's words",
        "two lines in a cell",
        "quotes of PHP",
        "a cell without end, of which others know more",
        "blank lines at the end",
        "no line end",
    ],
)
def test_an_odd_export_is_whole_all_the_same(body):
    assert classify(reply(body, CSV), MISSED_LEADS) is ReplyKind.CSV


def test_a_dashboard_that_php_ended_is_asked_for_again():
    page = DASHBOARD.replace("</body></html>", f"<br />\n<b>Fatal error</b>:  {LIMIT.decode()}")

    assert classify(reply(page)) is ReplyKind.CUT_SHORT


@pytest.mark.parametrize(
    "body", [shown.logged_out_page(), DASHBOARD, shown.maintenance_page(), LEADS, ""]
)
def test_html_in_place_of_a_csv_is_a_lost_session_whatever_it_says(body):
    assert classify(reply(body, HTML), MISSED_LEADS) is ReplyKind.LOGGED_OUT


def test_a_page_under_the_content_type_of_a_csv_is_a_lost_session():
    assert classify(reply(shown.maintenance_page(), CSV), MISSED_LEADS) is ReplyKind.LOGGED_OUT


@pytest.mark.parametrize(
    ("bucket", "header"),
    [
        (Bucket.MISSED_LEADS, b"pickup_row_id,store_code,mobile_number"),
        (Bucket.UNDELIVERED_ALL, b"Order No,Store Code"),
        (Bucket.UNDELIVERED_ALL, b"order_id,store_code"),
        (Bucket.REPEAT_CUSTOMERS, b"Store Code,Mobile No.,Status"),
    ],
)
def test_every_known_spelling_of_a_header_proves_its_bucket(bucket, header):
    assert classify(reply(header, CSV), EXPORTS[bucket]) is ReplyKind.CSV


@pytest.mark.parametrize(
    ("body", "left"),
    [
        (SENTENCE + b"\n" + LEADS, LEADS),
        (b"\xef\xbb\xbf" + SENTENCE + b"\r\n" + LEADS, LEADS),
        (SENTENCE, SENTENCE),
        (SENTENCE + b"\n", SENTENCE + b"\n"),
        (LEADS, LEADS),
        (b"\xef\xbb\xbf" + LEADS, b"\xef\xbb\xbf" + LEADS),
    ],
)
def test_only_the_sentence_before_a_csv_is_dropped(body, left):
    assert without_sentence(body) == left


@pytest.mark.parametrize(
    ("body", "codes"),
    [
        (b"id,store_code\n1,a668\n2, B002 \n3,\n4\n", {"A668", "B002"}),
        (b"\xef\xbb\xbfStore Code\r\nA668\r\n", {"A668"}),
        (b"id,store_code\n", set()),
        (b"id\n1\n", set()),
        (b"", set()),
    ],
)
def test_the_stores_of_a_csv_are_read_from_its_rows(body, codes):
    assert store_codes(body) == codes


@pytest.mark.parametrize(
    "body", [b"," * 1_000_000, b"id,store_code," + b"x," * 100_000 + b"\n1,2\n"]
)
def test_a_header_without_end_is_no_header(body):
    assert columns(body) == ()

    assert classify(Reply(200, {}, body), MISSED_LEADS) is ReplyKind.UNKNOWN
    with pytest.raises(csv.Error, match="longer than any row"):
        store_codes(body)


def test_a_row_beyond_reading_is_said_to_be_so():
    with pytest.raises(csv.Error):
        store_codes(b'id,store_code\n1,"' + b"x" * 200_000)
