# SPDX-License-Identifier: Apache-2.0
"""What a TokenRequest is answered with, and whom a server takes the bearer for (protocol J30)."""

from __future__ import annotations

import base64
import json
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from wire import Json, Wire

ACCOUNTS = "/api/v1/namespaces/{ns}/serviceaccounts"
TOKEN_REVIEWS = "/apis/authentication.k8s.io/v1/tokenreviews"
OTHER_UID = (
    "the UID in the bound object reference (other) does not match the UID in record. "
    "The object might have been deleted and then recreated"
)
POD = {
    "serviceAccountName": "robot",
    "automountServiceAccountToken": False,
    "containers": [{"name": "a", "image": "a"}],
}


@pytest.fixture
def account(wire: Wire) -> Json:
    """The metadata of a ServiceAccount."""
    metadata: Json = wire.ok("POST", ACCOUNTS, {"metadata": {"name": "robot"}})["metadata"]
    return metadata


def _request(wire: Wire, **spec: Any) -> Json:
    answer: Json = wire.ok("POST", f"{ACCOUNTS}/robot/token", {"spec": {"audiences": ["x"], **spec}})
    return answer


def _claims(token: str) -> Json:
    payload = token.split(".")[1]
    claims: Json = json.loads(base64.urlsafe_b64decode(payload + "=" * (-len(payload) % 4)))
    return claims


def _bound(kind: str, name: str, **more: str) -> Json:
    return {"boundObjectRef": {"apiVersion": "v1", "kind": kind, "name": name, **more}}


def test_the_claims_name_the_account(wire: Wire, account: Json) -> None:
    claims = _claims(_request(wire, expirationSeconds=1200)["status"]["token"])
    assert claims["kubernetes.io"] == {
        "namespace": wire.namespace,
        "serviceaccount": {"name": "robot", "uid": account["uid"]},
    }
    assert claims["sub"] == f"system:serviceaccount:{wire.namespace}:robot"
    assert claims["aud"] == ["x"]
    assert claims["nbf"] == claims["iat"]
    assert claims["exp"] == claims["iat"] + 1200
    assert claims.keys() - {"jti"} == {"aud", "exp", "iat", "iss", "kubernetes.io", "nbf", "sub"}


@pytest.mark.since("1.30")
def test_a_token_has_an_identifier(wire: Wire, account: Json) -> None:
    tokens = [_request(wire)["status"]["token"] for _ in range(2)]
    assert len({_claims(token)["jti"] for token in tokens}) == 2


def test_a_token_may_be_bound_to_an_object(wire: Wire, account: Json) -> None:
    pod = wire.ok("POST", "/api/v1/namespaces/{ns}/pods", {"metadata": {"name": "p"}, "spec": POD})
    secret = wire.ok("POST", "/api/v1/namespaces/{ns}/secrets", {"metadata": {"name": "s"}})
    for kind, obj in (("Pod", pod), ("Secret", secret)):
        name, uid = obj["metadata"]["name"], obj["metadata"]["uid"]
        answer = _request(wire, **_bound(kind, name, uid=uid))
        assert _claims(answer["status"]["token"])["kubernetes.io"][kind.lower()] == {"name": name, "uid": uid}


@pytest.mark.parametrize(
    ("code", "bound", "message"),
    [
        (404, _bound("Pod", "absent"), 'pods "absent" not found'),
        (400, _bound("ConfigMap", "a"), "cannot bind token to object of type /v1, Kind=ConfigMap"),
        (
            409,
            _bound("Secret", "s", uid="other"),
            f'Operation cannot be fulfilled on Secret "s": {OTHER_UID}',
        ),
        (
            400,
            _bound("Pod", "p"),
            'cannot bind token for serviceaccount "robot" to pod running with different serviceaccount name.',
        ),
    ],
    ids=["absent", "other kind", "other uid", "other account"],
)
def test_a_token_cannot_be_bound_to(wire: Wire, account: Json, code: int, bound: Json, message: str) -> None:
    wire.ok("POST", ACCOUNTS, {"metadata": {"name": "other"}})
    spec = {**POD, "serviceAccountName": "other"}
    wire.ok("POST", "/api/v1/namespaces/{ns}/pods", {"metadata": {"name": "p"}, "spec": spec})
    wire.ok("POST", "/api/v1/namespaces/{ns}/secrets", {"metadata": {"name": "s"}})
    status = wire.fails(code, "POST", f"{ACCOUNTS}/robot/token", {"spec": {"audiences": ["x"], **bound}})
    assert status["message"] == message


def test_the_bearer_is_the_account(wire: Wire, account: Json) -> None:
    answer = wire.ok("POST", f"{ACCOUNTS}/robot/token", {"spec": {}})
    review = {"spec": {"token": answer["status"]["token"]}}
    user = wire.ok("POST", TOKEN_REVIEWS, review)["status"]["user"]
    assert (user["username"], user["uid"]) == (f"system:serviceaccount:{wire.namespace}:robot", account["uid"])
    groups = ["system:serviceaccounts", f"system:serviceaccounts:{wire.namespace}", "system:authenticated"]
    assert user["groups"] == groups
