"""How long the real portal takes for its answers, as its logs show. Pure.

Source: docs/reference/domain.md#response-times.
"""

import random
from itertools import pairwise

from demo.portal.faults import EXPORTS, Endpoint

#: Share of answers, and the seconds within which they came; between two points it is a line.
Quantiles = tuple[tuple[float, float], ...]

DASHBOARD: Quantiles = (
    (0.0, 11.0),
    (0.05, 12.6),
    (0.5, 16.3),
    (0.9, 31.6),
    (0.99, 50.5),
    (1.0, 122.0),
)

#: Of the four exports of a store together.
STORE_EXPORTS: Quantiles = (
    (0.0, 4.4),
    (0.05, 4.8),
    (0.5, 5.7),
    (0.9, 9.6),
    (0.99, 32.2),
    (1.0, 67.0),
)
EXPORTS_OF_A_STORE = 4


def seconds(
    endpoint: Endpoint,
    store: str | None,
    seed: int = 0,
) -> float:
    """Return how long the answer takes: always the same for the same question."""
    share = random.Random(f"{seed}|{endpoint}|{store}").random()

    if endpoint is Endpoint.DASHBOARD:
        return _at(DASHBOARD, share)

    if endpoint in EXPORTS:
        return _at(STORE_EXPORTS, share) / EXPORTS_OF_A_STORE

    return 0.0


def _at(quantiles: Quantiles, share: float) -> float:
    for (below, least), (above, most) in pairwise(quantiles):
        if share <= above:
            return least + (most - least) * (share - below) / (above - below)

    return quantiles[-1][1]
