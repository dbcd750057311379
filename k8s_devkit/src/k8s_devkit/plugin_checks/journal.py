# SPDX-License-Identifier: Apache-2.0
"""Notes in the report what a package's code does wrong while it is tried, and where in its files."""

from __future__ import annotations

import inspect
import sys
import traceback
from collections import Counter
from pathlib import Path
from typing import TYPE_CHECKING, Any

from k8s_devkit.strategy.failures import Failure

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from k8s_devkit.plugin_checks.report import PluginCheckReport

__all__ = ["SIMULATED", "STRATEGIES", "Journal", "changed_paths", "place_of"]

STRATEGIES, SIMULATED = "strategies", "simulated controllers"
_CONTROLLER_METHODS = frozenset({"reconcile", "reconcile_deleted", "changed"})
_SERVER = frozenset({"k8s_core", "k8s_devkit", *sys.stdlib_module_names})
"""The code that calls packages, by top-level name."""

_BEFORE_VALIDATION = "look before you {} in {}(): it runs before validation, on whatever a client sends"
_OWN_RULES = "apply your own rules only to what the schema accepts: list(super().{}) or my_errors(new)"
_WAYS_OUT = {
    "default": _BEFORE_VALIDATION.format("write", "default"),
    "prepare_for_create": _BEFORE_VALIDATION.format("write", "prepare_for_create"),
    "prepare_for_update": _BEFORE_VALIDATION.format("write", "prepare_for_update"),
    "prepare_for_status_update": _BEFORE_VALIDATION.format("write", "prepare_for_status_update"),
    "admit": _BEFORE_VALIDATION.format("read", "admit") + "; to refuse an object, raise a Failure",
    "validate": _OWN_RULES.format("validate(new, ctx)"),
    "validate_update": _OWN_RULES.format("validate_update(new, old, ctx)"),
    "reconcile": "correct reconcile(): optional fields may be absent, and it runs again after every change",
}


class Journal:
    """Adds each fault to a report once, with the first object that showed it.

    Args:
        report: takes the faults.

    Attributes:
        runs: how often an object was reconciled in this case, by its uid.
    """

    def __init__(self, report: PluginCheckReport) -> None:
        self.runs: Counter[str] = Counter()
        self._report = report
        self._case = ""
        self._seen: set[tuple[str, ...]] = set()

    def begin(self, case: str) -> None:
        """Say which object is being tried from now on, such as ``an object without spec``."""
        self._case = case
        self.runs.clear()

    def found(self, subject: str, method: str, sort: str, message: str, fix: str) -> None:
        """Note a fault; one of the same ``sort`` in the same method is noted once."""
        if (subject, method, sort) not in self._seen:
            self._seen.add((subject, method, sort))
            check = SIMULATED if method in _CONTROLLER_METHODS else STRATEGIES
            self._report.add(check, "error", subject, f"{message}, with {self._case}", fix)

    def raised(self, subject: str, error: Exception) -> None:
        """Note that a package's code raised, in the method that the server called."""
        reason = f"{type(error).__name__}: {error}"
        if isinstance(error, Failure):
            reason = f"Failure {error.code} {error.reason}: {error.message}"
        method, where = _origin(error)
        if method:
            message, fix = f"{method}() raised {reason} at {where}", _WAYS_OUT.get(method, f"correct {method}()")
        else:
            message, fix = (
                f"a call raised {reason}",
                "give each method the parameters that it has in k8s_devkit.Strategy",
            )
        self.found(subject, method, f"raised {where or reason}", message, fix)


def place_of(code: Callable[..., Any]) -> str:
    """File and line of a function; empty if it is not written in Python."""
    function = inspect.unwrap(code)
    found = getattr(function, "__code__", None)
    return _shown(function.__module__, found.co_filename, found.co_firstlineno) if found is not None else ""


def _origin(error: BaseException) -> tuple[str, str]:
    """The function of a package that the server called before an error, and the package's last line before it."""
    frames = [
        (str(frame.f_globals.get("__name__")), frame.f_code, line)
        for frame, line in traceback.walk_tb(error.__traceback__)
    ]
    foreign = [each for each in frames if each[0].partition(".")[0] not in _SERVER]
    if not foreign:
        return "", ""
    package = foreign[0][0].partition(".")[0]
    module, code, line = [each for each in foreign if each[0].partition(".")[0] == package][-1]
    return foreign[0][1].co_name, _shown(module, code.co_filename, line)


def _shown(module: str, file: str, line: int) -> str:
    """A file as it is named below site-packages or ``src``: ``k8s_crd_gauges/server.py:12``."""
    parts, package = Path(file).parts, module.partition(".")[0]
    start = parts.index(package) if package in parts else len(parts) - 1
    return f"{'/'.join(parts[start:])}:{line}"


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
