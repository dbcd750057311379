# SPDX-License-Identifier: Apache-2.0
"""Level 1 of protocol section J: selectors, paging, versions of lists."""

from __future__ import annotations

import base64
import json
from urllib.parse import quote

import pytest
from server_core import (
    CONFIG_MAPS,
    PODS,
    Api,
    config_map,
    pod,
)


def _fill(api: Api, count: int) -> None:
    for number in range(count):
        api.ok("POST", CONFIG_MAPS, config_map(f"c{number}"))


@pytest.mark.parametrize(
    ("selector", "names"),
    [
        ("", "abc"),
        ("app=x", "a"),
        ("app==x", "a"),
        ("app!=x", "bc"),
        ("app", "ab"),
        ("!app", "c"),
        ("app in (x, y)", "ab"),
        ("app notin (x)", "bc"),
        ("app=", ""),
        ("n>1", "b"),
        ("n<2,app=x", "a"),
        ("n > 0 , app in (x)", "a"),
    ],
)
def test_J9_label_selectors(api: Api, selector: str, names: str) -> None:
    for name, labels in (("a", {"app": "x", "n": "1"}), ("b", {"app": "y", "n": "2"}), ("c", {"other": "z"})):
        document = config_map(name)
        document["metadata"]["labels"] = labels
        api.ok("POST", CONFIG_MAPS, document)

    listed = api.ok("GET", f"{CONFIG_MAPS}?labelSelector={quote(selector)}")
    assert "".join(item["metadata"]["name"] for item in listed["items"]) == names


@pytest.mark.parametrize(
    "selector", ["a=b c", "a in x", "a in (x", "=a", "a,,b", "a,", "a==b=c", "-a=b", "a=-b", "a>x", "a!b"]
)
def test_J9_label_selector_errors(api: Api, selector: str) -> None:
    assert api.fails(400, "GET", f"{CONFIG_MAPS}?labelSelector={quote(selector)}")["reason"] == "BadRequest"


def test_J9_field_selectors(api: Api) -> None:
    api.ok("POST", PODS, pod("a", node="n1"))
    api.ok("POST", PODS, pod("b"))

    def names(selector: str) -> str:
        return "".join(item["metadata"]["name"] for item in api.ok("GET", f"{PODS}?fieldSelector={selector}")["items"])

    assert names("metadata.name%3Db") == "b"
    assert names("spec.nodeName%3Dn1") == "a"
    assert names("spec.nodeName%21%3Dn1,status.phase%3DPending") == "b"
    assert names("metadata.namespace%3Ddefault") == "ab"
    status = api.fails(400, "GET", f"{PODS}?fieldSelector=spec.foo%3D1")
    assert status["message"] == "field label not supported: spec.foo"
    api.fails(400, "GET", f"{CONFIG_MAPS}?fieldSelector=type%3D1")


def test_J9_field_selector_escapes(api: Api) -> None:
    secret = {"metadata": {"name": "s"}, "type": "a,b=c\\d"}
    api.ok("POST", "/api/v1/namespaces/default/secrets", secret)

    listed = api.ok("GET", "/api/v1/secrets?fieldSelector=" + quote("type=a\\,b\\=c\\\\d"))
    assert len(listed["items"]) == 1
    status = api.fails(400, "GET", "/api/v1/secrets?fieldSelector=" + quote("type=a\\n"))
    assert status["message"].startswith("invalid field selector: invalid escape sequence")


def test_J10_pages_show_one_state(api: Api) -> None:
    _fill(api, 5)
    first = api.ok("GET", f"{CONFIG_MAPS}?limit=2")
    assert first["metadata"]["remainingItemCount"] == 3
    api.ok("DELETE", f"{CONFIG_MAPS}/c3")
    api.ok("POST", CONFIG_MAPS, config_map("c9"))
    second = api.ok("GET", f"{CONFIG_MAPS}?limit=10&continue={first['metadata']['continue']}")
    assert [item["metadata"]["name"] for item in second["items"]] == ["c2", "c3", "c4"]
    assert second["metadata"] == {"resourceVersion": first["metadata"]["resourceVersion"]}


def test_J10_the_token_is_that_of_the_api_server(api: Api) -> None:
    _fill(api, 2)
    metadata = api.ok("GET", f"{CONFIG_MAPS}?limit=1")["metadata"]
    token = metadata["continue"]
    decoded = json.loads(base64.urlsafe_b64decode(token + "=" * (-len(token) % 4)))
    assert decoded == {"v": "meta.k8s.io/v1", "rv": int(metadata["resourceVersion"]), "start": "/c0\0"}
    assert "=" not in token
    older = base64.urlsafe_b64encode(json.dumps({**decoded, "start": "c0\0"}).encode()).decode()
    for mark in (token, older):
        assert [item["metadata"]["name"] for item in api.ok("GET", f"{CONFIG_MAPS}?continue={mark}")["items"]] == ["c1"]


def test_J10_no_remaining_count_with_selectors(api: Api) -> None:
    _fill(api, 3)
    metadata = api.ok("GET", f"{CONFIG_MAPS}?limit=1&labelSelector=!x")["metadata"]
    assert "continue" in metadata
    assert "remainingItemCount" not in metadata


def test_J10_all_namespaces_page_in_key_order(api: Api) -> None:
    api.ok("POST", "/api/v1/namespaces", {"metadata": {"name": "a-b"}})
    api.ok("POST", "/api/v1/namespaces", {"metadata": {"name": "a"}})
    for namespace in ("a-b", "a"):
        api.ok("POST", f"/api/v1/namespaces/{namespace}/secrets", {"metadata": {"name": "s"}})
    seen, token = [], ""
    for _ in range(2):
        page = api.ok("GET", f"/api/v1/secrets?limit=1&continue={token}")
        seen += [item["metadata"]["namespace"] for item in page["items"]]
        token = page["metadata"].get("continue", "")
    assert seen == ["a-b", "a"]  # '-' sorts before '/'
    assert token == ""


def test_J10_an_expired_token_brings_a_new_one(api: Api) -> None:
    _fill(api, 3)
    token = api.ok("GET", f"{CONFIG_MAPS}?limit=1")["metadata"]["continue"]
    api.ok("DELETE", f"{CONFIG_MAPS}/c1")
    api.core.store.compact()
    status = api.fails(410, "GET", f"{CONFIG_MAPS}?limit=1&continue={token}")
    assert status["reason"] == "Expired"
    assert status["message"].startswith(
        "The provided continue parameter is too old to display a consistent list result"
    )
    rest = api.ok("GET", f"{CONFIG_MAPS}?limit=5&continue={status['metadata']['continue']}")
    assert [item["metadata"]["name"] for item in rest["items"]] == ["c2"]


@pytest.mark.parametrize("token", ["x", "e30", "bm90anNvbg"])
def test_J10_a_malformed_token_is_a_400(api: Api, token: str) -> None:
    assert "continue key is not valid" in api.fails(400, "GET", f"{CONFIG_MAPS}?continue={token}")["message"]


@pytest.mark.parametrize(
    ("query", "status"),
    [
        ("resourceVersionMatch=Exact", 422),
        ("resourceVersionMatch=Exact&resourceVersion=0", 422),
        ("resourceVersionMatch=Nonsense&resourceVersion=1", 422),
        ("sendInitialEvents=true", 422),
        ("resourceVersion=x", 400),
        ("watch=1&resourceVersionMatch=NotOlderThan", 422),
        ("watch=1&sendInitialEvents=true", 422),
    ],
)
def test_J10_invalid_combinations(api: Api, query: str, status: int) -> None:
    api.fails(status, "GET", f"{CONFIG_MAPS}?{query}")


def test_J10_resource_version_semantics_of_lists(api: Api) -> None:
    _fill(api, 3)
    version = api.ok("GET", CONFIG_MAPS)["metadata"]["resourceVersion"]
    api.ok("DELETE", f"{CONFIG_MAPS}/c0")
    exact = api.ok("GET", f"{CONFIG_MAPS}?resourceVersion={version}&resourceVersionMatch=Exact")
    assert len(exact["items"]) == 3
    newest = api.ok("GET", f"{CONFIG_MAPS}?resourceVersion={version}&resourceVersionMatch=NotOlderThan")
    assert len(newest["items"]) == 2
    legacy = api.ok("GET", f"{CONFIG_MAPS}?resourceVersion={version}&limit=2")
    assert (len(legacy["items"]), legacy["metadata"]["resourceVersion"]) == (2, version)
    api.core.store.compact()
    api.fails(410, "GET", f"{CONFIG_MAPS}?resourceVersion={version}&resourceVersionMatch=Exact")
    status = api.fails(504, "GET", f"{CONFIG_MAPS}?resourceVersion=99999")
    assert status["details"]["causes"][0]["reason"] == "ResourceVersionTooLarge"
    assert status["message"].startswith("Timeout: Too large resource version: 99999, current: ")
