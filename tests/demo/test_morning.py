"""What the demo keeps, and what it says at its end."""

from pathlib import Path

from demo.morning import made, make_room


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
