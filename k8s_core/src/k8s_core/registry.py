# SPDX-License-Identifier: Apache-2.0
"""From ``apiVersion`` and ``kind`` to the class: resolved on demand, from what installed packages filed.

Two tables: the import strings that plugins filed (kept by ``Plugins``, loaded by API group), and the classes that were
imported from them or registered by the program. Nothing is scanned or imported before the first miss.
"""

from __future__ import annotations

import importlib
import importlib.util
import logging
import threading
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, TypeVar

from k8s_core.errors import KindConflictError, PluginError, PluginLoadError, UnknownKindError
from k8s_core.errors.hints import did_you_mean
from k8s_core.kinds import GroupVersionKind, format_api_version, version_priority

if TYPE_CHECKING:
    from marshmallow import Schema

    from k8s_core.model import Resource
    from k8s_core.plugins import DeclaredConverter, DeclaredKind, Plugins

__all__ = [
    "Registry",
    "classes_of_package",
    "default_registry",
    "load_types_for",
]

_R = TypeVar("_R", bound="type[Resource]")
_log = logging.getLogger("k8s_core.registry")


class Registry:
    """The kinds in use by a client. Thread-safe.

    Args:
        plugins: where kinds come from; None means the plugins of the process.
    """

    def __init__(self, plugins: Plugins | None = None) -> None:
        self._plugins = plugins
        self._classes: dict[tuple[str, str], type[Resource]] = {}
        self._explicit: dict[tuple[str, str], type[Resource]] = {}

    @property
    def plugins(self) -> Plugins:
        """The plugins that kinds come from."""
        if self._plugins is None:
            from k8s_core.plugins import default_plugins  # noqa: PLC0415  # not before the first question (24 modules)

            self._plugins = default_plugins()
        return self._plugins

    def register(self, cls: _R) -> _R:
        """Register a class by hand; also usable as a decorator.

        It takes precedence over whatever packages provide for its kind, and replaces a class registered before.

        Returns:
            ``cls``.
        """
        resource = cls.api_resource
        self._explicit[resource.api_version, resource.kind] = cls
        return cls

    def get(self, api_version: str, kind: str) -> type[Any]:
        """The class of a kind, imported if need be.

        Args:
            api_version: ``"apps/v1"``, or ``"v1"`` in the legacy group.
            kind: ``"Deployment"``.

        Raises:
            UnknownKindError: no installed package provides it; says what comes near, and which package is blocked.
            KindConflictError: two packages provide it.
            PluginLoadError: the package of this API group does not import, or its class is not what it says.
            InvalidName: ``api_version`` is malformed.
        """
        found = self._explicit.get((api_version, kind)) or self._classes.get((api_version, kind))
        if found is not None:
            return found
        gvk = GroupVersionKind.parse(api_version, kind)
        candidates = [declared for declared in self.plugins.declared_kinds(gvk.group) if declared.gvk == gvk]
        if not candidates:
            raise self._unknown(gvk)
        return self._load(candidates)

    def schema(self, api_version: str, kind: str) -> Schema:
        """The marshmallow Schema of a kind: ``load`` returns the typed object, ``dump`` the wire document.

        Raises as ``get`` does.
        """
        cls: type[Resource] = self.get(api_version, kind)
        return cls.schema()

    def find(self, group: str | None, name: str, version: str | None = None) -> type[Resource]:
        """The class of a kind by any of its names.

        Args:
            group: API group, ``""`` for the legacy group; None searches all groups, the legacy group first.
            name: plural, singular, kind or short name, in any case. A plural or singular name wins over a short name.
            version: None takes the most stable version: ``v2`` before ``v1`` before ``v1beta1``.

        Raises:
            UnknownKindError: no installed package provides it.
            KindConflictError, PluginLoadError: as ``get``. With ``group=None`` broken packages are logged and left out.
        """
        wanted = name.lower()
        groups = [group] if group is not None else sorted(self.groups(), key=lambda g: ("." in g, g))
        for short in (False, True):
            for candidate in groups:
                kinds = self._kinds_of(candidate, strict=group is not None)
                matches = [gvk for gvk in kinds if version in (None, gvk.version) and self._matches(gvk, wanted, short)]
                if matches:
                    best = min(matches, key=lambda gvk: version_priority(gvk.version))
                    return self.get(best.api_version, best.kind)
        raise self._unknown_name(group, name, version)

    def convert(self, obj: Resource, version: str) -> Resource:
        """An object in another version of its kind, by the shortest way over the converters that packages filed.

        Args:
            obj: it is not changed.
            version: ``"v2"``; the object itself is returned if its class has that version.

        Raises:
            UnknownKindError: no class is known for the version, or no converter leads to it.
            PluginError: a converter failed, or returned something else than an object of its version.
            KindConflictError, PluginLoadError: as ``get``.
        """
        source = type(obj).api_resource.gvk
        if version == source.version:
            return obj
        self.get(format_api_version(source.group, version), source.kind)
        converters = [c for c in self.plugins.declared_converters(source.group) if c.gvk.kind == source.kind]
        way = _shortest_way(source.version, version, converters)
        if way is None:
            known = ", ".join(sorted({f"{c.gvk.version} to {c.to}" for c in converters})) or "none"
            raise UnknownKindError(
                f"no converter leads from {source} to {version}; the installed packages have: {known}"
            )
        current = obj.copy()
        for converter in way:
            target = self.get(format_api_version(source.group, converter.to), source.kind)
            current = _converted(current, converter, target)
        return current

    def kinds(self, group: str | None = None) -> list[GroupVersionKind]:
        """Every known kind, sorted, or those of one API group. Loads plugins, but no models.

        Raises:
            PluginLoadError: the package of the asked ``group`` does not load. With None, broken packages are logged
                and left out.
        """
        groups = self.groups() if group is None else [group]
        return sorted(gvk for name in groups for gvk in self._kinds_of(name, strict=group is not None))

    def imports(self, name: str) -> list[str]:
        """The import statements for a class of the installed packages, at most three, kinds first; imports no model.

        Args:
            name: of the class: a kind, or a part of one. Parts are looked for in the sources of the kinds' modules.
        """
        declared = [kind for group in self.groups() for kind in self._declared(group)]
        kinds = [kind.target.partition(":")[0] for kind in declared if kind.target.partition(":")[2] == name]
        modules = kinds or [
            module
            for module in dict.fromkeys(kind.target.partition(":")[0] for kind in declared)
            if _defines(module, name)
        ]
        return [f"from {module} import {name}" for module in modules[:3]]

    def groups(self) -> list[str]:
        """The API groups with kinds, sorted; the legacy group is ``""``. Loads nothing."""
        registered = {cls.api_resource.group for cls in self._explicit.values()}
        return sorted(registered | set(self.plugins.groups()))

    def _declared(self, group: str) -> tuple[DeclaredKind, ...]:
        try:
            return self.plugins.declared_kinds(group)
        except PluginLoadError:
            return ()

    def _kinds_of(self, group: str, *, strict: bool) -> set[GroupVersionKind]:
        kinds = {cls.api_resource.gvk for cls in self._explicit.values() if cls.api_resource.group == group}
        try:
            kinds.update(declared.gvk for declared in self.plugins.declared_kinds(group))
        except PluginLoadError as error:
            if strict:
                raise
            _log.warning("kinds of API group %r are left out: %s", group, error)
        return kinds

    def _matches(self, gvk: GroupVersionKind, wanted: str, short: bool) -> bool:
        declared = [d for d in self.plugins.declared_kinds(gvk.group) if d.gvk == gvk]
        if (gvk.api_version, gvk.kind) not in self._explicit and all(d.plural for d in declared):
            if short:
                return any(wanted in d.short_names for d in declared)
            return wanted == gvk.kind.lower() or any(wanted == d.plural for d in declared)
        resource = self.get(gvk.api_version, gvk.kind).api_resource
        if short:
            return wanted in resource.short_names
        return wanted in (gvk.kind.lower(), resource.plural, resource.singular)

    def _load(self, candidates: list[DeclaredKind]) -> type[Resource]:
        declared = candidates[0]
        for other in candidates[1:]:
            if other.target != declared.target:
                raise KindConflictError(
                    f"two packages provide {declared.gvk}: {declared.origin} ({declared.target}) and "
                    f"{other.origin} ({other.target}). Uninstall one, set K8S_CORE_BLOCK_PLUGINS="
                    f"{other.origin.distribution or other.origin.entry_point}, or call registry.register() with "
                    "the class that you want."
                )
        return self._classes.setdefault((declared.gvk.api_version, declared.gvk.kind), _import(declared))

    def _unknown(self, gvk: GroupVersionKind) -> UnknownKindError:
        known = self._kinds_of(gvk.group, strict=False)
        if same := sorted(other.version for other in known if other.kind == gvk.kind):
            return UnknownKindError(f"{gvk} is not known, but {gvk.kind} is in version {', '.join(same)}")
        near = did_you_mean(gvk.kind, (other.kind for other in known), count=3)
        return UnknownKindError(f"no installed package provides {gvk}{near or self._way_out(gvk.group, known)}")

    def _unknown_name(self, group: str | None, name: str, version: str | None) -> UnknownKindError:
        groups = self.groups() if group is None else [group]
        known = {gvk for each in groups for gvk in self._kinds_of(each, strict=False)}
        where = "" if group is None else f" in API group {group or 'core'!r}"
        where += f" in version {version}" if version else ""
        names = {gvk.kind for gvk in known}
        names |= (
            {d.plural for each in groups for d in self.plugins.declared_kinds(each)} if group is not None else set()
        )
        way_out = self._way_out(group, known) if group is not None else self._left_out()
        return UnknownKindError(
            f"no installed package provides {name!r}{where}{did_you_mean(name, names, count=3) or way_out}"
        )

    def _way_out(self, group: str, known: set[GroupVersionKind]) -> str:
        if blocked := self.plugins.blocked_for(group):
            return f": {blocked[0].origin} would, but K8S_CORE_BLOCK_PLUGINS names it"
        if known:
            return f". API group {group or 'core'!r} has: {', '.join(sorted({gvk.kind for gvk in known}))}"
        generic = ". Install the package of this API group, or use client.resource() for the kind without a class"
        return did_you_mean(group, self.groups()) or generic

    def _left_out(self) -> str:
        """The installed packages of kinds that could not be asked."""
        rows = [row for row in self.plugins.report() if row.group == "k8s_core.kinds" and row.reason]
        found = {f"{row.distribution} {row.version} is {row.state} ({row.reason})" for row in rows}
        return f"; not asked: {', '.join(sorted(found))}" if found else ""


def classes_of_package(name: str, plugins: Plugins | None = None) -> list[type[Resource]]:
    """Import all kinds of one distribution (``k8s-crd-crontab``) or Python package (``k8s_crd_crontab``).

    Returns:
        In the order in which the package files them.

    Raises:
        PluginError: nothing of that name is installed, or it provides no kinds.
        PluginLoadError: it does not import, or a class is not what it says.
    """
    from k8s_core.plugins import default_plugins  # noqa: PLC0415  # as in `Registry.plugins`

    chosen = plugins or default_plugins()
    declared = chosen.kinds_of_package(name)
    if not declared:
        known = sorted({row.distribution for row in chosen.report() if row.group == "k8s_core.kinds"})
        what = "provides no kinds" if chosen.of_package(name) else "is no installed plugin package"
        raise PluginError(
            f"{name!r} {what}; packages with kinds: {', '.join(known) or 'none'}{did_you_mean(name, known)}"
        )
    return [_import(kind) for kind in declared]


def _import(declared: DeclaredKind) -> type[Resource]:
    from k8s_core.model import Resource  # noqa: PLC0415  # not before there is a kind (21 modules)

    try:
        found: object = _resolve(declared.target)
    except Exception as error:
        raise _bad_class(declared, f"{type(error).__name__}: {error}") from error
    if not isinstance(found, type) or not issubclass(found, Resource):
        raise _bad_class(declared, "it is not a subclass of Resource")
    if found.api_resource.gvk != declared.gvk:
        raise _bad_class(declared, f"its class keywords say {found.api_resource.gvk}")
    return found


def _shortest_way(start: str, end: str, converters: list[DeclaredConverter]) -> list[DeclaredConverter] | None:
    ways: dict[str, list[DeclaredConverter]] = {start: []}
    queue = [start]
    for version in queue:
        if version == end:
            return ways[version]
        for converter in converters:
            if converter.gvk.version == version and converter.to not in ways:
                ways[converter.to] = [*ways[version], converter]
                queue.append(converter.to)
    return None


def _converted(obj: Resource, converter: DeclaredConverter, target: type[Resource]) -> Resource:
    what = f"plugin {converter.origin}: {converter.target}, which converts {converter.gvk} to {converter.to},"
    try:
        answer: object = _resolve(converter.target)(obj)
    except Exception as error:
        raise PluginError(f"{what} failed: {type(error).__name__}: {error}") from error
    if isinstance(answer, Mapping):
        return target.from_dict({**answer, "apiVersion": target.api_resource.api_version})
    if not isinstance(answer, target):
        raise PluginError(f"{what} returned {_name(type(answer))}, not {_name(target)} or a wire document")
    return answer


def _defines(module: str, name: str) -> bool:
    """Whether the source of a module has a class of this name at its top level."""
    try:
        found = importlib.util.find_spec(module)
        loader: Any = found.loader if found else None
        source = loader.get_source(module) if loader else ""
    except (ImportError, AttributeError):
        return False
    return f"\nclass {name}(" in (source or "")


def _name(cls: type) -> str:
    return f"{cls.__module__}.{cls.__qualname__}"


def _resolve(target: str) -> Any:
    module_name, _, path = target.partition(":")
    found: Any = importlib.import_module(module_name)
    for part in path.split("."):
        found = getattr(found, part)
    return found


def _bad_class(declared: DeclaredKind, reason: str) -> PluginLoadError:
    block = declared.origin.distribution or declared.origin.entry_point
    return PluginLoadError(
        f"plugin {declared.origin} provides {declared.gvk} as {declared.target}, which cannot be used: {reason}. "
        f"Set K8S_CORE_BLOCK_PLUGINS={block} to run without this plugin."
    )


def load_types_for(cls: type) -> None:
    """Load the kind plugins of the package that a model class belongs to, for the annotation types they add.

    The model calls this when it meets an annotation that it does not know; ``registrar.add_type`` may teach it.

    Raises:
        PluginLoadError: a plugin of that package does not load.
    """
    from k8s_core.plugins import default_plugins  # noqa: PLC0415  # as in `Registry.plugins`

    default_plugins().load_package(cls.__module__.partition(".")[0])


_default: Registry | None = None
_default_lock = threading.Lock()


def default_registry() -> Registry:
    """The Registry of this process, made at the first call; clients use it unless they are given another."""
    global _default
    with _default_lock:
        if _default is None:
            _default = Registry()
        return _default
