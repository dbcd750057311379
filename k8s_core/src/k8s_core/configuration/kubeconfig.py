# SPDX-License-Identifier: Apache-2.0
"""kubeconfig files as values: parse one, merge several. Pure: text in, values out; see ``loading`` for the files."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Generic, TypeVar

import msgspec

from k8s_core.configuration.document import Cluster, Context, Document, User, misfit
from k8s_core.configuration.values import has_separator
from k8s_core.errors import ConfigError, DecodeError

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

__all__ = ["Entry", "KubeConfig", "from_document", "merge", "parse"]

T = TypeVar("T", Cluster, User, Context)


@dataclass(frozen=True)
class Entry(Generic[T]):
    """One named entry, with the file that defines it."""

    name: str
    value: T
    origin: str | None
    """The file, or None for a document that came from no file."""
    unknown: tuple[str, ...] = ()
    """Keys of it that mean nothing to us (and nothing to kubectl)."""


@dataclass(frozen=True)
class KubeConfig:
    """One kubeconfig file, or several merged."""

    clusters: Mapping[str, Entry[Cluster]] = field(default_factory=dict)
    users: Mapping[str, Entry[User]] = field(default_factory=dict)
    contexts: Mapping[str, Entry[Context]] = field(default_factory=dict)
    current_context: str = ""
    files: tuple[str, ...] = ()
    """The files that it was read from, in order of precedence."""

    @property
    def empty(self) -> bool:
        """Whether it configures nothing at all, so that looking elsewhere is right (A47)."""
        return not (self.clusters or self.users or self.contexts or self.current_context)


def parse(text: str | bytes, origin: str | None = None) -> KubeConfig:
    """One kubeconfig from its text, YAML or JSON; empty text is an empty configuration (A5).

    Args:
        origin: absolute path of the file; relative paths in it are resolved against its directory (A9, A10).

    Raises:
        ConfigError: not a kubeconfig; names the file and the place in it, never the text that is there.
    """
    from k8s_core.model.yaml import load_yaml  # noqa: PLC0415  # a pod has no kubeconfig to parse (20 modules)

    reason = ""
    document: Any = None
    try:
        document = load_yaml(text)
    except DecodeError as error:
        reason = _place(error)
    if reason:  # outside of the except block: that error quotes the text, which may hold a secret
        raise _unparsable(reason, origin)
    return from_document(document, origin)


def from_document(document: Any, origin: str | None = None) -> KubeConfig:
    """As :func:`parse`, from decoded JSON or YAML."""
    if document is None:
        return KubeConfig(files=(origin,) if origin else ())
    if not isinstance(document, Mapping):
        raise _unparsable("it is not a mapping", origin)
    try:
        parsed = msgspec.convert(_without_nulls(document), Document)
    except msgspec.ValidationError:
        raise _unparsable(misfit(_without_nulls(document), Document), origin) from None
    if (parsed.api_version or "v1", parsed.kind or "Config") != ("v1", "Config"):
        raise _unparsable(f"apiVersion {parsed.api_version!r}, kind {parsed.kind!r} is not v1, Config", origin)
    return KubeConfig(
        clusters=_by_name(
            (
                Entry(item.name, _resolve_cluster(item.cluster, origin), origin, unknown)
                for item, unknown in zip(parsed.clusters, _unknown(document, "clusters", "cluster"), strict=True)
            ),
            origin,
        ),
        users=_by_name(
            (
                Entry(item.name, _resolve_user(item.user, origin), origin, unknown)
                for item, unknown in zip(parsed.users, _unknown(document, "users", "user"), strict=True)
            ),
            origin,
        ),
        contexts=_by_name((Entry(item.name, item.context, origin) for item in parsed.contexts), origin),
        current_context=parsed.current_context,
        files=(origin,) if origin else (),
    )


def merge(files: Sequence[KubeConfig]) -> KubeConfig:
    """Several files as one: of entries with one name the first counts, whole (A6); likewise current-context (A7)."""
    clusters: dict[str, Entry[Cluster]] = {}
    users: dict[str, Entry[User]] = {}
    contexts: dict[str, Entry[Context]] = {}
    for file in reversed(files):
        clusters.update(file.clusters)
        users.update(file.users)
        contexts.update(file.contexts)
    current = next((file.current_context for file in files if file.current_context), "")
    return KubeConfig(clusters, users, contexts, current, tuple(name for file in files for name in file.files))


def _place(error: DecodeError) -> str:
    """Where a YAML document is broken, without quoting it: a parser's complaint may name an anchor, tag or number."""
    mark = getattr(error.__cause__, "problem_mark", None)
    if mark is not None:
        return f"line {mark.line + 1}, column {mark.column + 1}: not YAML"
    return "not YAML or JSON" if error.__cause__ is not None or "number" in str(error) else str(error)


def _unparsable(reason: str, origin: str | None) -> ConfigError:
    return ConfigError(f"error loading config file {_quoted(origin)}: {reason}", source=origin)


def _quoted(origin: str | None) -> str:
    return f'"{origin}"' if origin else "(no file)"


def _without_nulls(value: Any) -> Any:
    """Drop keys whose value is null, as a decoder of Go does; but leave extensions, which are anyone's, as they are."""
    if isinstance(value, Mapping):
        return {
            key: item if key == "extension" else _without_nulls(item) for key, item in value.items() if item is not None
        }
    if isinstance(value, list):
        return [_without_nulls(item) for item in value]
    return value


def _by_name(entries: Iterable[Entry[T]], origin: str | None) -> dict[str, Entry[T]]:
    named: dict[str, Entry[T]] = {}
    for entry in entries:
        if entry.name in named:
            raise _unparsable(f'duplicate name "{entry.name}" in list', origin)
        named[entry.name] = entry
    return named


_KNOWN: dict[str, frozenset[str]] = {
    "cluster": frozenset(field.encode_name for field in msgspec.structs.fields(Cluster)),
    "user": frozenset(field.encode_name for field in msgspec.structs.fields(User)) | {"extensions"},
}


def _unknown(document: Mapping[str, Any], plural: str, key: str) -> list[tuple[str, ...]]:
    items = document.get(plural) or []
    bodies = (item.get(key) or {} for item in items)
    return [tuple(name for name in body if name not in _KNOWN[key]) for body in bodies]


def _resolve_cluster(cluster: Cluster, origin: str | None) -> Cluster:
    return _resolve(cluster, origin, ("certificate_authority",))


def _resolve_user(user: User, origin: str | None) -> User:
    if origin and user.exec is not None and has_separator(user.exec.command):
        program = msgspec.structs.replace(user.exec, command=_absolute(user.exec.command, origin))
        user = msgspec.structs.replace(user, exec=program)
    return _resolve(user, origin, ("client_certificate", "client_key", "token_file"))


S = TypeVar("S", Cluster, User)


def _resolve(value: S, origin: str | None, names: tuple[str, ...]) -> S:
    """Make the paths of an entry absolute, from the directory of the file that defines it; symlinks stay (A9)."""
    if not origin:
        return value
    changes = {name: _absolute(getattr(value, name), origin) for name in names if getattr(value, name)}
    return msgspec.structs.replace(value, **changes) if changes else value


def _absolute(path: str, origin: str) -> str:
    return os.path.normpath(os.path.join(os.path.dirname(origin), path))  # noqa: PTH118, PTH120 - text, not a file
