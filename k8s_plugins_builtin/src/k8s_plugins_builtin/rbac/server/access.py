# SPDX-License-Identifier: Apache-2.0
"""Who may do what, and who is asked: RBAC, admission webhooks, certificates, aggregated APIs, flow control. Pure."""

from __future__ import annotations

import base64
from typing import Any

from k8s_devkit.strategy.field_errors import Problems
from k8s_devkit.strategy.formats import dns_1035_label, dns_subdomain, path_segment, port_number
from k8s_devkit.strategy.selectors import check_label_selector

__all__ = [
    "check_api_service",
    "check_certificate_request",
    "check_cluster_role",
    "check_cluster_role_binding",
    "check_role",
    "check_role_binding",
    "check_webhooks",
]

Json = dict[str, Any]
_RBAC = "rbac.authorization.k8s.io"
_SUBJECTS = ("ServiceAccount", "User", "Group")
_REVIEWS = ("v1", "v1beta1")
_OPERATIONS = ("*", "CONNECT", "CREATE", "DELETE", "UPDATE")
_SIDE_EFFECTS = ("None", "NoneOnDryRun")
_USAGE_WORDS = """
any, cert sign, client auth, code signing, content commitment, crl sign, data encipherment, decipher only,
digital signature, email protection, encipher only, ipsec end system, ipsec tunnel, ipsec user, key agreement,
key encipherment, microsoft sgc, netscape sgc, ocsp signing, s/mime, server auth, signing, timestamping
"""
_USAGES = frozenset(word.strip() for word in _USAGE_WORDS.split(","))


def check_role(document: Json, live: Json | None = None) -> Problems:
    """A Role."""
    return _check_rules(document, namespaced=True)


def check_cluster_role(document: Json, live: Json | None = None) -> Problems:
    """A ClusterRole."""
    problems = _check_rules(document, namespaced=False)
    aggregation = document.get("aggregationRule")
    if aggregation is not None:
        selectors, where = aggregation.get("clusterRoleSelectors") or [], "aggregationRule.clusterRoleSelectors"
        if not selectors:
            text = "at least one clusterRoleSelector required if aggregationRule is non-nil"
            problems.required(where, text)
        for index, selector in enumerate(selectors):
            problems += check_label_selector(selector, f"{where}[{index}]")
    return problems


def _check_rules(document: Json, *, namespaced: bool) -> Problems:
    problems = Problems()
    for index, rule in enumerate(document.get("rules") or []):
        where, urls = f"rules[{index}]", rule.get("nonResourceURLs") or []
        if not rule.get("verbs"):
            problems.required(f"{where}.verbs", "verbs must contain at least one value")
        if urls:
            if namespaced:
                text = "namespaced rules cannot apply to non-resource URLs"
                problems.invalid(f"{where}.nonResourceURLs", urls, text)
            if rule.get("apiGroups") or rule.get("resources") or rule.get("resourceNames"):
                text = "rules cannot apply to both regular resources and non-resource URLs"
                problems.invalid(f"{where}.nonResourceURLs", urls, text)
            continue
        if not rule.get("apiGroups"):
            problems.required(f"{where}.apiGroups", "resource rules must supply at least one api group")
        if not rule.get("resources"):
            problems.required(f"{where}.resources", "resource rules must supply at least one resource")
    return problems


def check_role_binding(document: Json, live: Json | None = None) -> Problems:
    """A RoleBinding."""
    return _check_binding(document, ("Role", "ClusterRole"), namespaced=True)


def check_cluster_role_binding(document: Json, live: Json | None = None) -> Problems:
    """A ClusterRoleBinding."""
    return _check_binding(document, ("ClusterRole",), namespaced=False)


def _check_binding(document: Json, kinds: tuple[str, ...], *, namespaced: bool) -> Problems:
    problems, role = Problems(), document.get("roleRef") or {}
    if role.get("apiGroup", _RBAC) != _RBAC:
        problems.unsupported("roleRef.apiGroup", role["apiGroup"], (_RBAC,))
    if role.get("kind", "") not in kinds:
        problems.unsupported("roleRef.kind", role.get("kind", ""), kinds)
    if not role.get("name"):
        problems.required("roleRef.name")
    else:
        problems.invalid("roleRef.name", role["name"], *path_segment(role["name"]))
    for index, subject in enumerate(document.get("subjects") or []):
        _check_subject(problems, subject, f"subjects[{index}]", namespaced=namespaced)
    return problems


def _check_subject(problems: Problems, subject: Json, path: str, *, namespaced: bool) -> None:
    name, kind = subject.get("name", ""), subject.get("kind", "")
    group = subject.get("apiGroup", "" if kind == "ServiceAccount" else _RBAC)
    if not name:
        problems.required(f"{path}.name")
    if kind == "ServiceAccount":
        if name:
            problems.invalid(f"{path}.name", name, *dns_subdomain(name))
        if group:
            problems.unsupported(f"{path}.apiGroup", group, ("",))
        if not namespaced and not subject.get("namespace"):
            problems.required(f"{path}.namespace")
    elif kind in _SUBJECTS:
        if group != _RBAC:
            problems.unsupported(f"{path}.apiGroup", group, (_RBAC,))
    else:
        problems.unsupported(f"{path}.kind", kind, _SUBJECTS)


def check_webhooks(document: Json, live: Json | None = None) -> Problems:
    """A ValidatingWebhookConfiguration or MutatingWebhookConfiguration."""
    problems, names = Problems(), set()
    for index, hook in enumerate(document.get("webhooks") or []):
        where, name = f"webhooks[{index}]", hook.get("name", "")
        _check_hook(problems, hook, where)
        _check_review_versions(problems, hook.get("admissionReviewVersions") or [], f"{where}.admissionReviewVersions")
        if name and name in names:
            problems.duplicate(f"{where}.name", name)
        names.add(name)
    return problems


def _check_hook(problems: Problems, hook: Json, path: str) -> None:
    name = hook.get("name", "")
    if not name:
        problems.required(f"{path}.name")
    elif faults := dns_subdomain(name):
        problems.invalid(f"{path}.name", name, ",".join(faults))
    elif name.count(".") < 2:
        text = "should be a domain with at least three segments separated by dots"
        problems.invalid(f"{path}.name", name, text)
    for index, rule in enumerate(hook.get("rules") or []):
        _check_hook_rule(problems, rule, f"{path}.rules[{index}]")
    problems.one_of(hook, path, "failurePolicy", ("Fail", "Ignore"))
    problems.one_of(hook, path, "matchPolicy", ("Equivalent", "Exact"))
    if hook.get("sideEffects") is None:
        problems.required(f"{path}.sideEffects", "must specify one of None, NoneOnDryRun")
    problems.one_of(hook, path, "sideEffects", _SIDE_EFFECTS)
    seconds = hook.get("timeoutSeconds")
    if seconds is not None and not 1 <= seconds <= 30:
        problems.invalid(f"{path}.timeoutSeconds", seconds, "the timeout value must be between 1 and 30 seconds")
    for selector in ("namespaceSelector", "objectSelector"):
        problems += check_label_selector(hook.get(selector), f"{path}.{selector}")
    problems.one_of(hook, path, "reinvocationPolicy", ("IfNeeded", "Never"))
    _check_client(problems, hook.get("clientConfig") or {}, f"{path}.clientConfig")


def _check_client(problems: Problems, client: Json, path: str) -> None:
    url, service = client.get("url"), client.get("service")
    if (url is None) == (service is None):
        problems.required(path, "exactly one of url or service is required")
    elif url is not None:
        scheme = url.partition(":")[0] if "://" in url else ""
        if scheme != "https":
            text = "'https' is the only allowed URL scheme; desired format: https://host[/path]"
            problems.invalid(f"{path}.url", scheme, text)
        elif not url.removeprefix("https://").partition("/")[0]:
            text = "host must be specified; desired format: https://host[/path]"
            problems.invalid(f"{path}.url", "", text)
    elif service is not None:
        # The API server mistakes the one for the other.
        for name, blamed in (("namespace", "name"), ("name", "namespace")):
            if not service.get(name):
                problems.required(f"{path}.service.{blamed}", f"service {blamed} is required")
        port = service.get("port", 443)
        if port_number(port):
            text = "port is not valid: must be between 1 and 65535, inclusive"
            problems.invalid(f"{path}.service.port", port, text)


def _check_hook_rule(problems: Problems, rule: Json, path: str) -> None:
    operations = rule.get("operations") or []
    if not operations:
        problems.required(f"{path}.operations")
    if len(operations) > 1 and "*" in operations:
        text = "if '*' is present, must not specify other operations"
        problems.invalid(f"{path}.operations", operations, text)
    for index, operation in enumerate(operations):
        if operation not in _OPERATIONS:
            problems.unsupported(f"{path}.operations[{index}]", operation, _OPERATIONS)
    for name, words in (("apiGroups", "API groups"), ("apiVersions", "API versions")):
        values = rule.get(name) or []
        if not values:
            problems.required(f"{path}.{name}")
        if len(values) > 1 and "*" in values:
            problems.invalid(f"{path}.{name}", values, f"if '*' is present, must not specify other {words}")
    resources = rule.get("resources") or []
    if not resources:
        problems.required(f"{path}.resources")
    if len(resources) > 1 and "*/*" in resources:
        text = "if '*/*' is present, must not specify other resources"
        problems.invalid(f"{path}.resources", resources, text)
    if "*" in resources and any("/" not in name and name != "*" for name in resources):
        text = "if '*' is present, must not specify other resources without subresources"
        problems.invalid(f"{path}.resources", resources, text)
    problems.one_of(rule, path, "scope", ("*", "Cluster", "Namespaced"))


def _check_review_versions(problems: Problems, versions: list[str], path: str) -> None:
    if not versions:
        problems.required(path, f"must specify one of {', '.join(_REVIEWS)}")
        return
    for index, version in enumerate(versions):
        if version in versions[:index]:
            problems.invalid(f"{path}[{index}]", version, "duplicate version")
        else:
            problems.invalid(f"{path}[{index}]", version, *dns_1035_label(version))
    if not set(versions) & set(_REVIEWS):
        problems.invalid(path, versions, f"must include at least one of {', '.join(_REVIEWS)}")


def check_certificate_request(document: Json, live: Json | None = None) -> Problems:
    """A CertificateSigningRequest; the signature of its request is not looked at."""
    spec, problems = document.get("spec") or {}, Problems()
    request = base64.b64decode(spec.get("request", ""))
    if (
        b"-----BEGIN CERTIFICATE REQUEST-----" not in request
        and b"-----BEGIN NEW CERTIFICATE REQUEST-----" not in request
    ):
        text = "PEM block type must be CERTIFICATE REQUEST"
        problems.invalid("spec.request", spec.get("request"), text)
    usages, signer = spec.get("usages") or [], spec.get("signerName", "")
    if not usages:
        problems.required("spec.usages")
    for index, usage in enumerate(usages):
        if usage not in _USAGES:
            problems.unsupported(f"spec.usages[{index}]", usage, sorted(_USAGES))
    for index, usage in enumerate(usages):
        if usage in usages[:index]:
            problems.duplicate(f"spec.usages[{index}]", usage)
    if signer == "kubernetes.io/legacy-unknown":
        text = "the legacy signerName is not allowed via this API version"
        problems.invalid("spec.signerName", signer, text)
    elif not signer:
        problems.required("spec.signerName")
    elif signer.count("/") != 1:
        text = "must be a fully qualified domain and path of the form 'example.com/signer-name'"
        problems.invalid("spec.signerName", signer, text)
    seconds = spec.get("expirationSeconds")
    if seconds is not None and seconds < 600:
        text = "may not specify a duration less than 600 seconds (10 minutes)"
        problems.invalid("spec.expirationSeconds", seconds, text)
    return problems


def check_api_service(document: Json, live: Json | None = None) -> Problems:
    """An APIService."""
    spec, problems, name = document.get("spec") or {}, Problems(), document["metadata"].get("name", "")
    group, version, service = spec.get("group", ""), spec.get("version", ""), spec.get("service")
    wanted = f"{version}.{group}"
    if name != wanted and not path_segment(name):
        problems.invalid("metadata.name", name, f'must be `spec.version+"."+spec.group`: "{wanted}"')
    if not group and version != "v1":
        problems.required("spec.group", "only v1 may have an empty group and it better be legacy kube")
    if group:
        problems.invalid("spec.group", group, *dns_subdomain(group))
    problems.invalid("spec.version", version, *dns_1035_label(version))
    for field, most in (("groupPriorityMinimum", 20000), ("versionPriority", 1000)):
        if not 0 < spec.get(field, 0) <= most:
            problems.invalid(f"spec.{field}", spec.get(field, 0), f"must be positive and less than {most}")
    insecure, bundle = spec.get("insecureSkipTLSVerify"), spec.get("caBundle")
    if service is None:
        if bundle:
            shown = f"{len(base64.b64decode(bundle))} bytes"
            problems.invalid("spec.caBundle", shown, "local APIServices may not have a caBundle")
        if insecure:
            text = "local APIServices may not have insecureSkipTLSVerify"
            problems.invalid("spec.insecureSkipTLSVerify", True, text)
        return problems
    for field in ("namespace", "name"):
        if not service.get(field):
            problems.required(f"spec.service.{field}")
    if insecure and bundle:
        problems.invalid("spec.insecureSkipTLSVerify", True, "may not be true if caBundle is present")
    return problems
