"""A page's picture, taken of its masked self."""

from lib.portal.browser import chromium
from lib.portal.unknown_pages import screenshot

PAGE = """<title>Home of Asha</title><h1 data-owner="Asha">Welcome Asha Rao</h1><p>need to verify 98765</p><li>lower case name</li>
<input name="otp" value="424242" placeholder="Ravi"><textarea>call six</textarea><img src="data:image/png;base64,x">
<style>h1::before { content: attr(data-owner) }</style><div id="host"></div>
<script>document.getElementById("host").attachShadow({mode: "open"}).innerHTML = "Asha"</script>"""


def test_the_page_is_masked_before_the_picture_is_taken(settings, tmp_path):
    with chromium.browser(settings, lives_s=60) as browser:
        page = browser.new_page()
        page.set_content(PAGE)
        screenshot.keep(page, tmp_path, "page")
        shown = page.evaluate(
            "[document.title, document.body.innerText, document.querySelector('input').value]"
        )
        before = page.evaluate("getComputedStyle(document.querySelector('h1'), '::before').content")
        opacity = page.evaluate("getComputedStyle(document.getElementById('host')).opacity")

    assert shown == [
        "Home of Xxxx",
        "Welcome Xxxx Xxx\n\nneed to verify 00000\n\nxxxxx xxxx xxxx",
        "",
    ]
    assert (before, opacity) == ("none", "0")
    assert sorted(file.suffix for file in tmp_path.iterdir()) == [".html", ".png"]


def test_a_page_that_is_gone_is_not_kept_and_nobody_minds(settings, tmp_path):
    with chromium.browser(settings, lives_s=60) as browser:
        page = browser.new_page()
        page.close()
        screenshot.keep(page, tmp_path, "page")

    assert list(tmp_path.iterdir()) == []
