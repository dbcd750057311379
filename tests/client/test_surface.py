# SPDX-License-Identifier: Apache-2.0
"""Where people find the verbs: on one class, with signatures and docstrings, before anything is used."""

from __future__ import annotations

import inspect
import pydoc
import subprocess
import sys
from typing import Any

import pytest

from k8s_core import Client, Resource
from k8s_core.client import KindClient
from k8s_core.requests import keywords
from k8s_plugins_builtin.apps.v1 import Deployment

VERBS = [
    "get", "list", "list_with_meta", "find", "get_or_create", "save", "save_status", "delete", "delete_list",
    "watch_list", "owners",
]  # fmt: skip


def public(cls: type) -> list[str]:
    return [name for name in vars(cls) if not name.startswith("_")]


def test_the_client_is_one_class() -> None:
    assert Client.__mro__ == (Client, object)


def test_every_public_member_of_the_client_says_what_it_does() -> None:
    assert [name for name in public(Client) if not inspect.getdoc(getattr(Client, name))] == []
    assert [name for name in public(KindClient) if not inspect.getdoc(getattr(KindClient, name))] == []


@pytest.mark.parametrize("verb", VERBS)
def test_the_verbs_of_a_kind_are_documented_on_resource(verb: str) -> None:
    assert verb in vars(Resource)
    assert inspect.getdoc(getattr(Deployment, verb))


def test_signatures_and_help_need_no_client() -> None:
    code = (
        "import inspect, pydoc, sys\n"
        "from k8s_plugins_builtin.apps.v1 import Deployment\n"
        "shown = str(inspect.signature(Deployment.get))\n"
        "assert shown == \"(name: 'str', namespace: 'str' = 'default', *, client: 'Client | None' = None)"
        " -> 'Self'\", shown\n"
        "page = pydoc.plain(pydoc.render_doc(Deployment))\n"
        "squeezed = ''.join(page.replace('|', '').split())\n"  # Python 3.13 breaks long signatures into lines
        "for verb in ('get(name', 'save(self', 'delete(name', 'watch_list(namespace', 'get_or_create(name'):\n"
        "    assert verb in squeezed, verb\n"
        "assert 'Read one object. Raises NotFound' in page\n"
        "assert not {'k8s_core.client', 'k8s_core.verbs', 'k8s_core.watch', 'urllib3'} & sys.modules.keys()\n"
    )
    subprocess.run([sys.executable, "-c", code], check=True, timeout=60)


def test_help_of_the_client_shows_every_verb() -> None:
    page = pydoc.plain(pydoc.render_doc(Client))
    assert all(f"{verb}(" in page for verb in ("get", "list", "watch", "wait", "apply_all", "edit", "scale", "kind"))


@pytest.mark.parametrize("verb", ["get", "list", "save"])
def test_messages_name_public_classes(verb: str) -> None:
    call: Any = getattr(Deployment(metadata={"name": "a"}), verb)
    with pytest.raises(TypeError, match=rf"^Resource\.{verb}\(\) got an unexpected keyword argument"):
        call(nmespace="x")


def _parameters(function: Any) -> set[str]:
    """The keywords that a method takes, those of ``**options: Unpack[...]`` included."""
    found = set()
    for name, parameter in inspect.signature(function).parameters.items():
        if parameter.kind is parameter.VAR_KEYWORD:
            options = getattr(keywords, parameter.annotation.removeprefix("Unpack[").removesuffix("]"))
            found |= options.__annotations__.keys()  # those of its bases included
        else:
            found.add(name)
    return found - {"self"}


@pytest.mark.parametrize("verb", [name for name in public(KindClient) if name in vars(Client)])
def test_a_handle_takes_what_the_client_takes_without_the_kind(verb: str) -> None:
    wanted = _parameters(getattr(Client, verb)) - {"kind", "kind_or_obj", "subject"}
    if verb == "get":
        wanted -= {"subresource"}  # which has a kind of its own
    assert _parameters(getattr(KindClient, verb)) | {"name"} == wanted | {"name"}
