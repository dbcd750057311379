# SPDX-License-Identifier: Apache-2.0
"""The locks: ``requirements/NAME.txt`` has each package of one environment at one version, with hashes.

::

    locks.py lock              add what the pyproject.toml files ask for by now; move nothing else
    locks.py upgrade           the newest versions everywhere
    locks.py outdated          show what `upgrade` would change, and change nothing
    locks.py check             fail if a lock is not what the pyproject.toml files ask for; needs no network
    locks.py sync NAME FOLDER  let the virtual environment FOLDER hold lock NAME and our distributions, and nothing else

A lock holds for every Python and system that we support, and names no package index: uv asks this machine's.
Needs the standard library alone, and uv beside the Python that runs it: environments are made with it.
"""

from __future__ import annotations

import functools
import os
import re
import subprocess
import sys
import tempfile
import tomllib
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

ROOT = Path(__file__).resolve().parents[1]
FOLDER = ROOT / "requirements"
OLDEST_PYTHON = "3.11"
HEADER = """\
# SPDX-License-Identifier: Apache-2.0
# Written by `make lock` and `make upgrade` (.ci/locks.py); do not edit. Asked for:
"""


@dataclass(frozen=True)
class Lock:
    """What one environment holds.

    ``groups`` are dependency groups of the root ``pyproject.toml``. ``distributions`` are ours: ``None`` stands for all
    of them with all extras and what builds them, names for these without extras.
    """

    groups: tuple[str, ...] = ()
    distributions: tuple[str, ...] | None = ()

    @property
    def for_development(self) -> bool:
        return self.distributions is None


LOCKS = {
    "uv": Lock(groups=("uv",)),
    "dev": Lock(groups=("dev", "checks", "build"), distributions=None),
    "lowest": Lock(groups=("dev", "build"), distributions=None),
    "docs": Lock(groups=("docs",)),
    "bench-ours": Lock(groups=("bench-ours",), distributions=("k8s-core", "k8s-plugins-builtin")),
    "bench-lightkube": Lock(groups=("bench-lightkube",)),
    "bench-kubernetes": Lock(groups=("bench-kubernetes",)),
    "bench-kr8s": Lock(groups=("bench-kr8s",)),
}
# `lowest` lowers what our distributions declare. This stays as it is locked: it runs the tests.
KEPT_IN_LOWEST = {"pytest"}
PIN = re.compile(r"^[a-z0-9-]+==[^\\\n]+", re.MULTILINE)  # a version, and its marker if it has one


# --- what is asked for ---------------------------------------------------------------------------------------
def read(path: Path) -> dict[str, Any]:
    return tomllib.loads(path.read_text(encoding="utf-8"))


def distributions() -> dict[str, Path]:
    """The folders of our distributions by name."""
    found = [*ROOT.glob("*/pyproject.toml"), *ROOT.glob("plugins_examples/*/pyproject.toml")]
    return {read(path)["project"]["name"]: path.parent for path in sorted(found)}


def package(requirement: str) -> str:
    """The normalised name at the beginning of a requirement."""
    name = re.match(r"[\w.-]+", requirement)
    if name is None:
        raise SystemExit(f"locks: {requirement!r} in a pyproject.toml begins with no name of a package")
    return re.sub(r"[-_.]+", "-", name[0]).lower()


def extras(requirement: str) -> list[str]:
    listed = re.match(r"[\w.-]+\s*\[([^]]*)\]", requirement)
    return [extra.strip() for extra in listed[1].split(",")] if listed else []


def group(name: str) -> Iterator[str]:
    """The requirements of a dependency group of the root."""
    for entry in read(ROOT / "pyproject.toml")["dependency-groups"][name]:
        if isinstance(entry, dict):
            yield from group(entry["include-group"])
        else:
            yield entry


def declared(names: Iterable[str] | None) -> Iterator[str]:
    """What the distributions of these names (``None``: all, with all extras) require of others."""
    projects = {name: read(folder / "pyproject.toml")["project"] for name, folder in distributions().items()}
    optional = {name: project.get("optional-dependencies", {}) for name, project in projects.items()}
    if names is None:
        todo = [(name, extra) for name in projects for extra in ("", *optional[name])]
    else:
        todo = [(name, "") for name in names]
    done = set()
    while todo:
        name, extra = todo.pop()
        if (name, extra) in done:
            continue
        done.add((name, extra))
        for requirement in optional[name][extra] if extra else projects[name].get("dependencies", []):
            other = package(requirement)
            if other in projects:
                todo += [(other, wanted) for wanted in ("", *extras(requirement))]
            else:
                yield requirement


def builders() -> Iterator[str]:
    for folder in distributions().values():
        yield from read(folder / "pyproject.toml")["build-system"]["requires"]


def asked(name: str) -> list[str]:
    """The requirements that a lock answers."""
    lock = LOCKS[name]
    ours = {*declared(lock.distributions), *(builders() if lock.for_development else ())}
    tools = {requirement for part in lock.groups for requirement in group(part)}
    if name == "lowest":  # a bound of a tool must not raise one of ours
        tools = {requirement for requirement in tools if package(requirement) not in lowered()}
    return sorted(ours | tools, key=str.lower)


def lowered() -> set[str]:
    """The packages that `lowest` has at our lower bounds."""
    return {package(requirement) for requirement in (*declared(None), *builders())} - KEPT_IN_LOWEST


# --- uv ------------------------------------------------------------------------------------------------------
def uv(*arguments: object, text: str | None = None) -> None:
    """Run uv as this machine reaches packages, and with nothing else of its environment deciding versions."""
    environment = {k: v for k, v in os.environ.items() if k not in ("UV_CONSTRAINT", "UV_BUILD_CONSTRAINT")}
    if not environment.get("UV_DEFAULT_INDEX") and not environment.get("UV_INDEX_URL") and (mirror := pip_index()):
        environment["UV_DEFAULT_INDEX"] = mirror
    command = [str(Path(sys.executable).with_name("uv")), *map(str, arguments), "--quiet"]
    done = subprocess.run(command, input=text, text=True, cwd=ROOT, env=environment, check=False)
    if done.returncode:
        raise SystemExit(f"locks: failed: uv {' '.join(command[1:])}")


@functools.cache
def pip_index() -> str:
    """The mirror that pip uses, if any: uv does not read pip's settings."""
    if given := os.environ.get("PIP_INDEX_URL"):
        return given
    setting = [sys.executable, "-m", "pip", "config", "get", "global.index-url"]  # fails if there is no such setting
    return subprocess.run(setting, capture_output=True, text=True, check=False).stdout.strip()


def resolve(name: str, known: Mapping[str, str], *, upgrade: bool) -> str:
    """The content of a lock. Versions in ``known`` stay if they still fit, unless ``upgrade`` asks for the newest."""
    requirements = asked(name)
    with tempfile.TemporaryDirectory() as temporary:
        output, kept = Path(temporary, "lock.txt"), Path(temporary, "kept.txt")
        output.write_text(known.get(name, ""), encoding="utf-8")
        options = ["--upgrade"] if upgrade else []
        if name == "lowest":
            kept.write_text("\n".join(pins_of_tools(known["dev"])), encoding="utf-8")
            options += ["--resolution", "lowest-direct", "--constraints", str(kept)]
            options += [f"--upgrade-package={ours}" for ours in sorted(lowered())]
        uv("pip", "compile", "-", "--universal", "--python-version", OLDEST_PYTHON, "--python", sys.executable,
           "--generate-hashes", "--no-header", "--output-file", output, *options,
           text="\n".join(requirements))  # fmt: skip
        # The name of the temporary file would be another one each time.
        compiled = output.read_text(encoding="utf-8").replace(str(kept), "the lock of dev")
        return HEADER + "".join(f"#   {line}\n" for line in requirements) + compiled


def pins_of_tools(lock: str) -> list[str]:
    """The versions that `lowest` takes over from the lock of `dev`."""
    tools = {package(requirement) for part in LOCKS["lowest"].groups for requirement in group(part)} - lowered()
    return [pin for pin in PIN.findall(lock) if package(pin) in tools]


def sync(name: str, folder: Path) -> None:
    """Let a virtual environment, made if it is not there, hold what the lock says; ``latest`` is made now."""
    python = folder.absolute() / "bin/python"
    if not python.exists():
        uv("venv", "--python", sys.executable, folder.absolute())
    path = FOLDER / f"{name}.txt"
    if name == "latest":
        path = folder.absolute() / "latest.txt"
        path.write_text(resolve("dev", {}, upgrade=True), encoding="utf-8")
    lock = LOCKS["dev" if name == "latest" else name]
    ours = distributions()
    chosen = ours.values() if lock.distributions is None else [ours[wanted] for wanted in lock.distributions]
    builders = path if lock.for_development else FOLDER / "dev.txt"
    # Not --require-hashes, which our own folders can't have: uv verifies each hash that it is given all the same.
    uv("pip", "sync", "--python", python, "--build-constraints", builders,
       path, *([FOLDER / "uv.txt"] if lock.for_development else []), "-",
       text="".join(f"--editable {home.as_uri()}\n" for home in chosen))  # fmt: skip


# --- what is locked ------------------------------------------------------------------------------------------
def committed() -> dict[str, str]:
    """The locks that are there."""
    found = {path.stem: path.read_text(encoding="utf-8") for path in sorted(FOLDER.glob("*.txt"))}
    if conflicts := [name for name, text in found.items() if "\n<<<<<<< " in text]:
        files = " ".join(f"requirements/{name}.txt" for name in conflicts)
        raise SystemExit(f"locks: a merge left conflicts: run `git checkout --ours {files}`, then `make lock`")
    return found


def resolved(*, upgrade: bool) -> dict[str, str]:
    """All locks as they should be."""
    locks = committed()
    for name in LOCKS:
        locks[name] = resolve(name, locks, upgrade=upgrade)
    return {name: locks[name] for name in LOCKS}


def problems(locks: Mapping[str, str]) -> list[str]:
    """How the locks differ from what is asked for."""
    found = [f"requirements/{name}.txt is the lock of no environment" for name in locks.keys() - LOCKS.keys()]
    for name in LOCKS:
        if name not in locks:
            found.append(f"requirements/{name}.txt is missing")
            continue
        answered = set(re.findall(r"^#   (\S.*)$", locks[name], re.MULTILINE))
        wanted = set(asked(name))
        found += [f"requirements/{name}.txt lacks {line}, which is asked for" for line in sorted(wanted - answered)]
        found += [f"requirements/{name}.txt has {line}, which is not asked for" for line in sorted(answered - wanted)]
    return found


def versions(lock: str) -> dict[str, str]:
    """The version of each package; several where they depend on the Python or the system."""
    found: dict[str, set[str]] = {}
    for pin in PIN.findall(lock):
        name, _, version = pin.partition(";")[0].strip().partition("==")
        found.setdefault(name, set()).add(version)
    return {name: ", ".join(sorted(numbers)) for name, numbers in found.items()}


def changes(before: Mapping[str, str], after: Mapping[str, str]) -> list[tuple[str, str, str, str]]:
    """Rows of package, version before, version after, and the locks that it is in."""
    rows: dict[tuple[str, str, str], list[str]] = {}
    for lock in after:
        old, new = versions(before.get(lock, "")), versions(after[lock])
        for name in sorted(old.keys() | new.keys()):
            if old.get(name) != new.get(name):
                rows.setdefault((name, old.get(name, "-"), new.get(name, "-")), []).append(lock)
    return [(*row, ", ".join(names)) for row, names in sorted(rows.items())]


def table(rows: list[tuple[str, ...]]) -> str:
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    return "\n".join(
        "  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip() for row in rows
    )


def main(command: str = "", *arguments: str) -> int:
    if command == "sync":
        name, folder = arguments
        sync(name, Path(folder))
    elif command == "check":
        found = problems(committed())
        if found:
            print(*found, "Run `make lock`, and commit what it writes.", sep="\n")
        return bool(found)
    elif command in ("lock", "upgrade", "outdated"):
        before, after = committed(), resolved(upgrade=command != "lock")
        if command == "outdated":
            del after["lowest"]  # what it has above our bounds is newer in `dev` as well
        else:
            for name, text in after.items():
                if text != before.get(name):  # an environment is renewed when its lock was written
                    (FOLDER / f"{name}.txt").write_text(text, encoding="utf-8")
        rows = changes(before, after)
        print(table([("package", "locked", "newest", "in"), *rows]) if rows else "No version differs.")
    else:
        print(__doc__)
        return 2
    return 0


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
