"""What lies there, and taking one file of it away.

Never through a link, never out of the directory.
"""

import os
import re
from contextlib import suppress
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from lib import removal
from lib.removal import PERMANENT, FileKind, Seen

YEAR = re.compile(r"\d{4}")
AT_NS = 1_763_000_000_123_456_789
DAY = timedelta(days=1)


@pytest.fixture
def root(tmp_path):
    """A root with a year folder that has one file."""
    folder = tmp_path / "root" / "2025"
    folder.mkdir(parents=True)
    put(folder / "a.pdf")
    return folder.parent


def put(path, content=b"four"):
    path.write_bytes(content)
    os.utime(path, ns=(AT_NS, AT_NS))


def kind(root, days, **names):
    patterns = {name: re.compile(pattern) for name, pattern in names.items()}
    return FileKind(name="files", root=root, setting="ANY_DAYS", days=days, names=patterns)


def scanned(root, folders=None):
    """Return what a scan finds, in order."""
    return sorted(removal.scan(root, folders), key=lambda seen: seen.path)


def names(seen):
    return [str(one.path) for one in seen]


def only(root):
    [seen] = removal.scan(root, YEAR)
    return seen


def test_a_name_is_told_with_its_size_its_age_and_whether_it_is_a_file(root):
    assert scanned(root, YEAR) == [Seen(Path("2025/a.pdf"), 4, AT_NS)]
    assert only(root).modified_at == datetime.fromtimestamp(AT_NS / 1e9, UTC)


def test_without_folders_the_names_of_the_root_itself_are_told(root):
    put(root / "b.csv")
    assert [(str(seen.path), seen.is_file) for seen in scanned(root)] == [
        ("2025", False),
        ("b.csv", True),
    ]


def test_folders_are_gone_through_in_order_and_others_are_not_entered(root):
    for name in ("2024", "archive", "20255"):
        (root / name).mkdir()
        put(root / name / "b.pdf")
    put(root / "2025" / "Z.pdf")

    assert names(scanned(root, YEAR)) == ["2024/b.pdf", "2025/Z.pdf", "2025/a.pdf"]


def test_a_directory_that_is_not_there_is_empty(tmp_path):
    assert scanned(tmp_path / "none") == scanned(tmp_path / "none", YEAR) == []

    assert removal.empty_folders(tmp_path / "none", YEAR) == []
    assert removal.remove_if_unchanged(tmp_path / "none", Seen(Path("a"), 0, 0)) is False


def test_a_linked_folder_is_not_entered_and_a_linked_file_is_no_file(root, tmp_path):
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir()
    put(elsewhere / "b.pdf")
    (root / "2024").symlink_to(elsewhere)
    (root / "2025" / "b.pdf").symlink_to(elsewhere / "b.pdf")

    assert [(str(seen.path), seen.is_file) for seen in scanned(root, YEAR)] == [
        ("2025/a.pdf", True),
        ("2025/b.pdf", False),
    ]


def test_the_root_may_be_a_link_that_an_operator_made(root, tmp_path):
    (tmp_path / "link").symlink_to(root)

    assert removal.remove_if_unchanged(tmp_path / "link", only(tmp_path / "link"))
    assert scanned(root, YEAR) == []


def test_a_file_is_taken_away_once(root):
    seen = only(root)

    assert [removal.remove_if_unchanged(root, seen) for _ in range(2)] == [True, False]
    assert not (root / "2025/a.pdf").exists()


@pytest.mark.parametrize(
    "change",
    [
        pytest.param(lambda path: path.write_bytes(b"fou2"), id="written-again"),
        pytest.param(lambda path: put(path, b"longer"), id="another-size"),
        pytest.param(os.utime, id="touched"),
    ],
)
def test_what_was_changed_since_it_was_seen_stays(root, change):
    seen = only(root)
    change(root / seen.path)

    assert removal.remove_if_unchanged(root, seen) is False
    assert (root / seen.path).exists()


def test_a_link_that_took_the_place_of_the_file_stays_and_so_does_its_target(root, tmp_path):
    seen, target = only(root), tmp_path / "precious"
    put(target)
    (root / seen.path).unlink()
    (root / seen.path).symlink_to(target)

    assert removal.remove_if_unchanged(root, seen) is False
    assert removal.remove_if_unchanged(root, next(removal.scan(root, YEAR))) is False, (
        "not even as the link that it is"
    )
    assert target.read_bytes() == b"four"
    assert (root / seen.path).is_symlink()


def test_a_link_that_took_the_place_of_the_folder_is_not_followed(root, tmp_path):
    seen = only(root)
    (root / "2025").rename(tmp_path / "moved")
    (root / "2025").symlink_to(tmp_path / "moved")
    with pytest.raises(NotADirectoryError):
        removal.remove_if_unchanged(root, seen)

    assert (tmp_path / "moved" / "a.pdf").exists()


@pytest.mark.parametrize("path", ["../outside", "2025/../../outside", "/etc/hosts", "2025/a/b.pdf"])
def test_a_path_that_leads_out_is_refused(root, path):
    put(root.parent / "outside")
    with pytest.raises(ValueError, match="leads out"):
        removal.remove_if_unchanged(root, replace(only(root), path=Path(path)))

    assert (root.parent / "outside").exists()


def test_folders_that_match_and_have_nothing_in_them_are_told(root, tmp_path):
    for name in ("2023", "2024", "archive"):
        (root / name).mkdir()
    put(root / "2024" / ".hidden")
    (root / "2022").symlink_to(tmp_path / "archive")

    assert removal.empty_folders(root, YEAR) == ["2023"]


def test_a_kind_tells_what_is_old_and_what_is_not_ours_and_nothing_of_the_young(root):
    for name in ("b.pdf", "z.pdf", "notes.txt"):
        put(root / "2025" / name)
    os.utime(root / "2025" / "z.pdf")
    reports = replace(kind(root, 10, report=r"[a-z]\.pdf"), folders=YEAR)

    expired, unrecognised = reports.scan(datetime.fromtimestamp(AT_NS / 1e9, UTC) + 11 * DAY)

    assert [(str(one.seen.path), one.kind, one.age_days) for one in expired] == [
        ("2025/a.pdf", "report", 11),
        ("2025/b.pdf", "report", 11),
    ]
    assert unrecognised == [Path("2025/notes.txt")]


@pytest.mark.parametrize(
    ("named", "goes"),
    [
        pytest.param("20251101", True, id="old-by-both"),
        pytest.param("20251120", False, id="its-name-says-that-it-is-young"),
        pytest.param("20251399", True, id="a-day-that-is-none"),
    ],
)
def test_a_file_is_as_old_as_the_younger_of_its_bytes_and_the_day_in_its_name(named, goes):
    merged = kind(Path(), 10, merged=r"merged_(?P<day>\d{8})\.csv")
    seen = Seen(Path(f"merged_{named}.csv"), 4, AT_NS)

    found = merged.judge(seen, datetime(2025, 11, 29, tzinfo=UTC))

    assert (found is not None) is goes


@pytest.mark.parametrize(
    ("hours", "why"),
    [
        pytest.param(25, ["left by a process that was killed"], id="nobody-writes-it-any-more"),
        pytest.param(23, [], id="it-may-be-being-written"),
    ],
)
def test_an_unfinished_file_goes_after_a_day(hours, why):
    now = datetime.fromtimestamp(AT_NS / 1e9, UTC) + timedelta(hours=hours)
    found = kind(Path(), 900, report=r"a\.pdf").judge(Seen(Path(".a.pdf.part"), 4, AT_NS), now)

    assert [one.reason for one in (found,) if one] == why


@pytest.mark.parametrize(("days", "expected"), [(0, 0), (1, 1), (400, 400), (-3, 0)])
def test_an_age_is_in_whole_days_and_never_negative(days, expected):
    now = datetime(2025, 11, 15, 3, tzinfo=UTC)
    since = datetime.fromtimestamp(now.timestamp() - 86_400 * days - 3600, UTC)

    assert removal.age_days(since, now) == expected


def test_no_descriptor_is_left_open(root):
    def open_below():
        # others of this process, such as a server's in a thread, come and go
        found = []
        for descriptor in Path("/proc/self/fd").iterdir():
            with suppress(OSError):
                if descriptor.readlink().is_relative_to(root):
                    found.append(descriptor.name)
        return found

    for _ in range(3):
        seen = only(root)
        removal.empty_folders(root, YEAR)
        removal.remove_if_unchanged(root, replace(seen, size_bytes=0))

    assert open_below() == []
    with (root / "to be sure that it is seen").open("w"):
        assert len(open_below()) == 1


@pytest.mark.parametrize("name", ["a.lock", ".a.lock.part"])
def test_a_permanent_name_is_ours_and_never_removed(name):
    locks = kind(Path(), 1, **{PERMANENT: r".*\.lock"})
    seen = Seen(Path(name), 4, AT_NS)

    assert (locks.judge(seen, datetime.now(UTC)), locks.is_ours(seen)) == (None, True)


@pytest.mark.parametrize("name", ["a.pdf\n", "a.pdf.bak", ".part", "b.txt", ".a.pdf.x.part"])
def test_a_name_that_is_not_wholly_ours_is_not_ours(name):
    reports = kind(Path(), 1, report=r"a\.pdf")
    seen = Seen(Path(name), 4, AT_NS)

    assert (reports.judge(seen, datetime.now(UTC)), reports.is_ours(seen)) == (None, False)
