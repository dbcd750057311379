# SPDX-License-Identifier: Apache-2.0
"""Any kubeconfig gives a Config or a typed error; nothing that is secret in it is ever shown."""

from __future__ import annotations

import logging
import pickle
import tempfile
import traceback
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from examples import examples
from hypothesis import example, given
from hypothesis import strategies as st

from k8s_core.auth import make_credentials
from k8s_core.configuration import Config
from k8s_core.errors import ConfigError
from k8s_core.model.yaml import dump_yaml

if TYPE_CHECKING:
    from collections.abc import Callable

MARK = "zqsecretqz"
"""Part of every secret, and of nothing else."""

text = st.text(max_size=8)
secret = st.one_of(
    st.just(MARK),
    st.builds(lambda a, b: f"{a}{MARK}{b}", text, text),
    st.sampled_from([f"{MARK}:{MARK}", f"*{MARK}", f"&{MARK}", f"!{MARK} x", f"{{{MARK}", f"%{MARK}", f"{MARK}\x00\n"]),
)
junk = st.recursive(
    st.one_of(st.none(), st.booleans(), st.integers(), st.floats(allow_nan=False, allow_infinity=False), text),
    lambda inner: st.one_of(st.lists(inner, max_size=3), st.dictionaries(text, inner, max_size=3)),
    max_leaves=6,
)
name = st.sampled_from(["a", "b", "", "c"])


def mostly(good: st.SearchStrategy[Any]) -> st.SearchStrategy[Any]:
    """Usually the right type, sometimes anything."""
    return st.integers(0, 79).flatmap(lambda n: junk if n == 79 else good)


def maybe(required: tuple[str, ...] = (), **fields: st.SearchStrategy[Any]) -> st.SearchStrategy[Any]:
    """A mapping with any of the fields, mostly of the right types; ``__`` in a name stands for ``-``."""
    values = {key.replace("__", "-"): mostly(value) for key, value in fields.items()}
    always = {key: values.pop(key) for key in required}
    return mostly(st.fixed_dictionaries(always, optional=values))


servers = st.one_of(
    st.sampled_from(["https://h:6443", "https://h/p/", "h:6443", "http://h"]),
    st.sampled_from(["", "::", "https://[", "ftp://h"]),
    secret.map(lambda value: f"https://user:{value}@h:6443/"),
)
base64ish = st.one_of(st.sampled_from(["", "YQ==", "x"]), secret)
extensions = st.lists(
    maybe(name=st.just("client.authentication.k8s.io/exec"), extension=st.one_of(secret, junk)), max_size=2
)
clusters = maybe(
    ("server",),
    server=servers,
    tls__server__name=text,
    insecure__skip__tls__verify=st.booleans(),
    certificate__authority=st.sampled_from(["", "ca", "/nonexistent", "a\0b"]),
    certificate__authority__data=st.sampled_from(["", "YQ==", "!", "é"]),
    proxy__url=st.one_of(
        st.just(""), st.sampled_from(["http://p", "x"]), secret.map(lambda value: f"http://u:{value}@p")
    ),
    disable__compression=st.booleans(),
    extensions=extensions,
)
programs = maybe(
    ("command", "apiVersion", "interactiveMode"),
    command=st.sampled_from(["/nonexistent/login", "", "./x"]),
    apiVersion=st.sampled_from(["client.authentication.k8s.io/v1", "client.authentication.k8s.io/v1beta1", "v1"]),
    interactiveMode=st.sampled_from(["Never", "IfAvailable", "Sometimes", ""]),
    args=st.lists(secret, max_size=2),
    env=st.lists(maybe(name=text, value=secret), max_size=2),
    provideClusterInfo=st.booleans(),
    installHint=text,
)
providers = maybe(
    name=st.sampled_from(["oidc", "gcp", "other", ""]),
    config=st.dictionaries(
        st.sampled_from(["id-token", "refresh-token", "client-secret", "client-id", "idp-certificate-authority-data"]),
        secret,
    ),
)
users = maybe(
    token=secret,
    tokenFile=st.sampled_from(["", "token", "/nonexistent"]),
    username=text,
    password=secret,
    client__certificate__data=base64ish,
    client__key__data=base64ish,
    client__certificate=st.sampled_from(["", "/nonexistent"]),
    client__key=st.sampled_from(["", "/nonexistent"]),
    exec=programs,
    auth__provider=providers,
    **{"as": text, "as__uid": text, "as__groups": st.lists(text, max_size=2)},
    as__user__extra=st.dictionaries(text, st.lists(text, max_size=2), max_size=2),
)
contexts = maybe(cluster=name, user=name, namespace=text)


def named(key: str, values: st.SearchStrategy[Any]) -> st.SearchStrategy[Any]:
    return st.lists(mostly(st.fixed_dictionaries({"name": name, key: values})), min_size=1, max_size=2)


documents = maybe(
    apiVersion=st.sampled_from(["v1", "", "v2"]),
    kind=st.just("Config"),
    clusters=named("cluster", clusters),
    users=named("user", users),
    contexts=named("context", contexts),
    current__context=name,
)
single = st.builds(
    lambda cluster, user, context: {
        "clusters": [{"name": "a", "cluster": cluster}],
        "users": [{"name": "a", "user": user}],
        "contexts": [{"name": "a", "context": {"cluster": "a", "user": "a"}}],
        "current-context": "a",
        "x": context,
    },
    clusters, users, junk,
)  # fmt: skip


def one_user(**cluster: Any) -> Any:
    """A document whose only context is current."""
    context = {"name": "a", "context": {"cluster": "a", "user": "a"}}
    user = {"name": "a", "user": {"token": MARK}}
    return {
        "clusters": [{"name": "a", "cluster": cluster}],
        "users": [user],
        "contexts": [context],
        "current-context": "a",
    }


class Records(logging.Handler):
    """Everything that is logged, as text."""

    def __init__(self) -> None:
        super().__init__()
        self.lines: list[str] = []

    def emit(self, record: logging.LogRecord) -> None:
        self.lines.append(self.format(record))


def check(content: bytes) -> None:
    """Load it and ask for credentials; collect all that anyone could read of it."""
    records = Records()
    logger = logging.getLogger("k8s_core")
    logger.addHandler(records)
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, "config")
        path.write_bytes(content)
        shown = []
        try:
            config = Config.from_kubeconfig(path)
            shown += [repr(config), str(vars(config)), pickle.dumps(config).decode("latin-1")]
            shown.append(repr(make_credentials(config)))
        except ConfigError as error:
            shown += [str(error), repr(error), "".join(traceback.format_exception(error)), repr(error.__context__)]
        finally:
            logger.removeHandler(records)
    assert not [text for text in shown + records.lines if MARK in text]


@given(st.one_of(single, documents))
@example(one_user(server=f"https://user:{MARK}?@h:6443/"))
@examples(250)
def test_a_document_gives_a_Config_or_a_ConfigError_and_shows_no_secret(document: Any) -> None:
    check(dump_yaml(document).encode("utf-8", "surrogatepass"))


TEMPLATE = """
clusters: [{{name: a, cluster: {{server: "https://h"}}}}]
contexts: [{{name: a, context: {{cluster: a, user: a}}}}]
current-context: a
users:
- name: a
  user:
    token: {}
"""


@given(st.one_of(secret, st.text(max_size=20).map(lambda value: value + MARK)))
@example(f"|\n      {MARK}\n  bad indent")
@example(f"'{MARK}")
@example(f"*{MARK}")
@example(f"!!python/object:{MARK} x")
@example(f"[{MARK}")
@example(f"{MARK}\n    token: {MARK}2\n\ttab: {MARK}")
@example(f"? {MARK}")
@examples(100)
def test_broken_yaml_around_a_secret_is_not_quoted(value: str) -> None:
    check(TEMPLATE.format(value).encode("utf-8", "surrogatepass"))


@given(st.binary(max_size=60))
@examples(60)
def test_any_bytes_are_refused_with_a_ConfigError_or_read(content: bytes) -> None:
    check(content)


def test_an_alias_bomb_is_refused(write: Callable[[str, str], Path]) -> None:
    lines = ["a0: &a0 [x,x,x,x,x,x,x,x,x,x]"]
    lines += [f"a{n}: &a{n} [{','.join([f'*a{n - 1}'] * 10)}]" for n in range(1, 10)]
    with pytest.raises(ConfigError, match="excessive aliasing"):
        Config.from_kubeconfig(write("bomb", "\n".join(lines)))
