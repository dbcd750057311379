# SPDX-License-Identifier: Apache-2.0
"""Group, version, kind and URL paths (protocol C1-C3)."""

from __future__ import annotations

import pickle

import pytest
from hypothesis import given
from hypothesis import strategies as st

from k8s_core.errors import InvalidName
from k8s_core.kinds import APIResource, GroupVersionKind, Scope, check_path_segment, parse_api_version

PODS = APIResource("", "v1", "Pod", "pods", subresources={"status": ""})
DEPLOYMENTS = APIResource("apps", "v1", "Deployment", "deployments")
NODES = APIResource("", "v1", "Node", "nodes", scope=Scope.CLUSTER)


def test_C1_paths() -> None:
    assert PODS.path() == "/api/v1/pods"
    assert PODS.path("a") == "/api/v1/namespaces/a/pods"
    assert PODS.path("a", "b", "status") == "/api/v1/namespaces/a/pods/b/status"
    assert PODS.path("a", "b", "proxy/metrics") == "/api/v1/namespaces/a/pods/b/proxy/metrics"
    assert DEPLOYMENTS.path("a", "b") == "/apis/apps/v1/namespaces/a/deployments/b"
    assert NODES.path(None, "n") == "/api/v1/nodes/n"


@pytest.mark.parametrize("name", ["", ".", "..", "a/b", "a%b", "a\nb", "a\x00"])
def test_C2_names_that_would_change_the_path_are_refused(name: str) -> None:
    with pytest.raises(InvalidName, match="name"):
        PODS.path("ns", name)
    with pytest.raises(InvalidName, match="namespace"):
        PODS.path(name)


def test_C2_everything_else_is_encoded_once() -> None:
    assert PODS.path("ns", "system:node") == "/api/v1/namespaces/ns/pods/system:node"
    assert PODS.path("ns", "a b?c#ü") == "/api/v1/namespaces/ns/pods/a%20b%3Fc%23%C3%BC"


def test_C3_an_object_of_a_namespaced_kind_needs_its_namespace() -> None:
    with pytest.raises(InvalidName, match="Pod is namespaced"):
        PODS.path(None, "a")
    with pytest.raises(InvalidName, match="needs the name"):
        PODS.path("ns", None, "status")


@given(st.text(min_size=1, max_size=10))
def test_a_name_never_reaches_another_path(name: str) -> None:
    try:
        path = PODS.path("ns", name)
    except InvalidName:
        return
    except UnicodeEncodeError:
        return
    assert path.count("/") == 6
    assert not {"?", "#", " ", "\n"} & set(path)


def test_api_versions() -> None:
    assert parse_api_version("v1") == ("", "v1")
    assert parse_api_version("apps/v1") == ("apps", "v1")
    assert str(GroupVersionKind.parse("apps/v1", "Deployment")) == "apps/v1 Deployment"
    assert DEPLOYMENTS.group_resource == "deployments.apps"
    for bad in ("", "/", "a/b/c", "/v1", "apps/"):
        with pytest.raises(InvalidName):
            parse_api_version(bad)


def test_values_are_hashable_and_can_be_pickled() -> None:
    assert pickle.loads(pickle.dumps(PODS)) == PODS
    assert len({PODS, DEPLOYMENTS, PODS}) == 2


def test_C2_text_that_no_url_can_hold_is_an_invalid_name() -> None:
    with pytest.raises(InvalidName, match="half of a surrogate pair"):
        check_path_segment("a\ud800", "name")
