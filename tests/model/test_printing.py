# SPDX-License-Identifier: Apache-2.0
"""How tables, lists and objects show themselves: in a terminal, a pipe, a notebook, ``help`` and ``repr``."""

from __future__ import annotations

import inspect
import io
import subprocess
import sys
from typing import TYPE_CHECKING, Any, ClassVar

from rich.console import Console
from rich.pretty import pretty_repr

from k8s_core import ABSENT, Model, Resource, field
from k8s_core.client import ResourceList
from k8s_core.kinds import PrinterColumn
from k8s_core.meta import GenericResource, ListMeta, ObjectMeta, Table
from k8s_plugins_builtin.core.v1 import Container, Pod, Secret

if TYPE_CHECKING:
    import pytest


class GadgetSpec(Model):
    size: int
    token: str | None = field(default=None, sensitive=True)
    parts: list[str] = ABSENT


class Gadget(Resource, group="example.com", version="v1", plural="gadgets"):
    printer_columns: ClassVar[tuple[PrinterColumn, ...]] = (
        PrinterColumn("Size", ".spec.size", type="integer"),
        PrinterColumn("Token", ".spec.token"),
        PrinterColumn("Broken", lambda obj: 1 / 0),
        PrinterColumn("Wide", ".spec.parts", priority=1),
    )
    spec: GadgetSpec


def gadget(name: str, namespace: str = "n", **annotations: str) -> Gadget:
    metadata = ObjectMeta(name=name, namespace=namespace, annotations=annotations)
    return Gadget(metadata=metadata, spec=GadgetSpec(size=3, token="hunter2"))


def table(*names: str, namespaces: tuple[str, ...] = ()) -> Table:
    places = namespaces or ("n",) * len(names)
    return Table.from_dict(
        {
            "columnDefinitions": [
                {"name": "Name", "type": "string", "priority": 0},
                {"name": "Ready", "type": "boolean", "priority": 0},
                {"name": "Wide", "type": "string", "priority": 1},
            ],
            "rows": [
                {
                    "cells": [name, True, "wide"],
                    "object": {
                        "apiVersion": "meta.k8s.io/v1",
                        "kind": "PartialObjectMetadata",
                        "metadata": {"namespace": place},
                    },
                }
                for name, place in zip(names, places, strict=True)
            ],
        }
    )


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


# -- tables ----------------------------------------------------------------------------------------------------------


def test_a_table_is_aligned_text_in_a_pipe(capsys: pytest.CaptureFixture[str]) -> None:
    print(table("a", "longer"))  # noqa: T201  # what is tested
    assert capsys.readouterr().out == "NAME     READY\na        true\nlonger   true\n"


def test_rows_of_several_namespaces_say_which() -> None:
    assert str(table("a", "b", namespaces=("x", "y"))).splitlines()[1] == "x           a      true"


def test_a_table_has_colours_in_a_terminal_unless_they_are_unwanted(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "stdout", Terminal())
    monkeypatch.setenv("TERM", "xterm-256color")
    monkeypatch.delenv("NO_COLOR", raising=False)
    assert "\x1b[1mNAME" in str(table("a"))
    monkeypatch.setenv("NO_COLOR", "1")
    assert str(table("a")) == "NAME   READY\na      true"


def test_a_table_needs_no_rich() -> None:
    code = (
        "import io, sys\n"
        "sys.modules['rich'] = sys.modules['rich.console'] = None\n"
        "from k8s_core.meta import Table\n"
        "class Terminal(io.StringIO):\n"
        "    isatty = lambda self: True\n"
        "table = Table.from_dict({'columnDefinitions': [{'name': 'A'}], 'rows': [{'cells': ['1']}]})\n"
        "real, sys.stdout = sys.stdout, Terminal()\n"
        "text = str(table)\n"
        "sys.stdout = real\n"
        "print(text)\n"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, timeout=60)
    assert done.stdout == "A\n1\n"


def test_what_a_server_says_cannot_drive_a_terminal_or_a_notebook() -> None:
    odd = table("<b>\x1b[31m\n[red]")
    assert "\x1b" not in str(odd)
    assert len(str(odd).splitlines()) == 2
    assert "&lt;b&gt;^[[31m [red]" in odd._repr_html_()
    console = Console(file=io.StringIO(), width=80)
    with console.capture() as captured:
        console.print(odd)
    assert "<b>^[[31m [red]" in captured.get()


def test_an_empty_table_shows_its_columns() -> None:
    assert str(table()) == "NAME   READY"
    assert str(Table.from_dict({})) == ""


def test_a_large_table_has_a_short_repr() -> None:
    assert repr(table("a", "b")) == "<Table of 2 rows: Name, Ready>"


# -- lists and objects -----------------------------------------------------------------------------------------------


def test_a_small_object_is_shown_as_it_is_written() -> None:
    assert repr(Gadget(metadata=ObjectMeta(name="a"))) == "Gadget(metadata=ObjectMeta(name='a'))"


def test_a_large_object_is_summed_up_in_a_line_without_its_secrets() -> None:
    large = gadget("a", note="x" * 200)
    assert repr(large) == "<Gadget n/a: Size 3, Token ***, Broken <error>>"
    assert repr(Pod.from_dict({"metadata": {"name": "p"}, "spec": {"nodeName": "x" * 200}})) == (
        "<Pod p: Ready 0/0, Restarts 0>"
    )


def test_an_object_without_metadata_or_with_odd_metadata_is_summed_up_too() -> None:
    class Bare(Gadget):
        metadata = ABSENT

    assert repr(Bare(spec=GadgetSpec(size=3, parts=["x" * 200]))).startswith("<Bare: Size 3")
    assert repr(Gadget.from_dict({"metadata": "odd", "spec": {"size": 3, "parts": ["x" * 200]}})).startswith(
        "<Gadget: "
    )


def test_an_object_without_a_class_shows_its_name_and_no_more() -> None:
    large = GenericResource.from_dict({"kind": "Thing", "metadata": {"name": "a"}, "data": {"a" * 200: "hunter2"}})
    assert repr(large) == "<GenericResource a>"
    assert "hunter2" not in large._repr_html_()


def test_a_small_list_is_a_list_and_a_large_one_names_its_objects() -> None:
    assert repr(ResourceList([Gadget(metadata=ObjectMeta(name="a"))], ListMeta())) == (
        "[Gadget(metadata=ObjectMeta(name='a'))]"
    )
    some = ResourceList([gadget(name) for name in "abcd"], ListMeta(), kind="GadgetList")
    assert repr(some) == "<ResourceList of 4 GadgetList: a, b, c, d>"
    many = ResourceList([gadget(str(number)) for number in range(12)], ListMeta())
    assert repr(many) == "<ResourceList of 12: 0, 1, 2, 3, 4, 5, 6, 7, 8, 9, …>"
    assert repr(ResourceList([], ListMeta())) == "[]"


def test_a_notebook_shows_lists_and_objects_by_the_columns_of_the_kind() -> None:
    odd = gadget("<script>", "x")
    html = ResourceList([odd, gadget("b", "y")], ListMeta())._repr_html_()
    assert html.startswith("<table><thead><tr><th>Namespace</th><th>Name</th><th>Size</th><th>Token</th>")
    assert "<td>x</td><td>&lt;script&gt;</td><td>3</td><td>***</td><td>&lt;error&gt;</td>" in html
    assert "hunter2" not in html
    assert "<th>Wide</th>" not in html
    assert "<td>&lt;script&gt;</td>" in odd._repr_html_()
    assert ResourceList([], ListMeta())._repr_html_()


def test_rich_shows_a_list_as_a_table_and_an_object_field_by_field() -> None:
    console = Console(file=io.StringIO(), width=80)
    with console.capture() as captured:
        console.print(ResourceList([gadget("a")], ListMeta()))
    assert captured.get().split()[:3] == ["NAME", "SIZE", "TOKEN"]
    shown = pretty_repr(gadget("a", note="x" * 100))
    assert "    spec=GadgetSpec(size=3, token='***')" in shown.splitlines()
    assert "metadata=ObjectMeta(" in shown


def test_rich_shows_no_secrets() -> None:
    secret = Secret(metadata=ObjectMeta(name="s"), data={"key": b"hunter2"}, stringData={"other": "hunter2"})
    for part in (secret, secret.data, gadget("a"), gadget("a").spec):
        assert "hunter2" not in pretty_repr(part)
        assert "aHVudGVyMg" not in pretty_repr(part)


# -- signatures ------------------------------------------------------------------------------------------------------


def test_the_signature_of_a_class_has_its_fields() -> None:
    parameters = inspect.signature(Container).parameters
    assert {parameter.kind for parameter in parameters.values()} == {inspect.Parameter.KEYWORD_ONLY}
    assert parameters["name"].default is inspect.Parameter.empty
    assert parameters["image"].default is None
    assert parameters["ports"].default is ABSENT
    assert parameters["ports"].annotation == "list[ContainerPort]"


def test_the_signature_of_a_kind_begins_with_its_metadata() -> None:
    assert str(inspect.signature(Gadget)) == "(*, metadata: 'ObjectMeta' = ABSENT, spec: 'GadgetSpec')"

    class Bare(Gadget):
        metadata = ABSENT

    assert str(inspect.signature(Bare)) == "(*, spec: 'GadgetSpec')"


def test_a_class_with_arguments_of_its_own_shows_those() -> None:
    class Own(Model):
        name: str | None = None

        def __init__(self, number: int) -> None:
            super().__init__(name=str(number))

    assert str(inspect.signature(Own)) == "(number: 'int') -> 'None'"
    assert "fields" in inspect.signature(GenericResource).parameters


def test_a_signature_resolves_no_annotation_and_loads_no_schemas() -> None:
    code = (
        "import inspect, pydoc, sys\n"
        "from k8s_core import Model\n"
        "class Odd(Model):\n"
        "    __annotations__ = {'a': 'Nowhere'}\n"
        "assert str(inspect.signature(Odd)) == \"(*, a: 'Nowhere')\"\n"
        "from k8s_plugins_builtin.core.v1 import Container\n"
        "assert \"image: 'str | None' = None\" in pydoc.plain(pydoc.render_doc(Container))\n"
        "assert 'marshmallow' not in sys.modules\n"
    )
    subprocess.run([sys.executable, "-c", code], check=True, timeout=60)


def test_objects_take_no_part_in_what_only_classes_have() -> None:
    obj: Any = gadget("a")
    assert not hasattr(obj, "__signature__")
    assert not callable(obj)
