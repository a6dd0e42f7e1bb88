"""Metrics: figures and judgements from facts: KPIs, what each day added, sums and rates of periods."""
