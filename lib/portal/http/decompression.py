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


#: Codings that change the body; of these only the ones in ENCODINGS are undone.
_CODINGS = frozenset(
    {"gzip", "x-gzip", "deflate", "compress", "x-compress", "br", "zstd", "dcb", "dcz"}
)

_GZIP_START = b"\x1f\x8b"


def pieces(response: httpx.Response) -> Iterator[bytes]:
    """Yield the decoded body of a streamed response as it comes, PIECE_BYTES at most at a time.

    A header that names no coding (`UTF-8`, `none`, nothing at all) means plain bytes, as it does to
    every browser.

    Raise httpx.DecodingError for a coding that was not asked for, or a body that is not whole; and
    what httpx raises while it reads.
    """
    coding = _coding(response)

    # As it arrives: with a size, httpx would hold a slow body back until it is so much.
    arriving = response.iter_raw()

    if coding == "":
        for piece in arriving:
            for start in range(0, len(piece), PIECE_BYTES):
                yield piece[start : start + PIECE_BYTES]

    elif coding in {"gzip", "x-gzip", "deflate"}:
        try:
            yield from _inflated(arriving)
        except zlib.error as error:
            text = "the body is not what its encoding says"
            raise httpx.DecodingError(text, request=response.request) from error

    else:
        text = "the body has an encoding that nobody asked for"
        raise httpx.DecodingError(text, request=response.request)


def has_proven_end(response: httpx.Response) -> bool:
    """Return True if the end of the body is marked, so that a body cut short is an error.

    A body without length, chunks or compression ends where the connection does, for whatever
    reason.
    """
    headers = response.headers
    is_chunked = "chunked" in headers.get("transfer-encoding", "").lower()

    return is_chunked or "content-length" in headers or _coding(response) != ""


def _coding(response: httpx.Response) -> str:
    """Return the codings of the body, joined by commas; empty for none."""
    named = response.headers.get("content-encoding", "").lower().split(",")
    found = []

    for coding in map(str.strip, named):
        if coding in _CODINGS:
            found.append(coding)

    return ",".join(found)


def _inflated(compressed: Iterable[bytes]) -> Iterator[bytes]:
    """Yield the plain bytes of a deflate stream or of one or several gzip members.

    Raise zlib.error if the end is missing.
    """
    decompressor = None
    is_whole = False
    pending = b""

    for piece in compressed:
        left = pending + piece
        pending = b""

        while left:
            if decompressor is None:
                # Zeros after the end are padding; another member goes on.
                left = left.lstrip(b"\0") if is_whole else left

                if len(left) < len(_GZIP_START):
                    pending = left
                    break

                # Whatever else follows is no part of the body.
                if is_whole and not left.startswith(_GZIP_START):
                    return

                decompressor = _decompressor(left)
                is_whole = False

            yield decompressor.decompress(left, PIECE_BYTES)
            left = decompressor.unconsumed_tail

            if decompressor.eof:
                is_whole = True
                left = decompressor.unused_data
                decompressor = None

    if not is_whole or pending:
        raise zlib.error("the end is missing")


def _decompressor(start: bytes) -> zlib._Decompress:
    """Return a decompressor of what begins with `start`: gzip, zlib, or bare deflate."""
    is_zlib = (
        start[0] & 0x0F == zlib.DEFLATED
        and int.from_bytes(
            start[:2],
            "big",
        )
        % 31
        == 0
    )

    if start.startswith(_GZIP_START) or is_zlib:
        return zlib.decompressobj(wbits=zlib.MAX_WBITS | 32)

    return zlib.decompressobj(wbits=-zlib.MAX_WBITS)
