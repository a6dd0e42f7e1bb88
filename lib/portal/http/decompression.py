"""The body of a response as it was meant, in pieces of bounded size: a few bytes can stand for gigabytes."""

from __future__ import annotations

import zlib
from collections.abc import Iterable, Iterator

import httpx

#: What the portal may use. One of them, once: that is all that `pieces` undoes.
ENCODINGS = "gzip, deflate"
PIECE_BYTES = 64 * 1024


def pieces(response: httpx.Response) -> Iterator[bytes]:
    """Yield the body of a streamed response without its content encoding, as it comes, PIECE_BYTES at most at a time.

    Raises httpx.DecodingError for an encoding that was not asked for, or a body that is not whole;
    and what httpx raises while it reads.
    """
    encoding = response.headers.get("content-encoding", "identity").strip().lower()
    arriving = (
        response.iter_raw()
    )  # as it arrives: with a size, httpx would keep a trickle back until it is so much

    if encoding == "identity":
        yield from (
            piece[at : at + PIECE_BYTES]
            for piece in arriving
            for at in range(0, len(piece), PIECE_BYTES)
        )
    elif encoding in {"gzip", "x-gzip", "deflate"}:
        try:
            yield from _inflated(arriving)
        except zlib.error as error:
            raise httpx.DecodingError(
                "the body is not what its encoding says", request=response.request
            ) from error
    else:
        raise httpx.DecodingError(
            "the body has an encoding that nobody asked for", request=response.request
        )


def _inflated(compressed: Iterable[bytes]) -> Iterator[bytes]:
    inflating = zlib.decompressobj(
        wbits=zlib.MAX_WBITS | 32
    )  # gzip or zlib, as the first bytes say

    for piece in compressed:
        left = piece
        while left and not inflating.eof:
            yield inflating.decompress(left, PIECE_BYTES)
            left = inflating.unconsumed_tail

    yield inflating.flush()

    if not inflating.eof:
        raise zlib.error("the end is missing")
