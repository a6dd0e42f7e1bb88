"""The door to the environment (environs): environment variables first, then the same names in `.env`."""

from __future__ import annotations

import os
from collections.abc import Collection
from pathlib import Path
from stat import S_IMODE
from typing import Any
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo

from environs import Env, EnvValidationError

from lib.config import names, stores
from lib.config.settings import (
    Account,
    MailSettings,
    Need,
    PdfBackend,
    PdfSettings,
    PortalSettings,
    Settings,
    Volumes,
)
from lib.errors import InvalidSettings

RUN_ENVS = ("dev", "local", "prod")


def load(needs: Collection[Need]) -> Settings:
    """Read and validate the environment for a job with these `needs`.

    Raises InvalidSettings with all problems at once; nothing is connected to, created or kept open.
    """
    return _Reader(needs).settings()


class _Reader:
    """Collects problems instead of raising them, so that one refusal names them all."""

    def __init__(self, needs: Collection[Need]) -> None:
        self.needs = needs
        self.problems: list[str] = []
        self.env = Env(eager=False)
        self.env.read_env(".env", recurse=False)
        self.set_names = {name for name in [*os.environ, *self.env._environ] if self.text(name)}  # noqa: SLF001
        self.keys = names.account_keys(self.set_names)
        self.code_by_key = {k: code for k in self.keys if (code := self.text(f"TD_{k}_STORE_CODE").upper())}

    def settings(self) -> Settings:
        self._one_store_selector()
        scraped = self._stores("STORES_LIST", Need.STORES)
        reported = self._stores("REPORT_STORES_LIST", Need.REPORT_STORES)
        self._reported_are_scraped(scraped, reported)
        settings = Settings(
            run_env=self._run_env(),
            zone=self._zone(),
            database_url=self._database_url(),
            stores=scraped,
            report_stores=reported,
            portal=self._portal(),
            mail=self._mail(),
            pdf=PdfSettings(
                backend=self._backend(), chrome_executable=self._executable("PDF_RENDER_CHROME_EXECUTABLE")
            ),
            volumes=Volumes(
                data_dir=self.path("DATA_DIR", "var/data"),
                reports_root=self.path("REPORTS_ROOT", "var/reports"),
                profiles_dir=self.path("PROFILES_DIR", "var/profiles"),
                logs_dir=self.path("LOGS_DIR", "var/logs"),
            ),
            ingest_batch_size=self.positive("INGEST_BATCH_SIZE", 3000),
            json_log_file=self.path("JSON_LOG_FILE") if self.text("JSON_LOG_FILE") else None,
            log_retention_days=self.positive("LOG_RETENTION_DAYS", 30),
            warnings=tuple(names.warnings(self.set_names)),
        )
        if problems := self.problems + self._unreadable():
            raise InvalidSettings(problems)
        return settings

    def text(self, name: str, default: str = "") -> str:
        """Return the trimmed value; an empty one counts as not set."""
        return str(self.env.str(name, "")).strip() or default

    def path(self, name: str, default: str = "") -> Path:
        return Path(self.text(name, default))

    def positive(self, name: str, default: int) -> int:
        value = self.env.int(name, default) if self.text(name) else default
        if value is not None and value < 1:
            self.problems.append(f"{name} must be at least 1")
        return value or default

    def secret(self, name: str) -> str:
        """Return the value of NAME or the content of the file NAME_FILE, which only its owner and group may read."""
        file = self.text(f"{name}_FILE")
        if not file:
            return self.text(name)
        if self.text(name):
            self.problems.append(f"{name} and {name}_FILE are both set; keep one of them")
            return ""
        try:
            return self._secret_file(name, Path(file))
        except (OSError, UnicodeDecodeError) as error:
            reason = error.strerror if isinstance(error, OSError) else "not UTF-8 text"
            self.problems.append(f"{name}_FILE names {file}, which cannot be read: {reason}")
            return ""

    def _secret_file(self, name: str, file: Path) -> str:
        # Group may read: systemd hands credentials to a service that way.
        if S_IMODE(file.stat().st_mode) & 0o037:
            self.problems.append(f"{name}_FILE names {file}, which others can read or change; run: chmod 0600 {file}")
            return ""
        if not (value := file.read_text(encoding="utf-8").strip()):
            self.problems.append(f"{name}_FILE names {file}, which is empty")
        return value

    def _unreadable(self) -> list[str]:
        try:
            self.env.seal()
        except EnvValidationError as error:
            messages: Any = error.error_messages
            return [f"{name}: {' '.join(map(str, texts))}" for name, texts in sorted(messages.items())]
        return []

    def _require(self, need: Need, name: str, value: str) -> str:
        if not value and need in self.needs and not self.text(f"{name}_FILE"):
            self.problems.append(f"{name} is missing")
        return value

    def _run_env(self) -> str:
        run_env = self.text("RUN_ENV") or self.text("ENVIRONMENT", "dev")
        if run_env not in RUN_ENVS:
            self.problems.append(f"RUN_ENV is {run_env!r}; it must be one of {', '.join(RUN_ENVS)}")
        return run_env

    def _zone(self) -> ZoneInfo:
        name = self.text("PIPELINE_TIMEZONE", "Asia/Kolkata")
        try:
            return ZoneInfo(name)
        except (KeyError, ValueError, OSError):
            self.problems.append(f"PIPELINE_TIMEZONE {name!r} is not a zone of the IANA time zone database")
            return ZoneInfo("Asia/Kolkata")

    def _database_url(self) -> str:
        url = self._require(Need.DATABASE, "DATABASE_URL", self.secret("DATABASE_URL"))
        scheme, separator, rest = url.partition("://")
        if url and (scheme not in {"postgresql", "postgresql+psycopg2", "postgresql+asyncpg"} or not separator):
            self.problems.append("DATABASE_URL must begin with postgresql:// (no other database is supported)")
        return f"postgresql+psycopg2://{rest}" if url else ""

    def _one_store_selector(self) -> None:
        upper, lower = self.text("STORES_LIST"), self.text("stores_list")
        if upper and lower and set(stores.entries(upper)) != set(stores.entries(lower)):
            self.problems.append("STORES_LIST and stores_list contradict each other; unset stores_list")

    def _stores(self, name: str, need: Need) -> tuple[str, ...]:
        text = self.text(name) or (self.text("stores_list") if name == "STORES_LIST" else "")
        codes, problems = stores.resolve(name, text, self.code_by_key, self.keys)
        self.problems += problems
        if need in self.needs and not codes and not problems:
            self.problems.append(f"{name} is missing: list the stores, for example A668,A817")
        return codes

    def _reported_are_scraped(self, scraped: tuple[str, ...], reported: tuple[str, ...]) -> None:
        strangers = [code for code in reported if code not in scraped]
        if strangers and {Need.STORES, Need.REPORT_STORES} <= set(self.needs):
            self.problems.append(f"REPORT_STORES_LIST has stores that STORES_LIST does not: {', '.join(strangers)}")

    def _account(self) -> Account | None:
        listed = stores.entries(self.text("STORES_LIST") or self.text("stores_list"))
        for key in stores.login_order(listed, self.keys, self.code_by_key):
            username, password = self.text(f"TD_{key}_USERNAME"), self.secret(f"TD_{key}_PASSWORD")
            if username and password:
                return Account(key, username, password)
        if Need.PORTAL in self.needs:
            self.problems.append(
                "no complete portal credentials: set TD_<KEY>_USERNAME and TD_<KEY>_PASSWORD of one store"
            )
        return None

    def _portal(self) -> PortalSettings:
        base = self._url("TD_BASE_URL", "https://simplifytumbledry.in")
        account = self._account()
        own_state = self.text(f"TD_{account.key}_STORAGE_STATE_FILENAME") if account else ""
        state = own_state or self.text("TD_STORAGE_STATE_FILENAME", "storage_state.json")
        if Path(state).name != state:
            self.problems.append(f"the storage state {state!r} must be a file name; PROFILES_DIR says where it is")
        path = self.text("TD_STORE_DASHBOARD_PATH", "/mis/partner_dashboard?store_code={store_code}")
        if not path.startswith("/") or "{store_code}" not in path:
            self.problems.append("TD_STORE_DASHBOARD_PATH must begin with / and contain {store_code}")
        return PortalSettings(
            login_url=self._url("TD_LOGIN_URL", f"{base}/home/login"),
            home_url=self._url("TD_HOME_URL", f"{base}/home"),
            tms_base=self._url("TMS_BASE", "https://tms.simplifytumbledry.in"),
            dashboard_path=path,
            concurrency=self.positive("PORTAL_CONCURRENCY", 4),
            timeout_s=float(self.positive("PORTAL_TIMEOUT_SECONDS", 60)),
            storage_state=self.path("PROFILES_DIR", "var/profiles") / state,
            account=account,
            browser_executable=self._executable("BROWSER_EXECUTABLE"),
        )

    def _url(self, name: str, default: str) -> str:
        url = self.text(name, default).rstrip("/")
        parts = urlsplit(url)
        if parts.scheme not in {"http", "https"} or not parts.hostname or parts.password:
            self.problems.append(f"{name} must be an http or https address without credentials")
        return url

    def _executable(self, name: str) -> Path | None:
        if not (text := self.text(name)):
            return None
        if not os.access(text, os.X_OK) or Path(text).is_dir():
            self.problems.append(f"{name} names {text}, which is not an executable file")
        return Path(text)

    def _backend(self) -> PdfBackend:
        name = self.text("PDF_RENDER_BACKEND", PdfBackend.WEASYPRINT)
        if name not in list(PdfBackend):
            self.problems.append(f"PDF_RENDER_BACKEND is {name!r}; it must be one of {', '.join(PdfBackend)}")
            return PdfBackend.WEASYPRINT
        return PdfBackend(name)

    def _mail(self) -> MailSettings | None:
        host = self._require(Need.MAIL, "REPORT_EMAIL_SMTP_HOST", self.text("REPORT_EMAIL_SMTP_HOST"))
        sender = self._require(Need.MAIL, "REPORT_EMAIL_FROM", self.text("REPORT_EMAIL_FROM"))
        username = self.text("REPORT_EMAIL_SMTP_USERNAME")
        password = self.secret("REPORT_EMAIL_SMTP_PASSWORD")
        if bool(username) != bool(password):
            self.problems.append("REPORT_EMAIL_SMTP_USERNAME and REPORT_EMAIL_SMTP_PASSWORD: set both or neither")
        port = self.positive("REPORT_EMAIL_SMTP_PORT", 587)
        use_tls = bool(self.env.bool("REPORT_EMAIL_USE_TLS", True)) if self.text("REPORT_EMAIL_USE_TLS") else True
        if not host or not sender:
            return None
        return MailSettings(host, port, sender, use_tls, username or None, password or None)
