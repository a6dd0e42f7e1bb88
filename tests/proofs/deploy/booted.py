"""A booted Debian host, as a container with systemd as PID 1 and a container engine of its own."""

from pathlib import Path

from tests.proofs.deploy.programs import docker, until

POWERS = ("SYS_ADMIN", "NET_ADMIN", "MKNOD", "SYS_PTRACE")
CGROUPS = Path("/sys/fs/cgroup")
#: Settings of a host (/etc/simplify/local.env) from which the portal cannot be reached.
NOWHERE = (
    "TD_BASE_URL=http://127.0.0.1:9\nTMS_BASE=http://127.0.0.1:9\nPORTAL_NETWORK_WAIT_SECONDS=1\n"
)
OWED = "/var/lib/simplify/owed"
LOOK = """
systemctl list-units --all --no-pager --no-legend 'simplify*'
journalctl --unit='simplify*' --lines=30 --no-pager
"""


class Host:
    """The machine. Commands go by the engine, the playbook by SSH.

    It has the network of the stage, or one of its own without a stage. What its engine keeps is on
    disks of its own, because an overlay cannot lie on that of the outer engine. `more` are options
    of `docker create`.
    """

    def __init__(self, name, image, stage=None, disks=("/var/lib/docker",), more=()):
        self.name = name
        network = [f"--network=container:{stage.name}"] if stage else []
        self.volumes = {f"{name}-engine-{number}": path for number, path in enumerate(disks)}
        for volume in self.volumes:
            docker("volume", "create", volume)
        docker(
            *("create", "--name", name, *network, "--cgroupns=host"),
            *(f"--cap-add={power}" for power in POWERS),
            *("--security-opt=seccomp=unconfined", "--security-opt=apparmor=unconfined"),
            *(f"--volume={CGROUPS}:{CGROUPS}:rw", "--tmpfs=/run", "--tmpfs=/run/lock"),
            *(f"--volume={volume}:{path}" for volume, path in self.volumes.items()),
            *(*more, image),
        )
        self.boot()
        self._keep_groups_together()

    def _keep_groups_together(self):
        """Let the inner engine's control groups lie below the host's.

        Version 1 would put them at the top, for ever.
        """
        if not (CGROUPS / "cgroup.controllers").exists():
            own = self.run("sed -n 's/.*name=systemd:\\(.*\\)\\/init.scope/\\1/p' /proc/1/cgroup")
            self.write("/etc/docker/daemon.json", f'{{"cgroup-parent": "{own}/docker"}}')

    def boot(self):
        docker("start", self.name)
        up = {"running", "degraded"}
        self.until("systemd is up", lambda: self.run("systemctl is-system-running || true") in up)

    def remove(self):
        docker("rm", "--force", "--volumes", self.name)
        docker("volume", "rm", *self.volumes)

    def cut_power(self):
        docker("kill", "--signal=KILL", self.name)

    def run(self, script, **how):
        """Run a shell script as root and return what it printed."""
        return docker("exec", self.name, "sh", "-c", script, **how)

    def until(self, what, true, timeout_s=300):
        return until(
            what, true, timeout_s=timeout_s, inspect_state=lambda: self.run(LOOK, check=False)
        )

    def until_first_failure_is_counted(self, job, since, attempts):
        """Wait until a job that may be tried so often has failed once.

        On the 1st of a month it may be tried three times more (deploy/host/attempts).
        """

        def is_counted():
            is_first_of_month = self.run("TZ=Asia/Kolkata date +%d") == "01"
            most = attempts + 3 if is_first_of_month else attempts
            return f"attempt 1 of {most}" in self.journal(f"simplify-retry@{job}", since)

        self.until("an attempt is counted", is_counted)

    def write(self, path, text):
        docker(
            "exec",
            "--interactive",
            self.name,
            "sh",
            "-c",
            f"mkdir -p $(dirname {path}); cat >{path}",
            given=text,
        )

    def drop_in(self, unit, text):
        """Change a unit until the next boot."""
        self.write(f"/run/systemd/system/{unit}.d/zz-test.conf", text)
        self.run("systemctl daemon-reload")

    def retry_soon(self, *, pause_s=3, attempts=9):
        """Have failed jobs tried again after a pause of this length, so often, until the next boot."""
        self.drop_in(
            "simplify-retry@.service",
            f"[Service]\nEnvironment=SIMPLIFY_PAUSE_S={pause_s} SIMPLIFY_ATTEMPTS={attempts}\n",
        )

    def calm(self):
        """Take back a test's settings and drop-ins."""
        self.run(
            ": >/etc/simplify/local.env; rm -rf /run/systemd/system/simplify*.d; systemctl daemon-reload",
            check=False,
        )

    def property(self, unit, name):
        return self.run(f"systemctl show --property={name} --value {unit}")

    def journal(self, unit, since="@0"):
        return self.run(f"journalctl --unit={unit} --since='{since}' --output=cat --no-pager")

    def count(self, unit, text, since):
        return self.journal(unit, since).count(text)

    def now(self):
        return self.run("date '+%Y-%m-%d %H:%M:%S'")

    def owes(self):
        return self.run(f"ls {OWED}").split()

    def reports(self):
        """Reports by name, with what identifies the file that was once written."""
        found = self.run(
            "cd /var/lib/simplify/reports && find . -name '*.pdf' -printf '%f %i %T@\\n' | sort"
        )
        return dict(line.split(maxsplit=1) for line in found.splitlines())

    def release(self):
        return self.run("readlink /etc/simplify/current || true")

    def image(self):
        return self.run("sed -n s/SIMPLIFY_IMAGE=//p /etc/simplify/current/host.env")
