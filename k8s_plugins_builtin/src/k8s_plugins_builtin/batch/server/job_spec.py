# SPDX-License-Identifier: Apache-2.0
"""The spec of a Job, in a Job and in the template of a CronJob: its defaults and its errors. Pure."""

from __future__ import annotations

from typing import TYPE_CHECKING

from k8s_devkit.strategy.checks import check_domain_prefixed_path
from k8s_devkit.strategy.defaults import objects
from k8s_devkit.strategy.field_errors import Problems
from k8s_devkit.strategy.formats import label_key
from k8s_plugins_builtin.core.server.pods.templates import check_pod_template

if TYPE_CHECKING:
    from k8s_devkit.strategy import Document

__all__ = ["check_spec", "default_failure_policy"]

_ACTIONS = ("Count", "FailIndex", "FailJob", "Ignore")
_OPERATORS = ("In", "NotIn")
_STATUSES = ("False", "True", "Unknown")
_MANY = 100_000


def default_failure_policy(spec: Document) -> None:
    """Fill the defaults of ``podFailurePolicy``."""
    for rule in objects(spec.get("podFailurePolicy") or {}, "rules"):
        for pattern in objects(rule, "onPodConditions"):
            if not pattern.get("status"):
                pattern["status"] = "True"


def check_spec(spec: Document, path: str) -> Problems:
    """The errors of a Job's spec, its selector aside."""
    problems = Problems()
    problems.nonnegative(
        spec,
        path,
        "parallelism",
        "completions",
        "activeDeadlineSeconds",
        "backoffLimit",
        "ttlSecondsAfterFinished",
        "backoffLimitPerIndex",
        "maxFailedIndexes",
    )
    if spec.get("maxFailedIndexes") is not None and spec.get("backoffLimitPerIndex") is None:
        problems.required(f"{path}.backoffLimitPerIndex", "when maxFailedIndexes is specified")
    if spec.get("managedBy") is not None:
        check_domain_prefixed_path(problems, spec["managedBy"], f"{path}.managedBy")
        if len(spec["managedBy"]) > 63:
            problems.too_long(f"{path}.managedBy", 63)
    problems.one_of(spec, path, "completionMode", ("NonIndexed", "Indexed"))
    if spec.get("completionMode") == "Indexed":
        _check_indexed(problems, spec, path)
    else:
        for name in ("backoffLimitPerIndex", "maxFailedIndexes"):
            if spec.get(name) is not None:
                problems.invalid(f"{path}.{name}", spec[name], "requires indexed completion mode")
    _check_policies(problems, spec, path)
    problems += check_pod_template(spec.get("template") or {}, f"{path}.template")
    _check_restart(problems, spec, f"{path}.template.spec.restartPolicy")
    return problems


def _check_indexed(problems: Problems, spec: Document, path: str) -> None:
    completions, failed = spec.get("completions"), spec.get("maxFailedIndexes")
    parallelism = spec.get("parallelism", 1)
    if completions is None:
        problems.required(f"{path}.completions", "when completion mode is Indexed")
    if parallelism > _MANY:
        text = f"must be less than or equal to {_MANY} when completion mode is Indexed"
        problems.invalid(f"{path}.parallelism", parallelism, text)
    if completions is not None and failed is not None and failed > completions:
        problems.invalid(f"{path}.maxFailedIndexes", failed, "must be less than or equal to completions")
    if failed is not None and failed > _MANY:
        problems.invalid(f"{path}.maxFailedIndexes", failed, f"must be less than or equal to {_MANY}")


def _check_policies(problems: Problems, spec: Document, path: str) -> None:
    failure, success = spec.get("podFailurePolicy"), spec.get("successPolicy")
    if failure is not None:
        rules = failure.get("rules") or []
        if len(rules) > 20:
            problems.too_many(f"{path}.podFailurePolicy.rules", len(rules), 20)
        for index, rule in enumerate(rules):
            _check_failure_rule(problems, rule, f"{path}.podFailurePolicy.rules[{index}]", spec)
    if success is not None:
        where = f"{path}.successPolicy"
        if spec.get("completionMode") != "Indexed":
            problems.invalid(where, _success_shown(success), "requires indexed completion mode")
        else:
            _check_success(problems, success.get("rules") or [], f"{where}.rules", spec.get("completions") or 0)
    replacement = spec.get("podReplacementPolicy")
    if replacement is not None:
        choices = ("Failed",) if failure is not None else ("Failed", "TerminatingOrFailed")
        problems.one_of(spec, path, "podReplacementPolicy", choices)


def _listed(choices: tuple[str, ...]) -> str:
    return "valid values: [" + " ".join(f'"{choice}"' for choice in choices) + "]"


def _check_failure_rule(problems: Problems, rule: Document, path: str, spec: Document) -> None:
    action, codes, conditions = rule.get("action", ""), rule.get("onExitCodes"), rule.get("onPodConditions") or []
    if not action:
        problems.required(f"{path}.action", _listed(_ACTIONS))
    elif action == "FailIndex":
        if spec.get("backoffLimitPerIndex") is None:
            problems.invalid(f"{path}.action", action, "requires the backoffLimitPerIndex to be set")
    elif action not in _ACTIONS:
        problems.unsupported(f"{path}.action", action, _ACTIONS)
    if codes is not None:
        _check_exit_codes(problems, codes, f"{path}.onExitCodes", spec)
    for index, condition in enumerate(conditions):
        where, status = f"{path}.onPodConditions[{index}]", condition.get("status", "True")
        problems.invalid(f"{where}.type", condition.get("type", ""), *label_key(condition.get("type", "")))
        if status not in _STATUSES:
            problems.unsupported(f"{where}.status", status, _STATUSES)
    if codes is not None and conditions:
        problems.refused(path, "specifying both OnExitCodes and OnPodConditions is not supported")
    if codes is None and not conditions:
        problems.refused(path, "specifying one of OnExitCodes and OnPodConditions is required")


def _check_exit_codes(problems: Problems, codes: Document, path: str, spec: Document) -> None:
    operator, values = codes.get("operator", ""), codes.get("values") or []
    if not operator:
        problems.required(f"{path}.operator", _listed(_OPERATORS))
    elif operator not in _OPERATORS:
        problems.unsupported(f"{path}.operator", operator, _OPERATORS)
    pod = (spec.get("template") or {}).get("spec") or {}
    names = {part.get("name") for field in ("containers", "initContainers") for part in pod.get(field) or []}
    container = codes.get("containerName")
    if container is not None and container not in names:
        text = "must be one of the container or initContainer names in the pod template"
        problems.invalid(f"{path}.containerName", container, text)
    if not values:
        problems.invalid(f"{path}.values", values or None, "at least one value is required")
    for index, value in enumerate(values):
        if operator == "In" and value == 0:
            problems.invalid(f"{path}.values[{index}]", value, "must not be 0 for the In operator")
        if value in values[:index]:
            problems.duplicate(f"{path}.values[{index}]", value)
    if values != sorted(values):
        problems.invalid(f"{path}.values", values, "must be ordered")


def _success_shown(success: Document) -> Document:
    """A success policy as errors show it: a Go structure."""
    rules = [
        {"SucceededIndexes": rule.get("succeededIndexes"), "SucceededCount": rule.get("succeededCount")}
        for rule in success.get("rules") or []
    ]
    return {"Rules": rules or None}


def _check_success(problems: Problems, rules: list[Document], path: str, completions: int) -> None:
    if not rules:
        problems.required(path, "at least one rules must be specified when the successPolicy is specified")
    if len(rules) > 20:
        problems.too_many(path, len(rules), 20)
    for index, rule in enumerate(rules):
        where, count = f"{path}[{index}]", rule.get("succeededCount")
        if count is None and rule.get("succeededIndexes") is None:
            problems.required(where, "at least one of succeededCount or succeededIndexes must be specified")
        problems.nonnegative(rule, where, "succeededCount")
        if count is not None and count > completions:
            text = f"must be less than or equal to {completions} (the number of specified completions)"
            problems.invalid(f"{where}.succeededCount", count, text)


def _check_restart(problems: Problems, spec: Document, path: str) -> None:
    policy = ((spec.get("template") or {}).get("spec") or {}).get("restartPolicy", "")
    if policy in ("", "Always"):
        problems.required(path, 'valid values: "OnFailure", "Never"')
    elif policy not in ("OnFailure", "Never"):
        problems.unsupported(path, policy, ("OnFailure", "Never"))
    elif spec.get("podFailurePolicy") is not None and policy != "Never":
        problems.invalid(path, policy, 'only "Never" is supported when podFailurePolicy is specified')
