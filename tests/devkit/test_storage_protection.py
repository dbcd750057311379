# SPDX-License-Identifier: Apache-2.0
"""Claims that pods use, volumes that are bound and classes of their attributes wait for their deletion, and go when
the time has come."""

from __future__ import annotations

from typing import Any

import pytest
from server_core import PODS, Api, pod

Json = dict[str, Any]
CLAIMS = "/api/v1/namespaces/default/persistentvolumeclaims"
VOLUMES = "/api/v1/persistentvolumes"


def _claim(name: str = "data") -> Json:
    return {
        "metadata": {"name": name},
        "spec": {"accessModes": ["ReadWriteOnce"], "resources": {"requests": {"storage": "1Gi"}}},
    }


def _user(name: str, claim: str) -> Json:
    document = pod(name)
    document["spec"]["volumes"] = [{"name": "data", "persistentVolumeClaim": {"claimName": claim}}]
    return document


def test_an_unused_claim_goes() -> None:
    api = Api()
    assert api.ok("POST", CLAIMS, _claim())["metadata"]["finalizers"] == ["kubernetes.io/pvc-protection"]
    answer = api.ok("DELETE", f"{CLAIMS}/data")
    assert answer["metadata"]["deletionTimestamp"]
    api.fails(404, "GET", f"{CLAIMS}/data")


def test_a_claim_in_use_waits_for_the_last_pod() -> None:
    api = Api()
    api.ok("POST", CLAIMS, _claim())
    for name in ("a", "b"):
        api.ok("POST", PODS, _user(name, "data"))
    api.ok("POST", PODS, _user("other", "elsewhere"))
    api.ok("DELETE", f"{CLAIMS}/data")
    assert api.ok("GET", f"{CLAIMS}/data")["metadata"]["deletionTimestamp"]
    api.ok("DELETE", f"{PODS}/a")
    assert api.ok("GET", f"{CLAIMS}/data")
    done = api.ok("GET", f"{PODS}/b")
    api.ok("PUT", f"{PODS}/b/status", {**done, "status": {"phase": "Succeeded"}})
    api.fails(404, "GET", f"{CLAIMS}/data")


def test_a_finalizer_of_somebody_else_still_holds_a_claim() -> None:
    api = Api()
    claim = _claim()
    claim["metadata"]["finalizers"] = ["example.org/backup"]
    api.ok("POST", CLAIMS, claim)
    api.ok("DELETE", f"{CLAIMS}/data")
    assert api.ok("GET", f"{CLAIMS}/data")["metadata"]["finalizers"] == ["example.org/backup"]


def test_a_bound_volume_waits() -> None:
    api = Api()
    spec = {"capacity": {"storage": "1Gi"}, "accessModes": ["ReadWriteOnce"], "hostPath": {"path": "/data"}}
    volume = api.ok("POST", VOLUMES, {"metadata": {"name": "disk"}, "spec": spec})
    api.ok("PUT", f"{VOLUMES}/disk/status", {**volume, "status": {"phase": "Bound"}})
    api.ok("DELETE", f"{VOLUMES}/disk")
    waiting = api.ok("GET", f"{VOLUMES}/disk")
    assert waiting["metadata"]["finalizers"] == ["kubernetes.io/pv-protection"]
    api.ok("PUT", f"{VOLUMES}/disk/status", {**waiting, "status": {"phase": "Released"}})
    api.fails(404, "GET", f"{VOLUMES}/disk")


def test_a_namespace_with_claims_ends() -> None:
    api = Api()
    api.ok("POST", "/api/v1/namespaces", {"metadata": {"name": "gone"}})
    inside = CLAIMS.replace("default", "gone")
    api.ok("POST", inside, _claim())
    user = _user("a", "data")
    api.ok("POST", PODS.replace("default", "gone"), user)
    api.ok("DELETE", "/api/v1/namespaces/gone")
    api.fails(404, "GET", "/api/v1/namespaces/gone")


def test_protection_is_not_a_simulation_that_a_test_switches_on() -> None:
    with pytest.raises(ValueError, match="nothing simulates 'persistentvolumes'"):
        Api().core.controllers.simulate(("persistentvolumes",))


# Classes of attributes


CLASSES = "/apis/storage.k8s.io/v1/volumeattributesclasses"
CLASS: Json = {"metadata": {"name": "fast"}, "driverName": "d.example.org", "parameters": {"iops": "9"}}


def test_an_unused_class_of_attributes_goes() -> None:
    api = Api()
    assert api.ok("POST", CLASSES, CLASS)["metadata"]["finalizers"] == ["kubernetes.io/vac-protection"]
    api.ok("DELETE", f"{CLASSES}/fast")
    api.fails(404, "GET", f"{CLASSES}/fast")


def test_a_class_of_attributes_waits_for_the_last_claim() -> None:
    api = Api()
    api.ok("POST", CLASSES, CLASS)
    claim = _claim()
    claim["spec"]["volumeAttributesClassName"] = "fast"
    api.ok("POST", CLAIMS, claim)
    api.ok("POST", CLAIMS, _claim("other"))
    api.ok("DELETE", f"{CLASSES}/fast")
    api.ok("DELETE", f"{CLAIMS}/other")
    assert api.ok("GET", f"{CLASSES}/fast")["metadata"]["deletionTimestamp"]
    api.ok("DELETE", f"{CLAIMS}/data")
    api.fails(404, "GET", f"{CLASSES}/fast")
