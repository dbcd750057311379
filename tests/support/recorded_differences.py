# SPDX-License-Identifier: Apache-2.0
"""Where the embedded server answers otherwise than the recorded 1.36.2: tests/conformance/differences-1.36.yaml."""

from __future__ import annotations

import copy
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import yaml

from k8s_devkit import ApiServer

__all__ = ["RecordedDifference", "difference_of", "load_differences"]

_FILE = Path(__file__).parents[1] / "conformance" / "differences-1.36.yaml"


@dataclass(frozen=True)
class RecordedDifference:
    """One of them.

    Attributes:
        corpus: ``defaults`` or ``validation``.
        case: as the corpus names it.
        reason: why the embedded server may answer otherwise.
        lacks: the path of a field that its documents do not have.
        embedded: what it answers, where that is not a document.
    """

    corpus: str
    case: str
    reason: str
    lacks: str = ""
    embedded: tuple[str, ...] = ()

    def answer(self, recorded: Any) -> Any:
        """What the embedded server answers, by what 1.36.2 did."""
        if not self.lacks:
            return list(self.embedded)
        documents = copy.deepcopy(recorded)
        *parents, name = self.lacks.split(".")
        for document in documents:
            for parent in parents:
                document = document[parent]
            del document[name]
        return documents


@cache
def load_differences() -> tuple[RecordedDifference, ...]:
    """All of them."""
    entries = yaml.safe_load(_FILE.read_text())
    return tuple(RecordedDifference(**{**entry, "embedded": tuple(entry.get("embedded", ()))}) for entry in entries)


def difference_of(server: Any, corpus: str, case: str) -> RecordedDifference | None:
    """The difference of one case; a real server has none."""
    if not isinstance(server, ApiServer):
        return None
    return next((item for item in load_differences() if (item.corpus, item.case) == (corpus, case)), None)
