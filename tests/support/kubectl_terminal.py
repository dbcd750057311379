# SPDX-License-Identifier: Apache-2.0
"""A terminal with kubectl in it: runs what a transcript types, and takes time and chance out of what appears."""

from __future__ import annotations

import os
import re
import signal
import subprocess
import threading
from itertools import pairwise
from typing import TYPE_CHECKING, Self

from transcripts import Output, parse_version

if TYPE_CHECKING:
    from pathlib import Path

    from transcripts import Version

__all__ = ["Terminal", "normalise"]

SECONDS = 50  # for one command
_JOB = re.compile(r"(.+?) *&")
_HEAD = re.compile(r"head -n (\d+) %(\d+)")
_WATCHES = re.compile(r"watch=true.* 200 OK|watch=true.*status=\"200 OK\"")


_RULES = tuple(
    (re.compile(pattern, re.MULTILINE), replacement)
    for pattern, replacement in (
        (r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}", "<uid>"),
        (r"\d{4}-\d\d-\d\d[T ]\d\d:\d\d:\d\d(\.\d+)?(Z| [+-]\d{4}( [A-Z]{3})?)", "<time>"),
        (r"(Mon|Tue|Wed|Thu|Fri|Sat|Sun), \d\d [A-Z][a-z]{2} \d{4} \d\d:\d\d:\d\d [+-]\d{4}", "<time>"),
        (r'(resourceVersion"?: *)"\d+"', r'\1"<version>"'),
        (r"\bv1\.\d+\.\d+[-+.\w]*", "<version>"),
        (r"\b10\.\d+\.\d+\.\d+\b", "<ip>"),
        (r"\b3[0-2]\d{3}\b", "<port>"),
        (r"(?<![-\w.])\d{1,2}s\b", "0s"),
        (r"\b(made|token)-[a-z0-9]{5}\b", r"\1-xxxxx"),
        (r"/tmp/(LIVE|MERGED)-\d+/", r"/tmp/\1-N/"),
    )
)
_LOG = re.compile(r"[IWE]\d{4} \d\d:\d\d:\d\d")
_HEADER = re.compile(r"[A-Z][-A-Z0-9()/]*( [-A-Z0-9()/]+)*( {3,}[-A-Z0-9()/ ]+?)+ *")


def normalise(text: str, words: dict[str, str]) -> str:
    """Without ages, times, uids, addresses and, replaced by ``words``, what is different in each run."""

    def replaced(part: str) -> str:
        for word in sorted(words, key=len, reverse=True):
            part = part.replace(word, words[word])
        for pattern, replacement in _RULES:
            part = pattern.sub(replacement, part)
        return part

    lines, out = [line for line in text.splitlines() if not _LOG.match(line)], list[str]()
    while lines:
        if _HEADER.fullmatch(lines[0]):
            cells = _table(lines)
            out += _aligned([[replaced(cell) for cell in row] for row in cells])
            lines = lines[len(cells) :]
        else:
            out.append(replaced(lines.pop(0)))
    while out and not out[-1].strip():
        out.pop()
    return "".join(f"{line.rstrip()}\n" for line in out)


def _table(lines: list[str]) -> list[list[str]]:
    """The cells of the table that begins with the first line: its columns are where the header's words are."""
    starts = [found.start() for found in re.finditer(r"(?:^|(?<=   ))\S", lines[0])]
    rows = []
    for line in lines:
        if not line or any(line[start - 1 : start].strip() for start in starts[1:]):
            break
        rows.append([line[start:end].strip() for start, end in pairwise([*starts, None])])
    return rows


def _aligned(rows: list[list[str]]) -> list[str]:
    widths = [max(map(len, column)) + 3 for column in zip(*rows, strict=True)]
    return ["".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)) for row in rows]


class Terminal:
    """A shell in a folder of its own, whose kubectl talks to one namespace of a server. A context manager."""

    def __init__(self, kubectl: Path, kubeconfig: str, namespace: str, folder: Path, home: Path) -> None:
        self.folder, self.namespace = folder, namespace
        folder.mkdir(exist_ok=True)
        path = folder / ".kubeconfig"
        path.write_text(kubeconfig)
        binaries = home / "bin"
        binaries.mkdir(parents=True, exist_ok=True)
        if not (binaries / "kubectl").exists():
            (binaries / "kubectl").symlink_to(kubectl)
        self.environment = {
            "PATH": f"{binaries}:{os.environ['PATH']}",
            "HOME": str(home),  # the cache of discovery documents is shared
            "KUBECONFIG": str(path),
            "NS": namespace,
            "TZ": "UTC",
            "LANG": "C",
        }
        self.jobs: list[Job] = []
        (server,) = set(re.findall(r"https?://[\w.:]+", kubeconfig))
        self.words = {namespace: "<namespace>", server: "<server>", str(folder): "<folder>"}
        self._shell("kubectl config set-context --current --namespace=$NS")

    def version(self) -> Version:
        """The version of the kubectl that runs: some are programs that choose one by the server's version."""
        text = self._shell("kubectl version -o json").stdout
        found = re.search(r'"clientVersion": \{.*?"gitVersion": "([^"]+)"', text, re.DOTALL)
        assert found is not None, text
        return parse_version(found[1])

    def type(self, command: str) -> Output:
        """Run a command; ``COMMAND &`` starts a job, and ``head -n N %1`` reads its next N lines."""
        if command.startswith("head ") and (head := _HEAD.fullmatch(command)):
            return self._normal(Output(self.jobs[int(head[2]) - 1].read(int(head[1]))))
        if "\n" not in command and (job := _JOB.fullmatch(command)):
            self.jobs.append(Job(job[1], self.environment, self.folder))
            return Output()
        return self._normal(self._shell(command))

    def _normal(self, output: Output) -> Output:
        return Output(normalise(output.stdout, self.words), normalise(output.stderr, self.words), output.code)

    def _shell(self, command: str) -> Output:
        done = subprocess.run(
            ["/bin/sh", "-c", command],
            cwd=self.folder,
            env=self.environment,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            timeout=SECONDS,
            check=False,
        )
        return Output(done.stdout, done.stderr, done.returncode)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        for job in self.jobs:
            job.end()


class Job:
    """A kubectl in the background that watches. Made only when the server has answered the watch."""

    def __init__(self, command: str, environment: dict[str, str], folder: Path) -> None:
        self.process = subprocess.Popen(
            ["/bin/sh", "-c", f"exec {command} -v=6"],
            cwd=folder,
            env=environment,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        self.watches = threading.Event()
        self.log: list[str] = []
        self.reader = threading.Thread(target=self._read_log, daemon=True)
        self.reader.start()
        if not self.watches.wait(SECONDS) or self.process.poll() is not None:
            self.end()
            raise AssertionError(f"{command} does not watch: {''.join(self.log)}")

    def _read_log(self) -> None:
        assert self.process.stderr is not None
        for line in self.process.stderr:
            self.log.append(line)
            if _WATCHES.search(line):
                self.watches.set()
        self.watches.set()

    def read(self, lines: int) -> str:
        """The next lines; kills the job when they don't come in time."""
        assert self.process.stdout is not None
        watchdog = threading.Timer(SECONDS, self.process.kill)
        watchdog.start()
        try:
            return "".join(self.process.stdout.readline() for _ in range(lines))
        finally:
            watchdog.cancel()

    def end(self) -> None:
        """Ctrl-C."""
        if self.process.poll() is None:
            self.process.send_signal(signal.SIGINT)
        try:
            self.process.wait(5)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()
        self.reader.join()
        for stream in (self.process.stdout, self.process.stderr):
            if stream is not None:
                stream.close()
