"""docs/reference/outside-behaviour.md.

Each row is held by a test, or cannot touch us for a reason.
"""

from __future__ import annotations

import re
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from lib import log, terminal
from lib.notify.message import html
from lib.reports.render import weasyprint_engine
from tests.test_documents import NODE, functions_of

ROOT = Path(__file__).parents[1]
PAGE = (ROOT / "docs/reference/outside-behaviour.md").read_text(encoding="utf-8")
ROWS = [
    [cell.strip() for cell in line.strip("|").split("|")]
    for line in PAGE.splitlines()
    if line.startswith("| ") and not line.startswith("| program ")
]
SCRIPT = re.compile(r"`findings/([\w-]+\.sh)`")

#: What is used nowhere, because it reads otherwise than it looks: where, and as what.
UNUSED = {
    "PostgreSQL's to_number": (r"\bto_number\b", ("lib", "alembic", "jobs")),
    "systemd's Restart in a unit that starts others": (
        r"^Restart=(?s:.)*^On\w+=|^On\w+=(?s:.)*^Restart=",
        ("deploy",),
    ),
    "systemd's time of a timer": (r"TRIGGER_TIMER_", ("deploy",)),
    "Ansible's tasks in the background": (r"^\s*(async|poll):", ("deploy",)),
    "Ansible's async_status": (r"\basync_status\b", ("deploy",)),
}


def test_every_row_has_its_six_cells():
    assert len(ROWS) > 30

    assert [row[:2] for row in ROWS if len(row) != 6] == []
    assert [row[:2] for row in ROWS if not all(row[:3]) or not row[5].startswith("tried: ")] == []


@pytest.mark.parametrize("row", ROWS, ids=lambda row: f"{row[0][:20]} {row[2][:30]}")
def test_a_row_is_held_by_a_test_or_cannot_touch_us(row):
    _, _, _, touches, held, source = row
    nodes = NODE.findall(held)

    assert nodes or "cannot: " in touches + held
    assert [f"{file}::{name}" for file, name in nodes if name not in functions_of(file)] == []
    assert [
        name for name in SCRIPT.findall(source) if not (ROOT / "findings" / name).exists()
    ] == []


@pytest.mark.parametrize(("pattern", "places"), UNUSED.values(), ids=UNUSED)
def test_what_reads_otherwise_than_it_looks_is_not_used(pattern, places):
    files = [file for place in places for file in (ROOT / place).rglob("*") if file.is_file()]
    texts = [file for file in files if file.suffix not in {".pyc", ".ttf", ".png"}]
    found = [
        str(file.relative_to(ROOT))
        for file in texts
        if re.search(pattern, file.read_text(encoding="utf-8"), re.MULTILINE)
    ]

    assert len(texts) > 3
    assert found == []


@pytest.mark.integration
def test_no_style_sheet_is_fetched_for_a_mail():
    asked = []

    class Sheet(BaseHTTPRequestHandler):
        def do_GET(self):
            asked.append(self.path)
            self.send_error(404)

    with ThreadingHTTPServer(("127.0.0.1", 0), Sheet) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        link = f'<link rel="stylesheet" href="http://127.0.0.1:{server.server_port}/sheet.css">'
        made = html._inliner().inline(
            f"<html><head>{link}</head><body><p>figures</p></body></html>"
        )
        server.shutdown()

    assert "figures" in made
    assert asked == []


def test_all_reports_of_a_process_share_one_font_configuration(monkeypatch):
    made = []
    real = weasyprint_engine.FontConfiguration

    def counted():
        made.append(real())
        return made[-1]

    monkeypatch.setattr(weasyprint_engine, "FontConfiguration", counted)
    weasyprint_engine._shared.cache_clear()

    for day in (13, 14):
        weasyprint_engine.render(
            f'<html lang="en"><head><title>{day}</title></head><body><p>{day}</p></body></html>'
        )

    weasyprint_engine._shared.cache_clear()
    assert len(made) == 1


@pytest.mark.parametrize("message", ["", "<3>the disk is full"])
def test_a_template_of_the_log_holds_no_markup(message):
    event = {"status": "ok", "phase": "download", "message": message}
    record = {"extra": {"event": event}}

    assert "<" not in log._json_line(record)
    assert "<" not in terminal.line(record)
