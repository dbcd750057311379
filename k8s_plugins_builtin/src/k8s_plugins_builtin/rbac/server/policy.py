# SPDX-License-Identifier: Apache-2.0
"""What Roles and their bindings allow. Pure: documents in, decisions out."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from typing import TYPE_CHECKING

from k8s_devkit.strategy import Decision, UserRules

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from k8s_devkit.strategy import Attributes, Document, User

__all__ = ["GROUP", "Policy", "holds", "rule_allows", "url_covers"]

GROUP = "rbac.authorization.k8s.io"
_EVERYWHERE = ""
_ROLES = ("ClusterRole", "Role")

_Subject = tuple[str, str]
"""How a subject and a user are matched: kind and name; a ServiceAccount is the user that it acts as."""
_RoleKey = tuple[str, str, str]
"""Kind, namespace and name of a role."""


@dataclass(frozen=True, slots=True, order=True)
class _Grant:
    """What a binding gives to one of its subjects, in the order in which bindings and subjects are looked at."""

    order: tuple[int, int]
    role: _RoleKey
    text: str


class Policy:
    """All roles and bindings of a server at one time.

    Args:
        roles, bindings: of all namespaces.
        cluster_roles, cluster_bindings: those without one.
    """

    def __init__(
        self,
        cluster_roles: Iterable[Document] = (),
        roles: Iterable[Document] = (),
        cluster_bindings: Iterable[Document] = (),
        bindings: Iterable[Document] = (),
    ) -> None:
        self._rules: dict[_RoleKey, list[Document]] = {}
        for kind, documents in zip(_ROLES, (cluster_roles, roles), strict=True):
            for role in documents:
                metadata = role["metadata"]
                self._rules[kind, metadata.get("namespace", ""), metadata["name"]] = role.get("rules") or []
        self._grants: dict[str, dict[_Subject, list[_Grant]]] = {}
        for kind, documents in (("ClusterRoleBinding", cluster_bindings), ("RoleBinding", bindings)):
            for number, binding in enumerate(documents):
                namespace = binding["metadata"].get("namespace", _EVERYWHERE)
                place = self._grants.setdefault(namespace, defaultdict(list))
                for subject, grant in _grants_of(kind, number, binding):
                    place[subject].append(grant)

    def decide(self, asked: Attributes) -> Decision:
        """Whether an action is allowed, and by which binding."""
        problems: dict[str, None] = {}
        for grant in self._grants_to(asked.user, asked.namespace):
            rules = self._rules.get(grant.role)
            if rules is None:
                problems[_not_found(grant.role)] = None
            elif any(rule_allows(rule, asked) for rule in rules):
                return Decision(allowed=True, reason=f"RBAC: allowed by {grant.text}")
        return Decision(allowed=False, reason=f"RBAC: {_joined(problems)}" if problems else "")

    def rules_of(self, user: User, namespace: str) -> UserRules:
        """The rules of all roles that are bound to a user, those without a namespace first."""
        problems: dict[str, None] = {}
        rules: list[Document] = []
        for grant in self._grants_to(user, namespace):
            found = self._rules.get(grant.role)
            if found is None:
                problems[_not_found(grant.role)] = None
            rules += found or ()
        return UserRules(
            resources=[_part(rule, _RESOURCE_FIELDS) for rule in rules if rule.get("resources")],
            paths=[_part(rule, _PATH_FIELDS) for rule in rules if rule.get("nonResourceURLs")],
            error=_joined(problems),
        )

    def _grants_to(self, user: User, namespace: str) -> Iterator[_Grant]:
        """Each binding that names the user or a group, once."""
        keys = [("User", user.name), *(("Group", group) for group in user.groups)]
        for place in dict.fromkeys((_EVERYWHERE, namespace)):
            grants = self._grants.get(place)
            if grants is None:
                continue
            seen = -1
            for grant in sorted(grant for key in keys for grant in grants.get(key, ())):
                if grant.order[0] != seen:
                    seen = grant.order[0]
                    yield grant


_RESOURCE_FIELDS = ("verbs", "apiGroups", "resources", "resourceNames")
_PATH_FIELDS = ("verbs", "nonResourceURLs")


def _part(rule: Document, fields: tuple[str, ...]) -> Document:
    return {name: rule[name] for name in fields if rule.get(name)}


def _grants_of(kind: str, number: int, binding: Document) -> Iterator[tuple[_Subject, _Grant]]:
    name, namespace = binding["metadata"]["name"], binding["metadata"].get("namespace", "")
    reference: Mapping[str, str] = binding.get("roleRef") or {}
    role_kind, role_name = reference.get("kind", ""), reference.get("name", "")
    role = (role_kind, namespace if role_kind == "Role" else "", role_name)
    shown = f"{name}/{namespace}" if namespace else name
    for index, subject in enumerate(binding.get("subjects") or ()):
        whom, text = _subject(subject, namespace)
        described = f'{kind} "{shown}" of {role_kind} "{role_name}" to {subject.get("kind")} "{text}"'
        yield whom, _Grant((number, index), role, described)


def _subject(subject: Mapping[str, str], namespace: str) -> tuple[_Subject, str]:
    """Whom a subject stands for, and how it is written."""
    kind, name = subject.get("kind", ""), subject.get("name", "")
    if kind != "ServiceAccount":
        return (kind, name), name
    namespace = subject.get("namespace") or namespace
    return ("User", f"system:serviceaccount:{namespace}:{name}"), f"{name}/{namespace}"


def rule_allows(rule: Document, asked: Attributes) -> bool:
    """Whether one rule of a role allows an action."""
    if asked.path:
        covered = any(url_covers(url, asked.path) for url in rule.get("nonResourceURLs") or ())
        return covered and holds(rule, "verbs", asked.verb)
    # Resources first: roles have many rules with the same verbs, and few about one resource.
    if {"*", asked.combined_resource, f"*/{asked.subresource}"}.isdisjoint(rule.get("resources") or ()):
        return False
    names = rule.get("resourceNames")
    if names and asked.name not in names:
        return False
    return holds(rule, "apiGroups", asked.group) and holds(rule, "verbs", asked.verb)


def holds(rule: Document, field: str, value: str) -> bool:
    """Whether a field of a rule has a value, or a star for all of them."""
    values = rule.get(field) or ()
    return "*" in values or value in values


def url_covers(pattern: str, path: str) -> bool:
    """Whether a URL of a rule is another one, or ends in a star and covers it."""
    return pattern == path or (pattern.endswith("*") and path.startswith(pattern.rstrip("*")))


def _not_found(role: _RoleKey) -> str:
    kind, _, name = role
    if kind not in _ROLES:
        return f'unsupported role reference kind: "{kind}"'
    return f'{kind.lower()}.{GROUP} "{name}" not found'


def _joined(problems: Iterable[str]) -> str:
    texts = list(problems)
    return texts[0] if len(texts) == 1 else f"[{', '.join(texts)}]" if texts else ""
