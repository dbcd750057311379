# SPDX-License-Identifier: Apache-2.0
"""How an API server treats RoleBindings and ClusterRoleBindings."""

from __future__ import annotations

from typing import TYPE_CHECKING

from k8s_devkit.strategy import Problems, Strategy
from k8s_devkit.strategy.defaults import fill_paths, objects
from k8s_devkit.strategy.formats import dns_subdomain, path_segment
from k8s_plugins_builtin.rbac.server.escalation import check_binding

if TYPE_CHECKING:
    from collections.abc import Iterable

    from k8s_devkit.strategy import Document, FieldError, ServerContext

__all__ = ["ClusterRoleBindingStrategy", "RoleBindingStrategy"]

_GROUP = "rbac.authorization.k8s.io"
_SUBJECTS = ("ServiceAccount", "User", "Group")


class RoleBindingStrategy(Strategy):
    """RoleBinding."""

    create_on_update = True
    roles: tuple[str, ...] = ("Role", "ClusterRole")
    """The kinds of roles that it can bind."""

    def name_problems(self, name: str, *, created: bool = True) -> list[str]:
        return path_segment(name)

    def default(self, new: Document, old: Document | None) -> None:
        fill_paths(new, {"roleRef.apiGroup": _GROUP})
        for subject in objects(new, "subjects"):
            if subject.get("kind") in ("User", "Group") and not subject.get("apiGroup"):
                subject["apiGroup"] = _GROUP

    def admit(self, new: Document, old: Document | None, ctx: ServerContext) -> None:
        check_binding(self.resource, new, old, ctx)

    def validate(self, new: Document, ctx: ServerContext) -> Iterable[FieldError]:
        return [*self.check_metadata(new), *self._check(new)]

    def validate_update(self, new: Document, old: Document, ctx: ServerContext) -> Iterable[FieldError]:
        whole = [*self.check_metadata(new, created=False), *self._check(new)]
        # The API server checks it twice.
        return [*whole, *whole, *self.check_metadata_update(new, old), *_check_role_kept(new, old)]

    def _check(self, new: Document) -> Problems:
        problems, role = Problems(), new.get("roleRef") or {}
        if role.get("apiGroup", _GROUP) != _GROUP:
            problems.unsupported("roleRef.apiGroup", role["apiGroup"], (_GROUP,))
        if role.get("kind", "") not in self.roles:
            problems.unsupported("roleRef.kind", role.get("kind", ""), self.roles)
        if not role.get("name"):
            problems.required("roleRef.name")
        else:
            problems.invalid("roleRef.name", role["name"], *path_segment(role["name"]))
        for index, subject in enumerate(new.get("subjects") or []):
            _check_subject(problems, subject, f"subjects[{index}]", namespaced=self.resource.namespaced)
        return problems


class ClusterRoleBindingStrategy(RoleBindingStrategy):
    """ClusterRoleBinding."""

    roles = ("ClusterRole",)


def _check_subject(problems: Problems, subject: Document, path: str, *, namespaced: bool) -> None:
    name, kind = subject.get("name", ""), subject.get("kind", "")
    group = subject.get("apiGroup", "" if kind == "ServiceAccount" else _GROUP)
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
        if group != _GROUP:
            problems.unsupported(f"{path}.apiGroup", group, (_GROUP,))
    else:
        problems.unsupported(f"{path}.kind", kind, _SUBJECTS)


def _check_role_kept(new: Document, old: Document) -> Problems:
    problems, now, before = Problems(), new.get("roleRef") or {}, old.get("roleRef") or {}
    if now != before:
        shown = {"APIGroup": now.get("apiGroup", ""), "Kind": now.get("kind", ""), "Name": now.get("name", "")}
        problems.invalid("roleRef", shown, "cannot change roleRef")
    return problems
