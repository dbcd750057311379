# SPDX-License-Identifier: Apache-2.0
"""Label selectors: building, parsing, writing and matching them locally, with the API server's grammar (C14-C16)."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any, TypeAlias

from k8s_core.errors import SelectorError
from k8s_core.model import Model
from k8s_core.model.views import JsonObject
from k8s_core.selectors.checks import check_label_key, check_label_value
from k8s_core.selectors.label_parser import parse_requirements
from k8s_core.selectors.operators import Equality, Exists, In, NotExists, NotIn, Operator

__all__ = ["LabelQuery", "Labels", "label_selector"]

Labels: TypeAlias = "str | Mapping[str, Any] | Iterable[tuple[str, Any]] | LabelQuery | Model"
"""What every ``labels=`` argument takes: ``{"app": "nginx", "tier": In("web", "api")}`` (texts and lists are shorthands
for Equality and In), the same as pairs (to use one key twice), the text form ``"app=nginx,!canary"``, a LabelQuery, or
the ``LabelSelector`` of an object (``deployment.spec.selector``)."""

_SELECTOR_KEYS = frozenset({"matchLabels", "matchExpressions"})


@dataclass(frozen=True, slots=True)
class LabelQuery:
    """A checked label selector; all requirements must hold.

    ``str()`` gives the text form of the API, sorted by key, so that equal selectors are equal requests.
    ``requirements`` of None selects nothing, an empty tuple selects everything (protocol C16).
    """

    requirements: tuple[tuple[str, Operator], ...] | None

    @classmethod
    def of(cls, labels: Labels) -> LabelQuery:
        """Build from any of the forms of :data:`Labels`.

        Raises:
            SelectorError: a key, value or operator that the API server would refuse; the message names it.
        """
        if isinstance(labels, LabelQuery):
            return labels
        if isinstance(labels, str):
            return cls.parse(labels)
        if isinstance(labels, Model):
            document = labels.to_dict() if labels else None
            # A kind without a class does not say whether its selector is a LabelSelector or plain labels; its keys do.
            if not isinstance(labels, JsonObject) or document is None or document.keys() <= _SELECTOR_KEYS:
                return cls.from_label_selector(document)
            labels = document
        pairs = labels.items() if isinstance(labels, Mapping) else labels
        return cls._checked((check_label_key(key), _operator(key, value)) for key, value in _pairs(pairs))

    @classmethod
    def parse(cls, text: str) -> LabelQuery:
        """Read the text form, such as ``"app in (a,b),!canary,tier!=db"``. Raises SelectorError with the position."""
        return cls._checked(parse_requirements(text))

    @classmethod
    def from_label_selector(cls, selector: Mapping[str, Any] | None) -> LabelQuery:
        """Read a wire ``LabelSelector`` (``matchLabels``, ``matchExpressions``).

        None selects nothing and ``{}`` selects everything, which is what they mean to the API (protocol C16).

        Raises:
            SelectorError: an unknown operator, or values where the operator forbids or needs them.
        """
        if selector is None:
            return cls(None)
        unknown = selector.keys() - _SELECTOR_KEYS
        if unknown:
            raise SelectorError(f"a LabelSelector has matchLabels and matchExpressions, not {min(unknown)!r}")
        equal = selector.get("matchLabels") or {}
        found = [(check_label_key(key), Equality(check_label_value(value, key))) for key, value in equal.items()]
        return cls._checked([*found, *map(_expression, selector.get("matchExpressions") or ())])

    @classmethod
    def _checked(cls, requirements: Iterable[tuple[str, Operator]]) -> LabelQuery:
        checked = tuple(sorted(requirements, key=lambda pair: (pair[0], pair[1].expression(""))))
        for key, operator in checked:
            for value in operator.values:
                check_label_value(value, key)
        return cls(checked)

    @property
    def is_everything(self) -> bool:
        """True if every object matches."""
        return self.requirements == ()

    @property
    def is_nothing(self) -> bool:
        """True if no object matches, because there is no selector at all."""
        return self.requirements is None

    def matches(self, labels: Mapping[str, str] | None) -> bool:
        """Decide for the labels of one object, as the API server would; None and ``{}`` mean that it has none."""
        if self.requirements is None:
            return False
        labels = labels or {}
        return all(operator.matches(labels.get(key)) for key, operator in self.requirements)

    def __str__(self) -> str:
        return ",".join(operator.expression(key) for key, operator in self.requirements or ())


def label_selector(labels: Labels | None) -> str:
    """The ``labelSelector`` parameter of a request; ``""`` (no restriction) for None.

    Raises:
        SelectorError: not a valid selector; or an absent LabelSelector, which selects nothing: asking the server for
            "nothing" is a mistake, and leaving the parameter out would select everything.
    """
    if labels is None:
        return ""
    query = LabelQuery.of(labels)
    if query.is_nothing:
        raise SelectorError(
            "an absent LabelSelector selects nothing, so there is nothing to ask for; labels=None selects everything"
        )
    return str(query)


def _pairs(pairs: Iterable[Any]) -> Iterable[tuple[str, Any]]:
    for pair in pairs:
        if not isinstance(pair, tuple) or len(pair) != 2:
            raise SelectorError(f"labels are given as a mapping, pairs or text; {pair!r} is not a (key, value) pair")
        yield pair


def _operator(key: str, value: Any) -> Operator:
    if isinstance(value, Operator):
        return value
    if isinstance(value, str):
        return Equality(value)
    if isinstance(value, (list, tuple, set, frozenset)):
        return In(value)
    if value is None:
        raise SelectorError(f"label {key!r}: None is ambiguous; use Exists(), NotExists() or Equality('')")
    raise SelectorError(f"label {key!r} is compared with a text or an operator, not {value!r}; write {str(value)!r}")


def _expression(expression: Mapping[str, Any]) -> tuple[str, Operator]:
    key = check_label_key(expression.get("key"))
    operator = expression.get("operator")
    values = expression.get("values") or []
    if operator in ("In", "NotIn"):
        if not values:
            raise SelectorError(f"matchExpressions for {key!r}: operator {operator} needs values")
        return key, In(values) if operator == "In" else NotIn(values)
    if operator in ("Exists", "DoesNotExist"):
        if values:
            raise SelectorError(f"matchExpressions for {key!r}: operator {operator} takes no values, got {values!r}")
        return key, Exists() if operator == "Exists" else NotExists()
    raise SelectorError(f"matchExpressions for {key!r}: {operator!r} is not one of In, NotIn, Exists, DoesNotExist")
