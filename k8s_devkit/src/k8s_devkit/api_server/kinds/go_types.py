# SPDX-License-Identifier: Apache-2.0
"""What Kubernetes' Go types say about the fields of built-in kinds, which OpenAPI documents do not tell. Pure.

A kube-apiserver holds a built-in object in Go structs. The zero values that it shows, the width of its integers, the
defaults in its OpenAPI documents and its protobuf all follow from the types and the tags of the fields. So there is one
file for each API group, which its plugin registers, and everything else is derived from it. In a file, a section is a
Go package with its import path and its API group, and a line is a type; an indented line continues the one before:

    [apps/v1] k8s.io/api/apps/v1 apps
    DeploymentSpec: 1 replicas? *int32, 3 template core/v1.PodTemplateSpec, 4 strategy? DeploymentStrategy

The fields of a struct are in Go's order. A field has

- its number in protobuf, or ``-`` if it has none;
- its name in JSON, or ``+`` for a struct that is inlined;
- ``?`` for ``omitempty``, ``??`` for ``omitempty`` and ``omitzero``;
- its type as Go writes it, without aliases, and with the package if that is another one;
- ``= VALUE`` if a comment declares a default.

A type that is not a struct has its form instead of fields:

    Time = time

The forms ``time``, ``micro-time``, ``duration``, ``quantity``, ``int-or-string``, ``object`` (with any fields) and
``any`` have methods of their own that write their JSON. The form ``[]string`` is a list that is a message in protobuf.
"""

from __future__ import annotations

import json
import re
from functools import cache, cached_property
from importlib import resources
from typing import TYPE_CHECKING, Any, TypeVar, cast

from k8s_core.plugins import declare_hooks
from k8s_devkit.strategy import hooks
from k8s_devkit.strategy.registrar import ServerRegistrar

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

__all__ = ["SCALARS", "GoField", "GoPackage", "GoType", "GoTypes", "go_types"]

T = TypeVar("T")
SCALARS: Mapping[str, Any] = {"string": "", "bool": False, "int32": 0, "int64": 0, "float64": 0}
"""Go's own types, and their zeros."""

_ZEROS: Mapping[str, Any] = {**SCALARS, "quantity": "0", "int-or-string": 0}
_MACHINERY = "meta"
_WRAPS = {"[]": "list", "map": "map"}
_SEPARATOR = re.compile(r", (?=(?:-|\d+) )")
_FIELD = re.compile(r"(-|\d+) (\S+?)(\??)(\??) (\*?)((?:\[\](?!byte)|map\[string\])*)(\S+)(?: = (.+))?")


class GoField:
    """One field of a struct.

    Attributes:
        number: its number in protobuf; 0 for none.
        name: its name in JSON; empty for a struct that is inlined.
        omitempty, omitzero: what its tag says.
        pointer: True for a pointer, whose zero value counts.
        wraps: the lists and maps around its values, the outermost first: ``list``, ``map``.
        type: the named type of its values; None for a scalar and for bytes.
        form: the kind of its values: a scalar, ``[]byte``, ``struct``, or the form of a type that is not a struct.
        default: the default that a comment declares; None for none.
    """

    __slots__ = ("default", "form", "name", "number", "omitempty", "omitzero", "pointer", "type", "wraps")

    def __init__(self, owner: GoType, written: str) -> None:
        found = _FIELD.fullmatch(written)
        if found is None:
            raise ValueError(f"{owner.package.name}.{owner.name}: {written!r} is not a field of a Go struct")
        number, name, omitempty, omitzero, pointer, wraps, type_, default = found.groups()
        self.number = 0 if number == "-" else int(number)
        self.name = "" if name == "+" else name
        self.omitempty, self.omitzero, self.pointer = bool(omitempty), bool(omitzero), bool(pointer)
        self.wraps = tuple(_WRAPS[wrap] for wrap in re.findall(r"\[\]|map", wraps)) if wraps else ()
        self.type = None if type_ in SCALARS or type_ == "[]byte" else owner.package.named(type_)
        self.form: str = type_ if self.type is None else self.type.form
        self.default: Any = None if default is None else json.loads(default)

    @property
    def by_value(self) -> bool:
        """True if the struct holds the value itself, and no pointer, list, map or slice."""
        return not (self.pointer or self.wraps or self.form == "[]byte")

    @property
    def zero(self) -> Any:
        """The JSON that Go writes for the zero value."""
        if not self.by_value:
            return None
        return {} if self.form == "struct" else _ZEROS.get(self.form)


class GoPackage:
    """One Go package.

    Attributes:
        types: all packages.
        name: the end of its path, such as ``apps/v1``.
        path: its import path.
        group: its API group; empty for the legacy group, and for packages that have none.
        members: its types by name.
    """

    def __init__(self, types: GoTypes, name: str, path: str, group: str = "") -> None:
        self.types, self.name, self.path, self.group = types, name, path, group
        self.members: dict[str, GoType] = {}

    def named(self, written: str) -> GoType:
        """A type as it is written in this package. Raises LookupError for one that no file has."""
        package, _, name = written.rpartition(".")
        return self.types.named(package or self.name, name)


class GoType:
    """A named type.

    Attributes:
        package: where it is declared.
        name: its name in Go.
        form: ``struct``, or the form of its JSON.
    """

    def __init__(self, package: GoPackage, name: str, form: str, written: str = "") -> None:
        self.package, self.name, self.form = package, name, form
        self._written = written
        self._derived: dict[Callable[[GoType], Any], Any] = {}

    @cached_property
    def fields(self) -> tuple[GoField, ...]:
        """The fields of a struct, in Go's order. Raises LookupError if one is of a type that no file has."""
        return tuple(GoField(self, field) for field in _SEPARATOR.split(self._written) if field)

    @cached_property
    def by_name(self) -> Mapping[str, GoField]:
        """The fields by their names in JSON, those of inlined structs included."""
        found: dict[str, GoField] = {}
        for field in self.fields:
            if field.name:
                found[field.name] = field
            elif field.type is not None:
                found.update(field.type.by_name)
        return found

    @cached_property
    def by_number(self) -> Mapping[int, GoField]:
        """The fields by their numbers in protobuf."""
        return {field.number: field for field in self.fields if field.number}

    def derived(self, make: Callable[[GoType], T]) -> T:
        """What ``make`` makes of this type, made once."""
        if make not in self._derived:
            self._derived[make] = make(self)
        return cast("T", self._derived[make])


class GoTypes:
    """The types of all groups.

    Args:
        read: gives the file of a group by the first label of its name (``core`` for the legacy group, ``rbac`` for
            ``rbac.authorization.k8s.io``), and that of the API machinery for ``meta``; None for a group without one.
            It is asked once for each.
    """

    def __init__(self, read: Callable[[str], str | None]) -> None:
        self._read = read
        self._files: dict[str, dict[str, GoPackage]] = {}
        self._found: dict[tuple[str, str, str], GoType] = {}

    def find(self, group: str, version: str, name: str) -> GoType | None:
        """A type of an API group and version; None for one that no file has.

        A version that the group's file does not have is like those that it has.
        """
        found = self._found.get((group, version, name))
        if found is None:
            found = next(
                (package.members[name] for package in self._of(group, version) if name in package.members), None
            )
            if found is not None:
                self._found[group, version, name] = found
        return found

    def path(self, group: str, version: str) -> str:
        """The import path of the package of an API group and version; empty for a group that no file has."""
        packages = self._of(group, version)
        return f"{packages[0].path.rpartition('/')[0]}/{version}" if packages else ""

    def _of(self, group: str, version: str) -> list[GoPackage]:
        """The packages of a group, the asked version first."""
        packages = self._file(group.partition(".")[0] or "core").values()
        found = [package for package in packages if package.group == group]
        return sorted(found, key=lambda package: not package.name.endswith(f"/{version}"))

    def named(self, package: str, name: str) -> GoType:
        """A type by the name of its package. Raises LookupError for one that no file has."""
        group, separator, _ = package.partition("/")
        known = self._file(group if separator else _MACHINERY).get(package)
        if known is None or name not in known.members:
            raise LookupError(f"{package}.{name} is in no file of Go types that an installed package registers")
        return known.members[name]

    def machinery(self, name: str) -> GoType:
        """A type of the API machinery, in whose packages no name is used twice. Raises LookupError if it has none."""
        for package in self._file(_MACHINERY).values():
            if name in package.members:
                return package.members[name]
        raise LookupError(f"the file of the API machinery's Go types has no {name}")

    def _file(self, file: str) -> dict[str, GoPackage]:
        if file not in self._files:
            self._files[file] = self._parse(self._read(file) or "")
        return self._files[file]

    def _parse(self, text: str) -> dict[str, GoPackage]:
        packages: dict[str, GoPackage] = {}
        for section in re.split(r"^\[", text, flags=re.MULTILINE)[1:]:
            head, *lines = section.replace("\n  ", " ").splitlines()
            package = GoPackage(self, *head.replace("]", "").split())
            packages[package.name] = package
            for line in lines:
                name, _, written = line.partition(" ")
                if name.endswith(":"):
                    package.members[name[:-1]] = GoType(package, name[:-1], "struct", written)
                else:
                    package.members[name] = GoType(package, name, written.removeprefix("= "))
        return packages


@cache
def go_types() -> GoTypes:
    """The types that come with this server, and those that installed packages register for their API groups."""
    return GoTypes(_installed)


def _installed(file: str) -> str | None:
    if file == _MACHINERY:
        return resources.files(__package__).joinpath(f"{_MACHINERY}.txt").read_text("utf-8")
    plugins = declare_hooks(hooks.SERVERS_GROUP, hooks)
    for group in plugins.names():
        if group.partition(".")[0] == file:
            for registrar in plugins.collect("k8s_serve_kinds", group, ServerRegistrar):
                if file in registrar.types:
                    package, _, name = registrar.types[file].partition(":")
                    return resources.files(package).joinpath(name).read_text("utf-8")
    return None
