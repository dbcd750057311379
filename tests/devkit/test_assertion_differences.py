# SPDX-License-Identifier: Apache-2.0
"""What pytest shows of two objects that should have been equal: the fields that differ, secrets masked."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from k8s_core.meta import ObjectMeta
from k8s_devkit.pytest_plugin import pytest_assertrepr_compare as compare
from k8s_plugins_builtin.apps.v1 import Deployment
from k8s_plugins_builtin.core.v1 import ConfigMap, Pod, Secret

if TYPE_CHECKING:
    from collections.abc import Mapping

pytest_plugins = ["pytester"]


def deployment(replicas: int, **labels: str) -> Deployment:
    return Deployment.from_dict({"metadata": {"name": "web", "labels": labels}, "spec": {"replicas": replicas}})


def differences(left: Any, right: Any) -> list[str]:
    lines = compare("==", left, right)
    assert lines is not None
    return lines[1:]


def test_fields_that_differ_are_shown_by_their_paths() -> None:
    assert differences(deployment(1, app="a"), deployment(2, app="a")) == ["spec.replicas: 1 != 2"]
    one, two = deployment(1, **{"a": "x", "b/c": "y"}), deployment(1, a="z")
    assert differences(one, two) == ["metadata.labels.a: 'x' != 'z'", "metadata.labels['b/c']: 'y' != nothing"]


def test_items_of_lists_are_shown_by_their_index() -> None:
    def pod(*images: str) -> Pod:
        return Pod.from_dict({"spec": {"containers": [{"name": image, "image": image} for image in images]}})

    assert differences(pod("a", "b"), pod("a", "c")) == [
        "spec.containers[1].name: 'b' != 'c'",
        "spec.containers[1].image: 'b' != 'c'",
    ]
    assert differences(pod("a"), pod()) == ["spec.containers[0]: {'name': 'a', 'image': 'a'} != nothing"]


def test_an_object_is_compared_with_a_document() -> None:
    document = deployment(2).to_dict()
    assert differences(deployment(1), document) == ["spec.replicas: 1 != 2"]
    assert differences(document, deployment(1)) == ["spec.replicas: 2 != 1"]


@pytest.mark.parametrize("data", [{"a": "aHVudGVyMQ=="}, {}, None])
@pytest.mark.parametrize("as_document", [True, False])
def test_secrets_are_masked(data: Mapping[str, str] | None, as_document: bool) -> None:
    secret = Secret.from_dict({"metadata": {"name": "s"}, "data": {"a": "aHVudGVyMg=="}})
    other = Secret.from_dict({"metadata": {"name": "s"}} | ({} if data is None else {"data": data}))
    lines = compare("==", secret, other.to_dict() if as_document else other)
    assert lines is not None
    assert "aHVudGVy" not in "".join(lines)
    assert "***" in "".join(lines)


def test_objects_of_two_classes_are_told_apart() -> None:
    metadata = ObjectMeta(name="a")
    assert differences(ConfigMap(metadata=metadata), Secret(metadata=metadata)) == ["they are of different classes"]


def test_many_differences_are_cut() -> None:
    one, two = (deployment(1, **{f"l{number}": value for number in range(40)}) for value in "ab")
    assert differences(one, two)[-1] == "... and 10 more"


@pytest.mark.parametrize(
    ("op", "left", "right"), [("!=", ConfigMap(), ConfigMap()), ("==", 1, ConfigMap()), ("==", {"a": 1}, {"a": 2})]
)
def test_other_comparisons_are_left_to_pytest(op: str, left: Any, right: Any) -> None:
    assert compare(op, left, right) is None


def test_a_failed_assertion_shows_it(pytester: pytest.Pytester) -> None:
    pytester.makepyfile(
        """
        from k8s_plugins_builtin.core.v1 import ConfigMap

        def test_it():
            assert ConfigMap(data={"a": "1"}) == ConfigMap(data={"a": "2"})
        """
    )
    result = pytester.runpytest_subprocess("-q", "-p", "no:cacheprovider")
    result.stdout.fnmatch_lines(["*data.a: '1' != '2'*"])
