# SPDX-License-Identifier: Apache-2.0
"""What a package's code does wrong while it is tried, and where in its files."""

from __future__ import annotations

import inspect
import traceback
from collections import Counter
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from k8s_devkit.strategy.failures import Failure

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterator

__all__ = ["Fault", "Journal", "changed_paths", "described"]

_BEFORE_VALIDATION = "look before you {} in {}(): it runs before validation, on whatever a client sends"
_OWN_RULES = "apply your own rules only to what the schema accepts: list(super().{}) or my_errors(new)"
_WAYS_OUT = {
    "default": _BEFORE_VALIDATION.format("write", "default"),
    "prepare_for_create": _BEFORE_VALIDATION.format("write", "prepare_for_create"),
    "prepare_for_update": _BEFORE_VALIDATION.format("write", "prepare_for_update"),
    "admit": _BEFORE_VALIDATION.format("read", "admit") + "; to refuse an object, raise a Failure",
    "validate": _OWN_RULES.format("validate(new, ctx)"),
    "validate_update": _OWN_RULES.format("validate_update(new, old, ctx)"),
    "reconcile": "correct reconcile(): optional fields may be absent, and it runs again after every change",
}


@dataclass(frozen=True, slots=True)
class Fault:
    """One thing that is wrong.

    Attributes:
        subject: the kind that was tried.
        method: of the strategy; empty for code that is not a strategy's.
        message: what happened, where, and with which object.
        fix: what to do about it.
    """

    subject: str
    method: str
    message: str
    fix: str


class Journal:
    """Collects faults while objects are tried: each once, with the first object that showed it.

    Args:
        packages: the top-level names of the code that is tried.

    Attributes:
        case: the object that is being tried, such as ``an object without spec``.
        step: counts the cases.
        faults: what was found so far.
        calls: how often each watched method ran.
    """

    def __init__(self, packages: Collection[str]) -> None:
        self._packages = packages
        self.case = ""
        self.step = 0
        self.calls: Counter[str] = Counter()
        self.faults: list[Fault] = []
        self._seen: set[tuple[str, ...]] = set()
        self._raised: list[BaseException] = []

    def begin(self, case: str) -> None:
        """Say which object is being tried from now on."""
        self.case = case
        self.step += 1

    def found(self, subject: str, method: str, sort: str, message: str, fix: str) -> None:
        """Note a fault; one of the same ``sort`` in the same method is noted once."""
        if (subject, method, sort) not in self._seen:
            self._seen.add((subject, method, sort))
            self.faults.append(Fault(subject, method, f"{message}, with {self.case}", fix))

    def raised(self, subject: str, error: Exception, method: str = "", code: Callable[..., Any] | None = None) -> None:
        """Note that the package's code raised, unless that was noted where it happened.

        Args:
            method: of the strategy, if it is known.
            code: the function that raised, for the place if the traceback does not show it.
        """
        if any(error is known for known in self._raised):
            return
        self._raised.append(error)
        where = self._place(error) or (self.place_of(code) if code is not None else "")
        text = f"{type(error).__name__}: {error}"
        if isinstance(error, Failure):
            text = f"Failure {error.code} {error.reason}: {error.message}"
        message = f"{method}() raised {text}" if method else f"raised {text}"
        fix = _WAYS_OUT.get(method, f"correct {method}()" if method else "correct the code at this place")
        self.found(subject, method, f"raised {where or text}", message + (f" at {where}" if where else ""), fix)

    def place_of(self, code: Callable[..., Any]) -> str:
        """File and line of a function; empty if it is not written in Python."""
        found = getattr(inspect.unwrap(code), "__code__", None)
        return self._shown(found.co_filename, found.co_firstlineno) if found is not None else ""

    def _place(self, error: BaseException) -> str:
        """File and line of the package's innermost code that an error came through; empty if it did not."""
        frames = [
            (frame.f_code.co_filename, line)
            for frame, line in traceback.walk_tb(error.__traceback__)
            if str(frame.f_globals.get("__name__")).partition(".")[0] in self._packages
        ]
        return self._shown(*frames[-1]) if frames else ""

    def _shown(self, file: str, line: int) -> str:
        """A file as it is named below site-packages or ``src``: ``k8s_crd_gauges/server.py:12``."""
        parts = Path(file).parts
        start = next((index for index, part in enumerate(parts) if part in self._packages), len(parts) - 1)
        return f"{'/'.join(parts[start:])}:{line}"


def described(value: Any) -> str:
    """The type of a value as messages name it."""
    return "None" if value is None else f"an object of type {type(value).__name__!r}"


def changed_paths(before: Any, after: Any, path: str = "") -> Iterator[str]:
    """Where two JSON values differ, as ``spec.ports[0].port``."""
    if isinstance(before, dict) and isinstance(after, dict):
        for name in dict.fromkeys([*before, *after]):
            inner = f"{path}.{name}" if path else name
            if name not in before or name not in after:
                yield inner
            else:
                yield from changed_paths(before[name], after[name], inner)
    elif isinstance(before, list) and isinstance(after, list) and len(before) == len(after):
        for index, (one, other) in enumerate(zip(before, after, strict=True)):
            yield from changed_paths(one, other, f"{path}[{index}]")
    elif before != after or type(before) is not type(after):
        yield path
