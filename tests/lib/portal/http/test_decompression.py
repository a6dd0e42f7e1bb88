"""Content encodings, friendly and hostile, from a server to the last byte."""

import gzip
import tracemalloc
import zlib

import httpx
import pytest

from lib.portal.http.decompression import PIECE_BYTES, has_proven_end, pieces

TEXT = b"a,b\n1,2\n" * 50_000


def response(body, encoding=None, *, sent_bytes=1000):
    parts = [body[at : at + sent_bytes] for at in range(0, len(body), sent_bytes)]
    headers = {} if encoding is None else {"content-encoding": encoding}
    request = httpx.Request("GET", "https://tms.example.invalid")
    return httpx.Response(200, headers=headers, stream=_Stream(parts), request=request)


class _Stream(httpx.SyncByteStream):
    def __init__(self, parts):
        self._parts = parts

    def __iter__(self):
        yield from self._parts


@pytest.mark.parametrize(
    ("encoding", "body"),
    [
        pytest.param(None, TEXT, id="none"),
        pytest.param("identity", TEXT, id="identity"),
        pytest.param("gzip", gzip.compress(TEXT), id="gzip"),
        pytest.param("X-GZIP", gzip.compress(TEXT), id="an old name, in capitals"),
        pytest.param("deflate", zlib.compress(TEXT), id="deflate"),
        pytest.param("gzip", gzip.compress(TEXT) + b"\0" * 10, id="padded"),
        pytest.param(
            "gzip",
            gzip.compress(TEXT[:999]) + gzip.compress(TEXT[999:]),
            id="in two members",
        ),
        pytest.param("deflate", zlib.compress(TEXT, wbits=-15), id="deflate without a header"),
        pytest.param("UTF-8", TEXT, id="a character set"),
        pytest.param("utf8", TEXT, id="a character set, short"),
        pytest.param("none", TEXT, id="a word for nothing"),
        pytest.param("", TEXT, id="empty"),
        pytest.param(" , identity", TEXT, id="a list of nothing"),
        pytest.param("binary", TEXT, id="a transfer encoding"),
        pytest.param("UTF-8, gzip", gzip.compress(TEXT), id="a character set and gzip"),
    ],
)
@pytest.mark.parametrize("sent_bytes", [1, 7, 10**6])
def test_what_was_meant_comes_whole_in_bounded_pieces(encoding, body, sent_bytes):
    came = list(pieces(response(body, encoding, sent_bytes=sent_bytes)))

    assert b"".join(came) == TEXT
    assert max(map(len, came)) <= PIECE_BYTES


@pytest.mark.parametrize(
    ("encoding", "body"),
    [pytest.param(None, TEXT, id="none"), pytest.param("gzip", gzip.compress(TEXT), id="gzip")],
)
def test_what_has_come_is_given_before_the_rest_is_waited_for(encoding, body):
    answer = response(body, encoding, sent_bytes=500)
    next(pieces(answer))

    assert answer.num_bytes_downloaded == 500


@pytest.mark.parametrize(
    ("encoding", "body", "reason"),
    [
        pytest.param(
            "gzip", gzip.compress(TEXT)[:-9], "not what its encoding says", id="cut short"
        ),
        pytest.param("gzip", b"", "not what its encoding says", id="nothing"),
        pytest.param(
            "gzip",
            gzip.compress(TEXT) + gzip.compress(TEXT)[:40],
            "not what its encoding says",
            id="a second member cut short",
        ),
        pytest.param(
            "deflate",
            zlib.compress(TEXT)[:-5],
            "not what its encoding says",
            id="deflate cut short",
        ),
        pytest.param("zstd", b"\x28\xb5", "an encoding that nobody asked for", id="zstd"),
        pytest.param("gzip", TEXT, "not what its encoding says", id="a lie"),
        pytest.param("br", b"\x8b", "an encoding that nobody asked for", id="brotli"),
        pytest.param(
            "gzip, gzip", gzip.compress(gzip.compress(TEXT)), "nobody asked for", id="twice"
        ),
    ],
)
def test_what_cannot_be_undone_is_an_error_of_the_connection(encoding, body, reason):
    with pytest.raises(httpx.DecodingError, match=reason):
        list(pieces(response(body, encoding)))


@pytest.mark.parametrize(
    ("headers", "is_proven"),
    [
        ({"content-length": "17"}, True),
        ({"transfer-encoding": "chunked"}, True),
        ({"transfer-encoding": "gzip, Chunked"}, True),
        ({"content-encoding": "gzip"}, True),
        ({}, False),
        ({"content-encoding": "UTF-8", "connection": "close"}, False),
    ],
)
def test_a_body_whose_end_nothing_marks_is_not_proven_whole(headers, is_proven):
    assert has_proven_end(httpx.Response(200, headers=headers, stream=_Stream([]))) is is_proven


def test_a_bomb_is_a_row_of_small_pieces():
    bomb = gzip.compress(b"\0" * 100 * 1024 * 1024)

    assert len(bomb) < 200_000
    tracemalloc.start()
    longest = max(len(piece) for piece in pieces(response(bomb, "gzip", sent_bytes=len(bomb))))
    _, peak_bytes = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert longest <= PIECE_BYTES
    assert peak_bytes < 2 * 1024 * 1024
