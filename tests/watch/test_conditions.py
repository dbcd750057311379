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


@pytest.mark.parametrize(
    ("text", "way_out"),
    [
        ("rolout", "did you mean 'rollout'"),
        ("redy", "did you mean 'ready'"),
        ("phase=Running", "did you mean 'jsonpath={.status.phase}=Running'"),
        ("Condition=Ready", "did you mean 'condition=Ready'"),
        ("JSONPath={.a}=x", "did you mean 'jsonpath={.a}=x'"),
        ("{.status.phase}=Running", "did you mean 'jsonpath={.status.phase}=Running'"),
        ("available", "did you mean 'condition=available'"),
        ("jsonpath='{.status.phase}'=Running", "leave out the quotes: 'jsonpath={.status.phase}=Running'"),
        ("jsonpath={.status.phase}==Running", "it takes one '=': 'jsonpath={.status.phase}=Running'"),
        ("jsonpath={.a}{.b}=x", "can't be understood from '}{.b' on"),
        ("to be or not to be", "give 'ready', 'rollout', 'delete'"),
    ],
)
def test_a_condition_that_could_never_hold_is_refused_with_the_nearest_form(text: str, way_out: str) -> None:
    with pytest.raises(RequestError) as refusal:
        parse_condition(text)
    assert way_out in str(refusal.value)


@pytest.mark.parametrize("value", ["'Running'", '"Running"', " Running "])
def test_H20_quotes_around_a_value_are_trimmed_as_kubectl_does(value: str) -> None:
    assert holds(f"jsonpath={{.status.phase}}={value}", POD)


@pytest.mark.parametrize(
    ("text", "document", "seen"),
    [
        ("Ready", {}, "there is no condition 'Ready'; its status has no conditions"),
        ("condition=Good", conditions(READY), "there is no condition 'Good'; it has Ready"),
        (
            "condition=Ready",
            conditions({"type": "Ready", "status": "False", "reason": "Slow", "message": "not yet"}),
            "Ready is False (Slow: not yet)",
        ),
        (
            "condition=Ready",
            conditions(READY, generation=2, observedGeneration=1),
            "Ready is True, which is about an older generation",
        ),
        ("jsonpath={.status.phase}=Pending", POD, "{.status.phase} is 'Running'"),
        ("jsonpath={.status.missing}", POD, "{.status.missing} is not there"),
    ],
)
def test_a_condition_says_what_is_there_instead(text: str, document: dict[str, Any], seen: str) -> None:
    condition = parse_condition("condition=Ready" if text == "Ready" else text)
    assert not isinstance(condition, str)
    assert not condition(document)
    assert condition.seen(document) == seen


def test_a_condition_that_is_neither_text_nor_function_is_refused() -> None:
    with pytest.raises(RequestError, match="jsonpath"):
        parse_condition(5)  # type: ignore[arg-type]  # the mistake


def test_a_word_is_the_type_of_a_condition_for_short() -> None:
    assert holds("Established", conditions({"type": "Established", "status": "True"}))
    assert not holds("Established", conditions(READY))


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
