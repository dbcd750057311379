# SPDX-License-Identifier: Apache-2.0
"""Reading request bodies: media types, size, unknown and duplicate fields (protocol C30, C39, J22, J29)."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from k8s_core.model.wire import TOO_DEEP, nests_deeper
from k8s_devkit.api_server.patches.decoding import problem_of_json
from k8s_devkit.api_server.requests.media_types import JSON, PROTOBUF, YAML
from k8s_devkit.strategy.failures import Failure, bad_request, unsupported_media_type
from k8s_devkit.strategy.json_text import load_json

if TYPE_CHECKING:
    from collections.abc import Iterator

    from k8s_devkit.strategy.document import Document

__all__ = ["BODY_LIMIT", "Notes", "check_size", "decode_document", "duplicates"]

BODY_LIMIT = 3 * 1024 * 1024


@dataclass(slots=True)
class Notes:
    """What was wrong with a body, but not refused: becomes Warning headers, or the error of a strict request."""

    problems: list[str] = field(default_factory=list)
    warnings: list[str] = field(default_factory=list)


def decode_document(body: bytes, content_type: str, notes: Notes | None = None) -> Any:
    """Decode a JSON or YAML body.

    Raises:
        Failure: 400 for a body that does not parse, 413 for one above 3 MiB.
    """
    check_size(body)
    if content_type.endswith("yaml"):
        return _decode_yaml(body)
    if content_type == PROTOBUF:
        return _decode_protobuf(body)
    try:
        body = body if body.isascii() else body.decode(errors="replace").encode()
        document = load_json(body)
    except ValueError:
        raise bad_request(f"couldn't get version/kind; json parse error: {problem_of_json(body)}") from None
    if notes is not None:
        notes.problems.extend(duplicates(body))
    return document


def check_size(body: bytes) -> None:
    """Raise the 413 for a body above 3 MiB."""
    if len(body) > BODY_LIMIT:
        message = f"Request entity too large: limit is {BODY_LIMIT}"
        raise Failure(413, "RequestEntityTooLarge", message)


def _decode_protobuf(body: bytes) -> Any:
    from k8s_devkit.api_server.requests.protobuf import CannotDecode, decode_protobuf  # noqa: PLC0415  # only protobuf

    try:
        document = decode_protobuf(body)
        if nests_deeper(document):
            raise CannotDecode(TOO_DEEP)
        return document
    except (CannotDecode, RecursionError) as error:
        failure = unsupported_media_type((JSON, YAML))
        failure.message += f" (this protobuf cannot be read: {error})"
        raise failure from None


def _decode_yaml(body: bytes) -> Any:
    from k8s_core.model.yaml import load_yaml  # noqa: PLC0415  # only YAML needs it (20 modules)

    try:
        return load_yaml(body.decode())
    except ValueError as error:
        raise bad_request(f"error parsing YAML: {error}") from None
    except Exception as error:
        if type(error).__module__.startswith(("yaml", "k8s_core")):
            raise bad_request(f"error parsing YAML: {error}") from None
        raise


def duplicates(body: bytes) -> list[str]:
    """The texts for keys that occur twice in one object (E3)."""
    found = False

    def collect(pairs: list[tuple[str, Any]]) -> Document:
        nonlocal found
        document = dict(pairs)
        found = found or len(document) != len(pairs)
        return document

    json.loads(body, object_pairs_hook=collect)
    # Hardly ever: only then is it worth knowing where.
    return list(_duplicate_fields(json.loads(body, object_pairs_hook=_Pairs), "")) if found else []


class _Pairs(list[tuple[str, Any]]):
    """The members of one JSON object, repeated ones included."""


def _duplicate_fields(value: Any, path: str) -> Iterator[str]:
    if isinstance(value, _Pairs):
        seen: set[str] = set()
        for key, child in value:
            where = f"{path}.{key}" if path else key
            if key in seen:
                yield f'duplicate field "{where}"'
            seen.add(key)
            yield from _duplicate_fields(child, where)
    elif isinstance(value, list):
        for index, child in enumerate(value):
            yield from _duplicate_fields(child, f"{path}[{index}]")
