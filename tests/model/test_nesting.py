# SPDX-License-Identifier: Apache-2.0
"""How deeply documents may be nested: 200 levels, on every Python, with every parser, wherever the caller stands."""

from __future__ import annotations

import copy
import pickle
import subprocess
import sys
from typing import TYPE_CHECKING, Any

import pytest

from k8s_core.errors import DecodeError, FieldTypeError, KubernetesError
from k8s_core.meta import GenericResource
from k8s_core.model import ABSENT, Model
from k8s_core.model.codec import adopt, decode_json, encode_json, load_resource, peek_identity, split_list
from k8s_core.model.yaml import dump_yaml, load_yaml
from k8s_core.patches import JsonPatch, MergePatch

if TYPE_CHECKING:
    from collections.abc import Callable

BOUND = 200
HEAD = {"apiVersion": "example.com/v1", "kind": "Thing"}
TOO_DEEP = "nested deeper than 200 levels"


class Holder(Model):
    value: Any = ABSENT
    holder: Holder = ABSENT


def nested(levels: int) -> Any:
    value: Any = 1
    for level in range(levels):
        value = {"a": value} if level % 2 else [value]
    return value


def document(levels: int) -> dict[str, Any]:
    return {**HEAD, "spec": nested(levels - 1)}


def body(levels: int) -> bytes:
    # By hand, since the encoder has limits of its own.
    return b'{"apiVersion":"example.com/v1","kind":"Thing","spec":%b}' % (b"[" * (levels - 1) + b"]" * (levels - 1))


def thing(levels: int) -> GenericResource:
    return load_resource(GenericResource, body(levels))


def with_stack(frames: int, call: Callable[[], Any]) -> Any:
    return with_stack(frames - 1, call) if frames else call()


WHOLE: dict[str, Callable[[int], Any]] = {
    "decode_json": lambda levels: decode_json(body(levels)),
    "load_yaml, of JSON": lambda levels: load_yaml(body(levels)),
    "load_yaml, flow": lambda levels: load_yaml("[" * levels + "]" * levels),
    "load_yaml, flow over lines": lambda levels: load_yaml("[\n" * levels + "]" * levels),
    "load_yaml, maps": lambda levels: load_yaml("{a: " * levels + "b" + "}" * levels),
    "load_yaml, block": lambda levels: load_yaml("- " * levels + "a"),
    "load_yaml, block and flow": lambda levels: load_yaml("- - " + "[" * (levels - 2) + "]" * (levels - 2)),
    "load_yaml, aliases": lambda levels: load_yaml(
        "a1: &a1 [x]\n" + "\n".join(f"a{n}: &a{n} [*a{n - 1}]" for n in range(2, levels))
    ),
    "dump_yaml": lambda levels: dump_yaml(nested(levels)),
    "from_dict": lambda levels: GenericResource.from_dict(document(levels)),
    "constructor": lambda levels: Holder(value=nested(levels - 1)),
    "assignment": lambda levels: setattr(Holder(), "value", nested(levels - 1)),
    "assignment, further down": lambda levels: setattr(Holder(value={}), "holder", {"value": nested(levels - 2)}),
    "item": lambda levels: GenericResource.from_dict({"a": {"b": {}}}).a.b.__setitem__("c", nested(levels - 3)),
    "encode_json": lambda levels: encode_json(document(levels)),
    "to_dict": lambda levels: thing(levels).to_dict(),
    "to_yaml": lambda levels: thing(levels).to_yaml(),
    "copy": lambda levels: thing(levels).copy(),
    "deepcopy": lambda levels: copy.deepcopy(thing(levels)),
    "pickle": lambda levels: pickle.loads(pickle.dumps(thing(levels))),
    "validate": lambda levels: thing(levels).validate(),
    "json patch": lambda levels: JsonPatch.diff(document(levels), HEAD),
    "merge patch": lambda levels: MergePatch.diff(HEAD, document(levels)).encode(),
    "merge patch, as given": lambda levels: MergePatch(document(levels)).encode(),
}


@pytest.mark.parametrize("frames", [0, 300])
@pytest.mark.parametrize("name", WHOLE)
def test_up_to_the_bound_everything_works_wherever_the_caller_stands(name: str, frames: int) -> None:
    with_stack(frames, lambda: WHOLE[name](BOUND))


@pytest.mark.parametrize("levels", [BOUND + 1, 5_000])
@pytest.mark.parametrize("name", WHOLE)
def test_beyond_the_bound_whole_values_are_refused_with_our_words(name: str, levels: int) -> None:
    with pytest.raises((DecodeError, FieldTypeError), match=TOO_DEEP):
        WHOLE[name](levels)


@pytest.mark.parametrize("beginning", ["[", "- ", "{a: ", "[ ", "x: [", "- ["])
@pytest.mark.parametrize("levels", [BOUND + 1, 1_000, 1_100, 100_000])
def test_a_yaml_document_that_is_cut_short_is_refused_for_its_nesting_first(beginning: str, levels: int) -> None:
    text = beginning[:-1] + beginning[-1] * levels if beginning.endswith("[") else beginning * levels
    with pytest.raises(DecodeError, match=TOO_DEEP):
        load_yaml(text)


def test_brackets_in_strings_and_comments_do_not_count() -> None:
    brackets = "[{" * 400
    text = f"# {brackets}\na: '{brackets}'\nb: x{brackets}\nc: |\n  {brackets}\nd: [\"{brackets}\"]\n"
    assert load_yaml(text) == {"a": brackets, "b": f"x{brackets}", "c": f"{brackets}\n", "d": [brackets]}
    with pytest.raises(DecodeError, match=r"^malformed YAML: "):
        load_yaml(f"{text}[e, '{brackets}'")


def test_the_parser_in_python_has_the_same_bound() -> None:
    # Where PyYAML was built without libyaml.
    script = (
        "import sys; sys.modules['yaml._yaml'] = None\n"
        "from k8s_core.errors import DecodeError\n"
        "from k8s_core.model.yaml import load_yaml\n"
        "import yaml; assert not yaml.__with_libyaml__\n"
        "for beginning, end in (('[', ']'), ('- ', 'a'), ('{a: ', '}')):\n"
        f"    load_yaml(beginning * {BOUND} + end * {BOUND} if end != 'a' else beginning * {BOUND} + end)\n"
        "    try: load_yaml(beginning * 20_000)\n"
        f"    except DecodeError as error: assert '{TOO_DEEP}' in str(error), error\n"
        "    else: sys.exit('not refused')\n"
    )
    subprocess.run([sys.executable, "-c", script], check=True, timeout=50)


@pytest.mark.parametrize(
    "make",
    [list, lambda: [[]], lambda: {"a": 1}],
    ids=["list", "list in a list", "dict"],
)
def test_what_contains_itself_is_a_typed_error(make: Callable[[], Any]) -> None:
    endless = make()
    if isinstance(endless, dict):
        endless["b"] = endless["c"] = endless
    else:
        endless += [endless, endless]
    for take in (lambda: Holder(value=endless), lambda: encode_json(endless), lambda: dump_yaml(endless)):
        with pytest.raises(FieldTypeError, match="or a container contains itself"):
            take()
    with pytest.raises(FieldTypeError, match=r"^value: nested deeper"):
        Holder(value=endless)


def test_a_deeper_object_of_a_server_is_read_field_by_field_and_sent_back_as_it_came() -> None:
    raw = body(BOUND + 100)
    obj = load_resource(GenericResource, raw)
    assert obj.kind == "Thing"
    assert obj.spec[0]
    assert obj == load_resource(GenericResource, raw)
    assert encode_json(obj) == raw
    adopt(obj, load_resource(GenericResource, raw))  # as after a save
    assert encode_json(obj) == raw
    with pytest.raises(FieldTypeError, match=TOO_DEEP):
        obj.to_dict()


@pytest.mark.parametrize("levels", [900, 1_400, 5_000, 100_000])
def test_what_no_parser_can_take_is_never_another_error_than_ours(levels: int) -> None:
    raw = body(levels)
    for use in (
        lambda: load_resource(GenericResource, raw).spec,
        lambda: encode_json(load_resource(GenericResource, raw)),
        lambda: repr(load_resource(GenericResource, raw)),
        lambda: load_resource(GenericResource, raw) == load_resource(GenericResource, raw),
        lambda: split_list(b'{"items":[' + raw + b"]}"),
        lambda: peek_identity(raw),
    ):
        try:
            use()
        except KubernetesError as error:
            assert TOO_DEEP in str(error)  # whether it is refused depends on the interpreter


def test_objects_that_are_built_too_deep_level_by_level_are_typed_errors() -> None:
    inner: Any = GenericResource.from_dict(HEAD)
    for _ in range(BOUND - 1):
        inner["a"] = {}
        inner = inner["a"]
    inner["b"] = "the innermost"
    with pytest.raises(FieldTypeError, match=TOO_DEEP):
        inner["a"] = {}
    holder = Holder()
    for _ in range(20_000):
        holder = Holder(holder=holder)
    for take in (holder.to_dict, holder.copy, lambda: encode_json(holder)):
        with pytest.raises(FieldTypeError, match=TOO_DEEP):
            take()
