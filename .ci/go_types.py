# SPDX-License-Identifier: Apache-2.0
"""Writes k8s_core's table of what Go makes of the fields of built-in kinds, from the sources of k8s.io/api.

python .ci/go_types.py FOLDER > k8s_devkit/src/k8s_devkit/api_server/writes/go_types.txt

FOLDER holds ``api``, ``apimachinery`` and ``apiextensions-apiserver`` of one version, such as the folder
``usr/share/gocode/src/k8s.io`` of Debian's packages golang-k8s-*-dev. `go_form` tells what the marks mean. The types of
APIService are not in these sources; their lines are below.
"""

from __future__ import annotations

import re
import sys
from dataclasses import dataclass, field
from pathlib import Path

META = ("LabelSelector", "LabelSelectorRequirement", "Condition", "OwnerReference", "ManagedFieldsEntry", "ObjectMeta")
NESTED = (
    "JobTemplateSpec",
    "PersistentVolumeClaim",
    "PersistentVolumeClaimTemplate",
    "PodTemplateSpec",
    "ResourceClaimTemplateSpec",
)
SKIPPED = ("admission", "imagepolicy")
API_SERVICES = """\
apiregistration/v1 APIService spec{} status{}
apiregistration/v1 APIServiceCondition type= status= lastTransitionTime~
apiregistration/v1 APIServiceSpec insecureSkipTLSVerify- groupPriorityMinimum= versionPriority=
apiregistration/v1 APIServiceStatus
apiregistration/v1 ServiceReference port+
"""
SCALARS = {"string": "string", "bool": "bool"} | dict.fromkeys(("byte", "float64", "int", "int32", "int64"), "number")
SPECIAL = {
    ("meta/v1", "Duration"): "raw",
    ("meta/v1", "FieldsV1"): "raw",
    ("meta/v1", "MicroTime"): "raw",
    ("meta/v1", "Time"): "raw",
    ("resource", "Quantity"): "scalar",
    ("intstr", "IntOrString"): "scalar",
    ("runtime", "RawExtension"): "raw",
    ("types", "UID"): "string",
}


@dataclass
class Package:
    """The types of one group and version, or of another package that they use."""

    name: str
    imports: dict[str, str] = field(default_factory=dict)
    structs: dict[str, list[tuple[str, str]]] = field(default_factory=dict)  # (Go type, json tag)
    aliases: dict[str, str] = field(default_factory=dict)

    def read(self, path: Path) -> None:
        """Add the types of a file."""
        text = re.sub(r"(?s:/\*.*?\*/)|(?m:^\s*//.*$)", "", path.read_text())
        for found in re.finditer(r'^\s*(?:(\w+)\s+)?"k8s\.io/([^"]+)"', text, re.MULTILINE):
            parts = found[2].split("/")
            own = "/".join(parts[1:]) if parts[0] == "api" else parts[-1]
            self.imports[found[1] or parts[-1]] = "meta/v1" if found[2].endswith("meta/v1") else own
        for found in re.finditer(r"^type (\w+) struct \{\n(.*?)^\}", text, re.MULTILINE | re.DOTALL):
            fields = re.findall(r'^\s*(?:\w+\s+)?([^\s`]+)\s+`[^`]*?json:"([^"]*)"', found[2], re.MULTILINE)
            self.structs[found[1]] = fields
        self.aliases.update(re.findall(r"^type (\w+) (?:= *)?([^\s{]+)\s*$", text, re.MULTILINE))


def packages(root: Path) -> dict[str, Package]:
    """All stable versions of all groups below ``root``."""
    sources = {f"{path.parent.parent.name}/{path.parent.name}": path.parent for path in root.glob("api/*/v*/types.go")}
    sources["apiextensions/v1"] = root / "apiextensions-apiserver/pkg/apis/apiextensions/v1"
    sources["meta/v1"] = root / "apimachinery/pkg/apis/meta/v1"
    found = {}
    for name, folder in sorted(sources.items()):
        if re.fullmatch(r"\w+/v\d+", name) and name.split("/")[0] not in SKIPPED:
            found[name] = Package(name)
            for path in sorted(folder.glob("*types*.go")):
                found[name].read(path)
    return found


def kind_of(known: dict[str, Package], package: str, type_: str) -> tuple[str, str, str]:
    """What a Go type is (pointer, list, struct, string, bool, number, scalar, raw), and where a struct is found."""
    if type_.startswith("*"):
        return f"*{kind_of(known, package, type_[1:])[0]}", "", ""
    if type_.startswith(("[]", "map[")):
        return "list", "", ""
    if type_ in SCALARS:
        return SCALARS[type_], "", ""
    prefix, _, name = type_.rpartition(".")
    place = known[package].imports.get(prefix, prefix) if prefix else package
    if (place, name) in SPECIAL:
        return SPECIAL[place, name], "", ""
    if name in known[place].aliases:
        return kind_of(known, place, known[place].aliases[name])
    return "struct", place, name


def marks(known: dict[str, Package], package: str, name: str) -> list[str]:
    """The fields of a struct with their marks, those of inlined structs included."""
    found = []
    for type_, tag in known[package].structs[name]:
        json, *options = tag.split(",")
        kind, place, target = kind_of(known, package, type_.lstrip("*") if "inline" in options else type_)
        if not json:
            if "inline" in options and target != "TypeMeta":
                found += marks(known, place, target)
        elif json == "metadata":
            found += ["metadata{}"] if name in NESTED else []
        elif json != "-" and "omitzero" not in options:
            found.append(json + mark(kind, empty_shown="omitempty" not in options))
    return [text for text in found if text[-1] in "=-+~}"]


def mark(kind: str, *, empty_shown: bool) -> str:
    """The mark of a field; none for the ordinary."""
    if kind == "struct":
        return "{}"
    if kind == "scalar":
        return "="
    if kind == "raw" or (empty_shown and (kind == "list" or kind.startswith("*"))):
        return "~"
    if kind in ("*string", "*list"):
        return "+"
    if kind in ("string", "bool", "number"):
        return "=" if empty_shown else "" if kind == "string" else "-"
    return ""


def main(root: Path) -> None:
    """Write the table."""
    known = packages(root)
    lines = API_SERVICES.splitlines()
    for package, types in known.items():
        for name, fields in types.structs.items():
            listed = name.endswith("List") and any(tag.startswith("items") for _, tag in fields)
            if not listed and (package != "meta/v1" or name in META):
                lines.append(" ".join((package, name, *marks(known, package, name))))
    sys.stdout.write("\n".join(sorted(set(lines))) + "\n")


if __name__ == "__main__":
    main(Path(sys.argv[1]))
