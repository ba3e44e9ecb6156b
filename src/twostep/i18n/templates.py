"""Templates in each language, compiled once for all languages of a process: only the sentences in
them differ.
"""

from __future__ import annotations

from collections.abc import Callable
from types import CodeType
from typing import Any

from jinja2 import BaseLoader, BytecodeCache, Environment, StrictUndefined
from jinja2.bccache import Bucket
from typing_extensions import override

from twostep.i18n.translations import translations


class SharedCode(BytecodeCache):
    """What one language's environment has compiled, for those of the other languages.

    It lives in memory and ends with the process: compiled code is never read from a file.
    """

    def __init__(self) -> None:
        self._compiled: dict[tuple[str, str], CodeType] = {}

    @override
    def load_bytecode(self, bucket: Bucket) -> None:
        """The name and the text decide: an operator's file is another text."""
        bucket.code = self._compiled.get((bucket.key, bucket.checksum))

    @override
    def dump_bytecode(self, bucket: Bucket) -> None:
        """Keep it."""
        if bucket.code is not None:
            self._compiled[bucket.key, bucket.checksum] = bucket.code


def environment_in(
    language: str,
    loader: BaseLoader,
    code: SharedCode,
    *,
    autoescape: bool | Callable[[str | None], bool],
) -> Environment:
    """Jinja for one language. Those that share code are alike in everything but their language.

    A filter whose answer hangs on the language must take the context (``pass_context``): others are
    worked out while compiling where they can be, in the language that comes first.
    """
    environment = Environment(
        loader=loader,
        bytecode_cache=code,
        autoescape=autoescape,  # noqa: S701 - both callers escape HTML
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        auto_reload=False,
        extensions=["jinja2.ext.i18n"],
    )
    # The extension adds this method at run time, so its type is not known.
    install: Any = environment.install_gettext_translations  # type: ignore[attr-defined]
    install(translations(language), newstyle=True)
    return environment
