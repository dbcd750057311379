# SPDX-License-Identifier: Apache-2.0
"""``serviceaccounts/token``: tokens for programs that run as a ServiceAccount (protocol J30)."""

from __future__ import annotations

import base64
import json
from datetime import UTC, timedelta
from typing import TYPE_CHECKING, Any

from k8s_devkit.strategy import Subresource, User
from k8s_devkit.strategy.context import ObjectReference
from k8s_devkit.strategy.failures import invalid, not_found
from k8s_devkit.strategy.field_errors import invalid_value

if TYPE_CHECKING:
    from k8s_devkit.strategy import ControllerContext, Document, SubresourceCall

__all__ = ["ServiceAccountToken"]

_ISSUER = "https://kubernetes.default.svc"
_HOUR = 3600
_SHORTEST = 600


class ServiceAccountToken(Subresource):
    """Answers a TokenRequest with a token that the server accepts until it stops."""

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
        user = _user_of(account)
        token = _sign(_claims(account, user, spec, ctx), user)
        expires = (ctx.time() + timedelta(seconds=seconds)).astimezone(UTC)
        reference = ObjectReference("", "serviceaccounts", call.namespace, call.name, user.uid)
        ctx.access.issue_token(token, user, expires=expires, lives_with=[reference])
        return {
            **call.body,
            "metadata": {"name": call.name, "namespace": call.namespace, "creationTimestamp": ctx.now()},
            "spec": spec,
            "status": {"token": token, "expirationTimestamp": expires.strftime("%Y-%m-%dT%H:%M:%SZ")},
        }


def _user_of(account: Document) -> User:
    metadata = account["metadata"]
    namespace = metadata["namespace"]
    groups = ("system:serviceaccounts", f"system:serviceaccounts:{namespace}", "system:authenticated")
    return User(f"system:serviceaccount:{namespace}:{metadata['name']}", metadata["uid"], groups)


def _claims(account: Document, user: User, spec: Document, ctx: ControllerContext) -> Document:
    now, metadata = int(ctx.time().timestamp()), account["metadata"]
    named = {"name": metadata["name"], "uid": metadata["uid"]}
    return {
        "aud": spec["audiences"],
        "exp": now + spec["expirationSeconds"],
        "iat": now,
        "iss": _ISSUER,
        "jti": ctx.uid(),
        "kubernetes.io": {"namespace": metadata["namespace"], "serviceaccount": named},
        "nbf": now,
        "sub": user.name,
    }


def _sign(claims: Document, user: User) -> str:
    """A JSON Web Token that this server alone accepts, so that it needs no signature but something in its place."""
    return ".".join(_part(item) for item in ({"alg": "none", "typ": "JWT"}, claims, user.uid))


def _part(value: Any) -> str:
    text = json.dumps(value, separators=(",", ":"))
    return base64.urlsafe_b64encode(text.encode()).decode().rstrip("=")
