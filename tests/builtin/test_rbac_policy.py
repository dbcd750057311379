# SPDX-License-Identifier: Apache-2.0
"""Laws of what Roles and bindings allow, on the pure evaluation; examples are in conformance/test_rbac.py."""

from __future__ import annotations

from itertools import product
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from k8s_devkit.strategy import Attributes, User
from k8s_plugins_builtin.rbac.server.aggregation import aggregated_rules
from k8s_plugins_builtin.rbac.server.covering import missing_rules
from k8s_plugins_builtin.rbac.server.default_roles import default_objects
from k8s_plugins_builtin.rbac.server.policy import Policy, rule_allows

Json = dict[str, Any]

VERBS, GROUPS, NAMES, URLS = ("get", "list", "*"), ("", "apps", "*"), ("a", "b"), ("/a", "/a/*", "*")
RESOURCES = ("pods", "pods/log", "*/log", "*")
USERS = (User("alice"), User("bob", groups=("devs",)), User("system:serviceaccount:x:robot", groups=("devs",)))
ACTIONS = [
    Attributes(user, verb, group, *resource, namespace, name)
    for user, verb, group, resource, namespace, name in product(
        USERS,
        ("get", "delete"),
        ("", "batch"),
        (("pods", ""), ("pods", "log"), ("jobs", "")),
        ("x", "y", ""),
        ("", "a"),
    )
] + [Attributes(user, "get", path=path) for user, path in product(USERS, ("/a", "/a/b", "/c"))]


def some(values: tuple[str, ...]) -> st.SearchStrategy[list[str]]:
    return st.lists(st.sampled_from(values), min_size=1, max_size=2, unique=True)


RULE: st.SearchStrategy[Json] = st.one_of(
    st.fixed_dictionaries(
        {"verbs": some(VERBS), "apiGroups": some(GROUPS), "resources": some(RESOURCES)},
        optional={"resourceNames": some(NAMES)},
    ),
    st.fixed_dictionaries({"verbs": some(VERBS), "nonResourceURLs": some(URLS)}),
)
SUBJECT: st.SearchStrategy[Json] = st.sampled_from(
    (
        {"kind": "User", "name": "alice"},
        {"kind": "Group", "name": "devs"},
        {"kind": "ServiceAccount", "name": "robot"},
        {"kind": "ServiceAccount", "name": "robot", "namespace": "x"},
    )
)
ROLE_NAMES, BINDING_NAMES = st.sampled_from(("r", "s")), st.sampled_from(("b", "c"))


@st.composite
def roles(draw: st.DrawFn, *, namespaced: bool) -> list[Json]:
    rules = draw(st.dictionaries(ROLE_NAMES, st.lists(RULE, max_size=3), max_size=2))
    metadata = {"namespace": "x"} if namespaced else {}
    return [{"metadata": {"name": name, **metadata}, "rules": items} for name, items in rules.items()]


@st.composite
def bindings(draw: st.DrawFn, *, namespaced: bool) -> list[Json]:
    kinds = ("Role", "ClusterRole") if namespaced else ("ClusterRole",)
    reference = st.fixed_dictionaries({"kind": st.sampled_from(kinds), "name": ROLE_NAMES})
    given_to = draw(st.dictionaries(BINDING_NAMES, st.tuples(reference, st.lists(SUBJECT, max_size=2)), max_size=2))
    metadata = {"namespace": "x"} if namespaced else {}
    return [
        {"metadata": {"name": name, **metadata}, "roleRef": role, "subjects": subjects}
        for name, (role, subjects) in given_to.items()
    ]


Parts = tuple[list[Json], list[Json], list[Json], list[Json]]
PARTS: st.SearchStrategy[Parts] = st.tuples(
    roles(namespaced=False), roles(namespaced=True), bindings(namespaced=False), bindings(namespaced=True)
)


def allowed(parts: Parts) -> list[bool]:
    policy = Policy(*parts)
    return [policy.decide(action).allowed for action in ACTIONS]


@given(PARTS, RULE)
def test_another_rule_takes_no_permission_away(parts: Parts, rule: Json) -> None:
    more = tuple([{**role, "rules": [*role["rules"], rule]} for role in group] for group in parts[:2])
    before, after = allowed(parts), allowed((*more, *parts[2:]))  # type: ignore[arg-type]  # two lists of roles
    assert all(now for now, was in zip(after, before, strict=True) if was)


@given(PARTS, bindings(namespaced=True), bindings(namespaced=False))
def test_another_binding_takes_no_permission_away(parts: Parts, more: list[Json], everywhere: list[Json]) -> None:
    before = allowed(parts)
    after = allowed((parts[0], parts[1], [*parts[2], *everywhere], [*parts[3], *more]))
    assert all(now for now, was in zip(after, before, strict=True) if was)


@given(PARTS)
def test_the_order_of_roles_bindings_and_rules_does_not_matter(parts: Parts) -> None:
    cluster_roles, local_roles = (
        [{**role, "rules": role["rules"][::-1]} for role in group[::-1]] for group in parts[:2]
    )
    cluster_bindings, local_bindings = (
        [{**binding, "subjects": binding["subjects"][::-1]} for binding in group[::-1]] for group in parts[2:]
    )
    assert allowed((cluster_roles, local_roles, cluster_bindings, local_bindings)) == allowed(parts)


@given(PARTS)
def test_a_user_may_do_what_one_of_its_rules_allows_and_nothing_else(parts: Parts) -> None:
    policy = Policy(*parts)
    for action in ACTIONS:
        rules = policy.rules_of(action.user, action.namespace)
        held = [*rules.resources, *rules.paths]
        assert policy.decide(action).allowed == any(rule_allows(rule, action) for rule in held)


@given(st.lists(RULE, max_size=3), st.lists(RULE, max_size=3))
def test_rules_that_are_covered_allow_nothing_that_is_not_held(held: list[Json], given_rules: list[Json]) -> None:
    assert missing_rules(given_rules, given_rules) == []
    if not missing_rules(held, given_rules):
        for action in ACTIONS:
            if any(rule_allows(rule, action) for rule in given_rules):
                assert any(rule_allows(rule, action) for rule in held)


@given(st.lists(RULE, max_size=3), st.lists(RULE, max_size=3))
def test_what_is_missing_is_what_would_complete_the_rules(held: list[Json], given_rules: list[Json]) -> None:
    missing = missing_rules(held, given_rules)
    assert missing_rules([*held, *missing], given_rules) == []


@pytest.mark.parametrize(
    ("held", "given_rule", "covered"),
    [
        ({"resourceNames": ["a"]}, {"resourceNames": ["a"]}, True),
        ({"resourceNames": ["a"]}, {"resourceNames": ["a", "b"]}, False),
        ({"resourceNames": ["a"]}, {}, False),
        ({}, {"resourceNames": ["a"]}, True),
        ({"resources": ["*/log"]}, {"resources": ["pods/log"]}, True),
        ({"resources": ["*/log"]}, {"resources": ["pods"]}, False),
        ({"resources": ["pods"]}, {"resources": ["pods/log"]}, False),
        ({"verbs": ["get", "list"]}, {"verbs": ["*"]}, False),
        ({"apiGroups": ["*"]}, {"apiGroups": ["apps"]}, True),
    ],
)
def test_what_covers_a_rule(held: Json, given_rule: Json, covered: bool) -> None:
    rule: Json = {"apiGroups": [""], "resources": ["pods"], "verbs": ["get"]}
    assert (missing_rules([{**rule, **held}], [{**rule, **given_rule}]) == []) == covered


def test_a_role_gathers_the_rules_of_those_that_its_selectors_match_once() -> None:
    rule, other = {"verbs": ["get"]}, {"verbs": ["list"]}

    def role(name: str, labels: Json, *rules: Json) -> Json:
        return {"metadata": {"name": name, "labels": labels}, "rules": list(rules)}

    selectors = [{"matchLabels": {"a": "1"}}, {"matchExpressions": [{"key": "b", "operator": "Exists"}]}]
    whole = {**role("whole", {"a": "1"}, {"verbs": ["*"]}), "aggregationRule": {"clusterRoleSelectors": selectors}}
    parts = [
        role("z", {"a": "1"}, rule, rule),
        role("y", {"a": "1", "b": ""}, other, other),
        role("x", {}, {"verbs": ["*"]}),
    ]
    assert aggregated_rules(whole, [whole, *parts]) == [other, rule]


def test_the_default_roles_hold_one_another() -> None:
    rules = {role["metadata"]["name"]: role["rules"] for role in default_objects() if role["kind"] == "ClusterRole"}
    for smaller, larger in (("view", "edit"), ("edit", "admin"), ("admin", "cluster-admin")):
        assert missing_rules(rules[larger], rules[smaller]) == []
        assert missing_rules(rules[smaller], rules[larger]) != []
