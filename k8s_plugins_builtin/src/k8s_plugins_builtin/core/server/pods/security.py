# SPDX-License-Identifier: Apache-2.0
"""Security contexts of pods and containers. Pure."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from k8s_devkit.strategy.formats import dns_subdomain, in_range
from k8s_plugins_builtin.core.server.pods.paths import check_descending_path

if TYPE_CHECKING:
    from k8s_devkit.strategy.document import Document
    from k8s_devkit.strategy.field_errors import Problems

__all__ = ["check_container_security", "check_os_fields", "check_pod_security"]

_SYSCTL = "([a-z0-9]([-_a-z0-9]*[a-z0-9])?[\\./])*[a-z0-9]([-_a-z0-9]*[a-z0-9])?"
_NET = ("net.",)
_IPC = ("kernel.shm", "kernel.msg", "kernel.sem", "fs.mqueue.")
_PROFILES = ("Localhost", "RuntimeDefault", "Unconfined")
_NOT_WINDOWS = "cannot be set for a windows pod"
_POD_ONLY_LINUX = (
    "appArmorProfile",
    "seLinuxOptions",
    "seccompProfile",
    "fsGroup",
    "fsGroupChangePolicy",
    "sysctls",
    "runAsUser",
    "runAsGroup",
    "supplementalGroups",
    "supplementalGroupsPolicy",
    "seLinuxChangePolicy",
)
_CONTAINER_ONLY_LINUX = (
    "appArmorProfile",
    "seLinuxOptions",
    "seccompProfile",
    "capabilities",
    "readOnlyRootFilesystem",
    "privileged",
    "allowPrivilegeEscalation",
    "procMount",
    "runAsUser",
    "runAsGroup",
)


def _check_ids(problems: Problems, context: Document, path: str, *names: str) -> None:
    for name in names:
        if context.get(name) is not None:
            problems.invalid(f"{path}.{name}", context[name], *in_range(context[name]))


def check_pod_security(problems: Problems, spec: Document, path: str) -> None:
    """The security context of a pod."""
    context, where = spec.get("securityContext") or {}, f"{path}.securityContext"
    _check_ids(problems, context, where, "fsGroup", "runAsUser", "runAsGroup")
    for index, group in enumerate(context.get("supplementalGroups") or []):
        problems.invalid(f"{where}.supplementalGroups[{index}]", group, *in_range(group))
    if spec.get("shareProcessNamespace") and spec.get("hostPID"):
        text = "ShareProcessNamespace and HostPID cannot both be enabled"
        problems.invalid(f"{where}.shareProcessNamespace", True, text)
    _check_sysctls(problems, context.get("sysctls") or [], spec, f"{where}.sysctls")
    problems.one_of(context, where, "fsGroupChangePolicy", ("Always", "OnRootMismatch"))
    _check_seccomp(problems, context.get("seccompProfile"), f"{where}.seccompProfile")
    _check_windows(problems, context.get("windowsOptions"), f"{where}.windowsOptions")
    _check_apparmor(problems, context.get("appArmorProfile"), f"{where}.appArmorProfile")
    problems.one_of(context, where, "supplementalGroupsPolicy", ("Merge", "Strict"))
    problems.one_of(context, where, "seLinuxChangePolicy", ("MountOption", "Recursive"))


def _check_sysctls(problems: Problems, sysctls: list[Document], spec: Document, path: str) -> None:
    seen: set[str] = set()
    for index, sysctl in enumerate(sysctls):
        name, where = sysctl.get("name", ""), f"{path}[{index}].name"
        if not name:
            problems.required(where)
        elif len(name) > 253 or not re.fullmatch(_SYSCTL, name):
            problems.invalid(where, name, f"must have at most 253 characters and match regex ^{_SYSCTL}$")
        elif name in seen:
            problems.duplicate(where, name)
        dotted = name.replace("/", ".")
        if spec.get("hostNetwork") and dotted.startswith(_NET):
            problems.invalid(where, name, "may not be specified when 'hostNetwork' is true")
        elif spec.get("hostIPC") and dotted.startswith(_IPC):
            problems.invalid(where, name, "may not be specified when 'hostIPC' is true")
        seen.add(name)


def check_container_security(problems: Problems, context: Document | None, path: str, *, host_users: bool) -> None:
    """The security context of a container; None for none."""
    if context is None:
        return
    _check_ids(problems, context, path, "runAsUser", "runAsGroup")
    problems.one_of(context, path, "procMount", ("Default", "Unmasked"))
    if host_users and context.get("procMount") == "Unmasked":
        problems.invalid(f"{path}.procMount", "Unmasked", "`hostUsers` must be false to use `Unmasked`")
    _check_seccomp(problems, context.get("seccompProfile"), f"{path}.seccompProfile")
    if context.get("allowPrivilegeEscalation") is False:
        if context.get("privileged"):
            text = "cannot set `allowPrivilegeEscalation` to false and `privileged` to true"
            problems.invalid(path, _go_context(context), text)
        if "CAP_SYS_ADMIN" in ((context.get("capabilities") or {}).get("add") or []):
            text = "cannot set `allowPrivilegeEscalation` to false and `capabilities.Add` CAP_SYS_ADMIN"
            problems.invalid(path, _go_context(context), text)
    _check_windows(problems, context.get("windowsOptions"), f"{path}.windowsOptions")
    _check_apparmor(problems, context.get("appArmorProfile"), f"{path}.appArmorProfile")


def _go_context(context: Document) -> Document:
    """The context as the API server's error shows it: its internal fields, all of them."""
    fields = (
        "Capabilities",
        "Privileged",
        "SELinuxOptions",
        "WindowsOptions",
        "RunAsUser",
        "RunAsGroup",
        "RunAsNonRoot",
        "ReadOnlyRootFilesystem",
        "AllowPrivilegeEscalation",
        "ProcMount",
        "SeccompProfile",
        "AppArmorProfile",
    )
    shown = {
        field: context.get("seLinuxOptions" if field == "SELinuxOptions" else field[0].lower() + field[1:])
        for field in fields
    }
    capabilities = shown["Capabilities"]
    if capabilities is not None:
        shown["Capabilities"] = {"Add": capabilities.get("add"), "Drop": capabilities.get("drop")}
    return shown


def _check_seccomp(problems: Problems, profile: Document | None, path: str) -> None:
    if profile is None:
        return
    type_, local = profile.get("type", ""), profile.get("localhostProfile")
    if not type_:
        problems.required(f"{path}.type", "type is required when seccompProfile is set")
    elif type_ not in _PROFILES:
        problems.unsupported(f"{path}.type", type_, _PROFILES)
    if type_ == "Localhost":
        if local is None:
            problems.required(f"{path}.localhostProfile", "must be set when seccomp type is Localhost")
        else:
            check_descending_path(problems, local, f"{path}.localhostProfile")
    elif local is not None:
        shown = {"Type": type_, "LocalhostProfile": local}
        problems.invalid(f"{path}.localhostProfile", shown, "can only be set when seccomp type is Localhost")


def _check_apparmor(problems: Problems, profile: Document | None, path: str) -> None:
    if profile is None:
        return
    type_, local = profile.get("type", ""), profile.get("localhostProfile")
    where = f"{path}.localhostProfile"
    if type_ == "Localhost":
        if local and local != local.strip():
            problems.invalid(where, local, "must not be padded with whitespace")
        elif not local:
            problems.required(where, "must be set when AppArmor type is Localhost")
        if local and len(local) > 4095:
            problems.too_long(where, 4095)
    elif type_ in _PROFILES:
        if local is not None:
            problems.invalid(where, local, "can only be set when AppArmor type is Localhost")
    elif not type_:
        problems.required(f"{path}.type", "type is required when appArmorProfile is set")
    else:
        problems.unsupported(f"{path}.type", type_, _PROFILES)


def _check_windows(problems: Problems, options: Document | None, path: str) -> None:
    if options is None:
        return
    if (name := options.get("gmsaCredentialSpecName")) is not None:
        problems.invalid(f"{path}.gmsaCredentialSpecName", name, *dns_subdomain(name))
    if options.get("gmsaCredentialSpec") == "":
        problems.invalid(f"{path}.gmsaCredentialSpec", "", "gmsaCredentialSpec cannot be an empty string")
    user = options.get("runAsUserName")
    if user is None:
        return
    if not user:
        problems.invalid(f"{path}.runAsUserName", user, "runAsUserName cannot be an empty string")
    elif user.count("\\") > 1:
        problems.invalid(f"{path}.runAsUserName", user, "runAsUserName cannot contain more than one backslash")
    elif re.search(r"[\"/:;|=,+*?<>@\[\]]", user.rpartition("\\")[2]):
        text = "runAsUserName's User cannot contain the following characters: \"/\\:;|=,+*?<>@[]"
        problems.invalid(f"{path}.runAsUserName", user, text)


def check_os_fields(problems: Problems, spec: Document, containers: list[tuple[Document, str]], path: str) -> None:
    """What the operating system that a pod names cannot do."""
    system = spec.get("os")
    if system is None:
        return
    name = system.get("name", "")
    if not name:
        problems.required(f"{path}.os.name", "cannot be empty")
    elif name not in ("linux", "windows"):
        problems.unsupported(f"{path}.os", name, ("linux", "windows"))
    elif name == "linux":
        for context, where in _contexts(spec, containers, path):
            if context.get("windowsOptions") is not None:
                problems.forbidden(f"{where}.windowsOptions", "windows options cannot be set for a linux pod")
    else:
        _check_windows_pod(problems, spec, containers, path)


def _contexts(spec: Document, containers: list[tuple[Document, str]], path: str) -> list[tuple[Document, str]]:
    holders = [(spec, path), *containers]
    return [(holder.get("securityContext") or {}, f"{where}.securityContext") for holder, where in holders]


def _check_windows_pod(problems: Problems, spec: Document, containers: list[tuple[Document, str]], path: str) -> None:
    (pod, pod_path), *others = _contexts(spec, containers, path)
    for name in ("hostUsers", "hostPID", "hostIPC", "shareProcessNamespace"):
        if spec.get(name) is not None and (spec[name] or name in ("hostUsers", "shareProcessNamespace")):
            problems.forbidden(f"{path}.{name}", _NOT_WINDOWS)
    for name in _POD_ONLY_LINUX:
        if pod.get(name) not in (None, []):
            problems.forbidden(f"{pod_path}.{name}", _NOT_WINDOWS)
    for context, where in others:
        for name in _CONTAINER_ONLY_LINUX:
            if context.get(name) is not None:
                problems.forbidden(f"{where}.{name}", _NOT_WINDOWS)
