# SPDX-License-Identifier: Apache-2.0
"""What the API server accepts as label keys and label values (protocol C14). Pure."""

from __future__ import annotations

import re

from k8s_core.errors import SelectorError

__all__ = ["check_label_key", "check_label_value"]

_NAME = re.compile(r"[A-Za-z0-9](?:[-A-Za-z0-9_.]*[A-Za-z0-9])?")
_SUBDOMAIN = re.compile(r"[a-z0-9](?:[-a-z0-9]*[a-z0-9])?(?:\.[a-z0-9](?:[-a-z0-9]*[a-z0-9])?)*")
_NOT_IN_NAME = re.compile(r"[^-A-Za-z0-9_.]+")


def check_label_key(key: object) -> str:
    """Return the key if it is one: an optional DNS subdomain and ``/``, then at most 63 characters.

    Raises:
        SelectorError: names the rule that the key breaks.
    """
    if not isinstance(key, str):
        raise SelectorError(f"a label key is a text, not {key!r}")
    prefix, slash, name = key.rpartition("/")
    if slash and (len(prefix) > 253 or not _SUBDOMAIN.fullmatch(prefix)):
        raise SelectorError(
            f"label key {key!r}: the part before '/' must be a lower-case DNS name of at most 253 characters, "
            "such as 'example.com'"
        )
    if len(name) > 63 or not _NAME.fullmatch(name):
        raise SelectorError(
            f"label key {key!r}: {'the part after the slash' if slash else 'it'} must be 1 to 63 letters, digits, "
            f"'-', '_' or '.', and begin and end with a letter or digit{_nearest(name)}"
        )
    return key


def check_label_value(value: object, key: str) -> str:
    """Return the value if it is one: empty, or at most 63 letters, digits, ``-_.``, alphanumeric at both ends.

    Raises:
        SelectorError: names key and value, and the nearest value that is valid.
    """
    if not isinstance(value, str):
        raise SelectorError(f"label {key!r} is compared with a text, not with {value!r}; write {str(value)!r}")
    if value and (len(value) > 63 or not _NAME.fullmatch(value)):
        raise SelectorError(
            f"label {key!r} cannot have the value {value!r}: label values are at most 63 letters, digits, '-', '_' or "
            f"'.', and begin and end with a letter or digit{_nearest(value)}"
        )
    return value


def _nearest(text: str) -> str:
    fixed = _NOT_IN_NAME.sub("-", text)[:63].strip("-_.")
    return f"; nearest valid: {fixed!r}" if fixed and fixed != text else ""
