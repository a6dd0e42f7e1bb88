"""Modules that another one imports at its start, imported when a function of theirs is called."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from importlib import import_module
from types import ModuleType
from typing import Any


@contextmanager
def on_first_call(*names: str) -> Iterator[None]:
    """Let an import inside of these modules take no time.

    What it gets of them are functions that import the module and call the one of their name.
    Modules that were imported before stay what they are.
    """
    deferred = [name for name in names if name not in sys.modules]
    sys.modules.update({name: _Deferred(name) for name in deferred})

    try:
        yield
    finally:
        for name in deferred:
            del sys.modules[name]


class _Deferred(ModuleType):
    """Stands for a module of which nothing but functions and classes is used, by calling them."""

    def __getattr__(self, name: str) -> Callable[..., Any]:
        # What the import itself asks for, such as `__path__`.
        if name.startswith("__"):
            raise AttributeError(name)

        def call(*arguments: Any, **options: Any) -> Any:
            return getattr(import_module(self.__name__), name)(*arguments, **options)

        return call
