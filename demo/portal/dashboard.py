"""One store's dashboard as HTML, in the layouts that were seen. Pure.

Source: docs/reference/domain.md#dashboard-page.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date
from enum import StrEnum
from html import escape

from demo.portal.figures import Figures
from demo.portal.world import Store, World

SECTIONS: dict[str, dict[str, str]] = {
    "Revenue": {
        "prev_month_revenue": "Prev Month",
        "target_revenue": "Target",
        "lmt_d_revenue": "LMTD",
        "mtd_revenue": "MTD",
        "ftd_revenue": "FTD",
        "tgt_vs_ach_pct": "Tgt Vs Ach (%)",
        "growth_pct": "Growth (%)",
        "extrapolated_pct": "Extrapolated (%)",
    },
    "Pickup": {
        "pickup_new_count": "New",
        "pickup_new_conv_count": "New Conv.",
        "pickup_new_conv_pct": "New Conv. (%)",
        "pickup_existing_count": "Existing",
        "pickup_existing_conv_count": "Existing Conv.",
        "pickup_existing_conv_pct": "Existing Conv. (%)",
        "pickup_total_count": "Total",
        "pickup_total_conv_count": "Total Conv.",
        "pickup_total_conv_pct": "Total Conv. (%)",
    },
    "Delivery": {
        "delivery_total_orders": "Total Orders",
        "delivery_within_tat_count": "Within TAT",
        "delivery_tat_pct": "TAT (%)",
        "delivery_total_delivered": "Total Delivered",
        "delivery_undel_over_10_days": "Undel. > 10 Days",
        "delivery_total_undelivered": "Total Undel.",
    },
    "Repeat Customers": {
        "repeat_customer_base_6m": "Customer (6 Months Ago)",
        "repeat_orders": "Repeat Orders",
        "repeat_total_base_pct": "Total Base (%)",
    },
    "Package": {
        "package_target": "Target",
        "package_new": "New",
        "package_ftd": "FTD",
        "package_achievement_pct": "Achievement (%)",
        "package_overall": "Overall",
        "package_non_pkg_over_800": "Non Package Orders (> 800)",
        "package_non_pkg_over_800_undelivered": "Undelivered Non Package (> 800)",
    },
}
DOWNLOADS = {
    "pickup_total_count": "/mis/download_csv?store_code={code}",
    "delivery_undel_over_10_days": "/mis/download_undelivered_csv?type=u10&store_code={code}",
    "delivery_total_undelivered": "/mis/download_undelivered_csv?type=u&store_code={code}",
    "repeat_orders": "/mis/download_repeat_csv?store_code={code}",
    "package_non_pkg_over_800": "/mis/download_nonpackageorder_csv?type=all&store_code={code}",
}
ACCOUNT = "EXAMPLE ACCOUNT\n     29AAAAA0000A1Z5"


class Layout(StrEnum):
    """How the tables are built."""

    #: The elements around the tables (docs/reference/domain.md#dashboard-page).
    CANONICAL = "canonical"
    #: The first row of the body is the header, its words parted by no-break spaces and line breaks.
    NO_THEAD = "no_thead"
    #: Revenue as label and value, one row a metric; the rest canonical.
    REVENUE_ROWS = "revenue_rows"
    #: Each section inside its own card, with the heading wrapped; the launch date's heading too.
    CARDS = "cards"


@dataclass(frozen=True, slots=True)
class Style:
    """What differs between the pages of two stores, or under a fault.

    `date_text` None leaves the date out.
    """

    layout: Layout = Layout.CANONICAL
    date_text: str | None = ""
    shows_code: bool = False
    has_title: bool = True
    missing_sections: frozenset[str] = frozenset()
    renames: Mapping[str, str] | None = None
    cells: Mapping[str, str] | None = None


def style_of(world: World, store: Store, on: date) -> Style:
    """The store's usual page; canonical for every store of a world without anomalies."""
    plain = Style(date_text=f"{on:%d %b %Y}")

    if not world.anomaly_rate:
        return plain

    odd_cells = {"delivery_undel_over_10_days": ""} if store.index % 16 == 14 else None
    return replace(
        plain,
        layout={3: Layout.NO_THEAD, 5: Layout.REVENUE_ROWS, 6: Layout.CARDS}.get(
            store.index % 8,
            Layout.CANONICAL,
        ),
        date_text=("{0:%d %b %Y}", "{0:%d %B %Y}", "Dashboard Date: {0:%d %b %Y}")[
            store.index % 3
        ].format(on),
        shows_code=store.index % 4 == 2,
        cells=odd_cells,
    )


def dashboard_page(
    store: Store,
    figures: Figures,
    style: Style,
) -> str:
    """The page as HTML.

    `style.renames` maps a canonical header to the text that is shown, `style.cells` a metric to the
    text of its cell.
    """
    parts = [_title(store, style), _launch(store, style)]

    for name in SECTIONS:
        if name not in style.missing_sections:
            parts.append(_section(name, store, figures, style))

    body = "\n ".join(parts)
    return (
        '<!DOCTYPE html><html lang="en"><head><meta charset="UTF-8"><title>TMS</title></head>'
        "<body>\n"
        '<nav class="navbar navbar-inverse navbar-fixed-top">'
        '<ul class="nav navbar-nav navbar-right">\n'
        f'  <li class="user_bit"><a href="#">{ACCOUNT}</a></li>'
        '<li><a href="/client/logout">Logout</a></li></ul></nav>\n'
        f'<div class="white-area-content">\n {body}\n</div></body></html>\n'
    )


def rupees(value: float) -> str:
    """`912450.5` -> `₹ 9,12,450.50`; whole amounts without paise."""
    whole, _, paise = f"{abs(value):.2f}".partition(".")
    head, tail = whole[:-3], whole[-3:]
    groups = [head[max(0, end - 2) : end] for end in range(len(head), 0, -2)][::-1]
    sign = "-" if value < 0 else ""

    return f"₹ {sign}{','.join([*groups, tail])}" + ("" if paise == "00" else f".{paise}")


def cell_text(metric: str, value: float | None) -> str:
    if value is None:
        return "N/A" if metric.startswith("package") else "-"

    if metric.endswith("_revenue"):
        return rupees(value)

    if metric.endswith("_pct"):
        return f"{value:g} %" if metric == "growth_pct" else f"{value:g}%"

    return f"{value:,}"


def _title(store: Store, style: Style) -> str:
    if not style.has_title:
        return ""

    lines = ["Partner Dashboard", *([store.code] if style.shows_code else []), escape(store.name)]

    if style.date_text is not None:
        lines.append(f"<small>{escape(style.date_text)}</small>")

    return f'<h1 class="dashboard-title">{"<br>".join(lines)}</h1>'


def _launch(store: Store, style: Style) -> str:
    value = f"{store.launched_on:%d-%m-%Y}" if store.launched_on else "-"
    return f"{_heading('Launch Date', style)}<p>{value}</p>"


def _heading(name: str, style: Style) -> str:
    heading = f'<h3 class="section-title">{name}</h3>'
    return f'<div class="heading">{heading}</div>' if style.layout is Layout.CARDS else heading


def _section(
    name: str,
    store: Store,
    figures: Figures,
    style: Style,
) -> str:
    columns = SECTIONS[name]
    headers = {}

    for metric, header in columns.items():
        headers[metric] = (style.renames or {}).get(
            header,
            header,
        )

    cells = {}

    for metric in columns:
        cells[metric] = _cell(metric, store, figures, style)

    if name == "Revenue" and style.layout is Layout.REVENUE_ROWS:
        rows = "".join(
            f"<tr><th>{escape(headers[metric])}</th>{cells[metric]}</tr>" for metric in columns
        )
        table = f'<table class="table table-bordered"><tbody>{rows}</tbody></table>'
    else:
        table = _table(list(headers.values()), "".join(cells.values()), style)

    section = f"{_heading(name, style)}\n {table}"
    return f'<div class="card">{section}</div>' if style.layout is Layout.CARDS else section


def _table(headers: list[str], cells: str, style: Style) -> str:
    if style.layout is Layout.NO_THEAD:
        header = "".join(f"<td>{_broken(text)}</td>" for text in headers)
        return f'<table class="table table-bordered"><tr>{header}</tr><tr>{cells}</tr></table>'

    header = "".join(f"<th>{escape(text)}</th>" for text in headers)
    return (
        f'<table class="table table-bordered"><thead><tr>{header}</tr></thead>\n'
        f"  <tbody><tr>{cells}</tr></tbody></table>"
    )


def _broken(header: str) -> str:
    return escape(header).replace(" ", "&nbsp;", 1).replace(" ", "<br>\n")


def _cell(
    metric: str,
    store: Store,
    figures: Figures,
    style: Style,
) -> str:
    text = escape(
        (style.cells or {}).get(
            metric,
            cell_text(
                metric,
                figures[metric],
            ),
        )
    )

    link = DOWNLOADS.get(metric)
    if link is None:
        return f"<td>{text}</td>"

    href = escape(link.format(code=store.code))
    return f'<td>{text} <a title="Download" href="{href}">Download</a></td>'
