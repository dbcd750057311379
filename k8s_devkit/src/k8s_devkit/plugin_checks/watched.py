# SPDX-License-Identifier: Apache-2.0
"""A strategy that is watched at work: a subclass whose methods note what the package's own methods do wrong."""

from __future__ import annotations

import copy
import inspect
from collections.abc import Iterable
from dataclasses import dataclass
from itertools import islice
from typing import TYPE_CHECKING, Any, Literal

from k8s_devkit.api_server.custom.strategy import CustomStrategy
from k8s_devkit.plugin_checks.journal import changed_paths, described
from k8s_devkit.strategy.failures import Failure
from k8s_devkit.strategy.field_errors import FieldError
from k8s_devkit.strategy.strategy import Strategy

if TYPE_CHECKING:
    from collections.abc import Callable

    from k8s_devkit.plugin_checks.journal import Journal
    from k8s_devkit.strategy.context import Document, ServerContext

__all__ = ["RECONCILES", "watched"]

RECONCILES = frozenset({"reconcile", "reconcile_deleted"})
"""The methods that simulate a controller: they run in the background, and a Failure that they raise is a fault."""

_RUNS = 100  # a controller that has not come to rest after so many runs on one object never will
_SHOWN = 3  # paths in one message
_METADATA = ("metadata.resourceVersion", "metadata.generation", "metadata.managedFields")


@dataclass(frozen=True, slots=True)
class _Contract:
    """What a method may do: the documents that it may change, and what it returns."""

    changes: str = ""
    returns: Literal["nothing", "errors", "warnings", "a value"] = "a value"


_CONTRACTS = {
    "default": _Contract("new", "nothing"),
    "prepare_for_create": _Contract("new", "nothing"),
    "prepare_for_update": _Contract("new", "nothing"),
    "admit": _Contract("new", "nothing"),
    "validate": _Contract(returns="errors"),
    "validate_update": _Contract(returns="errors"),
    "validate_status_update": _Contract(returns="errors"),
    "validate_subresource_update": _Contract(returns="errors"),
    "warnings": _Contract(returns="warnings"),
    "starts_generation": _Contract(),
    "check_delete": _Contract(returns="nothing"),
    "grace_period": _Contract(),
    "begin_delete": _Contract("obj"),
    "may_be_removed": _Contract(),
    "allocated": _Contract(),
    "reconcile": _Contract("obj", "nothing"),
    "reconcile_deleted": _Contract("obj", "nothing"),
}


def watched(strategy: type[CustomStrategy], journal: Journal) -> type[CustomStrategy]:
    """A subclass of a strategy that does the same, and notes in ``journal`` which contracts its methods break."""
    own = [name for name in _CONTRACTS if getattr(strategy, name) is not getattr(CustomStrategy, name)]
    runs = _Runs()
    return type(strategy.__name__, (strategy,), {name: _watch(strategy, name, journal, runs) for name in own})


def _watch(strategy: type[CustomStrategy], name: str, journal: Journal, runs: _Runs) -> Callable[..., Any]:
    contract, original = _CONTRACTS[name], getattr(strategy, name)
    signature = inspect.signature(getattr(Strategy, name))

    def method(self: CustomStrategy, *args: Any, **kwargs: Any) -> Any:
        arguments = signature.bind(self, *args, **kwargs).arguments
        given = {key: value for key, value in arguments.items() if isinstance(value, dict)}
        call = _Call(self, name, original, journal, given, copy.deepcopy(given))
        if name == "reconcile" and not runs.go_on(call):
            return None
        journal.calls[name] += 1
        answer = call.run(*args, **kwargs)
        call.check_arguments(contract)
        if name == "default":
            call.check_repeated()
        elif name in ("validate", "validate_update"):
            call.check_schema_was_asked(answer, arguments["ctx"])
        elif name == "reconcile":
            call.check_stored(arguments["ctx"])
        return answer

    return method


@dataclass(frozen=True, slots=True)
class _Call:
    """One call of a package's method: the documents as it was given them, and as they were before."""

    strategy: CustomStrategy
    name: str
    original: Callable[..., Any]
    journal: Journal
    given: dict[str, Document]
    before: dict[str, Document]

    @property
    def subject(self) -> str:
        """The kind."""
        return str(self.strategy.resource.gvk)

    def fault(self, sort: str, message: str, fix: str) -> None:
        """Note what the method did; the message begins after its name."""
        where = self.journal.place_of(self.original)
        shown = f"{self.name}() ({where}) {message}" if where else f"{self.name}() {message}"
        self.journal.found(self.subject, self.name, sort, shown, fix)

    def run(self, *args: Any, **kwargs: Any) -> Any:
        """Call the method, and check what it returns. Raises what it raises."""
        try:
            answer = self.original(self.strategy, *args, **kwargs)
            return self._checked(answer)
        except Exception as error:
            if not isinstance(error, Failure) or self.name in RECONCILES:
                self.journal.raised(self.subject, error, self.name, self.original)
            raise

    def _checked(self, answer: Any) -> Any:
        """The answer as the server can use it: what cannot be is noted and left out."""
        returns = _CONTRACTS[self.name].returns
        if returns == "a value":
            return answer
        if returns == "nothing":
            if answer is not None:
                message = f"returned {described(answer)}, which the server ignores"
                fix = f"change the document in place in {self.name}(), and return nothing"
                self.fault("returns", message, fix)
            return None
        wanted: type = FieldError if returns == "errors" else str
        items = list(answer) if isinstance(answer, Iterable) and not isinstance(answer, (str, dict)) else None
        wrong = answer if items is None else next((item for item in items if not isinstance(item, wanted)), None)
        if items is None or wrong is not None:
            message = f"returned {described(wrong)}{' in a list' if items is not None else ''} instead of "
            message += f"a list of {wanted.__name__}"
            how = " (Problems makes one)" if returns == "errors" else ""
            self.fault(
                "returns", message, f"return a list of {wanted.__name__} from {self.name}(){how}, or an empty one"
            )
        return [item for item in items or () if isinstance(item, wanted)]

    def check_arguments(self, contract: _Contract) -> None:
        """Nothing was changed that the method may not change."""
        for name, document in self.given.items():
            paths = list(changed_paths(self.before[name], document)) if name != contract.changes else []
            if paths:
                if name == "old":
                    fix = f"leave old alone in {self.name}(): copy what you take from it"
                else:
                    fix = f"change nothing in {self.name}(): defaults belong in default()"
                self.fault(f"changes {name}", f"changes {name}: {_listed(paths)}", fix)

    def check_repeated(self) -> None:
        """A second `default` changes nothing: it runs on every write, on what it made the last time."""
        again = copy.deepcopy(self.given)
        self.run(*again.values(), *([None] * (2 - len(again))))
        if paths := list(changed_paths(self.given["new"], again["new"])):
            message = f"changes again what it made itself: {_listed(paths)}"
            self.fault("repeated", message, "set only what is absent in default(): setdefault, or look before you add")

    def check_schema_was_asked(self, answer: list[FieldError], ctx: ServerContext) -> None:
        """What `CustomStrategy` says of the object is among the errors."""
        documents = copy.deepcopy(self.before)
        expected = list(getattr(CustomStrategy, self.name)(self.strategy, *documents.values(), ctx))
        missing = [error for error in expected if error not in answer]
        if missing:
            call = f"super().{self.name}({', '.join(documents)}, ctx)"
            message = f"leaves out what the schema says: {missing[0]}"
            self.fault(
                "schema", message, f"begin {self.name}() with errors = list({call}), and return these errors too"
            )

    def check_stored(self, ctx: ServerContext) -> None:
        """What `reconcile` made of an object fits the schema."""
        before, after = self.before["obj"], copy.deepcopy(self.given["obj"])
        if before == after:
            return
        fix = "correct reconcile(), or the class that the schema is made from"
        version = self.strategy.version
        if version is not None and (unknown := version.prune(after)):
            message = f"sets {_listed(unknown)}, which the schema does not have: an API server drops it"
            self.fault("unknown", message, fix)
        for error in islice(CustomStrategy.validate_update(self.strategy, after, before, ctx), 1):
            self.fault("refused", f"stores what the schema refuses: {error}", fix)


class _Runs:
    """Counts the runs of `reconcile` on each object since the journal began with a case."""

    def __init__(self) -> None:
        self._step = 0
        self._counts: dict[str, int] = {}
        self._last: dict[str, Document] = {}

    def go_on(self, call: _Call) -> bool:
        """Whether one more run is worth it; notes that the controller does not settle where it is not."""
        if call.journal.step != self._step:
            self._step = call.journal.step
            self._counts.clear()
        obj = call.before["obj"]
        uid = obj["metadata"]["uid"]
        count = self._counts[uid] = self._counts.get(uid, 0) + 1
        if count > _RUNS:
            paths = [path for path in changed_paths(self._last[uid], obj) if not path.startswith(_METADATA)]
            message = f"does not settle: {_listed(paths) or 'the object'} still changes after {_RUNS} runs"
            fix = "let reconcile() change nothing once the object is as it should be: compare before you write"
            call.fault("settles", message, fix)
            return False
        self._last[uid] = obj
        return True


def _listed(paths: list[str]) -> str:
    return ", ".join(paths[:_SHOWN]) + (", …" if len(paths) > _SHOWN else "")
