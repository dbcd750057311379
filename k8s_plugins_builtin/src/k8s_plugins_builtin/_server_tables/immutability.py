# SPDX-License-Identifier: Apache-2.0
"""What an update cannot change, with the API server's texts. Pure."""

from __future__ import annotations

from typing import Any

from k8s_devkit.strategy.equality import difference, same
from k8s_devkit.strategy.field_errors import Problems
from k8s_devkit.strategy.immutability import IMMUTABLE as _IMMUTABLE
from k8s_devkit.strategy.immutability import both, forbid, freeze
from k8s_plugins_builtin.core.server.resources import amount
from k8s_plugins_builtin.core.server.storage import VOLUME_SOURCES

__all__ = [
    "check_claim_update",
    "check_frozen_data",
    "check_secret_update",
    "check_storage_class_update",
    "check_volume_update",
]

Json = dict[str, Any]
_CLAIM_TEXT = (
    "spec is immutable after creation except resources.requests and volumeAttributesClassName for bound claims\n"
)
_BETA_CLASS = "volume.beta.kubernetes.io/storage-class"


def check_frozen_data(document: Json, live: Json) -> Problems:
    """A ConfigMap or Secret that was made immutable."""
    problems = Problems()
    if live.get("immutable"):
        text = "field is immutable when `immutable` is set"
        if not document.get("immutable"):
            problems.forbidden("immutable", text)
        for name in ("data", "binaryData"):
            if not same(document.get(name), live.get(name)):
                problems.forbidden(name, text)
    return problems


check_secret_update = both(freeze("type"), check_frozen_data)
check_storage_class_update = both(forbid("parameters", "provisioner", "reclaimPolicy"), freeze("volumeBindingMode"))


def check_claim_update(document: Json, live: Json) -> Problems:
    """A claim: bound ones can grow."""
    spec, old, problems = document.get("spec") or {}, live.get("spec") or {}, Problems()
    bound = (document.get("status") or {}).get("phase") == "Bound"
    problems += _annotation(document, live)
    changed, before = _claim_core(spec), _claim_core(old)
    if not old.get("volumeName"):
        before["volumeName"] = spec.get("volumeName")
    if old.get("storageClassName") is None and spec.get("storageClassName") is not None:
        before["storageClassName"] = spec["storageClassName"]
    now, was = _requested(spec), _requested(old)
    if bound:
        changed["volumeAttributesClassName"] = before.get("volumeAttributesClassName")
    elif now != was:
        changed["storage"], before["storage"] = str(now), str(was)
    if not same(changed, before):
        problems.forbidden("spec", _CLAIM_TEXT + difference(before, changed))
    if now < was and now <= amount(((live.get("status") or {}).get("capacity") or {}).get("storage", 0)):
        problems.forbidden("spec.resources.requests.storage", "field can not be less than status.capacity")
    if not same(spec.get("volumeMode"), old.get("volumeMode")):
        problems.invalid("volumeMode", spec.get("volumeMode"), _IMMUTABLE)
    return problems


def _annotation(document: Json, live: Json) -> Problems:
    problems = Problems()
    now, before = ((part["metadata"].get("annotations") or {}).get(_BETA_CLASS, "") for part in (document, live))
    if now != before:
        problems.invalid(f"metadata.annotations.{_BETA_CLASS}", now, _IMMUTABLE)
    return problems


def _claim_core(spec: Json) -> Json:
    core = dict(spec)
    resources = dict(core.get("resources") or {})
    requests = {name: value for name, value in (resources.get("requests") or {}).items() if name != "storage"}
    core["resources"] = {**resources, "requests": requests}
    return core


def _requested(spec: Json) -> Any:
    return amount(((spec.get("resources") or {}).get("requests") or {}).get("storage", 0))


def check_volume_update(document: Json, live: Json) -> Problems:
    """The source of a volume stays, and where its nodes are once that is said."""
    spec, old, problems = document.get("spec") or {}, live.get("spec") or {}, Problems()
    now, before = ({name: part[name] for name in part if name in VOLUME_SOURCES} for part in (spec, old))
    if "csi" in now and "csi" in before and "controllerExpandSecretRef" not in before["csi"]:
        now["csi"] = {name: value for name, value in now["csi"].items() if name != "controllerExpandSecretRef"}
    if not same(now, before):
        text = f"spec.persistentvolumesource is immutable after creation\n{difference(before, now)}"
        problems.forbidden("spec.persistentvolumesource", text)
    if not same(spec.get("volumeMode"), old.get("volumeMode")):
        problems.invalid("volumeMode", spec.get("volumeMode"), _IMMUTABLE)
    if old.get("nodeAffinity") is not None and not same(spec.get("nodeAffinity"), old["nodeAffinity"]):
        text = "field is immutable, except for updating from beta label to GA"
        problems.invalid("nodeAffinity", spec.get("nodeAffinity"), text)
    return problems
