"""The objects of a PDF as bytes, made once, before WeasyPrint writes them.

pydyf 0.13 makes each object twice, for the file and for the identifier, and so compresses each
stream twice. Here the same bytes are made once, but for the compression, which is one of less
effort, for the stream of small objects as well.
"""

from __future__ import annotations

import zlib
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import lru_cache
from typing import Any

import pydyf  # type: ignore[import-untyped]

#: Of 9. The best would take three times as long, for one byte in a hundred.
EFFORT = 6


def write_once(pdf: Any) -> None:
    """Replace each object by its bytes; nothing can be changed in it any more."""
    for number, each in enumerate(pdf.objects):
        if each.free != "f":
            pdf.objects[number] = _Written(each)


@contextmanager
def less_effort() -> Iterator[None]:
    """Compress within the block what pydyf makes itself, the stream of small objects, as we do."""
    own = pydyf.Stream.data
    pydyf.Stream.data = property(_stream)

    try:
        yield
    finally:
        pydyf.Stream.data = own


class _Written(pydyf.Object):  # type: ignore[misc]
    """An object of which only the bytes are left."""

    data = b""
    #: Whether it goes into a stream of objects: streams do not.
    compressible = False

    def __init__(self, original: Any) -> None:
        super().__init__()

        self.number = original.number
        self.generation = original.generation
        self.compressible = original.compressible
        self.data = _stream(original) if isinstance(original, pydyf.Stream) else _bytes(original)


def _bytes(item: Any) -> bytes:
    """Return what pydyf makes of a value, asking first for the kinds that there are most of."""
    if make := _MAKERS.get(type(item)):
        return make(item)

    if isinstance(item, pydyf.Object):
        return bytes(item.data)

    return str(item).encode("ascii")


def _number(item: float) -> bytes:
    if item.is_integer():
        return b"%d" % int(item)

    return f"{item:f}".rstrip("0").encode("ascii")


def _dictionary(item: dict[Any, Any]) -> bytes:
    entries = [b"<<"]

    # Half of the time goes into a report's 4,000 tags: no call more than needed.
    for key, value in item.items():
        make = _MAKERS.get(type(value), _bytes)
        entries += (_name(key), make(value))

    entries.append(b">>")
    return b"".join(entries)


@lru_cache(maxsize=1000)
def _name(key: Any) -> bytes:
    return b"/" + _bytes(key) + b" "


def _array(item: list[Any]) -> bytes:
    return b"[" + b" ".join(map(_bytes, item)) + b"]"


def _stream(item: Any) -> bytes:
    content = b"\n".join(map(_bytes, item.stream))
    extra = dict(item.extra)

    if item.compress:
        extra["Filter"] = "/FlateDecode"
        content = zlib.compress(content, EFFORT)

    extra["Length"] = len(content)

    return b"\n".join((_dictionary(extra), b"stream", content, b"endstream"))


_MAKERS: dict[type, Callable[[Any], bytes]] = {
    bytes: bytes,
    str: lambda item: item.encode("ascii"),
    int: lambda item: b"%d" % item,
    float: _number,
    pydyf.Dictionary: _dictionary,
    pydyf.Array: _array,
}
