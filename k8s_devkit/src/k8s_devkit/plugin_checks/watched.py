# SPDX-License-Identifier: Apache-2.0
"""A strategy that is watched at work: a subclass whose methods note what the package's own methods do wrong."""

from __future__ import annotations

import copy
import inspect
from collections.abc import Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from k8s_devkit.api_server.custom.strategy import CustomStrategy
from k8s_devkit.plugin_checks.journal import changed_paths, place_of
from k8s_devkit.strategy.field_errors import FieldError
from k8s_devkit.strategy.strategy import Strategy

if TYPE_CHECKING:
    from collections.abc import Callable

    from k8s_devkit.plugin_checks.journal import Journal
    from k8s_devkit.strategy.context import ServerContext
    from k8s_devkit.strategy.document import Document

__all__ = ["watched"]

_RUNS = 100  # a controller that has not come to rest after so many runs on one object never will
_SHOWN = 3  # paths in one message

_MAY_CHANGE = {
    "default": "new",
    "prepare_for_create": "new",
    "prepare_for_update": "new",
    "prepare_for_status_update": "new",
    "admit": "new",
    "validate": "",
    "validate_update": "",
    "validate_status_update": "",
    "validate_subresource_update": "",
    "warnings": "",
    "starts_generation": "",
    "check_delete": "",
    "begin_delete": "obj",
    "may_be_removed": "",
    "reconcile": "obj",
    "reconcile_deleted": "obj",
}
"""The methods to watch, and the document that each may change."""


def watched(strategy: type[CustomStrategy], journal: Journal) -> type[CustomStrategy]:
    """A subclass of a strategy that does the same, and notes in ``journal`` which contracts its methods break."""
    own = [name for name in _MAY_CHANGE if getattr(strategy, name) is not getattr(CustomStrategy, name)]
    return type(strategy.__name__, (strategy,), {name: _watch(strategy, name, journal) for name in own})


def _watch(strategy: type[CustomStrategy], name: str, journal: Journal) -> Callable[..., Any]:
    original, signature = getattr(strategy, name), inspect.signature(getattr(Strategy, name))

    def method(self: CustomStrategy, *args: Any, **kwargs: Any) -> Any:
        arguments = signature.bind(self, *args, **kwargs).arguments
        given = {key: value for key, value in arguments.items() if isinstance(value, dict)}
        call = _Call(self, name, original, journal, given, copy.deepcopy(given))
        if name == "reconcile" and call.runs() > _RUNS:
            return None  # that it does not settle is noted; the trial goes on
        answer = call.run(*args, **kwargs)
        kept = call.keeps_documents()
        if name == "default":
            call.check_default_again()
        elif name.startswith("validate") or name == "warnings":
            asks_super = kept and name in ("validate", "validate_update")
            return call.checked_list(answer, arguments["ctx"] if asks_super else None)
        elif name == "reconcile":
            call.check_reconciled(arguments["ctx"])
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

    def fault(self, sort: str, message: str, fix: str) -> None:
        """Note what the method did; the message begins after its name."""
        where = place_of(self.original)
        shown = f"{self.name}() ({where}) {message}" if where else f"{self.name}() {message}"
        self.journal.found(str(self.strategy.resource.gvk), self.name, sort, shown, fix)

    def run(self, *args: Any, **kwargs: Any) -> Any:
        """Call the method, up to the last item of what it returns. Raises what it raises."""
        answer = self.original(self.strategy, *args, **kwargs)
        if inspect.iscoroutine(answer):
            answer.close()  # a server does not wait for it; left open, it warns on the terminal
        return list(answer) if inspect.isgenerator(answer) else answer

    def keeps_documents(self) -> bool:
        """Whether nothing was changed that the method may not change."""
        for name in ("old", "new", "obj"):  # new may share parts with old: a change of both is told of old
            paths = list(changed_paths(self.before.get(name), self.given.get(name)))
            if paths and name != _MAY_CHANGE[self.name]:
                fix = f"change nothing in {self.name}(): defaults belong in default()"
                if name == "old":
                    fix = f"leave old alone in {self.name}(): copy what you take from it"
                self.fault("changes", f"changes {name}: {_listed(paths)}", fix)
                return False
        return True

    def check_default_again(self) -> None:
        """A second `default` changes nothing: it runs on every write, on what it made the last time."""
        again = copy.deepcopy(self.given)
        self.run(again["new"], again.get("old"))
        if paths := list(changed_paths(self.given["new"], again["new"])):
            message = f"changes again what it made itself: {_listed(paths)}"
            self.fault("repeated", message, "set only what is absent in default(): setdefault, or look before you add")

    def checked_list(self, answer: Any, ctx: ServerContext | None) -> list[Any]:
        """The errors or warnings that the server can use: what cannot be is noted and left out.

        Args:
            ctx: to ask `CustomStrategy` for its errors, which must be among them; None leaves that out.
        """
        wanted: type = str if self.name == "warnings" else FieldError
        is_list = isinstance(answer, Iterable) and not isinstance(answer, (str, dict))
        items = list(answer) if is_list else [answer]
        usable: list[Any] = [item for item in items if isinstance(item, wanted)] if is_list else []
        if len(usable) < len(items):
            wrong = next(item for item in items if not (is_list and isinstance(item, wanted)))
            message = (
                f"returned {_type_of(wrong)}{' in a list' if is_list else ''} instead of a list of {wanted.__name__}"
            )
            fix = f"return a list of {wanted.__name__} from {self.name}(), or an empty one"
            self.fault("returns", message, fix + ("" if wanted is str else ": Problems makes one"))
        elif ctx is not None:
            self._check_super(usable, ctx)
        return usable

    def _check_super(self, answer: list[FieldError], ctx: ServerContext) -> None:
        documents = copy.deepcopy(self.before)
        expected = getattr(CustomStrategy, self.name)(self.strategy, *documents.values(), ctx)
        missing = [error for error in expected if error not in answer]
        if missing:
            call = f"super().{self.name}({', '.join(documents)}, ctx)"
            message = f"leaves out what super() finds: {missing[0]}"
            fix = f"begin {self.name}() with errors = list({call}), and return these errors too"
            self.fault("super", message, fix)

    def runs(self) -> int:
        """How often this object was reconciled in this case, this time included."""
        uid = self.before["obj"]["metadata"]["uid"]
        self.journal.runs[uid] += 1
        return self.journal.runs[uid]

    def check_reconciled(self, ctx: ServerContext) -> None:
        """`reconcile` comes to rest, and what it makes of an object fits the schema."""
        before, after = self.before["obj"], copy.deepcopy(self.given["obj"])
        paths = list(changed_paths(before, after))
        if self.journal.runs[before["metadata"]["uid"]] == _RUNS:
            message = f"does not settle: {_listed(paths) or 'the object'} still changes after {_RUNS} runs"
            fix = "let reconcile() change nothing once the object is as it should be: compare before you write"
            self.fault("settles", message, fix)
        if not paths:
            return
        fix = "correct reconcile(), or the class that the schema is made from"
        if self.strategy.version is not None and (unknown := self.strategy.version.prune(after)):
            message = f"sets {_listed(unknown)}, which the schema does not have: an API server drops it"
            self.fault("unknown", message, fix)
        # An object that came through another version may not have fitted before.
        known = list(CustomStrategy.validate_update(self.strategy, before, before, ctx))
        for error in CustomStrategy.validate_update(self.strategy, after, before, ctx):
            if error not in known:
                self.fault("refused", f"stores what the schema refuses: {error}", fix)


def _type_of(value: Any) -> str:
    return "None" if value is None else f"an object of type {type(value).__name__!r}"


def _listed(paths: list[str]) -> str:
    return ", ".join(paths[:_SHOWN]) + (", …" if len(paths) > _SHOWN else "")
