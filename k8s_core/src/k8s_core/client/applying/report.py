# SPDX-License-Identifier: Apache-2.0
"""What became of each object of an ``apply_all`` or a ``delete_all``."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Literal, TypeAlias

if TYPE_CHECKING:
    from collections.abc import Iterator

    from k8s_core.errors import KubernetesError
    from k8s_core.kinds import APIResource
    from k8s_core.model import Resource

__all__ = ["Action", "ApplyReport", "ApplyResult", "DeleteReport"]

Action: TypeAlias = Literal["created", "configured", "unchanged", "pruned", "deleted", "absent", "skipped", "failed"]


@dataclass(frozen=True, slots=True)
class ApplyResult:
    """One object.

    Attributes:
        resource: its kind.
        name: its name.
        namespace: where it is; None for cluster-scoped kinds.
        action: what was done; in a dry run, what would be.
        obj: as the server answered; None if it did not, or for pruned objects. Of a deleted one: as it is while
            something holds it, such as a finalizer.
        error: why it failed or was skipped.
        source: where it came from, such as ``shop.yaml, document 2, line 9``; empty for pruned objects.
    """

    resource: APIResource
    name: str
    namespace: str | None
    action: Action
    obj: Resource | None = field(default=None, repr=False)
    error: KubernetesError | None = None
    source: str = field(default="", repr=False)

    def __str__(self) -> str:
        group = f".{self.resource.group}" if self.resource.group else ""
        where = f" in {self.namespace}" if self.namespace else ""
        why = ""
        if self.error is not None:
            # Notes say what the server's own words do not, such as that it lacks the kind.
            why = f" ({self.source})" if self.source else ""
            why += f": {'; '.join([str(self.error), *getattr(self.error, '__notes__', ())])}"
        return f"{self.resource.singular or self.resource.kind.lower()}{group}/{self.name}{where} {self.action}{why}"


class ApplyReport:
    """The results in the order in which they were reached; ``str()`` has a line for each, like kubectl's output."""

    def __init__(self) -> None:
        self.results: list[ApplyResult] = []

    def __iter__(self) -> Iterator[ApplyResult]:
        return iter(self.results)

    def __len__(self) -> int:
        return len(self.results)

    def by(self, action: Action) -> list[ApplyResult]:
        """The results with one action."""
        return [result for result in self.results if result.action == action]

    @property
    def changed(self) -> bool:
        """True if anything was created, configured, pruned or deleted."""
        return any(result.action in ("created", "configured", "pruned", "deleted") for result in self.results)

    @property
    def objects(self) -> list[Any]:
        """The objects as the server answered."""
        return [result.obj for result in self.results if result.obj is not None]

    def __str__(self) -> str:
        return "\n".join(map(str, self.results))

    def __repr__(self) -> str:
        actions = sorted({result.action for result in self.results})
        counts = ", ".join(f"{len(self.by(action))} {action}" for action in actions)
        return f"<{type(self).__name__}: {counts or 'nothing'}>"


class DeleteReport(ApplyReport):
    """The same of a ``delete_all``, whose actions are deleted, absent, skipped and failed."""
