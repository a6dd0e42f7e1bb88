"""The other PDF engine: a headless Chromium, kept for the next page.

Reasons: docs/adr/0011-two-pdf-engines.md.
"""

from __future__ import annotations

import os
import re
import tempfile
from html import unescape
from pathlib import Path

from lib import chromium
from lib.errors import ConfigurationError, JobError
from lib.reports.render import form_fields
from lib.reports.render.print_shell import (
    PrintShell,
    ShellEnded,
    ShellRefused,
    ShellTooSlow,
)

#: Less than what a worker may take for a page.
TIMEOUT_S = 100.0
#: Then it is replaced: a browser keeps something of every page.
PAGES_A_SHELL = 50
TEMPLATES = Path(__file__).parents[1] / "templates"
SWITCHES = (
    "--headless",
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
        prefix="report-page-",
        ignore_cleanup_errors=True,
    ) as directory:
        page = Path(directory) / "page.html"
        page.write_text(
            _complete(form_fields.as_links(html), templates_dir),
            encoding="utf-8",
        )

        return form_fields.into(_shells.print(executable, page, timeout_s), html)


def stop() -> None:
    """End the Chromium that waits for a next page; a process that ends takes its own with it."""
    _shells.stop()


class _Shells:
    """The one Chromium of this process, replaced after an error and after PAGES_A_SHELL."""

    def __init__(self) -> None:
        self._shell: PrintShell | None = None
        self._executable = Path()

    def print(
        self,
        executable: Path,
        page: Path,
        timeout_s: float,
    ) -> bytes:
        """Return the PDF of a file; raise ChromiumFailed, and end the Chromium that failed."""
        try:
            return self._ready(executable).print(page, timeout_s)
        except ShellTooSlow:
            self.stop()
            raise ChromiumFailed(
                f"Chromium took more than {timeout_s:g} s for a page and was stopped"
            ) from None
        except (ShellEnded, ShellRefused, OSError):
            code = self.stop()
            raise ChromiumFailed(
                f"Chromium ended with {code} and made no PDF; does {executable} start?"
            ) from None

    def stop(self) -> int | None:
        """End it if there is one; return its exit code."""
        shell, self._shell = self._shell, None
        return shell.stop() if shell else None

    def _ready(self, executable: Path) -> PrintShell:
        """Return one that has pages left, started now if need be. Raise OSError."""
        shell = self._shell

        if (
            shell is None
            or shell.has_ended
            or shell.pages >= PAGES_A_SHELL
            or executable != self._executable
        ):
            self.stop()

            # Chromium's sandbox never works for root.
            sandbox = ["--no-sandbox"] if os.geteuid() == 0 else []

            shell = self._shell = PrintShell([str(executable), *SWITCHES, *sandbox])
            self._executable = executable

        return shell


_shells = _Shells()


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
