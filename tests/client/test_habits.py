# SPDX-License-Identifier: Apache-2.0
"""Habits of other clients lead to the spelling of this one, and what does not exist stays absent in every other way."""

from __future__ import annotations

import copy
import inspect
import pickle
import subprocess
import sys
from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

import pytest

import k8s_core
from k8s_core import Client, Config, Resource, Watcher, WatchEvent, config
from k8s_core.client import KindClient, ResourceList
from k8s_core.errors.calls import explains_calls
from k8s_core.errors.habits import has_habits, no_attribute
from k8s_core.meta import ListMeta
from k8s_plugins_builtin.apps.v1 import Deployment
from k8s_plugins_builtin.core.v1 import ConfigMap

if TYPE_CHECKING:
    from collections.abc import Callable


class Job(Resource, group="example.com", version="v1", plural="jobs"):
    def logs(self) -> str:
        return "log"


@pytest.fixture
def offline() -> Client:
    return Client(Config(server="http://localhost:1"))


def refused(call: Callable[[], Any]) -> str:
    with pytest.raises((AttributeError, TypeError)) as raised:
        call()
    return str(raised.value)


@pytest.mark.parametrize(
    ("name", "way"),
    [
        ("read_namespaced_pod", "client.get(Pod, name, namespace=…)"),
        ("list_namespaced_config_map", "client.list(ConfigMap, namespace=…)"),
        ("list_pod_for_all_namespaces", "client.list(Pod, namespace=ALL_NAMESPACES)"),
        ("list_cluster_custom_object", "client.list('plural.group', namespace=…)"),
        ("create_namespaced_deployment", "client.create(obj)"),
        ("replace_namespaced_deployment", "client.replace(obj)"),
        ("patch_namespaced_deployment", "client.patch(Deployment, name, MergePatch(…), namespace=…)"),
        (
            "patch_namespaced_deployment_status",
            "client.patch(Deployment, name, MergePatch(…), namespace=…, subresource='status')",
        ),
        ("patch_namespaced_deployment_scale", "client.scale(Deployment, name, replicas=…)"),
        ("delete_namespaced_pod", "client.delete(Pod, name, namespace=…)"),
        ("delete_collection_namespaced_pod", "client.delete_collection(Pod, labels=…)"),
        ("read_node", "client.get(Node, name, namespace=…)"),
        ("read_namespaced_pod_log", "client.get(Pod, name, namespace=…).logs()"),
    ],
)
def test_a_method_of_a_generated_client_leads_to_the_verb(offline: Client, name: str, way: str) -> None:
    message = f"'Client' object has no attribute {name!r}; write {way}"
    assert refused(lambda: getattr(offline, name)) == message


@pytest.mark.parametrize(("name", "verb"), [("update", "replace"), ("put", "replace"), ("read", "get"), ("ls", "list")])
def test_another_name_of_a_verb_leads_to_it(offline: Client, name: str, verb: str) -> None:
    assert refused(lambda: getattr(offline, name)).endswith(f"; did you mean {verb!r}?")
    assert refused(lambda: getattr(offline.kind(ConfigMap), name)).endswith(f"; did you mean {verb!r}?")


def test_a_misspelt_verb_leads_to_the_nearest(offline: Client) -> None:
    assert refused(lambda: offline.delete_colection).endswith("; did you mean 'delete_collection'?")


@pytest.mark.parametrize(
    ("name", "way"),
    [
        ("log", "did you mean 'logs'?"),
        ("name", "did you mean 'metadata.name'?"),
        ("update", "did you mean 'save'?"),
        ("raw", "did you mean 'to_dict'?"),
        ("patch", "write client.patch(obj, patch=MergePatch(…))"),
    ],
)
def test_another_name_of_what_an_object_has_leads_to_it(name: str, way: str) -> None:
    assert refused(lambda: getattr(Job(), name)) == f"'Job' object has no attribute {name!r}; {way}"
    assert refused(lambda: getattr(Job, name)) == f"type object 'Job' has no attribute {name!r}; {way}"


def test_only_what_there_is_is_offered() -> None:
    assert refused(lambda: ConfigMap().log) == "'ConfigMap' object has no attribute 'log'"


def test_a_list_is_its_items() -> None:
    assert "leave out .items" in refused(lambda: ResourceList([], ListMeta()).items)  # type: ignore[attr-defined]  # the habit


@pytest.mark.parametrize(
    ("name", "setting"), [("host", "api_server"), ("token", "api_token"), ("load_kube_config", "load_kubeconfig")]
)
def test_another_name_of_a_setting_leads_to_it(name: str, setting: str) -> None:
    assert refused(lambda: getattr(config, name)).endswith(f"; did you mean {setting!r}?")


def test_assigning_another_name_of_a_setting_leads_to_it() -> None:
    assert refused(lambda: setattr(config, "host", "x")) == "no setting 'host'; did you mean 'api_server'?"


def test_another_name_of_a_way_to_a_configuration_leads_to_it() -> None:
    assert refused(lambda: Config.load_kube_config).endswith("; did you mean 'from_kubeconfig'?")


# -- arguments -------------------------------------------------------------------------------------------------------


CALLS: list[tuple[Callable[[Any], Any], str]] = [
    (lambda c: c.list(ConfigMap, label_selector="a=b"), "; did you mean 'labels'?"),
    (lambda c: c.kind(ConfigMap).list(field_selector="a=b"), "; did you mean 'fields'?"),
    (lambda c: c.kind(ConfigMap).list(lables="a=b"), "; did you mean 'labels'?"),
    (lambda c: c.list(ConfigMap, watch=True), "; watch() follows changes"),
    (lambda c: c.list(ConfigMap, "default"), "; write namespace='default'"),
    (lambda c: c.get(ConfigMap, "a", "default"), "; write namespace='default'"),
    (lambda c: c.kind(ConfigMap).get("a", "default"), "; write namespace='default'"),
    (lambda c: c.create(body=ConfigMap()), "; give the object first, without a keyword"),
    (lambda c: c.patch(ConfigMap, "a", body={}), "; did you mean 'patch'?"),
    (lambda c: c.delete(ConfigMap, "a", grace_period=0), "; did you mean 'grace_period_seconds'?"),
    (lambda c: c.list(ConfigMap, all_namespaces=True), "; write namespace=ALL_NAMESPACES"),
    (lambda c: c.scale(Deployment, "a", 3), "; write replicas=3"),
    (lambda c: ConfigMap.find(label_selector="a=b", client=c), "; did you mean 'labels'?"),
    (
        lambda c: ConfigMap.list(labels="a=b", client=c),
        "; find() takes labels=, and so do list(), watch() and delete_collection() of a Client",
    ),
    (lambda c: ConfigMap().delete(label="a", client=c), "; it takes body, client"),
    (lambda c: Watcher(ConfigMap, client=c).watch(label_selector="a"), "; did you mean 'labels'?"),
    (lambda c: Config(host="https://x"), "; did you mean 'server'?"),
    (lambda c: Config("https://user:secret@x"), "; write server=…"),
    (lambda c: Client(server="https://x"), "; write Client(Config(server=…))"),
    (lambda c: c.apply(ConfigMap()), "field_manager='my-program'"),
]


@pytest.mark.parametrize("number", range(len(CALLS)))
def test_a_call_that_does_not_fit_says_how_to_write_it(offline: Client, number: int) -> None:
    call, way = CALLS[number]
    message = refused(lambda: call(offline))
    assert message.endswith(way)
    assert "secret" not in message


def test_an_error_from_within_a_verb_stays_as_it_is() -> None:
    inner = TypeError("inner")

    @explains_calls
    class Verbs:
        def verb(self) -> None:
            raise inner

    with pytest.raises(TypeError) as raised:
        Verbs().verb()
    assert raised.value is inner


def test_signatures_stay_as_they_are() -> None:
    assert list(inspect.signature(Client.list).parameters)[:3] == ["self", "kind", "namespace"]
    assert next(iter(inspect.signature(Config).parameters)) == "server"


# -- events ----------------------------------------------------------------------------------------------------------


def test_an_event_that_is_unpacked_or_indexed_says_what_it_has() -> None:
    event: Any = WatchEvent("ADDED", ConfigMap())

    def unpack() -> Any:
        kind, obj = event
        return kind, obj

    for use in (unpack, lambda: event["object"], lambda: list(event)):
        assert refused(use) == "a WatchEvent is neither a pair nor a dict: write event.type and event.object"
    assert not isinstance(event, Iterable)
    assert copy.copy(event) == event
    assert pickle.loads(pickle.dumps(event)) == event


# -- imports ---------------------------------------------------------------------------------------------------------


def fails_to_import(statement: str) -> str:
    with pytest.raises(ImportError) as raised:
        exec(statement, {})  # noqa: S102  # a from-import of a constant
    assert type(raised.value) is ImportError
    return str(raised.value)


@pytest.mark.parametrize(
    ("statement", "way"),
    [
        ("from k8s_core import Pod", "from k8s_plugins_builtin.core.v1 import Pod"),
        ("from k8s_core import V1Deployment", "from k8s_plugins_builtin.apps.v1 import Deployment"),
        ("from k8s_core import NotFound", "from k8s_core.errors import NotFound"),
        ("from k8s_core import ObjectMeta", "from k8s_core.meta import ObjectMeta"),
        ("from k8s_core import ApiException", "from k8s_core.errors import ApiError"),
        ("from k8s_core.errors import ApiException", "from k8s_core.errors import ApiError"),
        ("from k8s_core.watch import Watch", "from k8s_core import Watcher"),
        ("from k8s_plugins_builtin import Pod", "from k8s_plugins_builtin.core.v1 import Pod"),
        ("from k8s_plugins_builtin.core import Pod", "from k8s_plugins_builtin.core.v1 import Pod"),
        ("from k8s_plugins_builtin.core.v1 import Deployment", "from k8s_plugins_builtin.apps.v1 import Deployment"),
        ("from k8s_plugins_builtin.apps.v1 import Container", "from k8s_plugins_builtin.core.v1 import Container"),
        ("from k8s_crd_certmanager.v1 import Pod", "from k8s_plugins_builtin.core.v1 import Pod"),
    ],
)
def test_an_import_from_the_wrong_module_names_the_right_one(statement: str, way: str) -> None:
    words = statement.split()
    assert fails_to_import(statement) == f"cannot import name {words[3]!r} from {words[1]!r}; write: {way}"


def test_an_import_of_an_api_class_leads_to_the_client() -> None:
    assert "from k8s_core import Client" in fails_to_import("from k8s_core.client import CoreV1Api")


def test_a_misspelt_import_leads_to_the_nearest_name() -> None:
    assert fails_to_import("from k8s_core import Clinet").endswith("; did you mean 'Client'?")


def test_naming_a_kind_imports_no_model() -> None:
    code = (
        "import sys\n"
        "try:\n"
        "    from k8s_core import Deployment\n"
        "except ImportError as error:\n"
        "    assert 'k8s_plugins_builtin.apps.v1' in str(error), error\n"
        "assert not [name for name in sys.modules if name.startswith('k8s_plugins_builtin') and name.endswith('.v1')]\n"
    )
    subprocess.run([sys.executable, "-c", code], check=True, timeout=60)


def test_a_module_of_a_package_is_imported_as_ever() -> None:
    code = "from k8s_core import watch, errors; from k8s_plugins_builtin.core import v1; import k8s_core.client"
    subprocess.run([sys.executable, "-c", code], check=True, timeout=60)


# -- absence ---------------------------------------------------------------------------------------------------------


def test_what_is_absent_is_absent_for_those_who_merely_ask(offline: Client) -> None:
    assert not hasattr(offline, "read_namespaced_pod")
    assert not hasattr(Job(), "log")
    assert not hasattr(Job, "read")
    assert not hasattr(k8s_core, "Pod")
    assert getattr(Job(), "name", 1) == 1


def test_completion_shows_no_habits(offline: Client) -> None:
    for obj in (offline, Job, Job(), ResourceList([], ListMeta()), Config()):
        assert not {"read_namespaced_pod", "log", "name", "items", "from_file"} & set(dir(obj))
    assert {"logs", "metadata", "get"} <= set(dir(Job))
    assert "Pod" not in dir(k8s_core)


def test_a_kind_may_have_what_is_a_habit_elsewhere() -> None:
    class Habitual(Resource, group="example.com", version="v1", plural="habituals"):
        name: str | None = None

        def update(self) -> str:
            return "updated"

    assert Habitual(name="a").name == "a"
    assert Habitual().update() == "updated"
    assert {"name", "update"} <= set(dir(Habitual))
    assert {"name", "update"} <= set(dir(Habitual()))


def test_a_class_keeps_what_it_has_itself() -> None:
    class Base:
        def inherited(self) -> int:
            return 1

    @has_habits({"inherited": "own", "own": "inherited", "other": "own"})
    class Derived(Base):
        def own(self) -> int:
            return 2

    assert (Derived().inherited(), Derived().own()) == (1, 2)
    assert refused(lambda: Derived().other).endswith("; did you mean 'own'?")


def test_asking_for_an_attribute_costs_no_advice() -> None:
    class Counted:
        asked = 0

        def __getattr__(self, name: str) -> Any:
            raise no_attribute(self, name, more=count)

    def count(name: str) -> str:
        Counted.asked += 1
        return ""

    assert not hasattr(Counted(), "x")
    assert Counted.asked == 0
    assert "'x'" in refused(lambda: Counted().x)
    assert Counted.asked == 1


def test_an_error_in_a_property_is_not_taken_for_absence() -> None:
    class Broken:
        @property
        def part(self) -> str:
            raise AttributeError("the reason")

        def __getattr__(self, name: str) -> Any:
            raise no_attribute(self, name)

    assert refused(lambda: Broken().part) == "the reason"


def test_the_errors_can_be_pickled(offline: Client) -> None:
    with pytest.raises(AttributeError) as raised:
        getattr(offline, "list_namespaced_pod")  # noqa: B009  # type checkers know that there is none
    assert str(pickle.loads(pickle.dumps(raised.value))) == str(raised.value)


def test_a_client_that_was_never_made_has_no_attributes() -> None:
    # As copy and pickle make objects, before they fill them.
    for cls in (Client, KindClient):
        assert not hasattr(cls.__new__(cls), "_session")
