"""What a fault makes of an answer.

Pure; faults of the connection itself are the business of site.py.
"""

from dataclasses import replace

from demo.portal import pages
from demo.portal.dashboard import Layout, Style
from demo.portal.faults import Kind
from demo.portal.visits import Reply, Visitor, page


def reply_of_fault(visit: Visitor) -> Reply | None:
    """The answer when a fault decides it alone, whoever asks."""
    for fault in visit.faults:
        match fault.kind:
            case Kind.STATUS:
                return page(pages.server_error_page(fault.status), fault.status)
            case Kind.RATE_LIMITED:
                retry_after = (("retry-after", f"{fault.seconds:.0f}"),) if fault.seconds else ()
                return page(pages.too_many_requests_page(), 429, *retry_after)
            case Kind.CHALLENGE:
                return page(
                    pages.challenge_page(),
                    403,
                    ("cf-mitigated", "challenge"),
                )
            case Kind.UNKNOWN_PAGE:
                return page(pages.maintenance_page())
            case Kind.LOGGED_OUT:
                return page(pages.logged_out_page())
            case _:
                pass

    return None


def style_under_faults(style: Style, visit: Visitor) -> Style:
    for fault in visit.faults:
        match fault.kind:
            case Kind.RENAMED_HEADER:
                style = replace(
                    style,
                    renames={**(style.renames or {}), fault.name: fault.text},
                )
            case Kind.MISSING_SECTION:
                style = replace(
                    style,
                    missing_sections=style.missing_sections | {fault.name},
                )
            case Kind.CELL:
                style = replace(
                    style,
                    cells={**(style.cells or {}), fault.name: fault.text},
                )
            case Kind.LAYOUT:
                style = replace(style, layout=Layout(fault.text))
            case Kind.NO_TITLE:
                style = replace(style, has_title=False)
            case Kind.NO_DATE:
                style = replace(style, date_text=None)
            case _:
                pass

    return style
