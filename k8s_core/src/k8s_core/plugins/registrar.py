# SPDX-License-Identifier: Apache-2.0
"""What a plugin may do while ``k8s_register_kinds`` runs: file kinds and types, in its own name."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from k8s_core.errors import KindConflictError, PluginError
from k8s_core.kinds import GroupVersionKind

if TYPE_CHECKING:
    from collections.abc import Iterable

    from marshmallow.fields import Field

__all__ = ["DeclaredConverter", "DeclaredKind", "KindRegistrar", "PluginOrigin"]

_TARGET = re.compile(r"[^\W\d]\w*(\.[^\W\d]\w*)*:[^\W\d]\w*(\.[^\W\d]\w*)*")
_KIND = re.compile(r"[A-Za-z][A-Za-z0-9]*")


@dataclass(frozen=True, slots=True)
class PluginOrigin:
    """Where a plugin comes from, for messages: the distribution's name and version, and the entry point.

    A plugin that the program registered itself has no distribution, and ``entry_point`` is the name it was given.
    """

    distribution: str
    version: str
    entry_point: str

    def __str__(self) -> str:
        if not self.distribution:
            return f"{self.entry_point} (registered by the program)"
        return f"{self.distribution} {self.version}"


@dataclass(frozen=True, slots=True)
class DeclaredKind:
    """A kind that a plugin filed: its identity, and the import string of its class.

    ``plural`` is ``""`` and ``short_names`` is ``()`` where the plugin did not say; the class knows.
    """

    gvk: GroupVersionKind
    target: str
    origin: PluginOrigin
    plural: str = ""
    short_names: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class DeclaredConverter:
    """A function that a plugin filed: it makes an object of version ``to`` out of one of ``gvk``."""

    gvk: GroupVersionKind
    to: str
    target: str
    origin: PluginOrigin


class KindRegistrar:
    """Collects what one plugin provides. It only takes notes: it imports nothing and touches no registry.

    Plugins get one as the argument of ``k8s_register_kinds``; a plugin's own tests can make one and read ``kinds``.

    Args:
        origin: who registers; used in messages.
    """

    def __init__(self, origin: PluginOrigin | str = "test") -> None:
        self.origin = PluginOrigin("", "", origin) if isinstance(origin, str) else origin
        self._kinds: dict[GroupVersionKind, DeclaredKind] = {}
        self._converters: dict[tuple[GroupVersionKind, str], DeclaredConverter] = {}
        self._types: dict[type, type[Field[Any]] | Field[Any]] = {}

    @property
    def kinds(self) -> tuple[DeclaredKind, ...]:
        """The kinds filed so far, in order."""
        return tuple(self._kinds.values())

    @property
    def converters(self) -> tuple[DeclaredConverter, ...]:
        """The converters filed so far, in order."""
        return tuple(self._converters.values())

    @property
    def types(self) -> dict[type, type[Field[Any]] | Field[Any]]:
        """The annotation types filed so far (a copy)."""
        return dict(self._types)

    def add_kind(
        self, api_version: str, kind: str, target: str, *, plural: str = "", short_names: Iterable[str] = ()
    ) -> None:
        """File one kind in one version.

        Args:
            api_version: ``"stable.example.com/v1"``, or ``"v1"`` in the legacy group.
            kind: ``"CronTab"``.
            target: ``"k8s_crd_crontab.v1:CronTab"``: imported when the kind is asked for.
            plural: ``"crontabs"``, so that lookups by that name need not import the class.
            short_names: ``("ct",)``, to the same end.

        Raises:
            InvalidName: ``api_version`` is malformed.
            PluginError: ``kind`` or ``target`` is malformed.
            KindConflictError: this plugin filed the kind before, with another target.
        """
        gvk = GroupVersionKind.parse(api_version, kind)
        if not _KIND.fullmatch(kind):
            raise PluginError(f"{self.origin} registers {gvk}: {kind!r} is no kind name, such as 'CronTab'")
        self._check_target(gvk, target, "Class")
        if isinstance(short_names, str):
            raise PluginError(f"{self.origin} registers {gvk}: short_names must be a tuple, such as ({short_names!r},)")
        declared = DeclaredKind(gvk, target, self.origin, plural, tuple(short_names))
        known = self._kinds.setdefault(gvk, declared)
        if known.target != target:
            raise KindConflictError(f"{self.origin} registers {gvk} twice: as {known.target} and as {target}")

    def add_converter(self, api_version: str, kind: str, to: str, target: str) -> None:
        """File a function that converts objects of one version of a kind to another version.

        ``obj.to("v2")`` calls it; versions without a direct converter are reached through others.

        Args:
            api_version: ``"stable.example.com/v1"``: the version of the objects that the function takes.
            kind: ``"CronTab"``.
            to: ``"v2"``: the version of the objects that it returns, in the same API group.
            target: ``"k8s_crd_crontab.convert:v1_to_v2"``: takes the object, returns the new object or its wire dict.

        Raises:
            InvalidName: ``api_version`` is malformed.
            PluginError: ``target`` is malformed.
            KindConflictError: this plugin filed another converter for the same two versions.
        """
        gvk = GroupVersionKind.parse(api_version, kind)
        self._check_target(gvk, target, "function")
        known = self._converters.setdefault((gvk, to), DeclaredConverter(gvk, to, target, self.origin))
        if known.target != target:
            raise KindConflictError(f"{self.origin} converts {gvk} to {to} twice: by {known.target} and by {target}")

    def _check_target(self, gvk: GroupVersionKind, target: str, what: str) -> None:
        if not _TARGET.fullmatch(target):
            raise PluginError(f"{self.origin} registers {gvk}: the target {target!r} must be 'package.module:{what}'")

    def add_type(self, python_type: type, field: type[Field[Any]] | Field[Any]) -> None:
        """Teach the models a Python type for annotations, by the marshmallow field that converts it.

        The type becomes usable in the annotations of every model of the process.

        Args:
            python_type: the class that annotations name and attributes return.
            field: a marshmallow Field class or instance; ``deserialize`` makes the Python value from JSON and
                ``serialize`` the other way round.

        Raises:
            PluginError: ``python_type`` is no class, or this plugin registered another field for it.
        """
        if not isinstance(python_type, type):
            raise PluginError(f"{self.origin} registers a field for {python_type!r}, which is not a class")
        if self._types.setdefault(python_type, field) is not field:
            raise PluginError(f"{self.origin} registers two fields for the type {python_type.__qualname__}")
