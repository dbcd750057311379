# SPDX-License-Identifier: Apache-2.0
"""How a server with RBAC refuses: what it says of escalation, impersonation, and creating what an update misses."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from waiting import eventually
from wire import APPLY_PATCH, Wire

from k8s_core import Client
from k8s_devkit import ApiServer, ControlPlane

if TYPE_CHECKING:
    from collections.abc import Iterator

    from wire import Json

GROUP = "rbac.authorization.k8s.io"
RBAC = f"/apis/{GROUP}/v1"
ROLES, ROLE_BINDINGS = f"{RBAC}/namespaces/default/roles", f"{RBAC}/namespaces/default/rolebindings"
CONFIG_MAPS = "/api/v1/namespaces/default/configmaps"
RULES_REVIEWS = "/apis/authorization.k8s.io/v1/selfsubjectrulesreviews"
LACKS = "is attempting to grant RBAC permissions not currently held:\n"


@pytest.fixture(scope="module")
def server(request: pytest.FixtureRequest) -> Iterator[Any]:
    """A server of its own in which Roles decide."""
    real = request.config.getoption("--server") == "real"
    with ControlPlane(start_timeout=120) if real else ApiServer(rbac=True) as started:
        yield started


@pytest.fixture(scope="module")
def admin(server: Any) -> Iterator[Wire]:
    with server.client() as client:
        yield Wire(client, "default")


@pytest.fixture(scope="module")
def granted(admin: Wire) -> None:
    """A user for each thing that may be done."""
    one_object = {**_rule("get", "core", "endpoints"), "resourceNames": ["one"]}
    _grant(admin, "editor", "roles", [_rule("create update get", GROUP, "roles rolebindings"), one_object])
    _grant(admin, "updater", "updates", [_rule("update patch get", f"{GROUP} core", "roles configmaps")])
    _grant(admin, "named", "names", [{**_rule("get list watch", "core", "configmaps"), "resourceNames": ["one"]}])
    _grant(admin, "acting", "impersonation", [{**_rule("impersonate", "core", "users"), "resourceNames": ["alice"]}])
    _grant(admin, "cluster-editor", "cluster-roles", [_rule("create update get", GROUP, "clusterroles")])
    for name in ("missing-1", "missing-2"):
        admin.ok("POST", f"{RBAC}/clusterrolebindings", _binding(name, "ClusterRole", name, "lost"))
    eventually(lambda: len(_rules_of(admin, "lost").get("evaluationError", "").split(",")) == 2)


def _rule(verbs: str, groups: str, resources: str) -> Json:
    named = ["" if group == "core" else group for group in groups.split()]
    return {"apiGroups": named, "resources": resources.split(), "verbs": verbs.split()}


def _binding(name: str, kind: str, role: str, user: str) -> Json:
    return {
        "metadata": {"name": name},
        "roleRef": {"apiGroup": GROUP, "kind": kind, "name": role},
        "subjects": [{"apiGroup": GROUP, "kind": "User", "name": user}],
    }


def _grant(admin: Wire, user: str, name: str, rules: list[Json]) -> None:
    """Let a user do something everywhere, and wait until a real server knows."""
    admin.ok("POST", f"{RBAC}/clusterroles", {"metadata": {"name": name}, "rules": rules})
    admin.ok("POST", f"{RBAC}/clusterrolebindings", _binding(name, "ClusterRole", name, user))
    eventually(lambda: rules[0]["verbs"] in [rule["verbs"] for rule in _rules_of(admin, user)["resourceRules"]])


def _rules_of(admin: Wire, user: str) -> Json:
    status: Json = admin.ok("POST", RULES_REVIEWS, {"spec": {"namespace": "default"}}, headers=_as(user))["status"]
    return status


def _as(user: str, *groups: str) -> tuple[tuple[str, str], ...]:
    return (("Impersonate-User", user), *(("Impersonate-Group", group) for group in groups))


def _role(name: str, *rules: Json) -> Json:
    return {"metadata": {"name": name}, "rules": list(rules)}


pytestmark = pytest.mark.usefixtures("granted")


def test_an_update_that_finds_nothing_needs_the_right_to_create(admin: Wire) -> None:
    status = admin.fails(403, "PUT", f"{ROLES}/absent", _role("absent"), headers=_as("updater"))
    assert status["message"] == f'roles.{GROUP} "absent" is forbidden: '
    document = {"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": "absent"}}
    path = f"{CONFIG_MAPS}/absent?fieldManager=test"
    status = admin.fails(403, "PATCH", path, document, content_type=APPLY_PATCH, headers=_as("updater"))
    assert status["message"] == 'configmaps "absent" is forbidden: '


def test_bindings_of_roles_that_are_not_there_are_named(admin: Wire) -> None:
    status = admin.fails(403, "GET", CONFIG_MAPS, headers=_as("lost"))
    where = 'User "lost" cannot list resource "configmaps" in API group "" in the namespace "default"'
    missing = [f'clusterrole.{GROUP} "missing-{number}" not found' for number in (1, 2)]
    found = status["message"].removeprefix(f"configmaps is forbidden: {where}: RBAC: ")
    assert sorted(found.strip("[]").split(", ")) == missing  # a real server looks at bindings in any order


def test_a_role_that_is_not_there_cannot_be_bound_by_those_who_may_not_bind_all(admin: Wire) -> None:
    for kind, plural in (("Role", "roles"), ("ClusterRole", "clusterroles")):
        document = _binding("dangling", kind, "absent", "x")
        status = admin.fails(404, "POST", ROLE_BINDINGS, document, headers=_as("editor"))
        assert status["message"] == f'{plural}.{GROUP} "absent" not found'
        assert status["details"] == {"name": "absent", "group": GROUP, "kind": plural}


def test_a_reference_to_something_else_than_a_role(admin: Wire) -> None:
    status = admin.fails(500, "POST", ROLE_BINDINGS, _binding("odd", "Foo", "absent", "x"), headers=_as("editor"))
    assert status["message"] == 'unsupported role reference kind: "Foo"'
    admin.fails(422, "POST", ROLE_BINDINGS, _binding("odd", "Foo", "absent", "x"))


def test_what_is_missing_is_listed_by_resource_and_name(admin: Wire) -> None:
    named = {**_rule("get list *", "core apps", "pods secrets"), "resourceNames": ["n1", "n2"]}
    rules = (named, _rule("get create", "core", "pods/log pods/exec"))
    status = admin.fails(403, "POST", ROLES, _role("big", *rules), headers=_as("editor", "a b"))
    lines = [
        f'{{APIGroups:["{group}"], Resources:["{resource}"], ResourceNames:["{name}"], Verbs:["get" "list" "*"]}}'
        for group in ("", "apps")
        for resource in ("pods", "secrets")
        for name in ("n1", "n2")
    ]
    lines += [
        f'{{APIGroups:[""], Resources:["{resource}"], Verbs:["get" "create"]}}'
        for resource in ("pods/exec", "pods/log")
    ]
    who = 'user "editor" (groups=["a b" "system:authenticated"])'
    assert status["message"] == f'roles.{GROUP} "big" is forbidden: {who} {LACKS}' + "\n".join(sorted(lines))


def test_URLs_are_listed_one_by_one(admin: Wire) -> None:
    document = _role("urls", {"nonResourceURLs": ["/a", "/b/*"], "verbs": ["get", "post"]})
    status = admin.fails(403, "POST", f"{RBAC}/clusterroles", document, headers=_as("cluster-editor"))
    lines = [f'{{NonResourceURLs:["{url}"], Verbs:["{verb}"]}}' for url in ("/a", "/b/*") for verb in ("get", "post")]
    assert status["message"].endswith(LACKS + "\n".join(lines))


def test_an_aggregation_rule_can_gather_anything_so_it_takes_an_administrator(admin: Wire) -> None:
    aggregation = {"clusterRoleSelectors": [{"matchLabels": {"a": "b"}}]}
    document = {"metadata": {"name": "gathering"}, "aggregationRule": aggregation, "rules": []}
    editor = _as("cluster-editor")
    status = admin.fails(403, "POST", f"{RBAC}/clusterroles", document, headers=editor)
    text = "must have cluster-admin privileges to use the aggregationRule"
    assert status["message"] == f'clusterroles.{GROUP} "gathering" is forbidden: {text}'
    admin.ok("POST", f"{RBAC}/clusterroles", document)
    for changed in ({**document, "metadata": {"name": "gathering", "labels": {"x": "y"}}}, _role("gathering")):
        assert admin.fails(403, "PUT", f"{RBAC}/clusterroles/gathering", changed, headers=editor) == status


def test_a_role_that_the_user_holds_can_be_given(admin: Wire) -> None:
    admin.ok("POST", ROLES, _role("given", _rule("get", GROUP, "roles")), headers=_as("editor"))
    admin.ok("POST", ROLE_BINDINGS, _binding("given", "Role", "given", "x"), headers=_as("editor"))


def test_who_holds_one_object_can_give_that_one_only(admin: Wire) -> None:
    rule, editor = _rule("get", "core", "endpoints"), _as("editor")
    admin.ok("POST", ROLES, _role("one-object", {**rule, "resourceNames": ["one"]}), headers=editor)
    for name, wanted in (("other-object", {**rule, "resourceNames": ["one", "two"]}), ("all-objects", rule)):
        status = admin.fails(403, "POST", ROLES, _role(name, wanted), headers=editor)
        shown = ' ResourceNames:["two"],' if "resourceNames" in wanted else ""
        assert status["message"].endswith(f'{LACKS}{{APIGroups:[""], Resources:["endpoints"],{shown} Verbs:["get"]}}')


def test_a_list_of_the_object_with_one_name_is_an_action_on_that_name(admin: Wire) -> None:
    assert admin.ok("GET", f"{CONFIG_MAPS}?fieldSelector=metadata.name=one", headers=_as("named"))["items"] == []
    status = admin.fails(403, "GET", f"{CONFIG_MAPS}?fieldSelector=metadata.name=two", headers=_as("named"))
    assert status["details"] == {"name": "two", "kind": "configmaps"}
    assert status["message"].startswith('configmaps "two" is forbidden: User "named" cannot list ')


def test_what_is_not_served_is_forbidden_before_it_is_not_found(admin: Wire) -> None:
    path = "/apis/foo.example.com/v1/namespaces/default/things"
    status = admin.fails(403, "GET", path, headers=_as("alice"))
    assert status["message"].startswith(
        'things.foo.example.com is forbidden: User "alice" cannot list resource "things"'
    )
    assert status["details"] == {"group": "foo.example.com", "kind": "things"}
    status = admin.fails(403, "GET", "/foo<b>", headers=_as("alice"))
    assert status["message"] == 'forbidden: User "alice" cannot get path "/foo&lt;b&gt;"'


def test_who_is_not_known_reads_the_version_and_nothing_else(admin: Wire) -> None:
    admin.ok("GET", "/version", headers=_as("system:anonymous"))
    status = admin.fails(403, "GET", "/apis", headers=_as("system:anonymous"))
    assert status["message"] == 'forbidden: User "system:anonymous" cannot get path "/apis"'


def test_a_user_may_ask_for_all_rules(admin: Wire) -> None:
    answer = admin.ok("POST", RULES_REVIEWS, {"spec": {"namespace": "default"}}, headers=_as("named"))
    status = answer["status"]
    assert answer["spec"] == {}
    assert {
        "verbs": ["get", "list", "watch"],
        "apiGroups": [""],
        "resources": ["configmaps"],
        "resourceNames": ["one"],
    } in status["resourceRules"]
    assert any("/healthz" in rule["nonResourceURLs"] for rule in status["nonResourceRules"])
    assert status["incomplete"] is False
    everything = admin.ok("POST", RULES_REVIEWS, {"spec": {"namespace": "default"}})["status"]
    assert {"verbs": ["*"], "apiGroups": ["*"], "resources": ["*"]} in everything["resourceRules"]


@pytest.fixture(scope="module")
def acting(server: Any, granted: None) -> Iterator[Wire]:
    """A user who may be ``alice``, by credentials of its own."""
    with Client(server.config(user="acting")) as client:
        yield Wire(client, "default")


def test_impersonation_of_the_user_that_is_named_in_a_role(acting: Wire) -> None:
    answer = acting.fails(403, "GET", CONFIG_MAPS, headers=_as("alice"))
    assert 'User "alice" cannot list' in answer["message"]


@pytest.mark.parametrize(
    ("headers", "subject", "resource", "group", "where"),
    [
        (_as("bob"), 'users "bob"', "users", "", "at the cluster scope"),
        (_as("alice", "devs"), 'groups "devs"', "groups", "", "at the cluster scope"),
        (
            _as("system:serviceaccount:a:robot"),
            'serviceaccounts "robot"',
            "serviceaccounts",
            "",
            'in the namespace "a"',
        ),
        (
            (*_as("alice"), ("Impersonate-Extra-scopes", "v")),
            'userextras.authentication.k8s.io "v"',
            "userextras/scopes",
            "authentication.k8s.io",
            "at the cluster scope",
        ),
    ],
    ids=["user", "group", "service account", "extra"],
)
def test_impersonation_needs_a_right_for_each_part(
    acting: Wire, headers: tuple[tuple[str, str], ...], subject: str, resource: str, group: str, where: str
) -> None:
    status = acting.fails(403, "GET", CONFIG_MAPS, headers=headers)
    what = f'User "acting" cannot impersonate resource "{resource}" in API group "{group}" {where}'
    assert status["message"] == f"{subject} is forbidden: {what}"
