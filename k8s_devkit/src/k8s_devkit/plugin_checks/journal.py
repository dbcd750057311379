# SPDX-License-Identifier: Apache-2.0
"""Notes in the report what a package's code does wrong while it is tried, and where in its files."""

from __future__ import annotations

import inspect
import traceback
from collections import Counter
from pathlib import Path
from typing import TYPE_CHECKING, Any

from k8s_devkit.strategy.failures import Failure
from k8s_devkit.strategy.strategy import Strategy

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterator

    from k8s_devkit.plugin_checks.report import PluginCheckReport

__all__ = ["CONTROLLER_METHODS", "SIMULATED", "STRATEGIES", "Journal", "changed_paths"]

STRATEGIES, SIMULATED = "strategies", "simulated controllers"
CONTROLLER_METHODS = frozenset({"reconcile", "reconcile_deleted", "changed"})
"""They run in the background, where nothing takes a Failure that they raise."""

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


class Journal:
    """Adds each fault to a report once, with the first object that showed it.

    Args:
        report: takes the faults.
        packages: the top-level names of the code that is tried.

    Attributes:
        runs: how often an object was reconciled in this case, by its uid.
    """

    def __init__(self, report: PluginCheckReport, packages: Collection[str]) -> None:
        self.runs: Counter[str] = Counter()
        self._report = report
        self._packages = packages
        self._case = ""
        self._seen: set[tuple[str, ...]] = set()
        self._raised: list[BaseException] = []

    def begin(self, case: str) -> None:
        """Say which object is being tried from now on, such as ``an object without spec``."""
        self._case = case
        self.runs.clear()

    def found(self, subject: str, method: str, sort: str, message: str, fix: str) -> None:
        """Note a fault; one of the same ``sort`` in the same method is noted once."""
        if (subject, method, sort) not in self._seen:
            self._seen.add((subject, method, sort))
            check = SIMULATED if method in CONTROLLER_METHODS else STRATEGIES
            self._report.add(check, "error", subject, f"{message}, with {self._case}", fix)

    def raised(self, subject: str, error: Exception, method: str = "", code: Callable[..., Any] | None = None) -> None:
        """Note that the package's code raised, unless that was noted where it happened.

        Args:
            method: of the strategy; empty takes the function that the traceback shows.
            code: the method as the package has it.
        """
        if any(error is known for known in self._raised):
            return
        self._raised.append(error)
        function, where = self._place(error)
        method = method or function
        fix = _WAYS_OUT.get(method, f"correct {method}()" if method else "correct what the method returns")
        if code is not None and not where:  # it was not even entered
            where = self.place_of(code)
            fix = f"give it the parameters that servers call it with: {method}{_parameters(method)}"
        reason = f"{type(error).__name__}: {error}"
        if isinstance(error, Failure):
            reason = f"Failure {error.code} {error.reason}: {error.message}"
        message = f"{method}() raised {reason}" if method else f"the server raised {reason}"
        self.found(subject, method, f"raised {where or reason}", message + (f" at {where}" if where else ""), fix)

    def place_of(self, code: Callable[..., Any]) -> str:
        """File and line of a function; empty if it is not written in Python."""
        found = getattr(inspect.unwrap(code), "__code__", None)
        return self._shown(found.co_filename, found.co_firstlineno) if found is not None else ""

    def _place(self, error: BaseException) -> tuple[str, str]:
        """The package's outermost function that an error came through, and file and line of the innermost."""
        frames = [
            (frame.f_code, line)
            for frame, line in traceback.walk_tb(error.__traceback__)
            if str(frame.f_globals.get("__name__")).partition(".")[0] in self._packages
        ]
        return (frames[0][0].co_name, self._shown(frames[-1][0].co_filename, frames[-1][1])) if frames else ("", "")

    def _shown(self, file: str, line: int) -> str:
        """A file as it is named below site-packages or ``src``: ``k8s_crd_gauges/server.py:12``."""
        parts = Path(file).parts
        start = next((index for index, part in enumerate(parts) if part in self._packages), len(parts) - 1)
        return f"{'/'.join(parts[start:])}:{line}"


def _parameters(method: str) -> str:
    names = list(inspect.signature(getattr(Strategy, method)).parameters)
    return f"({', '.join(names)})"


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
