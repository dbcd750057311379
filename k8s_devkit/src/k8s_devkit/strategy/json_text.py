# SPDX-License-Identifier: Apache-2.0
"""JSON as the server takes it from clients, in bodies and in the strings of objects: bounded in nesting."""

from __future__ import annotations

from typing import Any

import msgspec

from k8s_core.model.wire import TOO_DEEP, nests_deeper, problem_of

__all__ = ["load_json"]


def load_json(text: str | bytes) -> Any:
    """Parse JSON.

    Raises:
        ValueError: malformed (NaN is), not UTF-8, or nested deeper than 200 levels. A kube-apiserver takes 10,000, for
            which Python's stack has no room.
    """
    try:
        value = msgspec.json.decode(text)
    except (msgspec.DecodeError, RecursionError) as error:  # the first is a ValueError only in newer versions
        raise ValueError(problem_of(error)) from None
    if nests_deeper(value):
        raise ValueError(TOO_DEEP)
    return value
