# SPDX-License-Identifier: Apache-2.0
"""Whatever is sent, the answer is one of the API's: never an internal error, never a broken store."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any
from urllib.parse import urlencode

import pytest
from examples import examples
from hypothesis import given
from hypothesis import strategies as st
from server_core import CONFIG_MAPS, CRDS, CRONTABS, DEPLOYMENTS, PODS, Api, config_map, crd, crontab, deployment, pod

from k8s_devkit.api_server.network.messages import Answer

if TYPE_CHECKING:
    from k8s_devkit.api_server.access.admission import AdmissionRequest

Json = dict[str, Any]
MEDIA_TYPES = (
    "application/json-patch+json",
    "application/merge-patch+json",
    "application/strategic-merge-patch+json",
    "application/apply-patch+yaml",
)
_WORDS = (
    "metadata spec status data name labels finalizers ownerReferences containers template selector matchLabels "
    "replicas ports managedFields $patch $setElementOrder/containers a/b x generateName resourceVersion "
    "deletionTimestamp volumes versions names schema kind apiVersion op path"
)
_KEYS = st.sampled_from(_WORDS.split())
_SCALARS = (
    st.none() | st.booleans() | st.integers(-3, 70000) | st.sampled_from(["", "a", "A b", "Always", "1Gi", "replace"])
)
_VALUES = st.recursive(
    _SCALARS, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(_KEYS, inner, max_size=4), max_leaves=12
)


def _api() -> Api:
    api = Api()
    scale = {"specReplicasPath": ".spec.replicas", "statusReplicasPath": ".status.replicas"}
    api.ok("POST", CRDS, crd(subresources={"status": {}, "scale": scale}))
    api.ok("POST", CONFIG_MAPS, config_map("a", data={"x": "1"}))
    api.ok("POST", "/api/v1/namespaces/default/serviceaccounts", {"metadata": {"name": "robot"}})
    api.ok("POST", PODS, pod("a"))
    api.ok("POST", DEPLOYMENTS, deployment("a"))
    api.ok("POST", CRONTABS, crontab("a", replicas=1))
    return api


SHARED = _api()
COLLECTIONS = st.sampled_from([CONFIG_MAPS, PODS, DEPLOYMENTS, CRONTABS, CRDS, "/api/v1/namespaces/default/services"])


def send(method: str, path: str, body: Any = None, content_type: str = "", *, api: Api = SHARED) -> Answer:
    answer = api.send(method, path, body, content_type=content_type)
    assert isinstance(answer, Answer)
    api.core.settle()
    if answer.status >= 500 and answer.status != 504:  # a version from the future is a 504
        # A kube-apiserver answers some mistakes with a bare 500, and two with an InternalError. A crash has none.
        status = json.loads(answer.body)
        known = "does not exist" in status["message"] or "has no apiVersion field" in status["message"]
        assert "reason" not in status or known, status["message"]
    return answer


@examples(120)
@given(COLLECTIONS, st.dictionaries(_KEYS, _VALUES, max_size=4))
def test_any_document_is_created_or_refused(path: str, document: Json) -> None:
    send("POST", path, document)
    shaped = {"apiVersion": "batch.example.org/v1", "kind": "CronTab", **document, "metadata": {"name": "n"}}
    if path == CRONTABS:
        send("POST", path, shaped)
        send("DELETE", f"{path}/n")


@examples(150)
@given(
    COLLECTIONS,
    st.sampled_from(MEDIA_TYPES),
    st.dictionaries(_KEYS, _VALUES, max_size=3),
    st.sampled_from(["", "/status", "/scale"]),
)
def test_any_patch_is_applied_or_refused(path: str, media_type: str, patch: Json, subresource: str) -> None:
    options = "?fieldManager=m&force=true" if "apply" in media_type else ""
    send("PATCH", f"{path}/a{subresource}{options}", patch, media_type)
    live = send("GET", f"{path}/a")
    if live.status == 200:
        # What is stored can be read, listed and written back.
        document = json.loads(live.body)
        assert send("GET", path).status == 200
        assert send("PUT", f"{path}/a", document).status in (200, 409, 422)


_SHAPES = (5, "x", True, None, [], [1], {}, {"x": 1}, {"replicas": "two"}, {"replicas": None}, {"replicas": 2})
_NAMED = (f"{CONFIG_MAPS}/a", f"{PODS}/a", f"{DEPLOYMENTS}/a", f"{CRONTABS}/a", f"{CRDS}/crontabs.batch.example.org")


@pytest.mark.parametrize("subresource", ["", "/status", "/scale"])
@pytest.mark.parametrize("media_type", MEDIA_TYPES)
@pytest.mark.parametrize("path", _NAMED)
def test_a_top_level_field_of_any_shape_is_patched_or_refused(path: str, media_type: str, subresource: str) -> None:
    api = _api()
    options = "?fieldManager=m&force=true" if "apply" in media_type else ""
    # A Scale that was set before has managers, which every patch computes anew.
    send("PATCH", f"{path}{subresource}", {"spec": {"replicas": 1}}, "application/merge-patch+json", api=api)
    current = json.loads(send("GET", f"{path}{subresource}", api=api).body)
    identity = {name: current.get(name) for name in ("apiVersion", "kind")}
    for field in ("apiVersion", "kind", "metadata", "spec", "status", "data"):
        for shape in _SHAPES:
            patch: Any = {field: shape}
            if "json-patch" in media_type:
                patch = [{"op": "add", "path": f"/{field}", "value": shape}]
            elif "apply" in media_type:
                patch = {**identity, "metadata": {"name": path.rpartition("/")[2]}, field: shape}
            send("PATCH", f"{path}{subresource}{options}", patch, media_type, api=api)


@pytest.mark.parametrize(
    ("media_type", "patch"),
    [(MEDIA_TYPES[0], [{"op": "replace", "path": "/spec", "value": 5}]), (MEDIA_TYPES[1], {"spec": 5})],
)
@pytest.mark.parametrize("path", [DEPLOYMENTS, CRONTABS])
def test_a_patch_that_leaves_no_scale_is_invalid(path: str, media_type: str, patch: Any) -> None:
    answer = send("PATCH", f"{path}/a/scale", patch, media_type, api=_api())
    message = json.loads(answer.body)["message"]
    assert answer.status == 422
    assert "cannot unmarshal number into Go struct field Scale.spec of type ScaleSpec" in message


_POINTERS = st.sampled_from(["", "/", "/metadata", "/spec", "/metadata/labels", "/spec/x/-", "/metadata/name"])
_OPERATIONS = st.fixed_dictionaries(
    {
        "op": st.sampled_from(["add", "remove", "replace", "test", "move", "copy"]),
        "path": _POINTERS,
        "value": _VALUES,
        "from": st.sampled_from(["/spec", "/metadata/labels"]),
    }
)


@examples(60)
@given(COLLECTIONS, st.lists(_OPERATIONS, max_size=3))
def test_any_json_patch_is_applied_or_refused(path: str, operations: list[Json]) -> None:
    send("PATCH", f"{path}/a", operations, MEDIA_TYPES[0])


_PARAMETERS = st.sampled_from(
    ["labelSelector", "fieldSelector", "limit", "continue", "resourceVersion", "resourceVersionMatch", "timeoutSeconds"]
)


@examples(100)
@given(COLLECTIONS, st.dictionaries(_PARAMETERS, st.text(max_size=8), max_size=3))
def test_any_query_is_answered_or_refused(path: str, query: dict[str, str]) -> None:
    assert send("GET", f"{path}?{urlencode(query)}").status in (200, 400, 410, 422, 504)


_SUBS = (
    f"{PODS}/a/eviction",
    f"{PODS}/a/binding",
    "/api/v1/namespaces/default/serviceaccounts/robot/token",
    "/apis/authorization.k8s.io/v1/selfsubjectaccessreviews",
    "/apis/authentication.k8s.io/v1/tokenreviews",
    "/api/v1/namespaces/default/bindings",
)
_OPTION_WORDS = (
    "metadata name spec deleteOptions target dryRun gracePeriodSeconds preconditions uid expirationSeconds audiences "
    "resourceAttributes token propagationPolicy"
)
_OPTION_KEYS = st.sampled_from(_OPTION_WORDS.split())
_OPTIONS = st.dictionaries(
    _OPTION_KEYS,
    st.recursive(
        _SCALARS, lambda inner: st.lists(inner, max_size=2) | st.dictionaries(_OPTION_KEYS, inner, max_size=3)
    ),
    max_size=4,
)


@examples(80)
@given(st.sampled_from(_SUBS), _OPTIONS)
def test_any_small_document_is_answered_or_refused(path: str, document: Json) -> None:
    send("POST", path, document)
    send("DELETE", f"{CONFIG_MAPS}/a?dryRun=All", document)
    send("DELETE", f"{CONFIG_MAPS}/none", document)


@examples(60)
@given(
    st.text(alphabet="/abcpisv1%2F.-:é", max_size=30),
    st.sampled_from(["GET", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"]),
)
def test_any_path_is_answered(path: str, method: str) -> None:
    assert send(method, "/" + path, None).status < 500


def test_a_mistake_in_an_admission_callable_is_an_internal_error(api: Api, caplog: pytest.LogCaptureFixture) -> None:
    def broken(request: AdmissionRequest) -> None:
        raise ValueError("my mistake")

    api.core.admission.hooks.append(broken)
    status = api.fails(500, "POST", CONFIG_MAPS, config_map())
    assert status["message"] == "Internal error occurred: ValueError: my mistake"
    assert "my mistake" in caplog.text
    api.core.admission.hooks.clear()
    api.ok("POST", CONFIG_MAPS, config_map())


def test_H10_duplicate_owners_are_dropped_with_a_warning(api: Api) -> None:
    owner = {"apiVersion": "v1", "kind": "Namespace", "name": "x", "uid": "u"}
    document = config_map("a")
    document["metadata"]["ownerReferences"] = [owner, owner]
    answer = api.send("POST", f"{CONFIG_MAPS}?dryRun=All", document)
    assert json.loads(answer.body)["metadata"]["ownerReferences"] == [owner]  # type: ignore[union-attr]  # an Answer
    assert "duplicate UID(s) observed: u" in dict(answer.headers)["Warning"]
