"""Small enough to read at once, and named after what it is about."""

from tests.house.source import Module, functions, module, modules

LONGEST_FILE = 300
LONGEST_FUNCTION = 40
EMPTY_WORDS = {"utils", "util", "common", "base", "manager", "managers", "helpers", "misc"}


def too_long_file(of: Module) -> list[str]:
    lines = len(of.text.splitlines())
    return [f"{of.name} has {lines} lines"] if lines > LONGEST_FILE else []


def too_long_functions(of: Module) -> list[str]:
    lengths = {
        function: (function.end_lineno or function.lineno) - function.lineno + 1
        for function in functions(of)
    }
    return [
        f"{of.line_of(function)} {function.name} has {length} lines"
        for function, length in lengths.items()
        if length > LONGEST_FUNCTION
    ]


def empty_words(of: Module) -> list[str]:
    return [of.name] if EMPTY_WORDS & set(of.name.split(".")) else []


def test_no_file_is_longer_than_300_lines() -> None:
    assert too_long_file(module("twostep.core.long", "a = 1\n" * 301))
    assert not too_long_file(module("twostep.core.short", "a = 1\n" * 300))
    assert [line for of in modules() for line in too_long_file(of)] == []


def test_no_function_is_longer_than_40_lines() -> None:
    body = "    a = 1\n"
    assert too_long_functions(module("twostep.core.x", "def f():\n" + body * 40))
    assert not too_long_functions(module("twostep.core.x", "def f():\n" + body * 39))
    assert [line for of in modules() for line in too_long_functions(of)] == []


def test_no_module_has_a_name_that_says_nothing() -> None:
    assert empty_words(module("twostep.web.utils", ""))
    assert empty_words(module("twostep.common.cookies", ""))
    assert [name for of in modules() for name in empty_words(of)] == []
