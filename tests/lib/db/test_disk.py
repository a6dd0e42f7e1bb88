from pathlib import Path
from types import SimpleNamespace

import pytest

from lib.config.settings import Volumes
from lib.db import disk
from lib.model import Status


@pytest.mark.parametrize(
    ("free_mib", "status"),
    [(2048, Status.OK), (1024, Status.OK), (1023, Status.WARNING), (99, Status.ERROR)],
)
def test_a_volume_that_is_nearly_full_is_told(monkeypatch, tmp_path, free_mib, status):
    asked = []

    def disk_usage(path):
        asked.append(path)
        return SimpleNamespace(free=free_mib * 2**20)

    monkeypatch.setattr("shutil.disk_usage", disk_usage)
    check = disk.check(Volumes(tmp_path, tmp_path / "not" / "yet", tmp_path, tmp_path))
    assert (check.name, check.status, set(asked)) == ("free disk", status, {tmp_path})


def test_a_relative_volume_is_one_of_the_working_directory():
    assert (
        disk.check(
            Volumes(*map(Path, ("var/data", "var/reports", "var/profiles", "var/logs")))
        ).name
        == "free disk"
    )
