"""What jobs import, at the latest when they work: a fork has it from its server."""

from __future__ import annotations


def import_everything() -> None:
    import httpcore  # noqa: F401 - what httpx speaks with, which imports it with the first client
    import pikepdf  # noqa: F401 - reads what was drawn
    import psycopg2.extras  # noqa: F401
    import sqlalchemy.dialects.postgresql.psycopg2  # noqa: F401

    import lib.db.migrations
    import lib.ingest.replay
    import lib.notify.alerts.channels
    import lib.notify.delivery.deliver
    import lib.pings
    import lib.pipelines.alert
    import lib.pipelines.daily
    import lib.pipelines.delivery
    import lib.pipelines.period
    import lib.pipelines.prune
    import lib.pipelines.reports
    import lib.pipelines.status
    import lib.portal.client
    import lib.reports.build.html
    import lib.reports.documents.queries
    import lib.reports.facts.form_queries
    import lib.reports.facts.queries
    import lib.reports.render.chart_svg
    import lib.reports.render.dots_svg
    import lib.reports.render.worker_pool  # noqa: F401
