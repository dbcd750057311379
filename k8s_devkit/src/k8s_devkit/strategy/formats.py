# SPDX-License-Identifier: Apache-2.0
"""The formats of names, keys, ports and addresses that the API server knows, each with its texts. Pure.

Every function gives the reasons why a value does not have the format: an empty list for a good one. A value may have
several faults, and the API server names them all.
"""

from __future__ import annotations

import ipaddress
import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

__all__ = [
    "config_key",
    "dns_1035_label",
    "dns_label",
    "dns_subdomain",
    "dns_subdomain_with_underscores",
    "environment_name",
    "http_header_name",
    "in_range",
    "ip_address",
    "is_ip_address",
    "label_key",
    "label_value",
    "path_segment",
    "percent",
    "port_name",
    "port_number",
    "wildcard_subdomain",
]

_LABEL = "[a-z0-9]([-a-z0-9]*[a-z0-9])?"
_UNDERSCORED = "_?[a-z0-9]([-_a-z0-9]*[a-z0-9])?"
_KEY = "([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9]"
_SUBDOMAIN = rf"{_LABEL}(\.{_LABEL})*"
_ALPHANUMERIC_ENDS = "and must start and end with an alphanumeric character"
_KEY_TEXT = f"must consist of alphanumeric characters, '-', '_' or '.', {_ALPHANUMERIC_ENDS}"
_MAX_ID = 2**31 - 1


def _pattern_text(text: str, pattern: str, *examples: str) -> str:
    shown = " or ".join(f"'{example}', " for example in examples)
    return f"{text} (e.g. {shown}regex used for validation is '{pattern}')"


def _too_long(limit: int, unit: str = "characters") -> str:
    return f"must be no more than {limit} {unit}"


def _format(pattern: str, limit: int, text: str, *examples: str) -> Callable[[str], list[str]]:
    compiled = re.compile(pattern)
    problem = _pattern_text(text, pattern, *examples)

    def check(value: str) -> list[str]:
        problems = [_too_long(limit)] if len(value.encode()) > limit else []
        if not compiled.fullmatch(value):
            problems.append(problem)
        return problems

    return check


dns_subdomain = _format(
    _SUBDOMAIN,
    253,
    "a lowercase RFC 1123 subdomain must consist of lower case alphanumeric characters, '-' or '.', "
    + _ALPHANUMERIC_ENDS,
    "example.com",
)
dns_subdomain_with_underscores = _format(
    rf"{_UNDERSCORED}(\.{_UNDERSCORED})*",
    253,
    "a lowercase RFC 1123 subdomain must consist of lower case alphanumeric characters, '_', '-' or '.', "
    + _ALPHANUMERIC_ENDS,
    "example.com",
)
dns_1035_label = _format(
    "[a-z]([-a-z0-9]*[a-z0-9])?",
    63,
    "a DNS-1035 label must consist of lower case alphanumeric characters or '-', start with an alphabetic character, "
    "and end with an alphanumeric character",
    "my-name",
    "abc-123",
)
wildcard_subdomain = _format(
    rf"\*\.{_SUBDOMAIN}",
    253,
    "a wildcard DNS-1123 subdomain must start with '*.', followed by a valid DNS subdomain, which must consist of "
    "lower case alphanumeric characters, '-' or '.' and end with an alphanumeric character",
    "*.example.com",
)
_any_label = _format(
    _LABEL,
    63,
    "a lowercase RFC 1123 label must consist of lower case alphanumeric characters or '-', " + _ALPHANUMERIC_ENDS,
    "my-name",
    "123-abc",
)
_dotted = re.compile(_SUBDOMAIN)
_key = re.compile(_KEY)
_key_problem = _pattern_text(_KEY_TEXT, _KEY, "MyName", "my.name", "123-abc")
_value_problem = _pattern_text(
    "a valid label must be an empty string or consist of alphanumeric characters, '-', '_' or '.', "
    + _ALPHANUMERIC_ENDS,
    f"({_KEY})?",
    "MyValue",
    "my_value",
    "12345",
)
_any_config_key = _format(
    "[-._a-zA-Z0-9]+",
    253,
    "a valid config key must consist of alphanumeric characters, '-', '_' or '.'",
    "key.name",
    "KEY_NAME",
    "key-name",
)
http_header_name = _format(
    "[-A-Za-z0-9]+", 2**31, "a valid HTTP header must consist of alphanumeric characters or '-'", "X-Header-Name"
)
percent = _format(
    "[0-9]+%", 2**31, "a valid percent string must be a numeric string followed by an ending '%'", "1%", "93%"
)


def dns_label(value: str) -> list[str]:
    """A DNS label as of RFC 1123; one with dots is told so."""
    problems = _any_label(value)
    if problems and "." in value and _dotted.fullmatch(value):
        problems[-1] = "must not contain dots"
    return problems


def label_key(value: str) -> list[str]:
    """A qualified name: the key of a label, an annotation, a taint, with an optional DNS prefix."""
    prefix, slash, name = value.partition("/")
    if "/" in name:
        text = f"a valid label key {_key_problem}"
        return [f"{text} with an optional DNS subdomain prefix and '/' (e.g. 'example.com/MyName')"]
    if not slash:
        name, prefix = prefix, ""
    problems: list[str] = []
    if slash:
        faults = dns_subdomain(prefix) if prefix else ["must be non-empty"]
        problems.extend(f"prefix part {fault}" for fault in faults)
    if not name:
        problems.append("name part must be non-empty")
    elif len(name) > 63:
        problems.append(f"name part {_too_long(63, 'bytes')}")
    if not _key.fullmatch(name):
        problems.append(f"name part {_key_problem}")
    return problems


def label_value(value: str) -> list[str]:
    """The value of a label; empty is fine."""
    problems = [_too_long(63, "bytes")] if len(value.encode()) > 63 else []
    if value and not _key.fullmatch(value):
        problems.append(_value_problem)
    return problems


def path_segment(value: str) -> list[str]:
    """Anything that fits between two slashes of a URL: the names of roles and other kinds that set no rule."""
    if value in (".", ".."):
        return [f"may not be '{value}'"]
    return [f"may not contain '{bad}'" for bad in "/%" if bad in value]


def config_key(value: str) -> list[str]:
    """A key of a ConfigMap or Secret, which becomes the name of a file."""
    problems = _any_config_key(value)
    if value in (".", ".."):
        problems.append(f"must not be '{value}'")
    elif value.startswith(".."):
        problems.append("must not start with '..'")
    return problems


def environment_name(value: str) -> list[str]:
    """The name of an environment variable, by the rule that holds since 1.30."""
    if not value:
        return ["environment variable name must be non-empty"]
    if all(" " <= letter <= "~" and letter != "=" for letter in value):
        return []
    return ["a valid environment variable name must consist only of printable ASCII characters other than '='"]


def port_name(value: str) -> list[str]:
    """The IANA name of a port, 15 characters at most."""
    problems = [_too_long(15)] if len(value) > 15 else []
    if not re.fullmatch("[-a-z0-9]+", value):
        problems.append("must contain only alpha-numeric characters (a-z, 0-9), and hyphens (-)")
    if not re.search("[a-z]", value):
        problems.append("must contain at least one letter (a-z)")
    if "--" in value:
        problems.append("must not contain consecutive hyphens")
    if value.startswith("-") or value.endswith("-"):
        problems.append("must not begin or end with a hyphen")
    return problems


def in_range(value: int, low: int = 0, high: int = _MAX_ID) -> list[str]:
    """A number between two others, by default a user or group id."""
    return [] if low <= value <= high else [f"must be between {low} and {high}, inclusive"]


def port_number(value: int) -> list[str]:
    """The number of a port."""
    return in_range(value, 1, 65535)


def _sloppy(value: str) -> str:
    """An IPv4 address without the leading zeroes that Kubernetes tolerates."""
    return re.sub(r"(?<![\d:a-fA-F.])0+(?=\d+\.)|(?<=\.)0+(?=\d)", "", value) if "." in value else value


def is_ip_address(value: str) -> bool:
    """True for an address of either family, leading zeroes allowed."""
    try:
        ipaddress.ip_address(_sloppy(value))
    except ValueError:
        return False
    return "%" not in value


def ip_address(value: str) -> list[str]:
    """An IP address of either family."""
    if is_ip_address(value):
        return []
    return ["must be a valid IP address, (e.g. 10.9.8.7 or 2001:db8::ffff)"]
