import os

import pytest

from lib.reports.render import cpu_count


@pytest.mark.parametrize(
    ("files", "wanted"),
    [
        pytest.param({}, 8, id="no cgroup"),
        pytest.param({"cpu.max": "max 100000\n"}, 8, id="v2 without a quota"),
        pytest.param({"cpu.max": "200000 100000\n"}, 2, id="v2, two processors"),
        pytest.param({"cpu.max": "50000 100000\n"}, 1, id="v2, half a processor"),
        pytest.param({"cpu.max": "3200000 100000\n"}, 8, id="v2, more than there are"),
        pytest.param(
            {"cpu/cpu.cfs_quota_us": "300000\n", "cpu/cpu.cfs_period_us": "100000\n"}, 3, id="v1"
        ),
        pytest.param(
            {"cpu/cpu.cfs_quota_us": "-1\n", "cpu/cpu.cfs_period_us": "100000\n"},
            8,
            id="v1 without a quota",
        ),
        pytest.param({"cpu.max": "odd\n"}, 8, id="unreadable"),
    ],
)
def test_the_smaller_of_affinity_and_quota_counts(tmp_path, monkeypatch, files, wanted):
    monkeypatch.setattr(os, "sched_getaffinity", lambda _: set(range(8)))
    for name, content in files.items():
        path = tmp_path / name
        path.parent.mkdir(exist_ok=True)
        path.write_text(content)

    assert cpu_count.available(tmp_path) == wanted
