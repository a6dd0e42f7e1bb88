"""The portal's other pages: login, home, and the many ways of not being let in.

Pure; all text is our own.
"""

from html import escape

MARKER = "You need to be logged in to view this page!"
MARKER_AT = 7_650
LOGGED_OUT_SIZE = 9_370
NAVBAR_AT = 5_000
CARDS = (
    "Training Videos",
    "Order Entry",
    "Daily Operations Tracker",
    "Marketing Material",
    "Help Desk",
)
TRACKER = "Daily Operations Tracker"


def login_page(message: str = "") -> str:
    alert = f'<div class="alert alert-danger">{escape(message)}</div>' if message else ""
    return _simplify(
        "Login",
        f'{alert}<form action="/home/log" method="post">\n'
        '<input type="text" name="user_name" placeholder="User name" required>\n'
        '<input type="password" name="password" placeholder="Password" required>\n'
        '<button type="submit" class="btn btn-primary">Sign in</button></form>',
    )


def home_page(tracker: str) -> str:
    """`tracker` is the markup of the one card that leads to the MIS host; others lead nowhere."""
    cards = []

    for title in CARDS:
        cards.append(tracker if title == TRACKER else _idle_card(title))

    return _simplify("Home", '<div class="row">' + "\n".join(cards) + "</div>")


def tracker_link(href: str, *, new_tab: bool) -> str:
    target = ' target="_blank"' if new_tab else ""
    return f'<a class="tile" href="{escape(href)}"{target}>{_card_body(TRACKER)}</a>'


def tracker_card(href: str) -> str:
    """The card itself is clickable and opens a new tab; there is no link to follow."""
    return (
        f'<div class="card" onclick="window.open(\'{escape(href)}\')">{_card_body(TRACKER)}</div>'
    )


def tracker_dead() -> str:
    return f'<a class="tile" href="javascript:void(0)">{_card_body(TRACKER)}</a>'


def rejected_page() -> str:
    """Where a rejected login ends: no form and no message that says why."""
    return _simplify(
        "Welcome",
        '<div class="container"><p>Laundry and dry cleaning, done well.</p></div>',
    )


def challenge_page() -> str:
    return (
        "<!DOCTYPE html><html><head><title>Just a moment...</title></head><body>"
        '<div id="challenge-stage"><h2>Checking your browser before you go on</h2>'
        '<div class="cf-turnstile" data-sitekey="0x0"></div></div></body></html>'
    )


def too_many_requests_page() -> str:
    return _simplify(
        "Too many requests",
        "<p>Too many requests. Try again later.</p>",
    )


def server_error_page(status: int) -> str:
    return _bare(str(status), str(status))


def maintenance_page() -> str:
    return _simplify(
        "Back soon",
        "<h1>We are improving things</h1><p>Come back in a while.</p>",
    )


def not_found_page() -> str:
    return _bare("404", "Page Not Found")


def tickets_page() -> str:
    """The landing page of a session on the MIS host."""
    return (
        '<!DOCTYPE html><html lang="en"><head><meta charset="UTF-8"><title>TMS</title></head>'
        "<body>\n"
        '<nav class="navbar navbar-inverse navbar-fixed-top">'
        '<ul class="nav navbar-nav navbar-right">'
        '<li class="user_bit"><a href="#">EXAMPLE ACCOUNT\n     29AAAAA0000A1Z5</a></li>'
        '<li><a href="/client/logout">Logout</a></li></ul></nav>\n'
        '<div class="white-area-content"><h3>Your tickets</h3><p>No open tickets.</p></div>'
        "</body></html>\n"
    )


def logged_out_page() -> str:
    """What the MIS host says to strangers, with status 200.

    The sentence comes late, and the navbar looks normal.
    """
    head = _filled(
        '<!DOCTYPE html>\n<html lang="en">\r\n<head><title>TMS</title>\n',
        NAVBAR_AT,
        "css",
    )
    navbar = (
        '</head><body><nav class="navbar navbar-inverse navbar-fixed-top">'
        '<div class="navbar-header">'
        '<a class="navbar-brand" href="/">TMS</a></div>\r\n<ul class="nav navbar-nav navbar-right">'
        '<li><a href="/login">Login</a></li>\n'
        '<li><a href="/register">Register</a></li></ul></nav>\r\n'
    )

    block = '<div class="white-area-content">\n<h3>Error</h3>\r\n<p><b>Notice</b></p><p>'
    before_marker = _filled(head + navbar, MARKER_AT - len(block), "menu") + block
    page = before_marker + MARKER + "</p>\r\n</div>\n"
    ending = "</body>\r\n</html>\n"

    return _filled(page, LOGGED_OUT_SIZE - len(ending), "script") + ending


def _filled(page: str, size: int, word: str) -> str:
    """The page followed by remarks, in mixed line endings, up to exactly `size` characters."""
    while size - len(page) > 120:
        page += (
            f"<!-- {word} {len(page):05d} " + "." * 21 + (" -->\r\n" if len(page) % 2 else " -->\n")
        )

    return page + " " * (size - len(page))


def _idle_card(title: str) -> str:
    return f'<a class="tile" href="#">{_card_body(title)}</a>'


def _card_body(title: str) -> str:
    heading = f'<h5 class="card-title">{escape(title)}</h5>'
    return f'<div class="card-body">{heading}<p class="card-text">Open</p></div>'


def _bare(title: str, heading: str) -> str:
    head = f"<!DOCTYPE html><html><head><title>{title}</title></head>"
    return f"{head}<body><h1>{heading}</h1></body></html>"


def _simplify(title: str, body: str) -> str:
    return (
        '<!DOCTYPE html><html lang="en"><head><meta charset="UTF-8">'
        f"<title>Simplify | {escape(title)}</title></head>"
        f"<body>\n{body}\n</body></html>\n"
    )
