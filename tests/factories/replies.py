"""Mails as owners reply to theirs."""

from __future__ import annotations

from email.message import EmailMessage


def reply(*pdfs: bytes, sender: str = "owner@example.invalid", **headers: str) -> bytes:
    """Return a mail with these PDFs; `headers` by their names, `_` for a hyphen."""
    mail = EmailMessage()
    mail["From"] = f"The Owner <{sender}>"
    mail["To"] = "forms@example.invalid"
    mail["Subject"] = "Re: Riverside Colony, Fri 14 Nov"
    for name, value in headers.items():
        mail[name.replace("_", "-")] = value
    mail.set_content("Please see the form.\n")
    for number, pdf in enumerate(pdfs, 1):
        mail.add_attachment(
            pdf, maintype="application", subtype="pdf", filename=f"Riverside Colony {number}.pdf"
        )
    return mail.as_bytes()
