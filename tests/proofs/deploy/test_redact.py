"""The log of a deployment, as others may read it."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from deploy.supply.redact import redacted

SCRIPT = Path(__file__).parents[3] / "deploy" / "supply" / "redact.py"


@pytest.mark.parametrize(
    ("secret", "log", "left"),
    [
        ("s3cret-word", "failed: s3cret-word!", "failed: ***!"),
        (
            "postgresql://jobs:p%40ss-word@db/x",
            "password p@ss-word and p%40ss-word",
            "password *** and ***",
        ),
        (
            "postgresql://jobs:p%40ss-word@db/x",
            "url postgresql://jobs:p%40ss-word@db/x.",
            "url ***.",
        ),
        ("first line\nsecond line", "a second line here", "a *** here"),
        ("", "nothing secret", "nothing secret"),
        ("yes", "yes is too short to be one", "yes is too short to be one"),
    ],
    ids=[
        "a word",
        "the password of an address",
        "a whole address",
        "a line of a key",
        "none",
        "too short",
    ],
)
def test_a_secret_is_replaced_wherever_it_is(secret, log, left):
    assert redacted(log, [secret]) == left


def run(log, vault):
    names = {**os.environ, "SIMPLIFY_HOST": "192.0.2.7"}
    command = [sys.executable, SCRIPT, log, "--environment", "SIMPLIFY_HOST", "UNSET"]
    return subprocess.run(
        command, input=vault, env=names, capture_output=True, text=True, timeout=300, check=False
    )


def test_what_the_vault_and_the_environment_hold_is_not_in_the_log(tmp_path):
    log = tmp_path / "deploy.log"
    log.write_text("connect to 192.0.2.7: {'TD_A668_PASSWORD': 'not-for-you'}\n")

    assert run(log, "vault_secrets:\n  TD_A668_PASSWORD: not-for-you\n").returncode == 0
    assert log.read_text() == "connect to ***: {'TD_A668_PASSWORD': '***'}\n"


@pytest.mark.parametrize(
    "vault", ["", "{", "$ANSIBLE_VAULT;1.1;AES256"], ids=["none", "half of one", "encrypted"]
)
def test_without_a_vault_the_log_is_removed(tmp_path, vault):
    log = tmp_path / "deploy.log"
    log.write_text("who knows what\n")

    assert run(log, vault).returncode == 1
    assert not log.exists()
