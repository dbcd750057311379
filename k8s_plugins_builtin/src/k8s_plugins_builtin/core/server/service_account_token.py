# SPDX-License-Identifier: Apache-2.0
"""``serviceaccounts/token``: tokens for programs that run as a ServiceAccount (protocol J30)."""

from __future__ import annotations

import base64
import json
from datetime import UTC, timedelta
from typing import TYPE_CHECKING, Any

from k8s_devkit.strategy import Subresource, User
from k8s_devkit.strategy.context import ObjectReference
from k8s_devkit.strategy.failures import Failure, bad_request, invalid, not_found
from k8s_devkit.strategy.field_errors import invalid_value

if TYPE_CHECKING:
    from k8s_devkit.strategy import ControllerContext, Document, SubresourceCall

__all__ = ["ServiceAccountToken"]

_ISSUER = "https://kubernetes.default.svc"
_HOUR = 3600
_SHORTEST = 600
_BOUND = {("v1", "Pod"): "pods", ("v1", "Secret"): "secrets", ("v1", "Node"): "nodes"}
"""The kinds of objects that a token may live and die with."""


class ServiceAccountToken(Subresource):
    """Answers a TokenRequest with a token that the server accepts until it expires, or what it is bound to is gone."""

    def serve(self, call: SubresourceCall, ctx: ControllerContext) -> Document:
        account = ctx.get("", "serviceaccounts", call.name, call.namespace)
        if account is None:
            raise not_found(call.resource, call.name)
        spec = {**(call.body.get("spec") or {})}
        seconds = spec["expirationSeconds"] = spec.get("expirationSeconds") or _HOUR
        if seconds < _SHORTEST:
            text = "may not specify a duration less than 10 minutes"
            error = invalid_value("spec.expirationSeconds", seconds, text)
            raise invalid("TokenRequest", "authentication.k8s.io", "", [error])
        spec["audiences"] = spec.get("audiences") or [_ISSUER]
        references = [_reference("serviceaccounts", account), *_bound(spec, account, ctx)]
        claims = _claims(references, spec, ctx)
        user = _user_of(account, claims)
        token = _sign(claims, user)
        expires = (ctx.time() + timedelta(seconds=seconds)).astimezone(UTC)
        ctx.access.issue_token(token, user, expires=expires, lives_with=references[:2])  # not with the node of a pod
        return {
            **call.body,
            "metadata": {"name": call.name, "namespace": call.namespace, "creationTimestamp": ctx.now()},
            "spec": spec,
            "status": {"token": token, "expirationTimestamp": expires.strftime("%Y-%m-%dT%H:%M:%SZ")},
        }


def _reference(resource: str, obj: Document) -> ObjectReference:
    metadata = obj["metadata"]
    return ObjectReference("", resource, metadata.get("namespace", ""), metadata["name"], metadata["uid"])


def _bound(spec: Document, account: Document, ctx: ControllerContext) -> list[ObjectReference]:
    """The object that a token is to be bound to, and the node of a pod. Raises `Failure`."""
    wanted = spec.get("boundObjectRef")
    if wanted is None:
        return []
    kind, name = (wanted.get("apiVersion", ""), wanted.get("kind", "")), wanted.get("name", "")
    resource = _BOUND.get(kind)
    if resource is None:
        group, _, version = kind[0].rpartition("/")
        raise bad_request(f"cannot bind token to object of type {group}/{version}, Kind={kind[1]}")
    obj = ctx.get("", resource, name, "" if resource == "nodes" else account["metadata"]["namespace"])
    if obj is None:
        raise Failure(404, "NotFound", f'{resource} "{name}" not found', {"name": name, "kind": resource})
    found = _reference(resource, obj)
    if resource == "pods" and (account_name := account["metadata"]["name"]) != obj["spec"].get("serviceAccountName"):
        text = (
            f'cannot bind token for serviceaccount "{account_name}" to pod running with different serviceaccount name.'
        )
        raise bad_request(text)
    if wanted.get("uid") and wanted["uid"] != found.uid:
        raise _other_uid(kind[1], name, wanted["uid"])
    node = ctx.get("", "nodes", obj["spec"].get("nodeName", "")) if resource == "pods" else None
    return [found] if node is None else [found, _reference("nodes", node)]


def _other_uid(kind: str, name: str, uid: str) -> Failure:
    why = (
        f"the UID in the bound object reference ({uid}) does not match the UID in record. "
        "The object might have been deleted and then recreated"
    )
    text = f'Operation cannot be fulfilled on {kind} "{name}": {why}'
    return Failure(409, "Conflict", text, {"name": name, "kind": kind})


def _claims(references: list[ObjectReference], spec: Document, ctx: ControllerContext) -> Document:
    now, account = int(ctx.time().timestamp()), references[0]
    named = {each.resource.removesuffix("s"): {"name": each.name, "uid": each.uid} for each in references}
    return {
        "aud": spec["audiences"],
        "exp": now + spec["expirationSeconds"],
        "iat": now,
        "iss": _ISSUER,
        "jti": ctx.uid(),
        "kubernetes.io": {"namespace": account.namespace, **named},
        "nbf": now,
        "sub": f"system:serviceaccount:{account.namespace}:{account.name}",
    }


def _user_of(account: Document, claims: Document) -> User:
    """The user that a token stands for; what it is bound to is in the extra fields."""
    metadata, bound = account["metadata"], claims["kubernetes.io"]
    namespace = metadata["namespace"]
    groups = ("system:serviceaccounts", f"system:serviceaccounts:{namespace}", "system:authenticated")
    extra = {"authentication.kubernetes.io/credential-id": (f"JTI={claims['jti']}",)}
    for kind in ("node", "pod"):
        if kind in bound:
            extra[f"authentication.kubernetes.io/{kind}-name"] = (bound[kind]["name"],)
            extra[f"authentication.kubernetes.io/{kind}-uid"] = (bound[kind]["uid"],)
    return User(claims["sub"], metadata["uid"], groups, extra)


def _sign(claims: Document, user: User) -> str:
    """A JSON Web Token that this server alone accepts, so that it needs no signature but something in its place."""
    return ".".join(_part(item) for item in ({"alg": "none", "typ": "JWT"}, claims, user.uid))


def _part(value: Any) -> str:
    text = json.dumps(value, separators=(",", ":"))
    return base64.urlsafe_b64encode(text.encode()).decode().rstrip("=")
