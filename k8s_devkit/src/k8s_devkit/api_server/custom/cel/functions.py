# SPDX-License-Identifier: Apache-2.0
"""What Kubernetes adds to CEL for lists, regular expressions, URLs, quantities and names (protocol J24).

Values of Kubernetes' own types travel through the engine as maps that name their type. Functions raise ValueError with
the text that a rule's error carries. See https://kubernetes.io/docs/reference/using-api/cel/. Pure.
"""

from __future__ import annotations

import json
import re
from decimal import Decimal
from itertools import pairwise
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qsl, quote, urlsplit

from k8s_core.model.quantity import Quantity
from k8s_devkit.api_server.custom.formats import fits_format
from k8s_devkit.api_server.custom.patterns import compile_pattern
from k8s_devkit.strategy.labels import label_key_problem

if TYPE_CHECKING:
    from k8s_devkit.strategy.document import Document

__all__ = ["FORMAT_NAMES", "TYPE"]

TYPE = "__type"


def is_sorted(items: list[Any]) -> bool:
    return all(left <= right for left, right in pairwise(items))


def total(items: list[Any]) -> Any:
    return sum(items[1:], items[0]) if items else 0


def smallest(items: list[Any]) -> Any:
    if not items:
        raise ValueError("min called on empty list")
    return min(items)


def largest(items: list[Any]) -> Any:
    if not items:
        raise ValueError("max called on empty list")
    return max(items)


def index_of(items: list[Any], wanted: Any) -> int:
    return next((index for index, item in enumerate(items) if item == wanted), -1)


def last_index_of(items: list[Any], wanted: Any) -> int:
    return next((index for index in range(len(items) - 1, -1, -1) if items[index] == wanted), -1)


def _expression(text: str) -> re.Pattern[str]:
    pattern = compile_pattern(text)
    if pattern is None:
        raise ValueError(f"Illegal regex: {text}")
    return pattern


def find(text: str, pattern: str) -> str:
    match = _expression(pattern).search(text)
    return match[0] if match else ""


def find_all(text: str, pattern: str, limit: int = -1) -> list[str]:
    found = [match[0] for match in _expression(pattern).finditer(text)]
    return found if limit < 0 else found[:limit]


# URLs


def _split(text: str) -> Any:
    try:
        parts = urlsplit(text)
        parts.port  # noqa: B018
    except ValueError:
        raise ValueError(f"URL parse error during conversion from string: parse {json.dumps(text)}") from None
    absolute = bool(parts.scheme and (parts.netloc or parts.path))
    if not text or " " in text or not (absolute or text.startswith("/")):
        raise ValueError(
            f"URL parse error during conversion from string: parse {json.dumps(text)}: invalid URI for request"
        )
    return parts


def url(text: str) -> Document:
    _split(text)
    return {TYPE: "URL", "text": text}


def is_url(text: str) -> bool:
    try:
        _split(text)
    except ValueError:
        return False
    return True


def get_scheme(value: Document) -> str:
    return str(_split(value["text"]).scheme)


def get_host(value: Document) -> str:
    return str(_split(value["text"]).netloc.rpartition("@")[2])


def get_hostname(value: Document) -> str:
    host = get_host(value)
    return host[1:].partition("]")[0] if host.startswith("[") else host.partition(":")[0]


def get_port(value: Document) -> str:
    return str(_split(value["text"]).port or "")


def get_escaped_path(value: Document) -> str:
    return quote(_split(value["text"]).path, safe="/%:@!$&'()*+,;=~")


def get_query(value: Document) -> dict[str, list[str]]:
    result: dict[str, list[str]] = {}
    for key, item in parse_qsl(_split(value["text"]).query, keep_blank_values=True):
        result.setdefault(key, []).append(item)
    return result


# Quantities

_BAD_QUANTITY = "quantities must match the regular expression '^([+-]?[0-9.]+)([eEinumkKMGTP]*[-+]?[0-9]*)$'"


def is_quantity(text: str) -> bool:
    try:
        Quantity(text)
    except ValueError:
        return False
    return True


def quantity(text: str) -> Document:
    try:
        # The exact amount alone, so that equal amounts are equal maps.
        return {TYPE: "Quantity", "amount": str(Quantity(text).to_decimal().normalize())}
    except ValueError:
        raise ValueError(_BAD_QUANTITY) from None


def _amount(value: Document | int) -> Any:
    return Decimal(value) if isinstance(value, int) else Decimal(value["amount"])


def _of_amount(amount: Any) -> Document:
    return {TYPE: "Quantity", "amount": str(amount.normalize())}


def sign(value: Document) -> int:
    amount = _amount(value)
    return int(amount > 0) - int(amount < 0)


def is_integer(value: Document) -> bool:
    amount = _amount(value)
    return bool(amount == amount.to_integral_value() and abs(amount) < 2**63)


def as_integer(value: Document) -> int:
    if not is_integer(value):
        raise ValueError("cannot convert value to integer")
    return int(_amount(value))


def as_approximate_float(value: Document) -> float:
    return float(_amount(value))


def add(left: Document, right: Document | int) -> Document:
    return _of_amount(_amount(left) + _amount(right))


def sub(left: Document, right: Document | int) -> Document:
    return _of_amount(_amount(left) - _amount(right))


# Semantic versions

_VERSION = re.compile(r"(0|[1-9]\d*)\.(0|[1-9]\d*)\.(0|[1-9]\d*)(?:-([0-9A-Za-z.-]+))?(?:\+[0-9A-Za-z.-]+)?", re.ASCII)


def _normal(text: str) -> str:
    text = text.removeprefix("v")
    end = next((index for index, letter in enumerate(text) if letter in "-+"), len(text))
    core, rest = text[:end], text[end:]
    numbers = [re.sub(r"^0+(?=\d)", "", part) for part in core.split(".")]
    return ".".join([*numbers, "0", "0"][: max(3, len(numbers))]) + rest


def semver(text: str, normalize: bool = False) -> Document:
    match = _VERSION.fullmatch(_normal(text) if normalize else text)
    if match is None:
        raise ValueError("No Major.Minor.Patch elements found")
    numbers = [int(match[index]) for index in (1, 2, 3)]
    return {TYPE: "Semver", "numbers": numbers, "pre": (match[4] or "").split(".") if match[4] else []}


def is_semver(text: str, normalize: bool = False) -> bool:
    try:
        semver(text, normalize)
    except ValueError:
        return False
    return True


def major(value: Document) -> int:
    return int(value["numbers"][0])


def minor(value: Document) -> int:
    return int(value["numbers"][1])


def patch(value: Document) -> int:
    return int(value["numbers"][2])


def _order(value: Document) -> Any:
    if value[TYPE] == "Quantity":
        return _amount(value)
    pre = [(0, int(part), "") if part.isdigit() else (1, 0, part) for part in value["pre"]]
    return [*value["numbers"], not pre, pre]


def compare_to(left: Document, right: Document) -> int:
    first, second = _order(left), _order(right)
    return int(first > second) - int(first < second)


def is_less_than(left: Document, right: Document) -> bool:
    return compare_to(left, right) < 0


def is_greater_than(left: Document, right: Document) -> bool:
    return compare_to(left, right) > 0


# Formats

_LABEL_TEXT = (
    "a lowercase RFC 1123 label must consist of lower case alphanumeric characters or '-', and must start and end with "
    "an alphanumeric character (e.g. 'my-name',  or '123-abc', regex used for validation is "
    "'[a-z0-9]([-a-z0-9]*[a-z0-9])?')"
)
_FORMATS = {
    "dns1123Label": "k8s-short-name",
    "dns1123Subdomain": "k8s-long-name",
    "uri": "uri",
    "uuid": "uuid",
    "byte": "byte",
    "date": "date",
    "datetime": "date-time",
}
_FORMAT_PATTERNS = {
    "dns1035Label": re.compile(r"[a-z]([-a-z0-9]{0,61}[a-z0-9])?"),
    "dns1035LabelPrefix": re.compile(r"[a-z]([-a-z0-9]{0,62})?"),
    "dns1123LabelPrefix": re.compile(r"[a-z0-9][-a-z0-9]{0,62}"),
    "dns1123SubdomainPrefix": re.compile(r"[a-z0-9][-.a-z0-9]{0,252}"),
    "labelValue": re.compile(r"(([A-Za-z0-9][-A-Za-z0-9_.]{0,61})?[A-Za-z0-9])?"),
}
FORMAT_NAMES = (*_FORMATS, *_FORMAT_PATTERNS, "qualifiedName")


def named_format(name: str) -> list[Document]:
    return [{TYPE: "Format", "name": name}] if name in FORMAT_NAMES else []


def validate_format(value: Document, text: str) -> list[list[str]]:
    name = value["name"]
    if name == "qualifiedName":
        problem = label_key_problem(text)
        return [[problem]] if problem else []
    pattern = _FORMAT_PATTERNS.get(name)
    fits = pattern.fullmatch(text) is not None if pattern else fits_format(text, _FORMATS[name])
    return [] if fits else [[_LABEL_TEXT if name == "dns1123Label" else f"must be a valid {name}"]]
