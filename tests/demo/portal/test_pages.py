from demo.portal import pages


def test_the_logged_out_page_says_so_late_and_looks_like_the_site() -> None:
    page = pages.logged_out_page()

    assert len(page.encode()) == 9_370
    assert page.index("You need to be logged in to view this page!") == 7_650
    assert abs(page.index('<nav class="navbar') - 5_000) < 50
    assert page.index("<html") < 20
    assert "password" not in page.lower()
    assert len(page.splitlines()) == 215
    assert "\r\n" in page
    assert "\n" in page.replace("\r\n", "")


def test_home_has_several_cards_and_only_one_is_the_tracker() -> None:
    page = pages.home_page(pages.tracker_link("/home/mis", new_tab=True))

    assert page.count('<h5 class="card-title">') == 5
    assert page.count("Daily Operations Tracker") == 1
    assert '<a class="tile" href="/home/mis" target="_blank">' in page


def test_a_rejected_login_has_no_form() -> None:
    assert "<form" not in pages.rejected_page()
    assert "<input" not in pages.rejected_page()


def test_a_message_on_the_login_page_is_escaped() -> None:
    assert "&lt;b&gt;" in pages.login_page("<b>")
