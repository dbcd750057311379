# SPDX-License-Identifier: Apache-2.0
"""Laws of server-side apply's arithmetic (protocol J18), over random documents of a shape with every kind of list."""

from __future__ import annotations

import sys
from typing import Any

from examples import examples
from hypothesis import HealthCheck, assume, given
from hypothesis import strategies as st
from wire_things import PROPERTIES

from k8s_devkit.api_server.custom.crd_schema import shape_of_schema
from k8s_devkit.api_server.patches.apply import apply_configuration
from k8s_devkit.api_server.patches.fieldsets import (
    excluding,
    from_wire,
    in_order,
    path_text,
    to_wire,
    tree_of,
)
from k8s_devkit.api_server.patches.managed import Target, live_managers, record, write_managers
from k8s_devkit.api_server.patches.walking import compare, equal, fields_of, merge, remove
from k8s_devkit.strategy.failures import Failure

Json = dict[str, Any]
SCHEMA = {"type": "object", "properties": {"spec": {"type": "object", "properties": PROPERTIES}}}
SHAPE = shape_of_schema(SCHEMA, root=True)
TARGET = Target(SHAPE, "things.example.org/v1", "", set(), set(), "2026-01-01T00:00:00Z", lambda _v, d: (d, SHAPE))
TEXTS = st.sampled_from("pq")


def _documents(schema: Json) -> st.SearchStrategy[Any]:
    """Documents of a schema, small and much alike."""
    if schema["type"] == "object":
        if "additionalProperties" in schema:
            return st.dictionaries(TEXTS, _documents(schema["additionalProperties"]), min_size=1)
        if "properties" not in schema:
            return st.fixed_dictionaries({"p": TEXTS}, optional={"q": st.dictionaries(TEXTS, TEXTS, min_size=1)})
        fields = {name: _documents(child) for name, child in schema["properties"].items()}
        needed = {name: fields.pop(name) for name in schema.get("required", ())}
        made = st.fixed_dictionaries(needed, optional=fields)
        return made if needed else made.filter(bool)
    if schema["type"] == "array":
        kind, keys = schema.get("x-kubernetes-list-type"), schema.get("x-kubernetes-list-map-keys", ())
        items = _documents(schema["items"])
        if kind == "map":
            defaults = {"protocol": "TCP"}
            return st.lists(
                items,
                min_size=1,
                max_size=3,
                unique_by=lambda item: str([item.get(key, defaults.get(key)) for key in keys]),
            )
        return st.lists(items, min_size=1, max_size=3, unique=kind == "set")
    return {"string": TEXTS, "integer": st.integers(1, 2), "boolean": st.booleans()}[schema["type"]]


SPECS = _documents(SCHEMA).map(lambda document: {"metadata": {"name": "a"}, **document})


def applied(live: Json, configuration: Json, manager: str = "me", *, force: bool = False) -> Json:
    return apply_configuration(TARGET, live, configuration, manager, force=force)


def created(document: Json) -> Json:
    """The document as an update by ``base`` made it."""
    managers: Any = {}
    record(TARGET, managers, {}, document, "base")
    made = {**document, "metadata": dict(document["metadata"])}
    write_managers(made["metadata"], managers.items())
    return made


def meaning(value: Any) -> Any:
    """A document without what is empty, and its lists in one order: what ownership is about."""
    if isinstance(value, dict):
        fields = {name: meaning(child) for name, child in value.items() if name != "managedFields"}
        return {name: child for name, child in fields.items() if child not in (None, {}, [])}
    return sorted((meaning(item) for item in value), key=str) if isinstance(value, list) else value


@examples(25)
@given(SPECS)
def test_a_set_of_fields_survives_the_wire(document: Json) -> None:
    fields = fields_of(document, SHAPE)
    assert from_wire(to_wire(fields)) == fields
    listed = list(in_order(fields))
    assert (len(listed), set(listed)) == (len(fields), fields)


@examples(25)
@given(SPECS, SPECS)
def test_a_difference_read_backwards(old: Json, new: Json) -> None:
    there, back = compare(old, new, SHAPE), compare(new, old, SHAPE)
    assert (there.added, there.removed, there.modified) == (back.removed, back.added, back.modified)
    assert not there.added & there.removed
    assert not there.changed & there.removed
    same = compare(old, old, SHAPE)
    assert same.changed | same.removed == set()


@examples(25)
@given(SPECS, SPECS)
def test_a_merge_holds_the_configuration_and_is_done_once(live: Json, configuration: Json) -> None:
    merged = merge(live, configuration, SHAPE)
    assert equal(merge(merged, configuration, SHAPE), merged)
    assert fields_of(configuration, SHAPE) <= fields_of(merged, SHAPE)
    assert not compare(configuration, merged, SHAPE).modified
    assert not compare(live, merged, SHAPE).removed


@examples(25)
@given(SPECS, SPECS)
def test_removing_leaves_the_rest(document: Json, other: Json) -> None:
    gone = fields_of(other, SHAPE)
    left = remove(document, tree_of(gone), SHAPE) or {}
    assert meaning(left) == meaning(remove(left, tree_of(gone), SHAPE) or {})
    kept = excluding(fields_of(document, SHAPE), gone)
    leaves = {
        path for path in kept if not any(len(longer) > len(path) and longer[: len(path)] == path for longer in kept)
    }
    assert leaves <= fields_of(left, SHAPE)


@examples(25)
@given(SPECS, SPECS)
def test_an_apply_is_done_once(live: Json, configuration: Json) -> None:
    once = applied(created(live), configuration, force=True)
    assert applied(once, configuration) == once
    assert not compare(configuration, once, SHAPE).modified


@examples(25)
@given(SPECS)
def test_another_who_applies_the_same_shares_it(configuration: Json) -> None:
    mine = applied({}, configuration)
    shared = applied(mine, configuration, "other")
    assert equal({**shared, "metadata": None}, {**mine, "metadata": None})
    owned = {key.name: entry.fields for key, entry in live_managers(shared).items()}
    assert owned["me"] == owned["other"]
    assert meaning(applied(shared, {"metadata": {"name": "a"}})) == meaning(configuration)
    nothing = applied(applied(shared, {"metadata": {"name": "a"}}), {"metadata": {"name": "a"}}, "other")
    assert meaning(nothing) == {"metadata": {"name": "a"}}


# Two random documents mostly conflict, and those pairs say nothing here.
@examples(25, suppress_health_check=[HealthCheck.filter_too_much, HealthCheck.too_slow])
@given(SPECS, SPECS)
def test_who_takes_back_all_leaves_what_was_there_before(live: Json, configuration: Json) -> None:
    before = created(live)
    try:
        after = applied(before, configuration)
    except Failure:
        assume(condition=False)
    assert meaning(applied(after, {"metadata": {"name": "a"}})) == meaning(live)


@examples(25)
@given(SPECS, SPECS)
def test_a_conflict_names_what_differs_and_force_takes_it(live: Json, configuration: Json) -> None:
    before = created(live)
    try:
        applied(before, configuration)
    except Failure as failure:
        assert failure.code == 409
        after = applied(before, configuration, force=True)
        owned = {key.name: entry.fields for key, entry in live_managers(after).items()}
        assert not compare(before, after, SHAPE).changed & owned.get("base", set())
        merged = merge(before, configuration, SHAPE)
        fields = {cause["field"] for cause in (failure.details or {})["causes"]}
        assert fields == set(map(path_text, lost(before, merged)))
    else:
        assert not lost(before, merge(before, configuration, SHAPE))


def _base() -> Any:
    return TARGET.manager("base", "Update")


def lost(before: Json, after: Json) -> set[tuple[str, ...]]:
    """What ``base`` owned and somebody changed."""
    return live_managers(before)[_base()].fields & compare(before, after, SHAPE).changed


def cost(size: int) -> int:
    """The calls of an apply that changes each of ``size`` items, and of one that takes half of them back."""
    items = [{"name": f"n{number}", "v": number} for number in range(size)]
    entries = {f"k{number}": "v" for number in range(size)}
    configuration: Json = {"metadata": {"name": "a"}, "spec": {"items": items, "map": entries}}
    half = {"metadata": {"name": "a"}, "spec": {"items": items[::2], "map": dict(list(entries.items())[::2])}}
    live = applied({}, configuration, "other")
    calls = 0

    def profile(_: object, event: str, __: object) -> None:
        nonlocal calls
        calls += event in ("call", "c_call")

    before = sys.getprofile()
    sys.setprofile(profile)
    try:
        mine = applied(live, {**configuration, "spec": {"items": [{**item, "v": 0} for item in items]}}, force=True)
        applied(mine, half, force=True)
    finally:
        sys.setprofile(before)
    return calls


def test_the_cost_of_an_apply_grows_with_its_size() -> None:
    assert cost(400) < 5 * cost(100)  # linear is four times, quadratic sixteen
