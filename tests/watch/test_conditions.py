# SPDX-License-Identifier: Apache-2.0
"""Conditions and JSONPath as kubectl decides them (protocol H19, H20). Pure: no fixtures."""

from __future__ import annotations

from typing import Any

import pytest

from k8s_core.errors import RequestError
from k8s_core.jsonpath import JSONPath
from k8s_core.watch.conditions import parse_condition


def holds(text: str, document: dict[str, Any]) -> bool:
    condition = parse_condition(text)
    assert not isinstance(condition, str)
    return condition(document)


def conditions(*items: dict[str, Any], generation: int | None = None, **status: Any) -> dict[str, Any]:
    metadata = {} if generation is None else {"generation": generation}
    return {"metadata": metadata, "status": {"conditions": list(items), **status}}


READY = {"type": "Ready", "status": "True"}


@pytest.mark.parametrize("text", ["condition=Ready", "condition=ready", "condition=READY=true", "Ready=True"])
def test_H19_type_and_status_ignore_case_and_true_is_the_default(text: str) -> None:
    assert holds(text, conditions(READY))
    assert not holds(text, conditions({"type": "Ready", "status": "False"}))
    assert not holds(text, conditions({"type": "Other", "status": "True"}))


def test_H19_another_status_can_be_asked_for() -> None:
    assert holds("condition=Ready=False", conditions({"type": "Ready", "status": "False"}))
    assert holds("Ready=unknown", conditions({"type": "Ready", "status": "Unknown"}))


@pytest.mark.parametrize(
    "document", [{}, {"status": None}, {"status": {}}, {"status": {"conditions": None}}, conditions()]
)
def test_H19_no_conditions_means_not_yet(document: dict[str, Any]) -> None:
    assert not holds("condition=Ready", document)


def test_H19_a_condition_about_an_older_generation_does_not_count() -> None:
    assert not holds("condition=Ready", conditions({**READY, "observedGeneration": 1}, generation=2))
    assert holds("condition=Ready", conditions({**READY, "observedGeneration": 2}, generation=2))
    assert not holds("condition=Ready", conditions(READY, generation=2, observedGeneration=1))
    assert holds("condition=Ready", conditions(READY, generation=2, observedGeneration=2))
    assert holds("condition=Ready", conditions({**READY, "observedGeneration": 2}, generation=2, observedGeneration=1))
    assert holds("condition=Ready", conditions(READY, generation=2)), "nobody says which generation it is about"


POD = {
    "metadata": {"name": "p", "labels": {"app.kubernetes.io/name": "web", "plain": "x"}},
    "status": {
        "phase": "Running",
        "ready": True,
        "count": 3,
        "empty": "",
        "nothing": None,
        "conditions": [{"type": "A", "status": "False"}, {"type": "Ready", "status": "True", "n": 5}],
        "ips": ["10.0.0.1", "10.0.0.2"],
    },
}


@pytest.mark.parametrize(
    "text",
    [
        "jsonpath={.status.phase}=Running",
        "jsonpath=.status.phase=Running",
        "jsonpath=status.phase=Running",
        "jsonpath={status.phase}=Running",
        "jsonpath={$.status.phase}=Running",
        "jsonpath={.status.ready}=true",
        "jsonpath={.status.count}=3",
        'jsonpath={.status.conditions[?(@.type=="Ready")].status}=True',
        "jsonpath={.status.conditions[?(@.type=='Ready')].status}=True",
        'jsonpath=.status.conditions[?(@.type=="Ready")].status=True',
        "jsonpath={.status.ips[0]}=10.0.0.1",
        "jsonpath={.status.ips[-1]}=10.0.0.2",
        "jsonpath={.metadata.labels['app.kubernetes.io/name']}=web",
        'jsonpath={.metadata.labels["app.kubernetes.io/name"]}=web',
        "jsonpath={.metadata.labels.app\\.kubernetes\\.io/name}=web",
        "jsonpath={.status.phase}",
        "jsonpath={.status.conditions}",
        "jsonpath={.status.ips[*]}",
    ],
)
def test_H20_expressions_that_hold(text: str) -> None:
    assert holds(text, POD)


@pytest.mark.parametrize(
    "text",
    [
        "jsonpath={.status.phase}=Pending",
        "jsonpath={.status.missing}=x",
        "jsonpath={.missing.deeper}",
        "jsonpath={.status.phase.deeper}",
        "jsonpath={.status.nothing}",
        "jsonpath={.status.ips[7]}=x",
        'jsonpath={.status.conditions[?(@.type=="No")].status}=True',
        "jsonpath={.status.count[0]}",
    ],
)
def test_H20_what_is_missing_is_not_yet(text: str) -> None:
    assert not holds(text, POD)


@pytest.mark.parametrize(
    "text", ["jsonpath={.status.ips[*]}=10.0.0.1", "jsonpath={.status.conditions}=x", "jsonpath={.status}=x"]
)
def test_H20_only_one_scalar_can_be_compared(text: str) -> None:
    with pytest.raises(RequestError):
        holds(text, POD)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "condition=",
        "jsonpath=",
        "jsonpath={.a}=",
        "jsonpath={.a[}",
        "jsonpath={.a[x]}",
        "jsonpath={.a[?(}",
        "jsonpath={}",
        "jsonpath={.a[0:1:0]}",
        "{.status.phase}=Running",
        "Ready for work",
    ],
)
def test_what_is_no_condition_is_refused_before_anything_is_sent(text: str) -> None:
    with pytest.raises(RequestError):
        parse_condition(text)


def test_a_condition_that_is_neither_text_nor_function_is_refused() -> None:
    with pytest.raises(RequestError, match="jsonpath"):
        parse_condition(5)  # type: ignore[arg-type]  # the mistake


def test_a_word_is_the_type_of_a_condition_for_short() -> None:
    assert holds("Established", conditions({"type": "Established", "status": "True"}))
    assert not holds("established", conditions(READY))


@pytest.mark.parametrize(
    ("text", "word"),
    [
        ("delete", "delete"),
        ("Deleted", "delete"),
        ("create", "create"),
        ("created", "create"),
        ("ready", "ready"),
        ("Ready", "ready"),
        (" rollout ", "rollout"),
    ],
)
def test_words_for_existence_and_for_what_the_kind_says(text: str, word: str) -> None:
    assert parse_condition(text) == word


@pytest.mark.parametrize(
    ("path", "expected"),
    [
        (".a.b", [1]),
        ("{.a['b','c']}", [1, 2]),
        (".list[*].n", [1, 2, 3]),
        (".list[0,2].n", [1, 3]),
        (".list[1:].n", [2, 3]),
        (".list[:2].n", [1, 2]),
        (".list[::2].n", [1, 3]),
        (".list[-1].n", [3]),
        ("..n", [1, 2, 3]),
        (".a.*", [1, 2]),
        (".list[?(@.n>1)].n", [2, 3]),
        (".list[?(@.n!=2)].n", [1, 3]),
        (".list[?(@.n<=1)].n", [1]),
        (".list[?(@.x)].n", [2]),
        (".list[?(@.s=='t')].n", [3]),
        (".list[?(@.flag==true)].n", [1]),
        (".words[?(@=='y')]", ["y"]),
        (".list[?(@.s>1)].n", []),
        (".", [{"whole": 1}]),
    ],
)
def test_json_path(path: str, expected: list[Any]) -> None:
    document: dict[str, Any] = {
        "a": {"b": 1, "c": 2},
        "list": [{"n": 1, "flag": True}, {"n": 2, "x": None}, {"n": 3, "s": "t"}],
        "words": ["x", "y"],
    }
    if path == ".":
        document = {"whole": 1}
    assert JSONPath(path).find(document) == expected
