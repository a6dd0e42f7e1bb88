"""A person at a controller, who does what docs/how-to/install-a-host.md and its neighbours say."""

import json
import os
import re
import shutil
import subprocess
from pathlib import Path

import yaml

from tests.proofs.deploy.programs import docker, output

ROOT = Path(__file__).parents[3]
INVENTORIES = "deploy/ansible/inventories"
READERS = "docs/how-to/add-a-recipient.md"


class Operator:
    """A checkout with an inventory, a vault and a file of readers.

    `make deploy` and `make rollback` from there.
    """

    def __init__(self, directory, stage, key, source=ROOT, inventory="production"):
        self.source = source
        self.name = inventory
        self.checkout = directory / "checkout"
        self.checkout.mkdir()
        shutil.copy(source / "Makefile", self.checkout)
        shutil.copytree(source / "deploy", self.checkout / "deploy")
        self.archives = directory
        self.password_file = directory / "vault-password"
        self.password_file.write_text("of the vault\n")
        self.inventory = self.checkout / INVENTORIES / inventory
        self.variables = self.inventory / "group_vars" / "all"
        self.environment = {
            **{
                name: value
                for name, value in os.environ.items()
                if not name.startswith(("MAKE", "MFLAGS", "ARGS"))
            },
            "ANSIBLE_HOME": str(directory / "a"),
            "ANSIBLE_HOST_KEY_CHECKING": "False",
            "ANSIBLE_NOCOLOR": "1",
            "ANSIBLE_PRIVATE_KEY_FILE": str(key),
            "ANSIBLE_REMOTE_USER": "root",
            "ANSIBLE_SSH_CONTROL_PATH_DIR": str(directory / "cp"),
            "ANSIBLE_SSH_ARGS": "-o ControlMaster=auto -o ControlPersist=60s -o UserKnownHostsFile=/dev/null",
            "ANSIBLE_VAULT_PASSWORD_FILE": str(self.password_file),
            "SIMPLIFY_HOST": stage.address,
        }
        self.fill_in(stage.settings)
        self.fill_vault(stage.secrets)

    def fill_in(self, settings):
        """Edit what is not secret."""
        file = self.variables / "site.yml"
        site = yaml.safe_load(file.read_text())
        site |= {
            "app_settings": settings,
            "app_network": "host",
            "app_notifications": "{{ playbook_dir }}/notifications.yml",
        }
        file.write_text(yaml.safe_dump(site))
        self.write_readers("first@example.invalid")

    def draw_with(self, addresses, settings):
        """Name worker hosts by their addresses, and settings that say where the scheduler is."""
        file = self.inventory / "hosts.yml"
        inventory = yaml.safe_load(file.read_text())
        inventory["simplify_draw"] = {
            "hosts": {name: {"ansible_host": address} for name, address in addresses.items()}
        }
        file.write_text(yaml.safe_dump(inventory))
        self.fill_in(settings)

    def write_readers(self, owner):
        """The file of docs/how-to/add-a-recipient.md, with this owner."""
        text = re.search(r"```yaml\n(.*?)```", (self.source / READERS).read_text(), re.DOTALL)[1]
        text = text.replace("owner@example.com", owner).replace("@example.com", "@example.invalid")
        (self.checkout / "deploy" / "ansible" / "notifications.yml").write_text(text)

    def fill_vault(self, secrets):
        """Fill the example in and encrypt it, as it is committed."""
        example = self.source / "deploy" / "ansible" / "vault.example.yml"
        shutil.copy(example, self.variables / "vault.yml")
        vault = yaml.safe_load((self.variables / "vault.yml").read_text())
        vault["vault_secrets"] |= secrets
        (self.variables / "vault.yml").write_text(yaml.safe_dump(vault))
        output("ansible-vault", "encrypt", self.variables / "vault.yml", env=self.environment)

    def archive(self, image):
        """Return the id of an image and the file that brings it to a host without a registry."""
        digest = docker("image", "inspect", "--format={{.Id}}", image)
        file = self.archives / f"{digest[7:19]}.tar"
        if not file.exists():
            docker("save", "--output", file, image)
        return digest, file

    def deploy(self, image, *flags, **changes):
        """Return (exit code, output) of `make deploy`; `changes` replace variables."""
        digest, file = self.archive(image)
        return self._make(
            "deploy",
            f"IMAGE={digest}",
            flags=flags,
            changes={"app_image_archive": str(file), **changes},
        )

    def rollback(self):
        return self._make("rollback")

    def make_draw_certificates(self):
        return self._make("draw-certificates")

    def _make(self, *words, flags=(), changes=None):
        file = self.archives / "changes.json"
        file.write_text(json.dumps(changes or {}))
        done = subprocess.run(
            [
                *("make", "--no-print-directory", *words, f"ENV={self.name}"),
                f"ARGS={' '.join((f'-e @{file}', *flags))}",
            ],
            cwd=self.checkout,
            env=self.environment,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            timeout=1800,
            check=False,
        )
        return done.returncode, done.stdout
