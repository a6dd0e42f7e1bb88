"""The body of a response without its content encoding, in pieces of bounded size.

A few bytes can stand for gigabytes.
"""

from __future__ import annotations

import zlib
from collections.abc import Iterable, Iterator

import httpx

#: What the portal may use, one of them, once: `pieces` undoes no more than that.
ENCODINGS = "gzip, deflate"
PIECE_BYTES = 64 * 1024


def pieces(response: httpx.Response) -> Iterator[bytes]:
    """Yield the decoded body of a streamed response as it comes, PIECE_BYTES at most at a time.

    Raise httpx.DecodingError for an encoding that was not asked for, or a body that is not whole;
    and what httpx raises while it reads.
    """
    encoding = response.headers.get("content-encoding", "identity").strip().lower()

    # As it arrives: with a size, httpx would hold a slow body back until it is so much.
    arriving = response.iter_raw()

    if encoding == "identity":
        for piece in arriving:
            for start in range(0, len(piece), PIECE_BYTES):
                yield piece[start : start + PIECE_BYTES]

    elif encoding in {"gzip", "x-gzip", "deflate"}:
        try:
            yield from _inflated(arriving)
        except zlib.error as error:
            text = "the body is not what its encoding says"
            raise httpx.DecodingError(text, request=response.request) from error

    else:
        text = "the body has an encoding that nobody asked for"
        raise httpx.DecodingError(text, request=response.request)


def _inflated(compressed: Iterable[bytes]) -> Iterator[bytes]:
    # 32: gzip or zlib, as the first bytes say.
    decompressor = zlib.decompressobj(wbits=zlib.MAX_WBITS | 32)

    for piece in compressed:
        left = piece
        while left and not decompressor.eof:
            yield decompressor.decompress(left, PIECE_BYTES)
            left = decompressor.unconsumed_tail

    yield decompressor.flush()

    if not decompressor.eof:
        raise zlib.error("the end is missing")
