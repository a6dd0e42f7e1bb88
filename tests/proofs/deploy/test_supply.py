"""What the product is made of: locked, with hashes, under licences that are allowed.

Excuses have a reason and an end.
"""

import datetime as dt
import re
import subprocess
import tomllib
from pathlib import Path

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

from deploy.supply import audit, licences

ROOT = Path(__file__).parents[3]
GROUPS = {
    "requirements-demo.lock": "demo",
    "requirements-install.lock": "install",
    "requirements-dev.lock": "dev",
    "requirements-supply.lock": "supply",
    "deploy/ansible/requirements.lock": "deploy",
}
LOCKED = re.compile(
    r"^([\w.-]+)==([\w.+!]+)[^\n]*\n((?:    --hash=sha256:[0-9a-f]{64}[^\n]*\n)*)", re.MULTILINE
)


def declared(lock):
    """The requirements of pyproject.toml that a lock file answers."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())
    group = project["dependency-groups"].get(GROUPS.get(lock), [])
    tools = {
        "requirements-install.lock",
        "requirements-supply.lock",
        "deploy/ansible/requirements.lock",
    }
    shared = [] if lock in tools else project["project"]["dependencies"]
    return [Requirement(text) for text in (*shared, *group) if isinstance(text, str)]


@pytest.mark.parametrize("lock", audit.LOCKS)
def test_whatever_is_declared_is_locked_in_a_version_that_is_allowed(lock):
    versions = {
        canonicalize_name(name): version
        for name, version, _ in LOCKED.findall((ROOT / lock).read_text())
    }
    wanted = declared(lock)

    assert [
        str(one)
        for one in wanted
        if not one.specifier.contains(versions.get(canonicalize_name(one.name), "0"))
    ] == []
    assert wanted


@pytest.mark.parametrize("lock", audit.LOCKS)
def test_whatever_is_locked_has_its_hashes(lock):
    assert [
        name for name, _, hashes in LOCKED.findall((ROOT / lock).read_text()) if not hashes
    ] == []


def left_out():
    """Names of what is locked for other machines or other versions of Python than this one."""
    lock = (ROOT / "requirements.lock").read_text()
    lines = re.findall(r"^([\w.-]+==[^\\\n]+)", lock, re.MULTILINE)
    pins = [Requirement(line) for line in lines]
    return {canonicalize_name(pin.name) for pin in pins if pin.marker and not pin.marker.evaluate()}


def test_the_page_of_licences_is_current():
    """`make licences` writes it again; where Python is another one, what is not for it is left out."""
    missing = left_out()
    expected = []
    for line in licences.PAGE.read_text().splitlines():
        name = line.strip("|").partition("|")[0].strip()
        if canonicalize_name(name) not in missing:
            expected.append(line)

    assert licences.page().splitlines() == expected


def test_a_licence_that_is_not_allowed_is_refused(capfd, tmp_path, monkeypatch):
    package = tmp_path / "example_package-1.0.dist-info"
    package.mkdir()
    (package / "METADATA").write_text(
        "Metadata-Version: 2.4\nName: example-package\nVersion: 1.0\n"
        "License-Expression: AGPL-3.0-only\n"
    )
    monkeypatch.setenv("PYTHONPATH", str(tmp_path))
    with pytest.raises(subprocess.CalledProcessError):
        licences.table(["example-package"])

    assert "AGPL-3.0-only" in capfd.readouterr().err


def test_every_excuse_has_a_reason_and_ends_within_90_days():
    for excuse in audit.excuses():
        assert len(excuse.reason) > 20, excuse.id
        assert dt.timedelta(0) < excuse.until - excuse.written <= dt.timedelta(days=90), excuse.id


@pytest.mark.parametrize(
    ("today", "ids"),
    [
        ("2026-12-31", ["PYSEC-2026-1", "PYSEC-2026-2"]),
        ("2027-01-01", ["PYSEC-2026-2"]),
        ("2027-02-01", []),
    ],
    ids=["while both hold", "on the day that one ends", "when both have ended"],
)
def test_an_excuse_ends_by_itself(tmp_path, today, ids):
    entry = '[[excuse]]\nid = "{}"\npackage = "example"\nreason = "no job of ours calls it"\nwritten = 2026-11-23\nuntil = {}\n'
    file = tmp_path / "excuses.toml"
    file.write_text(
        entry.format("PYSEC-2026-1", "2027-01-01") + entry.format("PYSEC-2026-2", "2027-02-01")
    )

    assert audit.excused(audit.excuses(file), dt.date.fromisoformat(today)) == ids


def test_silence_about_a_package_is_no_clean_bill():
    assert audit.command("a.lock", ["PYSEC-2026-1"]) == [
        *("pip-audit", "--strict", "--progress-spinner=off", "--disable-pip", "--require-hashes"),
        *("-r", "a.lock", "--ignore-vuln=PYSEC-2026-1"),
    ]
