"""A release is what draws the same bytes: whatever draws others has another name."""

from pathlib import Path

import pytest

from lib.config import PdfBackend, PdfSettings
from lib.reports.hosts import release

PDF = PdfSettings(PdfBackend.WEASYPRINT, None)


@pytest.fixture
def program(tmp_path):
    root = tmp_path / "program"
    (root / "templates").mkdir(parents=True)
    (root / "draw.py").write_text("draw = 1")
    (root / "templates" / "report.css").write_text("p {}")
    return root


def test_the_same_program_is_the_same_release_wherever_it_lies(tmp_path, program):
    before = release.of_this_host(PDF, program)
    (program / "__pycache__").mkdir()
    (program / "__pycache__" / "draw.pyc").write_bytes(b"compiled")
    elsewhere = program.rename(tmp_path / "elsewhere")

    assert release.of_this_host(PDF, elsewhere) == before
    assert len(before) == 12


@pytest.mark.parametrize("name", ["draw.py", "templates/report.css", "templates/new.css"])
def test_another_file_is_another_release(program, name):
    before = release.of_this_host(PDF, program)
    (program / name).write_text("changed")

    assert release.of_this_host(PDF, program) != before


def test_another_name_of_a_file_is_another_release(program):
    before = release.of_this_host(PDF, program)
    (program / "draw.py").rename(program / "drawn.py")

    assert release.of_this_host(PDF, program) != before


@pytest.mark.parametrize("package", release.PACKAGES)
def test_another_version_of_a_package_is_another_release(program, monkeypatch, package):
    before = release.of_this_host(PDF, program)
    known = release.metadata.version
    monkeypatch.setattr(
        release.metadata, "version", lambda name: "0" if name == package else known(name)
    )

    assert release.of_this_host(PDF, program) != before


def test_templates_logo_and_backend_are_part_of_it(tmp_path, program):
    theirs, logo = tmp_path / "theirs", tmp_path / "logo.svg"
    theirs.mkdir()
    (theirs / "report.css").write_text("p {}")
    logo.write_text("<svg/>")
    found = [
        release.of_this_host(pdf, program)
        for pdf in (
            PDF,
            PdfSettings(PdfBackend.CHROMIUM, None),
            PdfSettings(PdfBackend.WEASYPRINT, None, templates_dir=theirs),
            PdfSettings(PdfBackend.WEASYPRINT, None, logo=logo),
        )
    ]
    logo.write_text("<svg></svg>")
    found.append(release.of_this_host(PdfSettings(PdfBackend.WEASYPRINT, None, logo=logo), program))

    assert len({*found}) == len(found)


def test_a_logo_is_named_by_its_place_in_a_page(tmp_path, program):
    found = set()
    for name in ("one", "two"):
        logo = tmp_path / name / "logo.svg"
        logo.parent.mkdir()
        logo.write_text("<svg/>")
        found.add(
            release.of_this_host(PdfSettings(PdfBackend.WEASYPRINT, None, logo=logo), program)
        )

    assert len(found) == 2


def test_the_product_itself_is_the_program():
    assert (release.PROGRAM / "templates" / "report.css").is_file()
    assert Path(release.__file__).is_relative_to(release.PROGRAM)
