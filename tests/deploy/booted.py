"""A booted Debian host beside a stage (portal, mail sink, PostgreSQL), as containers of the test's own engine.

The host shares the stage's network namespace: what the jobs meet on loopback survives the host's power cuts.
"""

import json
import os
import subprocess
import time
from pathlib import Path

HERE = Path(__file__).parent
ANSIBLE = HERE.parents[1] / "deploy" / "ansible"
POWERS = ("SYS_ADMIN", "NET_ADMIN", "MKNOD", "SYS_PTRACE")
SECRETS = ("DATABASE_URL", "TD_A668_PASSWORD")


def output(*words, check=True, given=None, timeout_s=300):
    """Run a command; return what it printed, or fail with it."""
    done = subprocess.run(
        words, input=given, capture_output=True, text=True, timeout=timeout_s, check=False, errors="replace"
    )
    if check and done.returncode:
        raise AssertionError(f"{' '.join(map(str, words))}\n{done.stdout[-4000:]}{done.stderr[-4000:]}")
    return done.stdout.strip()


def docker(*words, **how):
    return output("docker", *words, **how)


def until(what, timeout_s=180, every_s=1.0):
    """Return the first true value of `what()`; it is the deadline that fails, not a slow machine."""
    end = time.monotonic() + timeout_s
    while not (value := what()):
        if time.monotonic() > end:
            raise AssertionError(f"did not happen within {timeout_s} s: {what.__doc__ or what}")
        time.sleep(every_s)
    return value


class Stage:
    """The world around the host."""

    def __init__(self, name, image):
        self.name = name
        docker("run", "--detach", "--name", name, "--tmpfs=/tmp:mode=1777", image, "demo.stage", "/stage", "--stores=2")
        until(lambda: docker("exec", name, "sh", "-c", "ls /stage/settings.json || true"))
        self.settings = json.loads(docker("exec", name, "cat", "/stage/settings.json"))
        self.control_url = self.settings.pop("CONTROL_URL")
        self.secrets = {secret: self.settings.pop(secret) for secret in SECRETS}
        self.address = docker("inspect", "--format", "{{range .NetworkSettings.Networks}}{{.IPAddress}}{{end}}", name)

    def mails(self):
        """Subjects of the mails that arrived, oldest first."""
        listing = docker("exec", self.name, "sh", "-c", "grep -h -i ^Subject: /stage/mails/*.eml || true")
        return listing.splitlines()

    def portal(self, **command):
        """Pull a string of the portal (demo.portal.steering)."""
        program = (
            "import sys, urllib.request as u;"
            "print(u.urlopen(u.Request(sys.argv[1], sys.argv[2].encode(), {'Content-Type': 'application/json'})).read())"
        )
        docker("exec", self.name, "python", "-c", program, self.control_url, json.dumps(command))

    def sql(self, query):
        """Return one value of the database."""
        program = (
            "import sys, psycopg2; c = psycopg2.connect(sys.argv[1]).cursor(); c.execute(sys.argv[2]);"
            "print(c.fetchone()[0])"
        )
        return docker("exec", self.name, "python", "-c", program, self.secrets["DATABASE_URL"], query)


class Host:
    """The machine. Commands go by the engine, the playbook by SSH."""

    def __init__(self, name, stage, image):
        self.name = name
        docker("volume", "create", f"{name}-engine")
        docker(
            *("create", "--name", name, f"--network=container:{stage.name}", "--cgroupns=host"),
            *(f"--cap-add={power}" for power in POWERS),
            *("--security-opt=seccomp=unconfined", "--security-opt=apparmor=unconfined"),
            *("--volume=/sys/fs/cgroup:/sys/fs/cgroup:rw", "--tmpfs=/run", "--tmpfs=/run/lock"),
            *(f"--volume={name}-engine:/var/lib/docker", image),
        )
        self.boot()

    def boot(self):
        docker("start", self.name)
        until(lambda: self.run("systemctl is-system-running || true") in {"running", "degraded"})

    def cut_power(self):
        docker("kill", "--signal=KILL", self.name)

    def run(self, script, check=True):
        """Run a shell script as root and return what it printed."""
        return docker("exec", self.name, "sh", "-c", script, check=check)

    def write(self, path, text):
        docker("exec", "--interactive", self.name, "sh", "-c", f"mkdir -p $(dirname {path}); cat >{path}", given=text)

    def drop_in(self, unit, text):
        """Change a unit until the next boot."""
        self.write(f"/run/systemd/system/{unit}.d/zz-test.conf", text)
        self.run("systemctl daemon-reload")

    def undo_drop_ins(self):
        self.run("rm -rf /run/systemd/system/simplify*.d; systemctl daemon-reload")

    def property(self, unit, name):
        return self.run(f"systemctl show --property={name} --value {unit}")

    def idle(self, unit):
        """The unit has ended, one way or the other."""
        return self.property(unit, "ActiveState") in {"inactive", "failed"}

    def journal(self, unit, since="@0"):
        return self.run(f"journalctl --unit={unit} --since='{since}' --output=cat --no-pager")

    def count(self, unit, text, since):
        return self.journal(unit, since).count(text)

    def now(self):
        return self.run("date '+%Y-%m-%d %H:%M:%S'")

    def release(self):
        return self.run("readlink /etc/simplify/current || true")

    def image(self):
        return self.run("sed -n s/SIMPLIFY_IMAGE=//p /etc/simplify/current/host.env")


class Playbook:
    """`ansible-playbook` against the host."""

    def __init__(self, directory, stage, key):
        self.directory, self.stage = directory, stage
        self.inventory = directory / "hosts.yml"
        host = {
            "ansible_host": stage.address,
            "ansible_user": "root",
            "ansible_ssh_private_key_file": str(key),
            "ansible_ssh_common_args": "-o StrictHostKeyChecking=no -o UserKnownHostsFile=/dev/null",
        }
        self.inventory.write_text(json.dumps({"simplify": {"hosts": {"staged": host}}}))

    def __call__(self, image, *flags, book="site.yml", **changes):
        """Return (exit code, output) of one play; `changes` replace variables."""
        digest = docker("image", "inspect", "--format={{.Id}}", image)
        archive = self.directory / f"{digest[7:19]}.tar"
        if not archive.exists():
            docker("save", "--output", archive, image)
        variables = {
            "app_image": digest,
            "app_image_archive": str(archive),
            "app_network": "host",
            "app_settings": self.stage.settings,
            "app_secrets": self.stage.secrets,
            **changes,
        }
        file = self.directory / "variables.json"
        file.write_text(json.dumps(variables))
        done = subprocess.run(
            [os.environ["ANSIBLE_PLAYBOOK"], "-i", self.inventory, "-e", f"@{file}", *flags, book],
            cwd=ANSIBLE,
            env={**os.environ, "ANSIBLE_NOCOLOR": "1"},
            capture_output=True,
            text=True,
            timeout=900,
            check=False,
        )
        return done.returncode, done.stdout + done.stderr
