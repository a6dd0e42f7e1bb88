"""`alembic` as a person types it, which is the only way back."""

import os
import subprocess
import sys
from pathlib import Path

from lib.db import migrations

ROOT = Path(__file__).parents[2]


def test_a_person_goes_back_and_jobs_migrate_comes_again(tmp_path, database, engine):
    below = migrations.chain()[-2]
    command = [sys.executable, "-m", "alembic", "-c", str(ROOT / "alembic.ini"), "downgrade", below]
    environ = {"PATH": os.environ["PATH"], "DATABASE_URL": database}
    done = subprocess.run(
        command, cwd=tmp_path, env=environ, capture_output=True, text=True, check=False, timeout=300
    )

    assert done.returncode == 0, done.stderr
    with engine.connect() as connection:
        assert migrations.current(connection) == below
    assert migrations.upgrade(engine) == [migrations.head()]
