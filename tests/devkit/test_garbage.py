# SPDX-License-Identifier: Apache-2.0
"""The garbage collector: what it costs, what it does when it is refused, and a law over random families (J21, H11)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from examples import examples
from hypothesis import given
from hypothesis import strategies as st
from server_core import CONFIG_MAPS, PODS, Api, config_map, pod

from k8s_devkit import AdmissionDenied
from k8s_devkit.api_server.deletes.ownership import Ownership
from k8s_devkit.api_server.store import EVERYTHING, Store

if TYPE_CHECKING:
    import pytest

    from k8s_devkit import AdmissionRequest

Json = dict[str, Any]
KEY = ("", "configmaps")


def owned(name: str, *owners: Json) -> Json:
    document = config_map(name)
    document["metadata"]["ownerReferences"] = [
        {"apiVersion": "v1", "kind": "ConfigMap", "name": owner["metadata"]["name"], "uid": owner["metadata"]["uid"]}
        for owner in owners
    ]
    return document


def names(api: Api) -> set[str]:
    return {item["metadata"]["name"] for item in api.ok("GET", CONFIG_MAPS)["items"]}


def test_J21_a_write_concerns_only_its_own_family() -> None:
    store, ownership = Store(), Ownership()
    store.listen(EVERYTHING, ownership.record)

    def put(name: str, owner: str = "", **more: Any) -> None:
        metadata: Json = {"name": name, "uid": f"uid-{name}", **more}
        if owner:
            metadata["ownerReferences"] = [
                {"apiVersion": "v1", "kind": "ConfigMap", "name": owner, "uid": f"uid-{owner}"}
            ]
        store.put(KEY, {"metadata": metadata})

    for family in ("a", "b"):
        put(family)
        for number in range(500):
            put(f"{family}-{number}", family)
    assert len(ownership.take()) == 1000
    put("stranger")
    put("a-7", "a", labels={"x": "y"})
    assert not ownership.concerned
    store.delete(KEY, "a")
    assert ownership.take() == [(KEY, f"a-{number}") for number in [*range(7), *range(8, 500), 7]]
    assert not ownership.concerned


def test_J21_a_refused_deletion_is_tried_again_at_the_next_write(api: Api, caplog: pytest.LogCaptureFixture) -> None:
    owner = api.ok("POST", CONFIG_MAPS, config_map("owner"))
    api.ok("POST", CONFIG_MAPS, owned("child", owner))
    refusing = [True]

    def guard(request: AdmissionRequest) -> None:
        if request.operation == "DELETE" and request.name == "child" and refusing:
            raise AdmissionDenied("not yet")

    api.core.admission.hooks.append(guard)
    api.ok("DELETE", f"{CONFIG_MAPS}/owner")
    assert names(api) == {"child"}
    assert "not yet" in caplog.text
    refusing.clear()
    api.ok("POST", CONFIG_MAPS, config_map("other"))
    assert names(api) == {"other"}


def _pod_of(api: Api, path: str, document: Json) -> None:
    """A workload called ``owner``, and a Pod that it owns."""
    owner = api.ok("POST", path, {"metadata": {"name": "owner"}, "spec": document})
    metadata = owner["metadata"]
    reference = {"apiVersion": owner["apiVersion"], "kind": owner["kind"], "name": "owner", "uid": metadata["uid"]}
    document = pod("child")
    document["metadata"]["ownerReferences"] = [reference]
    api.ok("POST", PODS, document)


def test_the_pods_of_a_replication_controller_outlive_it_by_default(api: Api) -> None:
    controllers = "/api/v1/namespaces/default/replicationcontrollers"
    template = {"metadata": {"labels": {"app": "a"}}, "spec": pod()["spec"]}
    _pod_of(api, controllers, {"template": template})
    reply = api("DELETE", f"{controllers}/owner")
    assert (reply.status, reply.json["metadata"]["finalizers"]) == (200, ["orphan"])
    assert "Warning" not in reply.headers
    api.fails(404, "GET", f"{controllers}/owner")
    assert "ownerReferences" not in api.ok("GET", f"{PODS}/child")["metadata"]


def test_J20_a_refused_deletion_holds_its_namespace(api: Api) -> None:
    api.ok("POST", "/api/v1/namespaces", {"metadata": {"name": "x"}})
    path, refusing = "/api/v1/namespaces/x/configmaps", [True]
    created = api.ok("POST", path, config_map("kept"))

    def guard(request: AdmissionRequest) -> None:
        if request.operation == "DELETE" and request.name == "kept" and refusing:
            raise AdmissionDenied("not yet")

    api.core.admission.hooks.append(guard)
    api.ok("DELETE", "/api/v1/namespaces/x")
    assert api.ok("GET", "/api/v1/namespaces/x")["status"]["phase"] == "Terminating"
    refusing.clear()
    api.ok("PUT", f"{path}/kept", {**created, "data": {"a": "b"}})
    api.fails(404, "GET", "/api/v1/namespaces/x")


def test_J20_admission_sees_who_deletes(api: Api) -> None:
    seen: list[tuple[str, bool]] = []
    api.core.admission.hooks.append(lambda request: seen.append((request.user, request.dry_run)))
    api.ok("POST", CONFIG_MAPS, config_map("a"))
    seen.clear()
    api.ok("DELETE", f"{CONFIG_MAPS}/a?dryRun=All")
    api.ok("DELETE", f"{CONFIG_MAPS}/a", {"dryRun": []})
    assert seen == [(api.user.name, True), (api.user.name, False)]


def test_H11_a_cluster_wide_dependent_of_a_namespaced_owner_is_left_alone(api: Api) -> None:
    owner = api.ok("POST", CONFIG_MAPS, config_map("owner"))
    references = owned("x", owner)["metadata"]["ownerReferences"]
    api.ok("POST", "/api/v1/namespaces", {"metadata": {"name": "x", "ownerReferences": references}})
    api.ok("DELETE", f"{CONFIG_MAPS}/owner")
    assert api.ok("GET", "/api/v1/namespaces/x")["status"] == {"phase": "Active"}


def test_J21_background_work_that_fails_does_not_stop_the_rest(api: Api, caplog: pytest.LogCaptureFixture) -> None:
    done: list[str] = []

    def fail() -> None:
        raise RuntimeError("a mistake in somebody's callable")

    api.core.later(fail)
    api.core.later(lambda: done.append("second"))
    while api.core.step():
        pass
    assert done == ["second"]
    assert "a mistake in somebody's callable" in caplog.text


FAMILIES = st.lists(st.sets(st.integers(0, 6), max_size=2), min_size=1, max_size=8)
DELETIONS = st.lists(
    st.tuples(st.integers(0, 7), st.sampled_from(["Background", "Foreground", "Orphan"])), min_size=1, max_size=4
)


@examples(60)
@given(FAMILIES, DELETIONS)
def test_J21_what_is_left_has_a_living_owner_or_never_had_one(families: list[set[int]], deletions: Any) -> None:
    api = Api()
    made: list[Json] = []
    for number, owners in enumerate(families):
        parents = [made[owner] for owner in sorted(owners) if owner < number]
        made.append(api.ok("POST", CONFIG_MAPS, owned(f"c{number}", *parents)))
    owners_of = {
        item["metadata"]["name"]: {ref["name"] for ref in item["metadata"].get("ownerReferences", [])} for item in made
    }
    left = set(owners_of)
    for number, policy in deletions:
        name = f"c{number}"
        if name not in left:
            continue
        api.ok("DELETE", f"{CONFIG_MAPS}/{name}", {"propagationPolicy": policy})
        left = follow(left, owners_of, name, policy)
        assert names(api) == left
    for item in api.ok("GET", CONFIG_MAPS)["items"]:
        assert {ref["name"] for ref in item["metadata"].get("ownerReferences", [])} <= left
        assert not item["metadata"].get("finalizers")


def follow(left: set[str], owners_of: dict[str, set[str]], deleted: str, policy: str) -> set[str]:
    """The plain rule: who loses all owners goes, too; who is orphaned loses the reference only."""
    left = left - {deleted}
    gone = {deleted}
    if policy == "Orphan":
        for owners in owners_of.values():
            owners.discard(deleted)
        return left
    while gone:
        nearest = {name for name in left if owners_of[name] & gone and not owners_of[name] - gone}
        for name in left:
            owners_of[name] -= gone if name not in nearest else set()
        gone, left = nearest, left - nearest
    return left
