# SPDX-License-Identifier: Apache-2.0
"""Pods without a kubelet: binding and eviction (protocol H16-H18, J30)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from k8s_devkit.api_server.deletes.deleting import DeleteOptions, delete_entry
from k8s_devkit.api_server.kinds.option_shapes import BINDING, EVICTION, check_document
from k8s_devkit.api_server.reads.rendering import render_document
from k8s_devkit.api_server.reads.selection import LabelTerm, matches_labels
from k8s_devkit.api_server.requests.bodies import decode_document
from k8s_devkit.api_server.subresources.containers import find_pod
from k8s_devkit.strategy.failures import Failure, bad_request, conflict, too_many_requests, unreasoned
from k8s_devkit.strategy.field_errors import required

if TYPE_CHECKING:
    from k8s_devkit.api_server.core import ApiCore, Call
    from k8s_devkit.api_server.network.messages import Answer
    from k8s_devkit.api_server.store import Entry

__all__ = ["bind", "evict", "selector_terms"]

Json = dict[str, Any]
PODS = ("", "pods")
_BUDGETS = ("policy", "poddisruptionbudgets")
_SUCCESS: Json = {"kind": "Status", "apiVersion": "v1", "metadata": {}, "status": "Success", "code": 201}
_VIOLATED = "Cannot evict pod as it would violate the pod's disruption budget."


def _body(call: Call) -> Json:
    media_type = call.request.header("content-type").split(";", 1)[0].strip() or "application/json"
    document = decode_document(call.request.body, media_type)
    if not isinstance(document, dict):
        raise bad_request("couldn't get version/kind; json parse error: json: cannot unmarshal into an object")
    return document


def bind(core: ApiCore, call: Call) -> Answer:
    """POST of a Binding: the pod gets its node."""
    body = _body(call)
    check_document(body, BINDING)
    name = call.info.name or (body.get("metadata") or {}).get("name", "")
    entry = find_pod(core, call, name)
    kind = core.catalog.find("", "v1", "pods")
    assert kind is not None  # find_pod found it
    document = kind.document(entry)
    node = (body.get("target") or {}).get("name", "")
    if not node:
        raise unreasoned(str(required("target.name")))
    if document["spec"].get("nodeName"):
        why = f'pod {name} is already assigned to node "{document["spec"]["nodeName"]}"'
        raise conflict(kind.resource, name, why, kind="pods/binding")
    document["spec"]["nodeName"] = node
    condition = {"type": "PodScheduled", "status": "True", "lastTransitionTime": core.now()}
    conditions = document.setdefault("status", {}).setdefault("conditions", [])
    conditions[:] = [item for item in conditions if item.get("type") != "PodScheduled"] + [condition]
    if not call.request.query.all("dryRun"):
        core.put(kind, document)
    return render_document(call.request, _SUCCESS, 201)


def evict(core: ApiCore, call: Call) -> Answer:
    """POST of an Eviction."""
    body = _body(call)
    check_document(body, EVICTION)
    name = (body.get("metadata") or {}).get("name", "")
    if name != call.info.name:
        raise bad_request("name in URL does not match name in Eviction object")
    entry = find_pod(core, call, name)
    pod = entry.document()
    options = body.get("deleteOptions") or {}
    dry_run = bool(options.get("dryRun") or call.request.query.all("dryRun"))
    finished = (pod.get("status") or {}).get("phase") in ("Succeeded", "Failed")
    if not finished and not pod["metadata"].get("deletionTimestamp"):
        budgets = [item for item in core.store.entries(_BUDGETS, entry.namespace) if _guards(item, entry)]
        if len(budgets) > 1:
            return render_document(call.request, _several_budgets(), 201)
        if budgets:
            _spend(core, budgets[0], name, dry_run=dry_run)
    preconditions = options.get("preconditions") or {}
    deletion = DeleteOptions(
        grace=options.get("gracePeriodSeconds"),
        policy=options.get("propagationPolicy") or "",
        uid=preconditions.get("uid") or "",
        version=preconditions.get("resourceVersion") or "",
        dry_run=dry_run,
    )
    kind = core.catalog.find("", "v1", "pods")
    assert kind is not None  # find_pod found it
    delete_entry(core, kind, entry, deletion, call)
    return render_document(call.request, _SUCCESS, 201)


def _several_budgets() -> Json:
    """The odd answer for a pod with two budgets: HTTP 201 that is a failure (C38)."""
    message = "This pod has more than one PodDisruptionBudget, which the eviction subresource does not support."
    return Failure(500, "", message).document()


def selector_terms(selector: Json | None) -> tuple[LabelTerm, ...] | None:
    """The terms of a LabelSelector; None for an absent one, which selects nothing (C16)."""
    if selector is None:
        return None
    operators = {"In": "in", "NotIn": "notin", "Exists": "exists", "DoesNotExist": "!exists"}
    terms = [LabelTerm(key, "=", frozenset({value})) for key, value in (selector.get("matchLabels") or {}).items()]
    terms.extend(
        LabelTerm(item["key"], operators[item["operator"]], frozenset(item.get("values") or ()))
        for item in selector.get("matchExpressions") or []
    )
    return tuple(terms)


def _guards(budget: Entry, pod: Entry) -> bool:
    terms = selector_terms((budget.document().get("spec") or {}).get("selector"))
    return terms is not None and matches_labels(terms, pod.labels)


def _spend(core: ApiCore, entry: Entry, pod: str, *, dry_run: bool) -> None:
    """Take one disruption from a budget, or raise the 429 (H17)."""
    kind = core.catalog.of_store(_BUDGETS)
    assert kind is not None  # there is an object of it
    document = kind.document(entry)
    status, name = document.setdefault("status", {}), entry.name
    if status.get("observedGeneration", 0) < document["metadata"].get("generation", 0):
        text = f"The disruption budget {name} is still being processed by the server."
        raise too_many_requests(_VIOLATED, 10, [{"reason": "DisruptionBudget", "message": text}])
    allowed = status.get("disruptionsAllowed", 0)
    if allowed <= 0:
        wanted, healthy = status.get("desiredHealthy", 0), status.get("currentHealthy", 0)
        text = f"The disruption budget {name} needs {wanted} healthy pods and has {healthy} currently"
        raise too_many_requests(_VIOLATED, 0, [{"reason": "DisruptionBudget", "message": text}])
    status["disruptionsAllowed"] = allowed - 1
    status.setdefault("disruptedPods", {})[pod] = core.now()
    if not dry_run:
        core.put(kind, document)
