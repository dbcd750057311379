# SPDX-License-Identifier: Apache-2.0
"""Token requests: answered at once, never stored (protocol J30)."""

from __future__ import annotations

import base64
import json
from datetime import timedelta
from typing import TYPE_CHECKING, Any

from k8s_core.kinds import APIResource
from k8s_devkit.api_server.clock import format_time
from k8s_devkit.api_server.kinds.option_shapes import TOKEN_REQUEST, check_document
from k8s_devkit.api_server.reads.reading import get_entry
from k8s_devkit.api_server.reads.rendering import render_document
from k8s_devkit.strategy.failures import invalid
from k8s_devkit.strategy.field_errors import invalid_value
from k8s_devkit.strategy.users import User

if TYPE_CHECKING:
    from k8s_devkit.api_server.core import ApiCore, Call
    from k8s_devkit.api_server.network.messages import Answer

__all__ = ["issue_token"]

Json = dict[str, Any]
_TOKEN_REQUEST = APIResource("authentication.k8s.io", "v1", "TokenRequest", "tokenrequests", "tokenrequest")
_HOUR = 3600
_SHORTEST = 600


def issue_token(core: ApiCore, call: Call) -> Answer:
    """POST of a TokenRequest: a token that this server accepts until it stops."""
    entry = get_entry(core.store, call.kind, call.info.namespace, call.info.name)
    document = call.kind.codec.read(call.request, call.kind, _TOKEN_REQUEST)
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
