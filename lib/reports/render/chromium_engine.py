"""The other PDF engine: one headless Chromium a page, in a directory of its own.

Reasons: docs/adr/0011-two-pdf-engines.md.
"""

from __future__ import annotations

import os
import re
import subprocess
import tempfile
from html import unescape
from pathlib import Path

from lib import chromium
from lib.config import names
from lib.errors import ConfigurationError, JobError
from lib.reports.render import form_fields

#: Less than what a worker may take for a page.
TIMEOUT_S = 100.0
TEMPLATES = Path(__file__).parents[1] / "templates"
SWITCHES = (
    "--headless",
    "--no-pdf-header-footer",
    "--export-tagged-pdf",
    "--disable-gpu",
    "--disable-dev-shm-usage",
    "--disable-extensions",
    *chromium.QUIET_SWITCHES,
    "--host-resolver-rules=MAP * ~NOTFOUND",
)
FOOTER = re.compile(r'<div class="page-footer">(?P<inside>.*?)\n</div>', re.DOTALL)
PARAGRAPH = re.compile(r"<p[^>]*>(.*?)</p>", re.DOTALL)
TAG = re.compile(r"<[^>]+>")
#: Files of this machine that we name ourselves, and no network.
POLICY = "default-src 'none'; style-src 'unsafe-inline'; font-src file:; img-src file:"


class ChromiumFailed(JobError):
    """Chromium made no PDF of a page."""


def find(chosen: Path | None) -> Path:
    """Return what `lib.chromium` finds; raise ConfigurationError if that is nothing."""
    if found := chromium.find(chosen):
        return found

    raise ConfigurationError(
        "PDF_RENDER_BACKEND=chromium and no Chromium found:"
        " set PDF_RENDER_CHROME_EXECUTABLE or use weasyprint"
    )


def render(
    html: str,
    executable: Path,
    *,
    templates_dir: Path | None = None,
    timeout_s: float = TIMEOUT_S,
) -> bytes:
    """Return the page's PDF with form fields and the page's own metadata."""
    with tempfile.TemporaryDirectory(
        prefix="report-chromium-",
        ignore_cleanup_errors=True,
    ) as directory:
        page, pdf = Path(directory) / "page.html", Path(directory) / "page.pdf"
        page.write_text(
            _complete(form_fields.as_links(html), templates_dir),
            encoding="utf-8",
        )
        _print(executable, page, pdf, timeout_s)

        return form_fields.into(pdf.read_bytes(), html)


def _complete(
    html: str,
    templates_dir: Path | None,
) -> str:
    """Return the page with all it needs: style sheets, fonts by full address, footer, policy."""
    files = [TEMPLATES / "report.css", TEMPLATES / "chromium.css"]

    if templates_dir and (theirs := templates_dir / "report.css").exists():
        files.append(theirs)

    fonts = (TEMPLATES.parent / "fonts").as_uri()
    sheets = "".join(file.read_text(encoding="utf-8") for file in files)
    sheets = sheets.replace("../fonts/", f"{fonts}/")
    sheets = sheets.replace("var(--footer)", _quoted(_footer(html)))

    policy = f'<meta http-equiv="Content-Security-Policy" content="{POLICY}">'
    head = f"{policy}<style>{sheets}</style></head>"

    return html.replace("</head>", head, 1)


def _footer(html: str) -> str:
    """Return the text of the running footer, a line for each of its paragraphs."""
    found = FOOTER.search(html)
    paragraphs = PARAGRAPH.findall(found["inside"]) if found else []
    lines = (" ".join(unescape(TAG.sub("", text)).split()) for text in paragraphs)

    chosen = []

    for line in lines:
        if line:
            chosen.append(line)

    return "\n".join(chosen)


def _quoted(text: str) -> str:
    """Return the text as a CSS string that can neither end early nor end its style element."""
    escaped = "".join(
        char if char.isalnum() or char in " .,;:()·•" else f"\\{ord(char):06x} " for char in text
    )
    return f'"{escaped}"'


def _print(
    executable: Path,
    page: Path,
    pdf: Path,
    timeout_s: float,
) -> None:
    command = [
        str(executable),
        *SWITCHES,
        f"--user-data-dir={page.parent / 'profile'}",
        f"--print-to-pdf={pdf}",
    ]

    # Chromium's sandbox never works for root.
    if os.geteuid() == 0:
        command.append("--no-sandbox")

    try:
        ended = subprocess.run(
            [*command, page.as_uri()],
            env=names.without_secrets(os.environ),
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            timeout=timeout_s,
            check=False,
        )
    except subprocess.TimeoutExpired:
        raise ChromiumFailed(
            f"Chromium took more than {timeout_s:g} s for a page and was stopped"
        ) from None

    if not pdf.exists():
        raise ChromiumFailed(
            f"Chromium ended with {ended.returncode} and made no PDF; does {executable} start?"
        )
