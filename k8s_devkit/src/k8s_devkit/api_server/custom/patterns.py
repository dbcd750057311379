# SPDX-License-Identifier: Apache-2.0
"""Regular expressions of schemas, compiled once. Go's syntax and Python's differ in corners. Pure."""

from __future__ import annotations

import re
from functools import lru_cache

__all__ = ["compile_pattern"]

_CLASSES = {
    "[:alnum:]": "0-9A-Za-z",
    "[:alpha:]": "A-Za-z",
    "[:ascii:]": r"\x00-\x7F",
    "[:digit:]": "0-9",
    "[:lower:]": "a-z",
    "[:upper:]": "A-Z",
    "[:space:]": r"\t\n\v\f\r ",
    "[:word:]": "0-9A-Za-z_",
    "[:xdigit:]": "0-9A-Fa-f",
    "[:punct:]": r"!-/:-@\[-`{-~",
}


@lru_cache(maxsize=2048)
def compile_pattern(text: str) -> re.Pattern[str] | None:
    """Compile a pattern as Go reads it; None for one that cannot be compiled here, and so is not checked."""
    for name, members in _CLASSES.items():
        text = text.replace(name, members)
    text = re.sub(r"(?<!\\)((?:\\\\)*)\\z", r"\1\\Z", text)
    # `$` is the very end in Go, in Python also before a last newline.
    text = re.sub(r"(?<!\\)((?:\\\\)*)\$(?![^\[]*\])", r"\1\\Z", text) if "(?m" not in text else text
    # Flags may stand anywhere in Go; Python takes them at the start.
    if flags := re.match(r"(\^)(\(\?[ims]+\))", text):
        text = flags[2] + flags[1] + text[flags.end() :]
    try:
        return re.compile(text, re.ASCII)
    except re.error:
        return None
