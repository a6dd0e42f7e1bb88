"""Old names of zones, with and without the files that Debian 13 keeps in a package of its own."""

import zoneinfo
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from lib.config import zones


@pytest.fixture
def without_old_names(tmp_path, monkeypatch):
    """A tz database as the image ships it: the zones, their text file, no files of old names."""
    shipped = next(Path(path) for path in zoneinfo.TZPATH if (Path(path) / "tzdata.zi").exists())
    lines = (shipped / "tzdata.zi").read_text(encoding="utf-8").splitlines()
    for name in ("Asia/Kolkata", "Asia/Kathmandu", "Asia/Ho_Chi_Minh"):
        target = tmp_path / name
        target.parent.mkdir(exist_ok=True)
        target.write_bytes((shipped / name).read_bytes())
    links = "\n".join(line for line in lines if line.startswith("L "))
    (tmp_path / "tzdata.zi").write_text(f"# version test\n{links}\n")

    monkeypatch.setattr(zoneinfo, "TZPATH", (str(tmp_path),))
    zoneinfo.reset_tzpath(to=[tmp_path])
    ZoneInfo.clear_cache()
    yield
    monkeypatch.undo()
    zoneinfo.reset_tzpath()
    ZoneInfo.clear_cache()


@pytest.mark.parametrize(
    ("old", "name"),
    [
        ("Asia/Calcutta", "Asia/Kolkata"),
        ("Asia/Katmandu", "Asia/Kathmandu"),
        ("Asia/Saigon", "Asia/Ho_Chi_Minh"),
    ],
)
@pytest.mark.usefixtures("without_old_names")
def test_an_old_name_is_taken_for_its_zone(old, name):
    with pytest.raises(zoneinfo.ZoneInfoNotFoundError):
        ZoneInfo(old)
    assert zones.find(old).key == name


@pytest.mark.usefixtures("without_old_names")
def test_a_zone_is_found_by_its_own_name():
    assert zones.find("Asia/Kolkata").key == "Asia/Kolkata"


@pytest.mark.parametrize("name", ["", "India", "asia/kolkata", "../etc/passwd", "Asia"])
def test_any_other_name_is_no_zone(name):
    assert zones.find(name) is None


def test_a_database_without_its_text_file_has_no_old_names(tmp_path, monkeypatch):
    monkeypatch.setattr(zoneinfo, "TZPATH", (str(tmp_path),))
    assert zones.find("Asia/Nowhere") is None
