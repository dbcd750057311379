# SPDX-License-Identifier: Apache-2.0
"""Where documents come from: strings, files, directories, open files and URLs. The only part that reads them."""

from __future__ import annotations

import os
import re
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple, Protocol, TypeAlias, TypeGuard
from urllib.parse import urlsplit

from msgspec import Struct

from k8s_core.errors import DecodeError, RequestError
from k8s_core.redaction import mask_url

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

__all__ = ["URL", "Download", "Readable", "Source", "Text", "is_source", "read_source"]

_EXTENSIONS = (".json", ".yaml", ".yml")

Download: TypeAlias = "Callable[[str], bytes]"
"""What gets the content of an https URL."""


class Readable(Protocol):
    """An open file, of text or of bytes."""

    def read(self) -> str | bytes:
        """All of it."""
        ...


class URL(Struct, frozen=True):
    """The address of documents for ``apply_all`` and ``delete_all``: ``URL("https://example.com/install.yaml")``.

    It is a type of its own, as ``Path`` is, because a plain string is always YAML. Nothing of the cluster goes
    there: no credentials, client certificate or impersonation. TLS trusts the system's authorities, the proxy variables
    of the environment count, and redirects lead to https only. There are limits: 32 MiB, and 60 seconds in all.

    Raises:
        RequestError: not an https URL, or one with a user name or password in it.
    """

    address: str

    def __post_init__(self) -> None:
        try:
            parts = urlsplit(self.address)
            usable = parts.scheme == "https" and bool(parts.hostname) and "@" not in parts.netloc
        except ValueError:
            usable = False
        if not usable:
            raise RequestError(
                f"{mask_url(self.address)!r} is not an https URL without a user name or password, and no other is "
                "read: download it yourself, and pass pathlib.Path(…) or the string"
            )

    def __str__(self) -> str:
        return mask_url(self.address)

    def __repr__(self) -> str:
        return f"URL({str(self)!r})"


Source: TypeAlias = "os.PathLike[str] | Readable | URL"
"""Where YAML or JSON is, with any number of documents: the path of a file or directory, an open file, or a URL."""


class Text(NamedTuple):
    """What was read, and the name of where; a string has none."""

    content: str | bytes
    name: str = ""


def is_source(value: object) -> TypeGuard[Source]:
    """Whether documents have to be read from it."""
    return isinstance(value, (os.PathLike, URL)) or callable(getattr(value, "read", None))


def read_source(source: str | bytes | Source, *, recursive: bool, download: Download) -> Iterator[Text]:
    """The content of each file that a source stands for, in the order of ``kubectl apply -f``.

    Args:
        source: what to read. Of a directory these are the files that end in .json, .yaml or .yml, by name.
        recursive: the folders of a directory, too.
        download: for URLs.

    Raises:
        RequestError: there is nothing to read, or it can't be read; or a string is the name of a file.
        DecodeError: an open file has another encoding than it was opened with.
        TransportError: of a URL.
    """
    if isinstance(source, (str, bytes)):
        _refuse_names(source)
        yield Text(source)
    elif isinstance(source, URL):
        yield Text(download(source.address), str(source))
    elif isinstance(source, os.PathLike):
        for path in _paths(Path(source), recursive):
            yield Text(_read(path), str(path))
    else:
        yield _read_open(source)


def _paths(path: Path, recursive: bool) -> Iterator[Path]:
    if not path.is_dir():
        # Whatever its name: it was asked for by it.
        yield path
        return
    found = list(_files(path, recursive))
    if not found:
        further = "" if recursive else "; recursive=True looks into its folders, too"
        raise RequestError(f"{path} has no files that end in {', '.join(_EXTENSIONS)}{further}")
    yield from found


def _files(directory: Path, recursive: bool) -> Iterator[Path]:
    """As Go's ``filepath.Walk`` goes: folders and files in one order, and no links to folders, which may be loops."""
    try:
        entries = sorted(directory.iterdir(), key=lambda entry: entry.name)
    except OSError as error:
        raise _unreadable(str(directory), error) from error
    for entry in entries:
        if entry.is_dir() and not entry.is_symlink():
            if recursive:
                yield from _files(entry, recursive)
        elif entry.name.endswith(_EXTENSIONS):
            yield entry


def _read(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except (OSError, ValueError) as error:
        raise _unreadable(str(path), error) from error


def _read_open(file: Readable) -> Text:
    name = getattr(file, "name", "")
    name = name if isinstance(name, str) else ""
    try:
        content = file.read()
    except UnicodeDecodeError as error:
        raise DecodeError(f"{name or 'the file'} is not {error.encoding}: open it in binary mode") from error
    except (OSError, ValueError) as error:
        raise _unreadable(name or "the file", error) from error
    if not isinstance(content, (str, bytes)):
        raise RequestError(f"{name or 'the file'} gave {type(content).__name__}, not a string or bytes")
    return Text(content, name)


def _unreadable(name: str, error: Exception) -> RequestError:
    reason = getattr(error, "strerror", None) or str(error)
    return RequestError(f"{name} cannot be read: {reason}")


def _refuse_names(text: str | bytes) -> None:
    """Names of files and URLs are scalars to YAML, and no object: nothing is lost by refusing them."""
    line = (text if isinstance(text, str) else text.decode("utf-8", "replace")).strip()
    if "\n" in line or ": " in line or "{" in line:
        return
    if re.match(r"https?://", line, re.IGNORECASE):
        raise RequestError(
            f"the string {mask_url(line)!r} is a URL, not YAML: pass k8s_core.client.URL(…), for which it is read"
        )
    if line == "-":
        raise RequestError("the string '-' is not YAML: for standard input pass sys.stdin")
    if line.endswith(_EXTENSIONS) or re.fullmatch(r"~?\.{0,2}[/\\].*", line):
        raise RequestError(f"the string {line!r} is a path, not YAML: pass pathlib.Path({line!r})")
