# SPDX-License-Identifier: Apache-2.0
"""The values that CRDs name by JSONPath, for columns and scale."""

from __future__ import annotations

from functools import lru_cache
from typing import Any

from k8s_core.errors import RequestError
from k8s_core.jsonpath import JSONPath

__all__ = ["find_all", "find_first"]


@lru_cache(maxsize=1024)
def _parsed(path: str) -> JSONPath | None:
    try:
        return JSONPath(path)
    except RequestError:
        return None


def find_all(document: Any, path: str) -> list[Any]:
    """All values at ``path``; none where the path cannot be understood, as the API server shows it."""
    parsed = _parsed(path)
    return parsed.find(document) if parsed is not None else []


def find_first(document: Any, path: str) -> Any:
    """The first value at ``path``, None if there is none."""
    found = find_all(document, path)
    return found[0] if found else None
