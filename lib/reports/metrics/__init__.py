"""Metrics: figures and judgements from facts: KPIs, what days added, sums and rates."""
