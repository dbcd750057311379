# SPDX-License-Identifier: Apache-2.0
"""The rules for Pods, and for the specs that templates of Pods share with them. Pure."""

from __future__ import annotations

from typing import TYPE_CHECKING

from k8s_devkit.strategy.field_errors import Problems
from k8s_devkit.strategy.formats import (
    dns_label,
    dns_subdomain,
    dns_subdomain_with_underscores,
    in_range,
    ip_address,
    label_key,
)
from k8s_devkit.strategy.labels import check_label_map
from k8s_plugins_builtin.core.server.pods.containers import PodContext, check_containers, check_image_spaces
from k8s_plugins_builtin.core.server.pods.scheduling import (
    check_affinity,
    check_tolerations,
    check_topology_spread,
)
from k8s_plugins_builtin.core.server.pods.security import (
    check_os_fields,
    check_pod_security,
)
from k8s_plugins_builtin.core.server.pods.volumes import check_volumes
from k8s_plugins_builtin.core.server.resources import amount, check_requirements

if TYPE_CHECKING:
    from collections.abc import Iterator

    from k8s_devkit.strategy.document import Document

__all__ = [
    "check_pod",
    "check_pod_annotations",
    "check_pod_spec",
]

_CONTAINER_LISTS = ("containers", "initContainers", "ephemeralContainers")
_RESTART_POLICIES = ("Always", "OnFailure", "Never")
_DNS_POLICIES = ("ClusterFirstWithHostNet", "ClusterFirst", "Default", "None")
_MAX_INT = 2**31 - 1
_MIRROR = "kubernetes.io/config.mirror"
_DELETION_COST = "controller.kubernetes.io/pod-deletion-cost"


def all_containers(spec: Document, path: str) -> Iterator[tuple[Document, str]]:
    """Every container of a pod spec with its path."""
    for name in _CONTAINER_LISTS:
        for index, container in enumerate(spec.get(name) or []):
            yield container, f"{path}.{name}[{index}]"


def check_pod(document: Document, live: Document | None = None) -> Problems:
    """A Pod; what an update may not change is checked elsewhere."""
    spec, metadata = document.get("spec") or {}, document["metadata"]
    problems = check_pod_annotations(metadata.get("annotations") or {}, spec, "metadata.annotations")
    problems += check_pod_spec(spec, "spec", pod_name=metadata.get("name", ""), of_pod=True)
    if not spec.get("serviceAccountName"):
        for index, volume in enumerate(spec.get("volumes") or []):
            for place, source in enumerate((volume.get("projected") or {}).get("sources") or []):
                if source.get("serviceAccountToken") is not None:
                    where = f"spec.volumes[{index}].projected.sources[{place}].serviceAccountToken"
                    problems.forbidden(where, "must not be specified when serviceAccountName is not set")
    for name in ("containers", "initContainers"):
        for index, container in enumerate(spec.get(name) or []):
            check_image_spaces(problems, container, f"spec.{name}[{index}]")
    if live is None:
        if spec.get("ephemeralContainers"):
            problems.forbidden("spec.ephemeralContainers", "cannot be set on create")
        if spec.get("nodeName") and spec.get("schedulingGates"):
            text = "cannot be set until all schedulingGates have been cleared"
            problems.forbidden("spec.nodeName", text)
    return problems


def check_pod_annotations(annotations: Document, spec: Document, path: str) -> Problems:
    """Annotations that mean something to the API server."""
    problems = Problems()
    if _MIRROR in annotations and not spec.get("nodeName"):
        text = "must set spec.nodeName if mirror pod annotation is set"
        problems.invalid(f"{path}[{_MIRROR}]", annotations[_MIRROR], text)
    cost = annotations.get(_DELETION_COST)
    if cost is not None and not _is_int32(cost):
        problems.invalid(f"{path}[{_DELETION_COST}]", cost, "must be a 32bit integer")
    return problems


def _is_int32(text: str) -> bool:
    plain = text.removeprefix("-")
    canonical = plain.isdecimal() and plain.isascii() and (plain == "0" or not plain.startswith("0"))
    return canonical and abs(int(plain)) <= _MAX_INT


def check_pod_spec(spec: Document, path: str, *, pod_name: str = "", of_pod: bool = False) -> Problems:
    """The spec of a pod, in the order of the API server's own checks."""
    volumes, problems = check_volumes(spec.get("volumes") or [], f"{path}.volumes", pod_name)
    claims = {claim["name"] for claim in spec.get("resourceClaims") or [] if claim.get("name")}
    _check_claims(problems, spec.get("resourceClaims") or [], f"{path}.resourceClaims")
    context = PodContext(
        volumes=volumes,
        claims=claims,
        restart_policy=spec.get("restartPolicy", "Always"),
        grace=spec.get("terminationGracePeriodSeconds"),
        host_users=spec.get("hostUsers") is not False,
    )
    problems += check_containers(spec, path, context)
    _check_pod_resources(problems, spec, f"{path}.resources", claims)
    _check_host_network(problems, spec, path, of_pod=of_pod)
    problems.one_of(spec, path, "restartPolicy", _RESTART_POLICIES)
    problems.one_of(spec, path, "dnsPolicy", _DNS_POLICIES)
    problems += check_label_map(spec.get("nodeSelector"), f"{path}.nodeSelector")
    check_pod_security(problems, spec, path)
    check_affinity(problems, spec.get("affinity"), f"{path}.affinity")
    _check_dns(problems, spec, f"{path}.dnsConfig")
    for index, gate in enumerate(spec.get("readinessGates") or []):
        type_ = gate.get("conditionType", "")
        problems.invalid(f"{path}.readinessGates[{index}].conditionType", type_, *label_key(type_))
    _check_gates(problems, spec.get("schedulingGates") or [], f"{path}.schedulingGates")
    check_topology_spread(problems, spec.get("topologySpreadConstraints") or [], f"{path}.topologySpreadConstraints")
    _check_host_users(problems, spec, path)
    _check_names(problems, spec, path)
    check_os_fields(problems, spec, list(all_containers(spec, path)), path)
    return problems


_NAMES = (("serviceAccountName", dns_subdomain), ("nodeName", dns_subdomain))
_LATER_NAMES = (("priorityClassName", dns_subdomain), ("runtimeClassName", dns_subdomain))


def _check_names(problems: Problems, spec: Document, path: str) -> None:
    for name, text_format in _NAMES:
        if spec.get(name):
            problems.invalid(f"{path}.{name}", spec[name], *text_format(spec[name]))
    seconds = spec.get("activeDeadlineSeconds")
    if seconds is not None:
        problems.invalid(f"{path}.activeDeadlineSeconds", seconds, *in_range(seconds, 1, _MAX_INT))
    for name in ("hostname", "subdomain"):
        if spec.get(name):
            problems.invalid(f"{path}.{name}", spec[name], *dns_label(spec[name]))
    problems += check_tolerations(spec.get("tolerations") or [], f"{path}.tolerations")
    for index, alias in enumerate(spec.get("hostAliases") or []):
        where = f"{path}.hostAliases[{index}]"
        problems.invalid(f"{where}.ip", alias.get("ip", ""), *ip_address(alias.get("ip", "")))
        for place, host in enumerate(alias.get("hostnames") or []):
            problems.invalid(f"{where}.hostnames[{place}]", host, *dns_subdomain(host))
    for name, text_format in _LATER_NAMES:
        if spec.get(name):
            problems.invalid(f"{path}.{name}", spec[name], *text_format(spec[name]))
    problems.one_of(spec, path, "preemptionPolicy", ("PreemptLowerPriority", "Never"))
    if spec.get("overhead"):
        problems += check_requirements({"limits": spec["overhead"]}, f"{path}.overhead")


def _check_claims(problems: Problems, claims: list[Document], path: str) -> None:
    seen: set[str] = set()
    for index, claim in enumerate(claims):
        where, name = f"{path}[{index}]", claim.get("name", "")
        if not name:
            problems.required(f"{where}.name")
        elif name in seen:
            problems.duplicate(f"{where}.name", name)
        else:
            problems.invalid(f"{where}.name", name, *dns_label(name))
        seen.add(name)
        sources = ("resourceClaimName", "resourceClaimTemplateName")
        found = [source for source in sources if claim.get(source) is not None]
        shown = {"Name": name, **{source[0].upper() + source[1:]: claim.get(source) for source in sources}}
        if len(found) > 1:
            text = "at most one of `resourceClaimName` or `resourceClaimTemplateName` may be specified"
            problems.invalid(where, shown, text)
        if not found:
            problems.invalid(where, shown, "must specify one of: `resourceClaimName`, `resourceClaimTemplateName`")
        for source in found:
            problems.invalid(f"{where}.{source}", claim[source], *dns_subdomain(claim[source]))


def _check_pod_resources(problems: Problems, spec: Document, path: str, claims: set[str]) -> None:
    resources = spec.get("resources")
    if not resources:
        return
    if resources.get("claims"):
        problems.forbidden(f"{path}.claims", "claims cannot be set for Resources at pod-level")
    problems += check_requirements(resources, path, claims, of_pod=True)
    limits = resources.get("limits") or {}
    for index, container in enumerate(spec.get("containers") or []):
        for name, value in ((container.get("resources") or {}).get("limits") or {}).items():
            if name in limits and amount(value) > amount(limits[name]):
                text = f"must be less than or equal to pod limits of {amount(limits[name])}"
                problems.invalid(f"{path}.containers[{index}][{name}].limits", str(amount(value)), text)


def _check_host_network(problems: Problems, spec: Document, path: str, *, of_pod: bool) -> None:
    if not spec.get("hostNetwork"):
        return
    for index, container in enumerate(spec.get("containers") or []):
        for place, port in enumerate(container.get("ports") or []):
            host, own = port.get("hostPort", 0), port.get("containerPort", 0)
            # Of a pod, the defaults filled in what was left out.
            if (host and host != own) or (of_pod and "hostPort" in port and host != own):
                where = f"{path}.containers[{index}].ports[{place}].hostPort"
                problems.invalid(where, host, "must match `containerPort` when `hostNetwork` is true")


def _check_dns(problems: Problems, spec: Document, path: str) -> None:
    config = spec.get("dnsConfig")
    if spec.get("dnsPolicy") == "None":
        if config is None:
            problems.required(path, "must provide `dnsConfig` when `dnsPolicy` is None")
            return
        if not config.get("nameservers"):
            text = "must provide at least one DNS nameserver when `dnsPolicy` is None"
            problems.required(f"{path}.nameservers", text)
            return
    config = config or {}
    servers, searches = config.get("nameservers") or [], config.get("searches") or []
    if len(servers) > 3:
        problems.invalid(f"{path}.nameservers", servers, "must not have more than 3 nameservers")
    for index, server in enumerate(servers):
        problems.invalid(f"{path}.nameservers[{index}]", server, *ip_address(server))
    if len(searches) > 32:
        problems.invalid(f"{path}.searches", searches, "must not have more than 32 search paths")
    if len(" ".join(searches)) > 2048:
        text = "must not have more than 2048 characters (including spaces) in the search list"
        problems.invalid(f"{path}.searches", searches, text)
    for index, search in enumerate(searches):
        if search != ".":
            plain = search.removesuffix(".")
            problems.invalid(f"{path}.searches[{index}]", plain, *dns_subdomain_with_underscores(plain))
    for index, option in enumerate(config.get("options") or []):
        if not option.get("name"):
            problems.required(f"{path}.options[{index}]", "must not be empty")


def _check_gates(problems: Problems, gates: list[Document], path: str) -> None:
    seen: set[str] = set()
    for index, gate in enumerate(gates):
        name = gate.get("name", "")
        problems.invalid(f"{path}[{index}]", name, *label_key(name))
        if name in seen:
            problems.duplicate(f"{path}[{index}]", name)
        seen.add(name)


def _check_host_users(problems: Problems, spec: Document, path: str) -> None:
    if spec.get("hostUsers") is False:
        for field, shown in (("hostNetwork", "hostNetwork"), ("hostPID", "HostPID"), ("hostIPC", "HostIPC")):
            if spec.get(field):
                problems.forbidden(f"{path}.{shown}", "when `pod.Spec.HostUsers` is false")
