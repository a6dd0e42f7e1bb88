"""What the demo keeps, and what it says at its end."""

import re
from pathlib import Path

from demo.morning import made, make_room
from demo.screen import Row, Screen

COLOURS_AND_CURSOR = re.compile(r"\x1b\[[0-9;?]*[A-Za-z]")


def test_a_bar_stays_short_where_units_failed(monkeypatch, capsys):
    monkeypatch.setattr("sys.stdout.isatty", lambda: True, raising=False)
    monkeypatch.setenv("COLUMNS", "80")
    screen = Screen()
    made_one = {
        "pipeline_name": "simplify_dashboard_daily",
        "phase": "report",
        "status": "ok",
        "path": "/r/A668.pdf",
        "message": "the report is made",
    }
    failed = made_one | {"status": "error", "message": "the report failed " * 8}
    with screen.shown({Row.REPORT: 2}):
        screen.hear(made_one, "")
        screen.hear(failed, "")
        screen.end(Row.REPORT)

    lines = COLOURS_AND_CURSOR.sub("", capsys.readouterr().out).splitlines()
    assert lines[-1].startswith("report   one PDF a store")
    assert " 1/2" in lines[-1]
    assert max(map(len, lines)) <= 80
    assert [line[:11] for line in lines if line.startswith("✘")] == ["✘ report   "]


def test_an_earlier_morning_is_kept_beside(tmp_path):
    home = tmp_path / "demo"
    assert make_room(home) is None

    for number, name in ((1, "demo-1"), (2, "demo-2")):
        (home / "mails" / "0001.eml").write_text(str(number))
        assert make_room(home) == tmp_path / name
        assert (tmp_path / name / "mails" / "0001.eml").read_text() == str(number)
    assert [file.name for file in home.rglob("*")] == ["mails"]


def test_the_end_says_where_things_lie_what_to_open_and_what_to_type(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    home = Path("var/demo")
    make_room(home)
    report = home / "reports" / "2025" / "A431_2025-11-14.pdf"
    report.parent.mkdir(parents=True)
    report.touch()
    (home / "mails" / "0001.eml").touch()

    lines = made(home, (report, 8.94))

    assert lines == [
        "",
        "  1 reports   var/demo/reports",
        "  1 mails     var/demo/mails",
        "    page 1 of each kind of report: var/demo/pictures",
        "    log: var/demo/logs/daily.jsonl",
        "    the first report was there after 8.9 s",
        "",
        "Open first: var/demo/reports/2025/A431_2025-11-14.pdf",
        "      then: var/demo/mails/0001.eml, in any mail program",
        " Type next: make   (the operators' menu; docs/how-to/run-the-daily-job.md)",
    ]
    assert max(map(len, lines)) <= 80
