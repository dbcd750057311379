# SPDX-License-Identifier: Apache-2.0
"""How tests use RBAC of the embedded server: who is who, what is there from the start, and what happens without it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from k8s_core import Client, Config
from k8s_core.configuration import Impersonation
from k8s_core.errors import Forbidden, Unauthorized
from k8s_core.meta import ObjectMeta, OwnerReference
from k8s_devkit import ApiServer, ManualClock, User
from k8s_plugins_builtin.core.v1 import ConfigMap, ServiceAccount
from k8s_plugins_builtin.rbac.v1 import ClusterRole, ClusterRoleBinding, PolicyRule, RoleBinding, RoleRef, Subject

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

GROUP = "rbac.authorization.k8s.io"
ROBOT = "system:serviceaccount:default:robot"


@pytest.fixture
def server() -> Iterator[ApiServer]:
    with ApiServer(rbac=True) as started:
        yield started


def bind(admin: Client, role: str, *subjects: Subject, namespace: str = "default") -> None:
    """Bind a ClusterRole in one namespace."""
    reference = RoleRef(apiGroup=GROUP, kind="ClusterRole", name=role)
    metadata = ObjectMeta(name=f"{role}-of-{subjects[0].name}", namespace=namespace)
    admin.create(RoleBinding(metadata=metadata, roleRef=reference, subjects=list(subjects)))


def may_list(client: Client) -> bool:
    try:
        client.list(ConfigMap, namespace="default")
    except Forbidden:
        return False
    return True


def test_without_it_everyone_may_do_everything() -> None:
    with ApiServer() as server, server.client(user="alice") as alice:
        assert may_list(alice)
        assert server.objects(f"{GROUP}/v1", "ClusterRole") == []


def test_the_client_of_the_server_is_the_administrator(server: ApiServer) -> None:
    client = server.client()
    client.create(ConfigMap(metadata=ObjectMeta(name="a")))
    assert server.requests[-1].user == User("kubernetes-admin", groups=("system:masters", "system:authenticated"))


def test_a_request_without_credentials_is_anonymous_and_one_with_wrong_ones_is_refused(server: ApiServer) -> None:
    with Client(server.config(token=None)) as nobody:
        with pytest.raises(Forbidden, match='User "system:anonymous" cannot list resource "configmaps"'):
            nobody.list(ConfigMap)
    with Client(server.config(token="wrong")) as stranger, pytest.raises(Unauthorized):
        stranger.list(ConfigMap)


def test_a_user_and_its_groups_are_chosen_for_a_client(server: ApiServer) -> None:
    bind(server.client(), "view", Subject(kind="Group", name="devs", apiGroup=GROUP))
    assert not may_list(server.client(user="alice"))
    assert may_list(server.client(user="alice", groups=["devs"]))
    assert server.requests[-1].user == User("alice", groups=("devs", "system:authenticated"))


def test_a_kubeconfig_is_that_of_a_user(tmp_path: Path) -> None:
    path = tmp_path / "kubeconfig"
    with ApiServer(rbac=True, tls=True) as server:  # credentials of a kubeconfig go over HTTPS only
        path.write_text(server.kubeconfig(user="alice"))
        with Client(Config.from_kubeconfig(path)) as alice, pytest.raises(Forbidden, match='User "alice"'):
            alice.list(ConfigMap)


def test_a_service_account_is_in_the_groups_of_its_namespace(server: ApiServer) -> None:
    admin = server.client()
    bind(admin, "view", Subject(kind="Group", name="system:serviceaccounts:default", apiGroup=GROUP))
    assert may_list(server.client(user=ROBOT))
    assert not may_list(server.client(user="system:serviceaccount:other:robot"))


def test_tokens_of_the_test_are_users_too() -> None:
    with ApiServer(rbac=True, tokens={"a": "alice", "b": User("bob", groups=("system:masters",))}) as server:
        assert not may_list(server.client(token="a"))
        assert may_list(server.client(token="b"))
        assert not may_list(server.client())  # the first of the tokens: one of an administrator is there already


def test_the_administrator_may_be_another_user(server: ApiServer) -> None:
    client = server.client(impersonate=Impersonation(user="alice"))
    with pytest.raises(Forbidden, match='User "alice" cannot list'):
        client.list(ConfigMap)


def test_a_token_of_a_service_account_works_until_it_expires_or_the_account_is_gone() -> None:
    clock = ManualClock()
    with ApiServer(rbac=True, clock=clock) as server:
        admin = server.client()
        account = admin.create(ServiceAccount(metadata=ObjectMeta(name="robot", namespace="default")))
        bind(admin, "view", Subject(kind="ServiceAccount", name="robot", namespace="default"))
        first = account.create_token(client=admin, expiration_seconds=600).status.token
        assert may_list(server.client(token=first))
        clock.advance(600)
        second = account.create_token(client=admin, expiration_seconds=600).status.token
        with pytest.raises(Unauthorized):
            may_list(server.client(token=first))
        assert may_list(server.client(token=second))
        admin.delete(account)
        with pytest.raises(Unauthorized):
            may_list(server.client(token=second))


def test_the_default_roles_are_those_of_a_cluster(server: ApiServer) -> None:
    roles = {role["metadata"]["name"]: role for role in server.objects(f"{GROUP}/v1", "ClusterRole")}
    assert {"cluster-admin", "admin", "edit", "view", "system:discovery", "system:basic-user"} <= roles.keys()
    assert {"system:public-info-viewer", "system:aggregate-to-view"} <= roles.keys()
    labels = {
        name: label
        for name in ("view", "edit", "system:aggregate-to-edit")
        for label in roles[name]["metadata"]["labels"]
        if "aggregate" in label
    }
    assert labels == {
        "view": f"{GROUP}/aggregate-to-edit",
        "edit": f"{GROUP}/aggregate-to-admin",
        "system:aggregate-to-edit": f"{GROUP}/aggregate-to-edit",
    }


def test_roles_gather_others_where_their_controller_is_simulated(server: ApiServer) -> None:
    admin = server.client()
    bind(admin, "view", Subject(kind="User", name="alice", apiGroup=GROUP))
    rule = PolicyRule(apiGroups=["acme.example.com"], resources=["gauges"], verbs=["get"])
    part = ClusterRole(metadata=ObjectMeta(name="gauges", labels={f"{GROUP}/aggregate-to-view": "true"}), rules=[rule])
    admin.create(part)
    server.simulate("clusterroles")
    server.settle()
    assert rule in admin.get(ClusterRole, "view").rules
    assert rule in admin.get(ClusterRole, "admin").rules  # which gathers what edit gathers from view
    admin.delete(ClusterRole, "gauges")
    server.settle()
    assert rule not in admin.get(ClusterRole, "admin").rules


def test_a_permission_is_gone_with_its_binding(server: ApiServer) -> None:
    admin, alice = server.client(), server.client(user="alice")
    bind(admin, "view", Subject(kind="User", name="alice", apiGroup=GROUP))
    assert may_list(alice)
    admin.delete(RoleBinding, "view-of-alice", namespace="default")
    assert not may_list(alice)


def test_rules_of_the_test_go_before_roles(server: ApiServer) -> None:
    alice = server.client(user="alice")
    server.allow(user="alice", verb="list", resource="configmaps")
    assert may_list(alice)
    server.deny(user="alice")
    assert not may_list(alice)


def test_what_the_server_does_by_itself_needs_no_role(server: ApiServer) -> None:
    admin = server.client()
    bind(admin, "edit", Subject(kind="User", name="alice", apiGroup=GROUP))
    alice = server.client(user="alice")
    owner = alice.create(ConfigMap(metadata=ObjectMeta(name="owner", namespace="default")))
    reference = OwnerReference(apiVersion="v1", kind="ConfigMap", name="owner", uid=owner.metadata.uid)
    metadata = ObjectMeta(name="dependent", namespace="default", ownerReferences=[reference])
    alice.create(ConfigMap(metadata=metadata))
    alice.delete(owner)
    server.settle()
    assert admin.list(ConfigMap, namespace="default") == []


def test_the_state_of_a_directory_is_kept(tmp_path: Path) -> None:
    with ApiServer(rbac=True, data=tmp_path) as server:
        bind(server.client(), "view", Subject(kind="User", name="alice", apiGroup=GROUP))
        server.client().delete(ClusterRoleBinding, "system:discovery")
    with ApiServer(rbac=True, data=tmp_path) as server:
        assert may_list(server.client(user="alice"))
        assert server.client().get(ClusterRoleBinding, "system:discovery")  # a server makes it again at each start
