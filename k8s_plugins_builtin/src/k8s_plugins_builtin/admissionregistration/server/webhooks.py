# SPDX-License-Identifier: Apache-2.0
"""How an API server treats the configurations of admission webhooks."""

from __future__ import annotations

from typing import TYPE_CHECKING

from k8s_devkit.strategy import Problems, Strategy
from k8s_devkit.strategy.defaults import fill_paths
from k8s_devkit.strategy.formats import dns_1035_label, dns_subdomain, port_number
from k8s_devkit.strategy.selectors import check_label_selector

if TYPE_CHECKING:
    from collections.abc import Iterable

    from k8s_devkit.strategy import Document, FieldError, ServerContext

__all__ = ["MutatingWebhookConfigurationStrategy", "ValidatingWebhookConfigurationStrategy"]

_REVIEWS = ("v1", "v1beta1")
_OPERATIONS = ("*", "CONNECT", "CREATE", "DELETE", "UPDATE")
_SIDE_EFFECTS = ("None", "NoneOnDryRun")
_DEFAULTS = {
    "webhooks[].failurePolicy": "Fail",
    "webhooks[].matchPolicy": "Equivalent",
    "webhooks[].namespaceSelector": {},
    "webhooks[].objectSelector": {},
    "webhooks[].timeoutSeconds": 10,
    "webhooks[].rules[].scope": "*",
    "webhooks[].clientConfig.service.port": 443,
}


class ValidatingWebhookConfigurationStrategy(Strategy):
    """ValidatingWebhookConfiguration."""

    unconditional_update = False
    generation = "counted"
    standard_finalizers = False

    def default(self, new: Document, old: Document | None) -> None:
        fill_paths(new, _DEFAULTS)

    def validate(self, new: Document, ctx: ServerContext) -> Iterable[FieldError]:
        return [*self.check_metadata(new), *_check(new)]

    def validate_update(self, new: Document, old: Document, ctx: ServerContext) -> Iterable[FieldError]:
        return [*self.check_metadata(new, created=False), *_check(new)]


class MutatingWebhookConfigurationStrategy(ValidatingWebhookConfigurationStrategy):
    """MutatingWebhookConfiguration."""

    def default(self, new: Document, old: Document | None) -> None:
        super().default(new, old)
        fill_paths(new, {"webhooks[].reinvocationPolicy": "Never"})


def _check(new: Document) -> Problems:
    problems = Problems()
    names: set[str] = set()
    for index, hook in enumerate(new.get("webhooks") or []):
        where, name = f"webhooks[{index}]", hook.get("name", "")
        _check_hook(problems, hook, where)
        _check_review_versions(problems, hook.get("admissionReviewVersions") or [], f"{where}.admissionReviewVersions")
        if name and name in names:
            problems.duplicate(f"{where}.name", name)
        names.add(name)
    return problems


def _check_hook(problems: Problems, hook: Document, path: str) -> None:
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


def _check_client(problems: Problems, client: Document, path: str) -> None:
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
        if not service.get("namespace"):
            problems.required(f"{path}.service.name", "service name is required")
        if not service.get("name"):
            problems.required(f"{path}.service.namespace")
        port = service.get("port", 443)
        if port_number(port):
            text = "port is not valid: must be between 1 and 65535, inclusive"
            problems.invalid(f"{path}.service.port", port, text)


def _check_hook_rule(problems: Problems, rule: Document, path: str) -> None:
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
