# SPDX-License-Identifier: Apache-2.0
"""The table of Kubernetes' CEL functions, and its two forms: typed for compiling, by kind for evaluation.

Types in signatures: CEL's names, ``any``, ``list(x)``, and Kubernetes' own in capitals. Kubernetes' own types exist as
such while a rule is compiled; while it is evaluated they are maps, so there one overload serves several of them.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cache, partial
from typing import TYPE_CHECKING, Any

from k8s_devkit.api_server.custom.cel import functions as own
from k8s_devkit.api_server.custom.cel import network_functions as net
from k8s_devkit.api_server.custom.cel.values import from_engine, to_engine

if TYPE_CHECKING:
    from collections.abc import Callable

_LINE = re.compile(r"(?:([a-zA-Z]+(?:\([a-z]+\))?)\.)?(\w+)\((.*?)\) -> (.+)")
__all__ = ["CHECKING", "EVALUATION", "evaluated_functions", "typed_functions"]

_EXTENSIONS = ("lists", "sets", "two-var-comprehensions", "optional")
# CEL's own functions that Kubernetes has more overloads of; they are declared anew, with all of their overloads.
_COMPARISONS = ("_<_", "_<=_", "_>_", "_>=_")


def _configuration(*replaced: str, bindings: bool) -> str:
    extensions = (*_EXTENSIONS, "bindings") if bindings else _EXTENSIONS
    lines = ["name: kubernetes", "extensions:", *(f"  - name: {name}" for name in extensions)]
    if replaced:
        lines += ["stdlib:", "  exclude_functions:", *(f"    - name: {name}" for name in replaced)]
    return "\n".join(lines)


EVALUATION = _configuration(bindings=True)
CHECKING = {bindings: _configuration("string", *_COMPARISONS, bindings=bindings) for bindings in (False, True)}
"""By whether `cel.bind` is known, which rules may not use."""


@dataclass(frozen=True, slots=True)
class _Signature:
    name: str
    member: bool
    parameters: tuple[str, ...]
    returns: str
    implementation: Callable[..., Any]


def _all() -> list[_Signature]:
    found: list[_Signature] = []

    def add(line: str, implementation: Callable[..., Any]) -> None:
        """``name(a, b) -> c`` for a function, ``a.name(b) -> c`` for a method."""
        match = _LINE.fullmatch(line)
        assert match is not None, line
        target, name, inner, returns = match.groups()
        member = target is not None and target not in ("ip", "format", "strings")
        parameters = tuple(part for part in inner.split(", ") if part)
        whole = name if member or target is None else f"{target}.{name}"
        found.append(
            _Signature(whole, member, (target, *parameters) if member else parameters, returns, implementation)
        )

    _add_texts(add)
    _add_lists(add)
    _add_types(add)
    _add_networks(add)
    return found


def _add_texts(add: Callable[[str, Callable[..., Any]], None]) -> None:
    for line in (
        "string.charAt(int) -> string",
        "string.indexOf(string) -> int",
        "string.indexOf(string, int) -> int",
        "string.lastIndexOf(string) -> int",
        "string.lastIndexOf(string, int) -> int",
        "list(string).join() -> string",
        "list(string).join(string) -> string",
        "string.lowerAscii() -> string",
        "string.upperAscii() -> string",
        "string.trim() -> string",
        "string.replace(string, string) -> string",
        "string.replace(string, string, int) -> string",
        "string.split(string) -> list(string)",
        "string.split(string, int) -> list(string)",
        "string.substring(int) -> string",
        "string.substring(int, int) -> string",
        "string.format(list(any)) -> string",
    ):
        name = line.partition("(")[0] if not line.startswith("list") else "string.join"
        add(line, partial(_text_extension, name.partition(".")[2]))
    add("strings.quote(string) -> string", partial(_text_extension, "strings.quote"))
    add("string.find(string) -> string", own.find)
    add("string.findAll(string) -> list(string)", own.find_all)
    add("string.findAll(string, int) -> list(string)", own.find_all)
    for item in ("bool", "int", "uint", "double", "string", "bytes", "timestamp", "duration", "IP", "CIDR"):
        add(f"string({item}) -> string", _to_text)


def _add_lists(add: Callable[[str, Callable[..., Any]], None]) -> None:
    for item in ("int", "double", "uint", "duration"):
        add(f"list({item}).sum() -> {item}", own.total)
    for item in ("int", "uint", "double", "bool", "string", "bytes", "timestamp", "duration"):
        add(f"list({item}).isSorted() -> bool", own.is_sorted)
        add(f"list({item}).min() -> {item}", own.smallest)
        add(f"list({item}).max() -> {item}", own.largest)
    add("list(any).indexOf(any) -> int", own.index_of)
    add("list(any).lastIndexOf(any) -> int", own.last_index_of)


def _add_types(add: Callable[[str, Callable[..., Any]], None]) -> None:
    add("isURL(string) -> bool", own.is_url)
    add("url(string) -> URL", own.url)
    add("URL.getScheme() -> string", own.get_scheme)
    add("URL.getHost() -> string", own.get_host)
    add("URL.getHostname() -> string", own.get_hostname)
    add("URL.getPort() -> string", own.get_port)
    add("URL.getEscapedPath() -> string", own.get_escaped_path)
    add("URL.getQuery() -> map(string, list(string))", own.get_query)
    add("isQuantity(string) -> bool", own.is_quantity)
    add("quantity(string) -> Quantity", own.quantity)
    add("Quantity.sign() -> int", own.sign)
    add("Quantity.isInteger() -> bool", own.is_integer)
    add("Quantity.asInteger() -> int", own.as_integer)
    add("Quantity.asApproximateFloat() -> double", own.as_approximate_float)
    for other in ("Quantity", "int"):
        add(f"Quantity.add({other}) -> Quantity", own.add)
        add(f"Quantity.sub({other}) -> Quantity", own.sub)
    for type_ in ("Quantity", "Semver"):
        add(f"{type_}.isLessThan({type_}) -> bool", own.is_less_than)
        add(f"{type_}.isGreaterThan({type_}) -> bool", own.is_greater_than)
        add(f"{type_}.compareTo({type_}) -> int", own.compare_to)
    for normalize in ("", ", bool"):
        add(f"isSemver(string{normalize}) -> bool", own.is_semver)
        add(f"semver(string{normalize}) -> Semver", own.semver)
    add("Semver.major() -> int", own.major)
    add("Semver.minor() -> int", own.minor)
    add("Semver.patch() -> int", own.patch)
    for name in own.FORMAT_NAMES:
        add(f"format.{name}() -> Format", partial(_format, name))
    add("format.named_(string) -> list(Format)", own.named_format)
    add("Format.validate_(string) -> list(list(string))", own.validate_format)


def _add_networks(add: Callable[[str, Callable[..., Any]], None]) -> None:
    add("isIP(string) -> bool", net.is_ip)
    add("ip(string) -> IP", net.ip)
    add("ip.isCanonical(string) -> bool", net.is_canonical)
    add("IP.family() -> int", net.family)
    for name in ("isUnspecified", "isLoopback", "isLinkLocalMulticast", "isLinkLocalUnicast", "isGlobalUnicast"):
        add(f"IP.{name}() -> bool", partial(net.ip_flag, name))
    add("isCIDR(string) -> bool", net.is_cidr)
    add("cidr(string) -> CIDR", net.cidr)
    add("CIDR.ip() -> IP", net.cidr_ip)
    add("CIDR.masked() -> CIDR", net.masked)
    add("CIDR.prefixLength() -> int", net.prefix_length)
    for text in ("IP", "string"):
        add(f"CIDR.containsIP({text}) -> bool", net.contains_ip)
    for text in ("CIDR", "string"):
        add(f"CIDR.containsCIDR({text}) -> bool", net.contains_cidr)


def _format(name: str) -> dict[str, str]:
    return {own.TYPE: "Format", "name": name}


def _comparable() -> list[tuple[str, str]]:
    """The pairs of types that may be compared: numbers of all kinds with each other."""
    numbers = ("int", "uint", "double")
    same = [(name, name) for name in ("bool", "string", "bytes", "timestamp", "duration")]
    return same + [(left, right) for left in numbers for right in numbers]


_KINDS = ("bool", "int", "uint", "double", "string", "bytes", "timestamp", "duration", "list", "map")
_OWN_TYPES = ("URL", "Quantity", "Semver", "Format", "IP", "CIDR")


@cache
def _texts() -> Any:
    """The engine with its extension for texts: declared apart, since Kubernetes adds overloads to the same names."""
    from cel_expr_python import cel
    from cel_expr_python.ext import ext_strings

    return cel.NewEnv(variables=dict.fromkeys("abcd", cel.Type.DYN), extensions=[ext_strings.ExtStrings()])


@cache
def _text_program(name: str, count: int) -> Any:
    if "." in name:
        return _texts().compile(f"{name}(a)")
    return _texts().compile(f"a.{name}({', '.join('bcd'[: count - 1])})")


def _evaluate(program: Any, arguments: tuple[Any, ...]) -> Any:
    from cel_expr_python import cel

    value = program.eval(data={name: to_engine(item) for name, item in zip("abcd", arguments, strict=False)})
    if value.type() == cel.Type.ERROR:
        raise ValueError(str(value.plain_value()).partition(": ")[2])
    return value.plain_value()


def _text_extension(name: str, *arguments: Any) -> Any:
    return _evaluate(_text_program(name, len(arguments)), arguments)


@cache
def _to_text_program() -> Any:
    return _texts().compile("string(a)")


def _to_text(value: Any) -> Any:
    if isinstance(value, dict) and value.get(own.TYPE) in ("IP", "CIDR"):
        return value["text"]
    return _evaluate(_to_text_program(), (value,))


def _type(cel: Any, text: str, *, typed: bool) -> Any:
    if text == "any":
        return cel.Type.DYN
    if text in _OWN_TYPES:
        return cel.Type.AbstractType(f"kubernetes.{text}") if typed else cel.Type.MAP
    if text.startswith("list("):
        return cel.Type.List(_type(cel, text[5:-1], typed=typed)) if typed else cel.Type.LIST
    if text.startswith("map("):
        key, _, item = text[4:-1].partition(", ")
        return cel.Type.Map(_type(cel, key, typed=typed), _type(cel, item, typed=typed)) if typed else cel.Type.MAP
    return getattr(cel.Type, text.upper())


@cache
def typed_functions() -> list[Any]:
    """The functions as declarations, for compiling."""
    from cel_expr_python import cel

    grouped: dict[str, list[Any]] = {}
    for number, item in enumerate(_all()):
        overload = cel.Overload(
            f"k8s_{number}",
            _type(cel, item.returns, typed=True),
            [_type(cel, parameter, typed=True) for parameter in item.parameters],
            is_member=item.member,
        )
        grouped.setdefault(item.name, []).append(overload)
    for name in _COMPARISONS:
        grouped[name] = [
            cel.Overload(
                f"{name}{left}{right}", cel.Type.BOOL, [_type(cel, side, typed=True) for side in (left, right)]
            )
            for left, right in _comparable()
        ]
    return [cel.FunctionDecl(name, overloads) for name, overloads in grouped.items()]


@cache
def evaluated_functions() -> list[Any]:
    """The functions with their implementations: one overload for each combination of kinds."""
    from cel_expr_python import cel

    grouped: dict[str, dict[tuple[Any, ...], Any]] = {}
    for item in _all():
        for kinds in _kinds(item.parameters):
            returns = _type(cel, item.returns, typed=False) if item.returns in _OWN_TYPES else cel.Type.DYN
            if item.returns in ("string", "int", "bool", "double"):
                returns = _type(cel, item.returns, typed=False)
            if item.name in ("min", "max", "sum"):
                returns = cel.Type.DYN
            key = (item.member, kinds)
            # The runtime keeps its own `string`; `rewrite` sends the calls to ours.
            name = "string_" if item.name == "string" else item.name
            grouped.setdefault(name, {}).setdefault(
                key,
                cel.Overload(
                    f"{item.name}_{'_'.join(kinds)}_{item.member}",
                    returns,
                    [getattr(cel.Type, kind.upper()) for kind in kinds],
                    is_member=item.member,
                    impl=_adapted(item.implementation),
                ),
            )
    return [cel.FunctionDecl(name, list(overloads.values())) for name, overloads in grouped.items()]


def _kinds(parameters: tuple[str, ...]) -> list[tuple[str, ...]]:
    combinations: list[tuple[str, ...]] = [()]
    for parameter in parameters:
        if parameter == "any":
            choices: tuple[str, ...] = _KINDS
        elif parameter in _OWN_TYPES or parameter.startswith("map("):
            choices = ("map",)
        else:
            choices = ("list",) if parameter.startswith("list(") else (parameter,)
        combinations = [(*known, choice) for known in combinations for choice in choices]
    return combinations


def _adapted(implementation: Callable[..., Any]) -> Callable[..., Any]:
    def adapted(*arguments: Any) -> Any:
        return to_engine(implementation(*(from_engine(argument) for argument in arguments)))

    return adapted
