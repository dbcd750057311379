# SPDX-License-Identifier: Apache-2.0
"""Writes what Kubernetes' Go types say about the fields of the built-in kinds: a text file for each API group.

python .ci/go_types.py SOURCES [ROOT]

SOURCES holds ``api``, ``apimachinery`` and ``apiextensions-apiserver`` of one version, such as the folder
``usr/share/gocode/src/k8s.io`` of Debian's packages golang-k8s-*-dev. The format is described where it is read, in
`k8s_devkit.api_server.kinds.go_types`. A group's file, ``server/types.txt`` in its package, has the stable versions of
its kinds and the types that they lead to; ``meta.txt`` of the devkit has those of the API machinery. They are written
into the repository at ROOT: this one by default.
"""

from __future__ import annotations

import json
import re
import sys
import textwrap
from dataclasses import dataclass, field
from pathlib import Path

REPOSITORY = Path(__file__).resolve().parents[1]
GROUP = "k8s_plugins_builtin/src/k8s_plugins_builtin/{}/server/types.txt"
MACHINERY = "k8s_devkit/src/k8s_devkit/api_server/kinds/meta.txt"
# What is needed of the API machinery besides what kinds lead to: documents that every API server exchanges, and a type
# that custom resources have.
ROOTS = ("APIGroupList", "APIResourceList", "APIVersions", "DeleteOptions", "Duration", "ListMeta", "Patch", "Status")
# Go packages that describe messages, not kinds that are served.
UNSERVED = ("admission", "apidiscovery", "imagepolicy")
SCALARS = ("bool", "float64", "int32", "int64", "string")
# What the methods of types write that make their own JSON; those of others may write anything.
FORMS = {
    "intstr.IntOrString": "int-or-string",
    "meta/v1.Duration": "duration",
    "meta/v1.FieldsV1": "object",
    "meta/v1.MicroTime": "micro-time",
    "meta/v1.Patch": "object",
    "meta/v1.Time": "time",
    "resource.Quantity": "quantity",
    "runtime.RawExtension": "object",
}
# Debian has no package of kube-aggregator, so these are written by hand.
BY_HAND = {
    "apiregistration": """\
[apiregistration/v1] k8s.io/kube-aggregator/pkg/apis/apiregistration/v1 apiregistration.k8s.io
APIService: - + meta/v1.TypeMeta, 1 metadata? meta/v1.ObjectMeta, 2 spec? APIServiceSpec, 3 status? APIServiceStatus
APIServiceCondition: 1 type string, 2 status string, 3 lastTransitionTime? meta/v1.Time, 4 reason? string,
  5 message? string
APIServiceSpec: 1 service? *ServiceReference, 2 group? string, 3 version? string, 4 insecureSkipTLSVerify? bool,
  5 caBundle? []byte, 7 groupPriorityMinimum int32, 8 versionPriority int32
APIServiceStatus: 1 conditions? []APIServiceCondition
ServiceReference: 1 namespace? string, 2 name? string, 3 port? *int32
"""
}


@dataclass
class Field:
    """One field of a struct: its Go type, its tags, and the default that a comment gives it."""

    type: str
    json: list[str]
    number: str
    default: str


@dataclass
class Package:
    """The types of one Go package, which is called by the end of its path: ``apps/v1``, ``resource``."""

    path: str
    group: str = ""
    imports: dict[str, str] = field(default_factory=dict)
    structs: dict[str, list[Field]] = field(default_factory=dict)
    aliases: dict[str, str] = field(default_factory=dict)
    messages: set[str] = field(default_factory=set)  # aliases that protobuf writes as messages
    constants: dict[str, str] = field(default_factory=dict)
    opaque: set[str] = field(default_factory=set)  # types with a JSON of their own

    def read(self, path: Path) -> None:
        """Add the types of a file."""
        source = path.read_text()
        for alias, imported in re.findall(r'^\s*(?:(\w+)\s+)?"(k8s\.io/[^"]+)"', source, re.MULTILINE):
            self.imports[alias or imported.rpartition("/")[2]] = short_name(imported)
        for name, body in re.findall(r"^type (\w+) struct ?\{(|\n.*?^)\}", source, re.MULTILINE | re.DOTALL):
            self.structs[name] = fields_of(body)
        for comment, name, target in re.findall(
            r"((?:^//.*\n)*)^type (\w+) (?:= *)?([^\s{]+)\s*$", source, re.MULTILINE
        ):
            self.aliases[name] = target
            if "+protobuf.nullable" in comment:
                self.messages.add(name)
        self.constants.update(re.findall(r'^\s*(?:const )?(\w+)(?:\s+\w+)?\s*=\s*("[^"]*")', source, re.MULTILINE))
        self.group = json.loads(self.constants.get("GroupName", '""'))
        self.opaque.update(re.findall(r"^func \(\w+ (\w+)\) MarshalJSON\(\)", source, re.MULTILINE))


def short_name(path: str) -> str:
    """``k8s.io/api/apps/v1`` -> ``apps/v1``, ``k8s.io/apimachinery/pkg/api/resource`` -> ``resource``."""
    *_, parent, last = path.split("/")
    return f"{parent}/{last}" if re.fullmatch(r"v\d\w*", last) else last


def fields_of(body: str) -> list[Field]:
    """The fields in the source of a struct that are in its JSON."""
    found, default = [], ""
    for line in body.splitlines():
        if comment := re.match(r"\s*//(?:\s*\+default=(.+))?", line):
            default = (comment[1] or default).strip()
        elif declared := re.match(r"\s*(?:\w+\s+)?([^\s`]+)\s+`(.*)`", line):
            tags = dict(re.findall(r'(\w+):"([^"]*)"', declared[2]))
            number = tags.get("protobuf", "").partition(",")[2].partition(",")[0]
            if tags.get("json", "-") != "-":
                found.append(Field(declared[1], tags["json"].split(","), number or "-", default))
            default = ""
    return found


def read_packages(root: Path) -> dict[str, Package]:
    """The stable versions of all groups below ``root``, and what they import of the API machinery."""
    folders = [path.parent for path in sorted(root.glob("api/*/v*/types.go"))]
    folders.append(root / "apiextensions-apiserver/pkg/apis/apiextensions/v1")
    folders = [path for path in folders if re.fullmatch(r"v\d+", path.name) and path.parent.name not in UNSERVED]
    folders += [
        root / "apimachinery/pkg" / name
        for name in ("apis/meta/v1", "api/resource", "runtime", "types", "util/intstr", "version")
    ]
    packages = {}
    for folder in folders:
        path = f"k8s.io/{folder.relative_to(root).as_posix()}"
        package = packages[short_name(path)] = Package(path)
        for file in sorted(folder.glob("*.go")):
            if not re.search(r"_test\.go$|generated", file.name):
                package.read(file)
    return packages


class Writer:
    """Collects the lines of the types that were asked for, and of those that they lead to."""

    def __init__(self, packages: dict[str, Package]) -> None:
        self.packages = packages
        self.lines: dict[str, dict[str, str]] = {}

    def add(self, package: str, name: str) -> None:
        """Add a type, if it is not there yet."""
        types = self.lines.setdefault(package, {})
        if name in types:
            return
        known = self.packages[package]
        types[name] = ""  # first of all: types lead to themselves
        if name in known.opaque or f"{package}.{name}" in FORMS:
            types[name] = f"{name} = {FORMS.get(f'{package}.{name}', 'any')}"
        elif name in known.messages:
            types[name] = f"{name} = {self.type(package, known.aliases[name])}"
        else:
            types[name] = f"{name}: {', '.join(self.field(package, item) for item in known.structs[name])}"

    def field(self, package: str, item: Field) -> str:
        """A field as it is written."""
        name, *options = item.json
        mark = "??" if "omitzero" in options else "?" if "omitempty" in options else ""
        default = item.default
        if constant := re.fullmatch(r"ref\((\w+)\)", default):
            default = self.packages[package].constants[constant[1]]
        shown = f" = {json.dumps(json.loads(default))}" if default else ""
        return f"{item.number} {name or '+'}{mark} {self.type(package, item.type)}{shown}"

    def type(self, package: str, type_: str) -> str:
        """A Go type without aliases; those to which it leads are added."""
        if layer := re.match(r"\*|\[\](?!byte)|map\[\w+(?:\.\w+)?\]", type_):
            prefix = "map[string]" if layer[0].startswith("map") else layer[0]
            return prefix + self.type(package, type_[layer.end() :])
        if type_ in (*SCALARS, "[]byte"):
            return type_
        prefix, _, name = type_.rpartition(".")
        place = self.packages[package].imports[prefix] if prefix else package
        known = self.packages[place]
        if name in known.aliases and name not in known.messages:
            return self.type(place, known.aliases[name])
        self.add(place, name)
        return name if place == package else f"{place}.{name}"


def is_kind(name: str, fields: list[Field]) -> bool:
    """True for a struct with apiVersion, kind and the metadata of an object."""
    types = {item.type.rpartition(".")[2] for item in fields}
    return {"TypeMeta", "ObjectMeta"} <= types and not name.endswith("List")


def files(root: Path) -> dict[str, str]:
    """The files by the name of the group."""
    packages = read_packages(root)
    writer = Writer(packages)
    for package, known in packages.items():
        if known.path.startswith(("k8s.io/api/", "k8s.io/apiextensions-apiserver/")):
            for name, fields in known.structs.items():
                if is_kind(name, fields):
                    writer.add(package, name)
    for name in ROOTS:
        writer.add("meta/v1", name)
    writer.add("version", "Info")
    version = re.search(r"k8s.io/apimachinery v(\S+)", (root / "api/go.mod").read_text())[1]
    made = dict(BY_HAND)
    for package, types in sorted(writer.lines.items()):
        group = package.partition("/")[0] if "/" in package else "meta"
        known = packages[package]
        lines = [f"[{package}] {known.path} {known.group}".rstrip(), *(wrapped(types[name]) for name in sorted(types))]
        made[group] = made.get(group, "") + "\n".join(lines) + "\n"
    head = f"# Go types of k8s.io {version}, made by .ci/go_types.py; kinds/go_types.py says how to read them.\n"
    by_hand = f"# Go types of k8s.io {version}, by hand in .ci/go_types.py; kinds/go_types.py says how to read them.\n"
    return {group: (by_hand if group in BY_HAND else head) + text for group, text in made.items()}


def wrapped(line: str) -> str:
    """A line of at most 120 columns, broken between fields; what follows is indented."""
    name, separator, fields = line.partition(": ")
    items = ", ".join(item.replace(" ", "\0") for item in fields.split(", "))
    text = textwrap.fill(
        name + separator + items, 120, subsequent_indent="  ", break_long_words=False, break_on_hyphens=False
    )
    return text.replace("\0", " ")


def main(sources: str, root: str = "") -> None:
    """Write the files into the repository at ``root``; empty for this one."""
    for group, text in files(Path(sources)).items():
        target = (Path(root) if root else REPOSITORY) / (MACHINERY if group == "meta" else GROUP.format(group))
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_text(text)


if __name__ == "__main__":
    main(*sys.argv[1:])
