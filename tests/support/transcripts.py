# SPDX-License-Identifier: Apache-2.0
"""Transcripts of a terminal as expectations: what is typed, and what appears. Pure: parse, choose, change, render.

::

    # Comments start with "# "; "@" lines say when something holds.
    @since kubectl 1.24

    $ kubectl apply -f - <<END
    > kind: ConfigMap
    > END
    configmap/settings created

    $ kubectl get configmap nothing
    @ kubectl 1.20
    ! Error from server (NotFound): configmaps "nothing" not found
    [exit 1]

``$`` and ``>`` are what is typed, ``!`` is standard error, ``[exit N]`` an exit code other than 0. An output that
depends on versions is given once for each group of them, headed by ``@ kubectl A, B``, ``@ server A, B`` or
``@ kubectl A on B``; ``[nothing]`` stands for no output there. What the embedded server does differently from the real
ones stands under ``@ server embedded``. A backslash keeps an output line that begins like one of these.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field, replace
from itertools import pairwise

__all__ = ["EMBEDDED", "Output", "Pair", "Step", "Transcript", "Version", "parse", "parse_version"]

Version = tuple[int, int]
Pair = tuple[Version, Version]  # kubectl's, the server's
EMBEDDED: Version = (9999, 0)  # the embedded server, whichever version it claims to be

_EXIT = re.compile(r"\[exit (\d+)\]")
_NOTHING = "[nothing]"
_SPECIAL = ("$", ">", "#", "@", "!", "\\")
_RECORDED = re.compile(r"@recorded kubectl (.+) on (.+)")


def parse_version(text: str) -> Version:
    """``v1.20.2`` -> (1, 20)."""
    found = re.match(r"v?(\d+)\.(\d+)", text.strip())
    if found is None:
        raise ValueError(f"not a version: {text!r}")
    return int(found[1]), int(found[2])


def _name(version: Version) -> str:
    return "embedded" if version == EMBEDDED else f"{version[0]}.{version[1]}"


def _names(versions: set[Version]) -> str:
    return ", ".join(_name(version) for version in sorted(versions))


def _versions(text: str) -> set[Version]:
    return {EMBEDDED if item.strip() == "embedded" else parse_version(item) for item in text.split(",")}


@dataclass(frozen=True)
class Output:
    """What a command left behind."""

    stdout: str = ""
    stderr: str = ""
    code: int = 0

    def lines(self) -> list[str]:
        """As a transcript shows it."""
        lines = [f"\\{line}" if _reserved(line) else line for line in self.stdout.splitlines()]
        lines += [f"! {line}".rstrip() for line in self.stderr.splitlines()]
        return [*lines, f"[exit {self.code}]"] if self.code else lines


def _reserved(line: str) -> bool:
    return line.startswith(_SPECIAL) or line == _NOTHING or _EXIT.fullmatch(line) is not None


def _output(lines: list[str]) -> Output:
    while lines and not lines[-1]:
        lines = lines[:-1]
    code = 0
    if lines and (ending := _EXIT.fullmatch(lines[-1])):
        code, lines = int(ending[1]), lines[:-1]
    lines = [] if lines == [_NOTHING] else lines
    errors = [line[2:] for line in lines if line.startswith("!")]
    out = [line.removeprefix("\\") for line in lines if not line.startswith("!")]
    return Output(_text(out), _text(errors), code)


def _text(lines: list[str]) -> str:
    return "".join(f"{line}\n" for line in lines)


@dataclass
class Step:
    """One command, since which versions it exists, and its outputs by versions of kubectl and server."""

    command: str
    comments: list[str] = field(default_factory=list)
    since: dict[str, Version] = field(default_factory=dict)
    outputs: dict[Pair, Output] = field(default_factory=dict)

    def applies(self, pair: Pair) -> bool:
        """Whether both versions are new enough for it."""
        return pair[0] >= self.since.get("kubectl", (0, 0)) and pair[1] >= self.since.get("server", (0, 0))

    def expected(self, pair: Pair) -> list[Output]:
        """What may appear: as recorded with these versions, else as with the nearest older and newer recorded ones."""
        chosen = []
        for kubectl in _nearest({item[0] for item in self.outputs}, pair[0]):
            recorded = {item[1] for item in self.outputs if item[0] == kubectl}
            # The embedded server is as the newest that this kubectl was recorded with, where nothing else is said.
            exactly = pair[1] == EMBEDDED and EMBEDDED in recorded
            servers = {EMBEDDED} if exactly else _nearest(recorded - {EMBEDDED}, pair[1])
            chosen += [self.outputs[kubectl, server] for server in servers]
        return list(dict.fromkeys(chosen))

    def render(self) -> list[str]:
        """Its lines in the file."""
        first, *more = self.command.split("\n")
        lines = [f"# {comment}".rstrip() for comment in self.comments]
        lines += [f"@since {name} {_name(version)}" for name, version in self.since.items()]
        lines += [f"$ {first}", *(f"> {line}".rstrip() for line in more)]
        groups: dict[Output, set[Pair]] = {}
        for pair in sorted(self.outputs, reverse=True):
            groups.setdefault(self.outputs[pair], set()).add(pair)
        for output, pairs in groups.items():
            marked = len(groups) > 1 or EMBEDDED in {pair[1] for pair in pairs}
            lines += _heads(pairs, set(self.outputs)) if marked else []
            lines += output.lines() or [_NOTHING] * marked
        return lines


def _nearest(recorded: set[Version], wanted: Version) -> set[Version]:
    older = [version for version in recorded if version <= wanted]
    newer = [version for version in recorded if version >= wanted]
    return ({max(older)} if older else set()) | ({min(newer)} if newer else set())


def _heads(pairs: set[Pair], everything: set[Pair]) -> list[str]:
    """The lines that name a group of versions; the embedded server, where it differs, has lines of its own."""
    heads = _real_heads({pair for pair in pairs if pair[1] != EMBEDDED}, everything)
    own = {pair[0] for pair in pairs if pair[1] == EMBEDDED}
    if own == {pair[0] for pair in everything}:
        return [*heads, "@ server embedded"]
    return [*heads, f"@ kubectl {_names(own)} on embedded"] if own else heads


def _real_heads(pairs: set[Pair], everything: set[Pair]) -> list[str]:
    if not pairs:
        return []
    kubectls, servers = {pair[0] for pair in pairs}, {pair[1] for pair in pairs}
    if pairs == {pair for pair in everything if pair[1] in servers}:
        return [f"@ server {_names(servers)}"]
    if pairs == {pair for pair in everything if pair[0] in kubectls and pair[1] != EMBEDDED}:
        return [f"@ kubectl {_names(kubectls)}"]
    by_servers: dict[frozenset[Version], set[Version]] = {}
    for kubectl in kubectls:
        by_servers.setdefault(frozenset(pair[1] for pair in pairs if pair[0] == kubectl), set()).add(kubectl)
    return [f"@ kubectl {_names(names)} on {_names(set(on))}" for on, names in by_servers.items()]


@dataclass
class Transcript:
    """A file: its heading, whether it is for the embedded server and what is simulated there, its steps."""

    heading: list[str]
    since: dict[str, Version]
    embedded: list[str] | None
    recorded: set[Pair]
    steps: list[Step]

    def record(self, pair: Pair, outputs: dict[int, Output]) -> Transcript:
        """With the outputs of one run, by the step's number, in place of those of the same versions."""
        steps = []
        for number, step in enumerate(self.steps):
            known = {key: value for key, value in step.outputs.items() if key != pair}
            changed = replace(step, outputs=known)
            # Of the embedded server only what it does differently is kept.
            if number in outputs and not (pair[1] == EMBEDDED and changed.expected(pair) == [outputs[number]]):
                known[pair] = outputs[number]
            steps.append(changed)
        return replace(
            self,
            recorded=self.recorded | ({pair} if pair[1] != EMBEDDED or self.embedded is not None else set()),
            steps=steps,
        )

    def render(self) -> str:
        """The file's text."""
        lines = [f"# {line}".rstrip() for line in self.heading]
        lines += [] if self.embedded is None else [" ".join(["@embedded", *self.embedded])]
        lines += [f"@since {name} {_name(version)}" for name, version in self.since.items()]
        lines += [f"@recorded kubectl {_name(kubectl)} on {_name(server)}" for kubectl, server in sorted(self.recorded)]
        for step in self.steps:
            lines += ["", *step.render()]
        return "\n".join(lines) + "\n"


def parse(text: str) -> Transcript:
    """Read a transcript.

    Raises:
        ValueError: a line that can't be where it is.
    """
    paragraphs = _paragraphs(text.splitlines())
    heading, steps = paragraphs[0], paragraphs[1:]
    comments = [line[2:] for line in heading if line.startswith("#")]
    embedded = [line.split()[1:] for line in heading if line.startswith("@embedded")]
    recorded = {
        (parse_version(found[1]), *_versions(found[2]))
        for line in heading
        if (found := _RECORDED.fullmatch(line)) is not None
    }
    known = recorded | {(kubectl, EMBEDDED) for kubectl, _ in recorded}
    made = [_step(item, known) for item in steps]
    return Transcript(comments, _since(heading), embedded[0] if embedded else None, recorded, made)


def _paragraphs(lines: list[str]) -> list[list[str]]:
    """The heading, then one for each step: a step begins with the comments and conditions before its ``$``."""
    starts = []
    for number, line in enumerate(lines):
        if line.startswith("$"):
            while lines[number - 1].startswith(("# ", "@since ")):
                number -= 1
            starts.append(number)
    edges = [0, *starts, len(lines)]
    return [lines[begin:end] for begin, end in pairwise(edges)]


def _since(lines: list[str]) -> dict[str, Version]:
    fields = [line.split() for line in lines if line.startswith("@since ")]
    return {name: parse_version(version) for _, name, version in fields}


def _step(lines: list[str], known: set[Pair]) -> Step:
    start = next(number for number, line in enumerate(lines) if line.startswith("$"))
    end = start + 1
    while end < len(lines) and lines[end].startswith(">"):
        end += 1
    step = Step(
        "\n".join(line[2:] for line in lines[start:end]),
        [line[2:] for line in lines[:start] if line.startswith("#")],
        _since(lines[:start]),
    )
    pairs = {pair for pair in known if step.applies(pair)}
    real = {pair for pair in pairs if pair[1] != EMBEDDED}
    heads, body = [], list[str]()
    for line in [*lines[end:], "@ end"]:
        if not line.startswith("@ "):
            body.append(line)
            continue
        if any(body) or line == "@ end":
            chosen = {pair for head in heads for pair in _selected(head, pairs)} if heads else real
            step.outputs.update(dict.fromkeys(chosen, _output(body)))
            heads, body = [], []
        heads.append(line)
    return step


def _selected(head: str, pairs: set[Pair]) -> set[Pair]:
    found = re.fullmatch(r"@ (kubectl|server) (.+?)(?: on (.+))?", head)
    if found is None:
        raise ValueError(f"not a group of versions: {head!r}")
    wanted = _versions(found[2])
    if found[1] == "server":
        return {pair for pair in pairs if pair[1] in wanted}
    servers = _versions(found[3]) if found[3] else {pair[1] for pair in pairs} - {EMBEDDED}
    return {pair for pair in pairs if pair[0] in wanted and pair[1] in servers}
