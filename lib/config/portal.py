"""The portal's part of the settings: two hosts, one account, one cookie file."""

from __future__ import annotations

from pathlib import Path

from lib.config import stores
from lib.config.settings import Account, PortalSettings, Volumes
from lib.config.source import Source


def read(source: Source, keys: stores.Keys, volumes: Volumes) -> PortalSettings:
    """Return the portal's settings; the account is None when no key has complete credentials."""
    base = source.url("TD_BASE_URL")
    account = _account(source, keys)

    return PortalSettings(
        login_url=source.url("TD_LOGIN_URL", instead=f"{base}/home/login"),
        home_url=source.url("TD_HOME_URL", instead=f"{base}/home"),
        tms_base=source.url("TMS_BASE"),
        dashboard_path=_dashboard_path(source),
        concurrency=source.positive("PORTAL_CONCURRENCY"),
        sessions=source.positive("PORTAL_SESSIONS"),
        timeout_s=float(source.positive("PORTAL_TIMEOUT_SECONDS")),
        storage_state=volumes.profiles_dir / _storage_state(source, account),
        account=account,
        browser_executable=source.executable("BROWSER_EXECUTABLE"),
        budget_s=float(source.positive("PORTAL_BUDGET_SECONDS")),
        network_wait_s=float(source.positive("PORTAL_NETWORK_WAIT_SECONDS")),
        artefacts_dir=volumes.logs_dir / "portal",
    )


def _account(source: Source, keys: stores.Keys) -> Account | None:
    listed = stores.entries(source.text("STORES_LIST", instead=source.text("stores_list")))
    for key in keys.login_order(listed):
        username = source.text(f"TD_{key}_USERNAME")
        password = source.secret(f"TD_{key}_PASSWORD")

        if username and password:
            return Account(key, username, password)

    return None


def _dashboard_path(source: Source) -> str:
    path = source.text("TD_STORE_DASHBOARD_PATH")

    rest = path.replace("{store_code}", "")
    if not path.startswith("/") or rest == path or {"{", "}"} & set(rest):
        source.problems.append(
            "TD_STORE_DASHBOARD_PATH must begin with / and contain {store_code} and no other braces"
        )

    return path


def _storage_state(source: Source, account: Account | None) -> str:
    name = source.text("TD_STORAGE_STATE_FILENAME")
    if account:
        name = source.text(f"TD_{account.key}_STORAGE_STATE_FILENAME") or name

    if Path(name).name != name or name == "..":
        source.problems.append(
            f"the storage state {name!r} must be a file name; PROFILES_DIR says where it is"
        )

    return name
