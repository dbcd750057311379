# SPDX-License-Identifier: Apache-2.0
"""Compares the public API of every distribution with that of the last tag.

A change that breaks users must be named in CHANGELOG.md, in a section above that of the tag, under ``### Changed`` or
``### Removed``, with its full name in backticks. The name of a module or a class stands for everything in it.

The public API is what griffe takes for public (``__all__`` decides), less the modules below a package that has an
``__all__`` itself: such a package hands its names out, and where they are defined is its own business.

Run as ``.ci/api-diff VENV [REPOSITORY]``. Without a tag there is nothing to compare with, and that is no failure.
"""

from __future__ import annotations

import io
import re
import subprocess
import sys
import tarfile
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

import griffe
from changelog import ChangelogError, above, sections

if TYPE_CHECKING:
    from collections.abc import Iterator

TAGS = "v[0-9]*"
HEADINGS = ("Changed", "Removed")


def git(repository: Path, *arguments: str) -> bytes:
    return subprocess.run(["git", *arguments], cwd=repository, check=True, capture_output=True).stdout


def last_tag(repository: Path) -> str | None:
    """The newest release that HEAD descends from."""
    command = ["git", "describe", "--tags", "--abbrev=0", "--match", TAGS]
    done = subprocess.run(command, cwd=repository, check=False, capture_output=True, text=True)
    return done.stdout.strip() or None


def packages(tree: Path) -> dict[str, Path]:
    """The import packages of all distributions in a checkout, and the folders that they are in."""
    found = [*tree.glob("*/pyproject.toml"), *tree.glob("plugins_examples/*/pyproject.toml")]
    return {
        init.parent.name: init.parent.parent
        for project in sorted(found)
        for init in project.parent.glob("src/*/__init__.py")
    }


def load(name: str, folder: Path) -> griffe.Module:
    """The package as its source says it is; nothing is imported."""
    collection = griffe.ModulesCollection()
    module = griffe.load(
        name, search_paths=[folder], modules_collection=collection, allow_inspection=False, resolve_aliases=True
    )
    assert isinstance(module, griffe.Module)
    hide_internal(module)
    return module


def hide_internal(package: griffe.Module, *, top: bool = True) -> None:
    """Mark as not public the modules below a package that hands its names out itself."""
    for member in package.members.values():
        if isinstance(member, griffe.Module):
            member.public = not member.name.startswith("_") and (top or package.exports is None)
            hide_internal(member, top=False)


def breakages(old: dict[str, Path], new: dict[str, Path]) -> Iterator[tuple[str, str]]:
    """What was public and is no longer what it was: its name as users write it, and what happened to it."""
    for name, folder in old.items():
        if name not in new:
            yield name, "the package was removed"
            continue
        before, after = load(name, folder), load(name, new[name])
        names = public_names(before)
        gone = {*names.values()} - {*public_names(after).values()}
        yield from ((each, "it is no longer public") for each in gone)
        for breakage in griffe.find_breaking_changes(before, after):
            broken = public_name(breakage.obj.path, names)
            if broken not in gone:
                yield broken, breakage.explain(griffe.ExplanationStyle.MARKDOWN)


def public_names(module: griffe.Module) -> dict[str, str]:
    """Where each public thing is defined (in an internal module, or in a base class), and its public name."""
    found = {module.path: module.path}
    for member in module.members.values():
        if not member.is_public:
            continue
        if isinstance(member, griffe.Module):
            found |= public_names(member)
            continue
        found.setdefault(member.canonical_path, member.path)
        if member.is_class:
            for inherited in member.inherited_members.values():
                found.setdefault(inherited.canonical_path, f"{member.path}.{inherited.name}")
    return found


def public_name(defined: str, names: dict[str, str]) -> str:
    """The public name of something, from the place where it, or what it is in, is defined."""
    place = defined
    while place and place not in names:
        place = place.rpartition(".")[0]
    return names.get(place, "") + defined.removeprefix(place)


def named(changelog: str, version: str) -> set[str]:
    """What the changelog says of changes since ``version``."""
    newer = above(sections(changelog), version)
    entries = [section.entries.get(heading, "") for section in newer for heading in HEADINGS]
    return set(re.findall(r"`([\w.]+)`", "\n".join(entries)))


def is_named(name: str, names: set[str]) -> bool:
    """Whether it, or a module or a class that it is in, is named. A whole package excuses nothing but its removal."""
    parents = name.split(".")
    return name in names or any(".".join(parents[:length]) in names for length in range(2, len(parents)))


def main(arguments: list[str]) -> int:
    repository = Path(arguments[0] if arguments else Path(__file__).parent.parent).resolve()
    tag = last_tag(repository)
    if tag is None:
        shallow = git(repository, "rev-parse", "--is-shallow-repository").strip() == b"true"
        print(f"api-diff: nothing to compare with: no tag {TAGS}{' (a shallow clone: fetch the tags)' * shallow}")
        return 0
    version = tag.removeprefix("v")
    try:
        names = named((repository / "CHANGELOG.md").read_text(encoding="utf-8"), version)
    except ChangelogError as error:
        print(f"api-diff: {error}")
        return 1
    with tempfile.TemporaryDirectory() as folder:
        with tarfile.open(fileobj=io.BytesIO(git(repository, "archive", tag))) as archive:
            archive.extractall(folder, filter="data")
        found = sorted(set(breakages(packages(Path(folder)), packages(repository))))
    missing = [(name, what) for name, what in found if not is_named(name, names)]
    print(f"api-diff: breaking changes since {tag}: {len(found)}, of which CHANGELOG.md does not name {len(missing)}")
    for name, what in missing:
        print(f"  {name}: {what.removeprefix('- ')}")
    if missing:
        print(
            f'Name each under "### Changed" or "### Removed" in a section above {version}, in full and in backticks:\n'
            f"  - `{missing[0][0]}`: why, and what to write instead.\n"
            "The name of a module or a class stands for everything in it."
        )
    return 1 if missing else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
