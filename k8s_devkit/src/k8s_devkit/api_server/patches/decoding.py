# SPDX-License-Identifier: Apache-2.0
"""Reading the bodies of patches, with the texts of Go's decoder for those that cannot be read (protocol C27). Pure."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from k8s_devkit.api_server.patches.go_json import syntax_problem
from k8s_devkit.strategy.failures import Failure, bad_request
from k8s_devkit.strategy.json_text import load_json

if TYPE_CHECKING:
    from k8s_devkit.strategy.document import Document

__all__ = ["decode_json_patch", "decode_merge_patch", "invalid_patch", "json_type", "problem_of_json"]

_OPERATION_LIMIT = 10_000
_TYPES = {dict: "object", list: "array", str: "string", bool: "bool"}


class _Malformed(Exception):
    """Go's word on JSON that does not parse."""


def _load(body: bytes) -> Any:
    try:
        return load_json(body)
    except ValueError:
        raise _Malformed(_problem_of(body)) from None


def _problem_of(body: bytes) -> str:
    try:
        text = body.decode()
    except UnicodeDecodeError:
        return "invalid UTF-8"
    return syntax_problem(text) or "a number or a surrogate that UTF-8 and float64 do not have"


def problem_of_json(body: bytes) -> str:
    """Go's word on a body that is no JSON."""
    try:
        _load(body)
    except _Malformed as error:
        return str(error)
    return "invalid UTF-8"


def json_type(value: Any) -> str:
    """What Go calls the type of a JSON value."""
    return _TYPES.get(type(value), "number")


def decode_merge_patch(body: bytes, *, strategic: bool) -> Document:
    """Decode a merge or a strategic merge patch, which is an object. Raises the 400 for anything else."""
    before = "" if strategic else "error decoding patch: "
    try:
        patch = _load(body)
    except _Malformed as error:
        raise bad_request(f"{before}{error}") from None
    if patch is None:
        if strategic:
            return {}
        raise bad_request("Invalid JSON Patch")
    if not isinstance(patch, dict):
        raise bad_request(
            f"{before}json: cannot unmarshal {json_type(patch)} into Go value of type map[string]interface {{}}"
        )
    return patch


def decode_json_patch(body: bytes) -> list[Document]:
    """Decode a JSON patch, whose operations are objects. Raises the 400 or, for too many, the 413."""
    try:
        patch = _load(body)
    except _Malformed as error:
        raise bad_request(f"error decoding patch: {error}") from None
    if patch is None:
        return []
    target = "[]handlers.jsonPatchOp"
    if isinstance(patch, list):
        wrong = [item for item in patch if not isinstance(item, dict) and item is not None]
        if not wrong:
            return _limited(patch)
        patch, target = wrong[0], "handlers.jsonPatchOp"
    raise bad_request(f"error decoding patch: json: cannot unmarshal {json_type(patch)} into Go value of type {target}")


def _limited(patch: list[Any]) -> list[Document]:
    if len(patch) > _OPERATION_LIMIT:
        text = f"The allowed maximum operations in a JSON patch is {_OPERATION_LIMIT}, got {len(patch)}"
        raise Failure(413, "RequestEntityTooLarge", f"Request entity too large: {text}")
    return patch


def invalid_patch(shown: str, problem: str) -> Failure:
    """The 422 for a patch whose outcome cannot be decoded; ``shown`` is the outcome, or a strategic patch itself."""
    text = f"Invalid value: {json.dumps(shown, ensure_ascii=False)}: {problem}"
    details = {"causes": [{"reason": "FieldValueInvalid", "message": text, "field": "patch"}]}
    return Failure(422, "Invalid", f' "" is invalid: patch: {text}', details)
