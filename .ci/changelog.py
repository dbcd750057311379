# SPDX-License-Identifier: Apache-2.0
"""Reads CHANGELOG.md: a section for each version, the newest first, ``## 0.2.0 - 2026-12-24`` or ``- unreleased``."""

from __future__ import annotations

import re
from dataclasses import dataclass

_SECTION = re.compile(r"^## \[?(?P<version>[^\s\]]+)\]?(?: - (?P<date>\S+))?[ \t]*$", re.MULTILINE)
_HEADING = re.compile(r"^### (?P<name>.+?)[ \t]*$", re.MULTILINE)


class ChangelogError(Exception):
    """The changelog does not say what it has to say."""


@dataclass(frozen=True)
class Section:
    """What one version changed: the entries by heading (``Added``, ``Changed``, ``Removed``, …), as Markdown."""

    version: str
    date: str | None
    entries: dict[str, str]


def sections(text: str) -> list[Section]:
    """The sections of a changelog, in its order."""
    return [Section(match["version"], match["date"], _entries(body)) for match, body in _split(_SECTION, text)]


def above(found: list[Section], version: str) -> list[Section]:
    """The sections newer than ``version``.

    Raises:
        ChangelogError: there is no section of that version.
    """
    versions = [section.version for section in found]
    if version not in versions:
        raise ChangelogError(f"CHANGELOG.md has no section for {version}")
    return found[: versions.index(version)]


def _entries(body: str) -> dict[str, str]:
    return {match["name"]: entries for match, entries in _split(_HEADING, body)}


def _split(heading: re.Pattern[str], text: str) -> list[tuple[re.Match[str], str]]:
    """Each heading with what follows it, up to the next."""
    found = list(heading.finditer(text))
    ends = [match.start() for match in found[1:]] + [len(text)]
    return [(match, text[match.end() : end]) for match, end in zip(found, ends, strict=False)]
