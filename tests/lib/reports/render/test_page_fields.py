import pytest

from lib.reports.render import weasyprint_engine
from lib.reports.render.weasyprint_engine import RenderingFailed


def drawn(body):
    return weasyprint_engine.render(
        f'<html lang="en"><head><title>x</title></head><body>{body}</body></html>'
    )


@pytest.mark.parametrize(
    ("body", "reason"),
    [
        pytest.param(
            '<form method="post" action="https://example.invalid/"><input type="submit"/></form>',
            'an <input type="submit">',
            id="a button that posts",
        ),
        pytest.param("<button>Send</button>", "a <button>", id="a button outside a form"),
        pytest.param(
            '<input type="Radio" name="r" value="yes"/>', 'an <input type="radio">', id="a choice"
        ),
        pytest.param(
            '<select name="s"><option value="1">one</option></select>', "a <select>", id="a list"
        ),
        pytest.param('<input name="a" readonly=""/>', "a field that is readonly", id="readonly"),
        pytest.param(
            '<textarea name="a" required="required"></textarea>',
            "a field that is required",
            id="required",
        ),
        pytest.param(
            '<p>Fee & tax<input type="checkbox" name="a" disabled>',
            "a field that is disabled",
            id="disabled, in a page that is no XML",
        ),
    ],
)
def test_a_field_that_the_pdf_would_not_have_is_refused_by_name(body, reason):
    with pytest.raises(RenderingFailed, match=reason):
        drawn(body)


def test_the_fields_of_a_report_are_drawn():
    body = (
        '<input type="checkbox" name="a"/><input name="b"/><input type="text" name="c"/>'
        '<textarea name="d" maxlength="60"></textarea>'
    )
    assert drawn(body).startswith(b"%PDF-1.7")
