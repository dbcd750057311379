# SPDX-License-Identifier: Apache-2.0
"""Reviews and token requests: answered at once, never stored (protocol J30)."""

from __future__ import annotations

import base64
import json
from datetime import timedelta
from typing import TYPE_CHECKING, Any

from k8s_core.kinds import APIResource
from k8s_devkit.api_server.clock import format_time
from k8s_devkit.api_server.kinds.option_shapes import REVIEW, TOKEN_REQUEST, check_document
from k8s_devkit.api_server.network.messages import HttpRequest
from k8s_devkit.api_server.reads.reading import get_entry
from k8s_devkit.api_server.reads.rendering import render_document
from k8s_devkit.api_server.requests.bodies import read_object
from k8s_devkit.strategy.failures import Failure, bad_request, invalid
from k8s_devkit.strategy.field_errors import invalid_value
from k8s_devkit.strategy.users import User

if TYPE_CHECKING:
    from collections.abc import Callable

    from k8s_devkit.api_server.core import ApiCore, Call
    from k8s_devkit.api_server.network.messages import Answer

__all__ = ["issue_token", "review"]

Json = dict[str, Any]
_TOKEN_REQUEST = APIResource("authentication.k8s.io", "v1", "TokenRequest", "tokenrequests", "tokenrequest")
_HOUR = 3600
_SHORTEST = 600


def review(core: ApiCore, call: Call) -> Answer:
    """POST of a review."""
    document = read_object(call.request, call.kind)
    check_document(document, call.kind.shape() if call.kind.model is not None else REVIEW)
    document["status"] = _REVIEWS[call.kind.name](core, call, document.get("spec") or {})
    metadata = document.setdefault("metadata", {})
    metadata.setdefault("creationTimestamp", None)
    return render_document(call.request, document, 201)


def _access(core: ApiCore, call: Call, spec: Json, user: User) -> Json:
    attributes, path = spec.get("resourceAttributes"), spec.get("nonResourceAttributes")
    errors = []
    if attributes is None and path is None:
        text = "exactly one of nonResourceAttributes or resourceAttributes must be specified"
        errors.append(invalid_value("spec.resourceAttributes", None, text))
    if attributes is not None and path is not None:
        text = "cannot be specified in combination with resourceAttributes"
        errors.append(invalid_value("spec.nonResourceAttributes", path, text))
    attributes = attributes or {}
    if call.kind.name == "LocalSubjectAccessReview" and attributes.get("namespace", "") != call.info.namespace:
        text = "must match metadata.namespace"
        errors.append(invalid_value("spec.resourceAttributes.namespace", attributes.get("namespace", ""), text))
    if errors:
        raise invalid("", "authorization.k8s.io", "", errors)  # the real server names no kind either
    resource = attributes.get("resource", "")
    if attributes.get("subresource"):
        resource += "/" + attributes["subresource"]
    namespace = call.info.namespace or attributes.get("namespace", "")
    allowed = core.authorizer.allowed(
        user, attributes.get("verb", ""), attributes.get("group", ""), resource, namespace, attributes.get("name", "")
    )
    return {"allowed": allowed} if allowed else {"allowed": False, "denied": True, "reason": "denied by a test rule"}


def _self_access(core: ApiCore, call: Call, spec: Json) -> Json:
    return _access(core, call, spec, call.user)


def _subject_access(core: ApiCore, call: Call, spec: Json) -> Json:
    if not spec.get("user") and not spec.get("groups"):
        error = invalid_value("spec.user", "", "at least one of user or group must be specified")
        raise invalid("", "authorization.k8s.io", "", [error])
    return _access(core, call, spec, User(spec.get("user") or "", groups=tuple(spec.get("groups") or ())))


def _self_rules(core: ApiCore, call: Call, spec: Json) -> Json:
    del call
    if not spec.get("namespace"):
        raise bad_request("no namespace on request")
    everything: Json = {"verbs": ["*"], "apiGroups": ["*"], "resources": ["*"]}
    rules = [] if core.authorizer.rules else [everything]
    paths: list[Json] = [{"verbs": ["*"], "nonResourceURLs": ["*"]}]
    # With test rules in force, only a check of a single action says the truth.
    return {"resourceRules": rules, "nonResourceRules": paths, "incomplete": bool(core.authorizer.rules)}


def _user_info(user: User) -> Json:
    info: Json = {"username": user.name, "groups": list(user.groups)}
    if user.uid:
        info["uid"] = user.uid
    if user.extra:
        info["extra"] = {key: list(values) for key, values in user.extra.items()}
    return info


def _token(core: ApiCore, call: Call, spec: Json) -> Json:
    del call
    if not spec.get("token"):
        raise bad_request("token is required for TokenReview in authentication")
    request = HttpRequest("POST", "/", headers={"authorization": f"Bearer {spec['token']}"})
    authenticator, unknown = core.authenticator, {"user": {}, "error": "invalid bearer token"}
    if authenticator is None or not authenticator.knows(spec["token"]):
        return unknown
    try:
        return {"authenticated": True, "user": _user_info(authenticator.user_of(request))}
    except Failure:
        return unknown


def _self_subject(core: ApiCore, call: Call, spec: Json) -> Json:
    del core, spec
    return {"userInfo": _user_info(call.user)}


_REVIEWS: dict[str, Callable[[ApiCore, Call, Json], Json]] = {
    "LocalSubjectAccessReview": _subject_access,
    "SelfSubjectAccessReview": _self_access,
    "SelfSubjectReview": _self_subject,
    "SelfSubjectRulesReview": _self_rules,
    "SubjectAccessReview": _subject_access,
    "TokenReview": _token,
}


def issue_token(core: ApiCore, call: Call) -> Answer:
    """POST of a TokenRequest: a token that this server accepts until it stops."""
    entry = get_entry(core.store, call.kind, call.info.namespace, call.info.name)
    document = read_object(call.request, call.kind, _TOKEN_REQUEST)
    check_document(document, TOKEN_REQUEST)
    spec = document.get("spec") or {}
    document["spec"] = spec
    seconds = spec["expirationSeconds"] = spec.get("expirationSeconds") or _HOUR
    if seconds < _SHORTEST:
        error = invalid_value("spec.expirationSeconds", seconds, "may not specify a duration less than 10 minutes")
        raise invalid("TokenRequest", "authentication.k8s.io", "", [error])
    spec["audiences"] = spec.get("audiences") or ["https://kubernetes.default.svc"]
    now = core.clock()
    name = f"system:serviceaccount:{entry.namespace}:{entry.name}"
    claims = {
        "aud": spec["audiences"],
        "exp": int(now.timestamp()) + seconds,
        "iat": int(now.timestamp()),
        "iss": "https://kubernetes.default.svc",
        "jti": core.identities.uid(),
        "sub": name,
    }
    token = ".".join(_part(item) for item in ({"alg": "none", "typ": "JWT"}, claims)) + "." + _part(entry.uid)
    groups = ("system:serviceaccounts", f"system:serviceaccounts:{entry.namespace}", "system:authenticated")
    if core.authenticator is not None:
        core.authenticator.issued[token] = User(name, entry.uid, groups)
    document["metadata"] = {"name": entry.name, "namespace": entry.namespace, "creationTimestamp": core.now()}
    document["status"] = {"token": token, "expirationTimestamp": format_time(now + timedelta(seconds=seconds))}
    return render_document(call.request, document, 201)


def _part(value: Any) -> str:
    text = json.dumps(value, separators=(",", ":"))
    return base64.urlsafe_b64encode(text.encode()).decode().rstrip("=")
