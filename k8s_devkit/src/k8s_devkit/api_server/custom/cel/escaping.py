# SPDX-License-Identifier: Apache-2.0
"""Property names as CEL identifiers, and the small rewrites that an expression needs before it is compiled. Pure."""

from __future__ import annotations

import re
from functools import lru_cache

__all__ = ["escape", "identifiers", "rewrite"]

_RESERVED = frozenset(
    [
        "true",
        "false",
        "null",
        "in",
        "as",
        "break",
        "const",
        "continue",
        "else",
        "for",
        "function",
        "if",
        "import",
        "let",
        "loop",
        "package",
        "namespace",
        "return",
        "var",
        "void",
        "while",
    ]
)
_NAME = re.compile(r"[a-zA-Z_./-][a-zA-Z0-9_./-]*")
_SIGNS = {"__": "__underscores__", ".": "__dot__", "-": "__dash__", "/": "__slash__"}
_TOKEN = re.compile(
    r"""(?P<text>[rRbB]{0,2}(?:\"\"\"(?s:.*?)\"\"\"|'''(?s:.*?)'''|"(?:\\.|[^"\\\n])*"|'(?:\\.|[^'\\\n])*'))
      | (?P<comment>//[^\n]*)
      | (?P<name>[A-Za-z_][A-Za-z0-9_]*)
      | (?P<other>`[^`\n]*`|\d[\w.]*|\s+|.)""",
    re.VERBOSE,
)
# Functions that give an optional. Python cannot make one, but a list of at most one item, whose first item CEL takes.
_OPTIONAL = {"validate": "validate_", "named": "named_"}


@lru_cache(maxsize=4096)
def escape(name: str) -> str | None:
    """The identifier under which a rule reaches a property; None if it cannot be reached at all."""
    if name in _RESERVED:
        return f"__{name}__"
    if not _NAME.fullmatch(name):
        return None
    return re.sub(r"__|[./-]", lambda match: _SIGNS[match[0]], name)


def _tokens(expression: str) -> list[tuple[str, str]]:
    return [(match.lastgroup or "other", match[0]) for match in _TOKEN.finditer(expression)]


@lru_cache(maxsize=4096)
def identifiers(expression: str) -> frozenset[str]:
    """The names in an expression that are no fields: variables and functions."""
    found, before = set(), ""
    for kind, text in _tokens(expression):
        if kind == "name" and before != ".":
            found.add(text)
        if text.strip() and kind != "comment":
            before = text
    return frozenset(found)


def rewrite(expression: str, *, evaluated: bool = False) -> str:
    """The expression with calls that the engine lacks replaced by ones that it has; what it means stays the same.

    Args:
        evaluated: for evaluation, where ``string`` must know Kubernetes' own types.
    """
    tokens = _tokens(expression)
    result: list[str] = []
    open_calls: list[str] = []
    before = ""
    for index, (kind, text) in enumerate(tokens):
        called = kind == "name" and _next_is_parenthesis(tokens, index)
        suffix = ""
        if called and before == "." and text in _OPTIONAL:
            suffix, text = "[?0]", _OPTIONAL[text]
        elif evaluated and called and before != "." and text == "string":
            text = "string_"
        result.append(text)
        if called:
            open_calls.append(suffix)
        elif text == "(" and kind == "other":
            if not (index and _is_call(tokens, index)):
                open_calls.append("")
        elif text == ")" and kind == "other" and open_calls:
            result.append(open_calls.pop())
        if text.strip() and kind != "comment":
            before = text
    return "".join(result)


def _next_is_parenthesis(tokens: list[tuple[str, str]], index: int) -> bool:
    following = (text for kind, text in tokens[index + 1 :] if kind != "comment" and text.strip())
    return next(following, "") == "("


def _is_call(tokens: list[tuple[str, str]], index: int) -> bool:
    preceding = ((kind, text) for kind, text in reversed(tokens[:index]) if kind != "comment" and text.strip())
    return next(preceding, ("", ""))[0] == "name"
