"""The SQL of dashboards: statements with psycopg2's named parameters."""

# ruff: noqa: S608 - only names of lib.model.METRICS are put into a statement

from __future__ import annotations

from operator import attrgetter

from lib.model import METRICS

_NAMES = tuple(map(attrgetter("name"), METRICS))
_VALUES = ", ".join(map("%({})s".format, _NAMES))
#: A value replaces a value of the same day, a null replaces nothing.
_KEPT = ", ".join(map("{0} = coalesce(excluded.{0}, own.{0})".format, _NAMES))

#: Fill what is empty; never touch a value, the GSTIN or is_active, which are the operator's.
FILL_STORE = """
    UPDATE store_master
    SET store_name = coalesce(nullif(btrim(store_name), ''), %(store_name)s),
        launch_date = coalesce(launch_date, %(launch_date)s::date),
        updated_at = %(run_at)s
    WHERE upper(store_code) = %(store_code)s
      AND (nullif(btrim(store_name), '') IS NULL AND %(store_name)s IS NOT NULL
           OR launch_date IS NULL AND %(launch_date)s::date IS NOT NULL)
"""

ADD_STORE = """
    INSERT INTO store_master (store_code, store_name, launch_date, created_at, updated_at)
    SELECT %(store_code)s, %(store_name)s, %(launch_date)s::date, %(run_at)s, %(run_at)s
    WHERE NOT EXISTS (SELECT FROM store_master WHERE upper(store_code) = %(store_code)s)
    ON CONFLICT (store_code) DO NOTHING
"""

UPSERT_SUMMARY = f"""
    INSERT INTO store_dashboard_summary AS own
           (store_id, dashboard_date, run_date_time, {", ".join(_NAMES)}, created_at, updated_at)
    SELECT id, %(dashboard_on)s, %(run_at)s, {_VALUES}, %(run_at)s, %(run_at)s
    FROM store_master WHERE upper(store_code) = %(store_code)s ORDER BY id LIMIT 1
    ON CONFLICT (store_id, dashboard_date) DO UPDATE SET
        run_date_time = excluded.run_date_time, updated_at = excluded.updated_at,
        {_KEPT}
"""

KNOWN_STORES = """
    SELECT upper(store_code) AS code, nullif(btrim(store_name), '') AS name
    FROM store_master ORDER BY store_code
"""
