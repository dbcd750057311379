# SPDX-License-Identifier: Apache-2.0
"""CEL rules of custom resources on the wire: when they are written, and when they are evaluated (protocol J23, J24)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from waiting import eventually
from wire import JSON_PATCH, MERGE_PATCH, Wire
from wire_crds import Kind, causes, definition, establish, rule
from wire_documents import CRDS, Json, quiet

if TYPE_CHECKING:
    from collections.abc import Callable

pytestmark = [pytest.mark.custom_resources, pytest.mark.since("1.33")]
INTEGER: Json = {"type": "integer"}
TEXT: Json = {"type": "string", "maxLength": 50}
AT = "spec.validation.openAPIV3Schema.properties[spec].x-kubernetes-validations[0]"


def spec_with(properties: Json, *rules: Json, **more: Any) -> Json:
    spec = {"type": "object", "properties": properties, "x-kubernetes-validations": list(rules), **more}
    return {"type": "object", "properties": {"spec": spec}}


@pytest.fixture
def gizmos(wire: Wire) -> Callable[..., Kind]:
    """Establishes a kind with rules on its spec."""
    return lambda properties, *rules, **more: establish(wire, definition(wire, spec_with(properties, *rules, **more)))


@pytest.mark.parametrize(
    ("entry", "field", "text"),
    [
        (rule("self.nope == 1"), "rule", "compilation failed: ERROR: <input>:1:5: undefined field 'nope'"),
        (rule("nope"), "rule", "undeclared reference to 'nope' (in container '')"),
        (rule("self.a =="), "rule", "Syntax error"),
        (rule("self.a > 'x'"), "rule", "found no matching overload for '_>_' applied to '(int, string)'"),
        (rule("self.s == null"), "rule", "found no matching overload for '_==_' applied to '(string, null)'"),
        (rule("self.l.sum() > 1"), "rule", "found no matching overload for 'sum' applied to 'list(string).()'"),
        (rule("self.a"), "rule", "cel expression must evaluate to a bool"),
        (rule(" "), "rule", "rule is not specified"),
        (rule("self.a > 1", messageExpression="self.a"), "messageExpression", "must evaluate to a string"),
        (rule("self.a > 1", message=" "), "message", "must be non-empty if specified"),
        (rule("self.a\n> 1"), "message", "message must be specified if rule contains line breaks"),
        (rule("self.a > 1", fieldPath=".nope"), "fieldPath", "must be a valid path"),
        (rule("self.a > 1", optionalOldSelf=True), "optionalOldSelf", "may not be set if oldSelf is not used in rule"),
        (rule("oldSelf.a == 1", optionalOldSelf=True), "rule", "applied to '(optional_type(int), int)'"),
    ],
)
def test_J23_rules_that_are_refused(wire: Wire, entry: Json, field: str, text: str) -> None:
    properties = {"a": INTEGER, "s": TEXT, "l": {"type": "array", "maxItems": 5, "items": TEXT}}
    status = wire.fails(422, "POST", f"{CRDS}?dryRun=All", definition(wire, spec_with(properties, entry)))
    found = causes(status)
    assert found[0][0] == f"{AT}.{field}"
    assert text in found[0][2]


def test_J23_old_values_of_plain_lists_are_not_known(wire: Wire) -> None:
    items = {**TEXT, "x-kubernetes-validations": [rule("self == oldSelf")]}
    schema = {"type": "object", "properties": {"l": {"type": "array", "maxItems": 5, "items": items}}}
    (cause,) = causes(wire.fails(422, "POST", f"{CRDS}?dryRun=All", definition(wire, schema)))
    text = "oldSelf cannot be used on the uncorrelatable portion of the schema within spec.validation"
    assert text in cause[2]


@pytest.mark.parametrize(
    "expression",
    [
        "quantity(self.s).isGreaterThan(quantity('1'))",
        "ip(self.s).family() == 4 && string(ip(self.s)) == self.s",
        "cidr('10.0.0.0/8').containsIP(ip(self.s)) || cidr(self.s).containsIP('10.0.0.1')",
        "url(self.s).getHost() == 'a' && isURL(self.s)",
        "!format.dns1123Label().validate(self.s).hasValue()",
        "semver(self.s).isLessThan(semver('1.0.0'))",
        "self.s.find('a+') == 'a' && self.s.findAll('a', 1).size() == 1",
        "self.l.isSorted() && self.l.indexOf('a') == 0 && self.l.max() == 'z'",
        "self.s.split(',').size() < 3 && self.l.join('-') != 'a'",
        "self.s.lowerAscii().trim().substring(1) == 'x' && self.s.replace('a', 'b', 1).charAt(0) == 'b'",
        "'%s-%d'.format([self.s, self.a]) == 'x-1'",
        "self.n > 1 && self.a < 1.5",
        "self.l.all(i, v, i < 3 && v != '')",
        "sets.contains(self.l, ['a']) && self.?s.orValue('') != 'x'",
        "self.ios == 1 || self.ios == '50%'",
        "self.at.getFullYear() > 2000 && self.span < duration('1h')",
        "self.a__dash__b == 'x' && self.__in__ == 1",
    ],
)
def test_J23_what_rules_may_use(wire: Wire, expression: str) -> None:
    properties: Json = {
        "a": INTEGER,
        "n": {"type": "number"},
        "s": TEXT,
        "l": {"type": "array", "maxItems": 5, "items": TEXT},
        "ios": {"x-kubernetes-int-or-string": True},
        "at": {"type": "string", "format": "date-time"},
        "span": {"type": "string", "format": "duration"},
        "a-b": TEXT,
        "in": INTEGER,
    }
    wire.ok("POST", f"{CRDS}?dryRun=All", definition(wire, spec_with(properties, rule(expression))))


def test_J24_texts_and_reasons_of_rules(gizmos: Callable[..., Kind]) -> None:
    kind = gizmos(
        {"a": INTEGER, "s": TEXT},
        rule("self.a > 1"),
        rule("self.a < 10", message=" too big "),
        rule("self.s == 'x'", messageExpression="'s is ' + self.s", reason="FieldValueForbidden", fieldPath=".s"),
        rule("self.a != 5", reason="FieldValueRequired", fieldPath=".a"),
        rule("self.a != 6", reason="FieldValueDuplicate"),
    )
    kind.create({"a": 2, "s": "x"}, "good")
    assert kind.refused({"a": 0, "s": "x"}) == [
        ("spec", "FieldValueInvalid", "Invalid value: failed rule: self.a > 1"),
    ]
    assert kind.refused({"a": 11, "s": "y"}) == [
        ("spec", "FieldValueInvalid", "Invalid value: too big"),
        ("spec.s", "FieldValueForbidden", "Forbidden: s is y"),
    ]
    (required,) = kind.refused({"a": 5, "s": "x"})
    assert required[:2] == ("spec.a", "FieldValueRequired")
    assert kind.refused({"a": 6, "s": "x"}) == [("spec", "FieldValueDuplicate", "Duplicate value")]


def test_J24_a_rule_that_fails_to_evaluate(gizmos: Callable[..., Kind]) -> None:
    kind = gizmos(
        {"a": INTEGER, "ios": {"x-kubernetes-int-or-string": True}},
        rule("self.a > 1"),
        rule("!has(self.ios) || self.ios > 1", message="more"),
    )
    absent, overload = kind.refused({"ios": "x"})
    assert absent == (
        "spec",
        "FieldValueInvalid",
        'Invalid value: "object": no such key: a evaluating rule: self.a > 1',
    )
    assert overload[2].startswith("Invalid value: \"object\": 'no such overload': call arguments did not match")
    assert overload[2].endswith("macro signature for rule: more")


def test_J24_rules_wait_for_the_right_types(gizmos: Callable[..., Kind]) -> None:
    properties = {"a": {"type": "integer", "maximum": 3}, "e": {"type": "string", "enum": ["x"]}}
    kind = gizmos(properties, rule("self.a > 100"))
    assert [cause[0] for cause in kind.refused({"a": 5})] == ["spec.a", "spec"]
    found = kind.refused({"a": 1, "e": "y"})
    assert [cause[0] for cause in found] == ["spec.e", "<nil>"]
    assert found[1][2].startswith("Invalid value: null: some validation rules were not checked because the object")


def test_J24_transition_rules(wire: Wire, gizmos: Callable[..., Kind]) -> None:
    items = {
        "type": "object",
        "required": ["k"],
        "properties": {"k": TEXT, "v": INTEGER},
        "x-kubernetes-validations": [rule("self.v >= oldSelf.v", message="v went down")],
    }
    by_key = {"x-kubernetes-list-type": "map", "x-kubernetes-list-map-keys": ["k"]}
    kind = gizmos(
        {"a": INTEGER, "l": {"type": "array", "maxItems": 5, "items": items, **by_key}},
        rule("self.a >= oldSelf.a", message="a went down"),
        rule("!oldSelf.hasValue() || self.a < oldSelf.value().a + 5", message="a jumped", optionalOldSelf=True),
    )
    kind.create({"a": 1, "l": [{"k": "x", "v": 1}, {"k": "y", "v": 2}]})

    def patched(spec: Json) -> list[tuple[str, str]]:
        reply = wire("PATCH", kind.path("a"), {"spec": spec}, content_type=MERGE_PATCH)
        return [] if reply.status == 200 else [(field, text) for field, _, text in causes(reply.json)]

    assert patched({"a": 0}) == [("spec", "Invalid value: a went down")]
    assert patched({"a": 9}) == [("spec", "Invalid value: a jumped")]
    moved = [{"k": "y", "v": 1}, {"k": "z", "v": 0}, {"k": "x", "v": 3}]
    assert patched({"l": moved}) == [("spec.l[0]", "Invalid value: v went down")]
    assert patched({"a": 2}) == []


@quiet
def test_J24_unchanged_values_are_only_warned_of(wire: Wire) -> None:
    """A rule that came later does not keep old objects from changing elsewhere."""
    part = {"type": "object", "properties": {"a": INTEGER}}
    schema = {"type": "object", "properties": {"spec": {"type": "object", "properties": {"x": part, "y": part}}}}
    crd = definition(wire, schema)
    kind = establish(wire, crd)
    kind.create({"x": {"a": 1}, "y": {"a": 1}})
    ruled = {**part, "x-kubernetes-validations": [rule("self.a > 5", message="more")]}
    properties = {"spec": {"type": "object", "properties": {"x": ruled, "y": ruled}}}
    patch = [{"op": "replace", "path": "/spec/versions/0/schema/openAPIV3Schema/properties", "value": properties}]
    wire.ok("PATCH", f"{CRDS}/{crd['metadata']['name']}", patch, content_type=JSON_PATCH)
    probe = kind.document({"x": {"a": 1}}, "probe")
    eventually(lambda: wire("POST", f"{kind.path()}?dryRun=All", probe).status == 422)
    reply = wire("PATCH", kind.path("a"), {"spec": {"y": {"a": 7}}}, content_type=MERGE_PATCH)
    assert reply.status == 200, reply.body
    assert reply.headers["Warning"] == '299 - "spec.x: Invalid value: more"'
    reply = wire("PATCH", kind.path("a"), {"spec": {"x": {"a": 2}}}, content_type=MERGE_PATCH)
    assert causes(reply.json) == [("spec.x", "FieldValueInvalid", "Invalid value: more")]


def test_J24_nulls_are_absent(gizmos: Callable[..., Kind]) -> None:
    inner = {"type": "object", "nullable": True, "properties": {"x": INTEGER}}
    inner["x-kubernetes-validations"] = [rule("self.x > 1")]
    kind = gizmos({"o": inner}, rule("has(self.o)", message="no o"))
    assert kind.refused({"o": None}) == [("spec", "FieldValueInvalid", "Invalid value: no o")]
    assert kind.refused({"o": {"x": 1}}) == [("spec.o", "FieldValueInvalid", "Invalid value: failed rule: self.x > 1")]


def test_J24_values_are_typed_by_their_formats(gizmos: Callable[..., Kind]) -> None:
    formats = {"at": "date-time", "span": "duration", "raw": "byte", "day": "date"}
    properties: Json = {name: {"type": "string", "format": format_} for name, format_ in formats.items()}
    kind = gizmos(
        properties | {"n": {"type": "number"}},
        rule("self.at.getFullYear() == 2020 && self.span == duration('90m') && self.raw == b'ab'"),
        rule("self.day == timestamp('2020-01-02T00:00:00Z') && self.n / 2.0 == 1.5"),
    )
    good = {"at": "2020-05-05T01:02:03Z", "span": "1h30m", "raw": "YWI=", "day": "2020-01-02", "n": 3}
    kind.create(good)
    assert kind.refused({**good, "at": "2021-05-05T01:02:03Z"})
    assert kind.refused({**good, "n": 4})


def test_J24_rules_of_the_whole_object(wire: Wire) -> None:
    schema: Json = {
        "type": "object",
        "x-kubernetes-validations": [rule("self.metadata.name.startsWith('a')", message="name it a")],
        "properties": {"spec": {"type": "object"}},
    }
    kind = establish(wire, definition(wire, schema))
    kind.create(name="ab")
    assert kind.refused(name="b") == [("<nil>", "FieldValueInvalid", "Invalid value: name it a")]
