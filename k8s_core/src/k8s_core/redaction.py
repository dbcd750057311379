# SPDX-License-Identifier: Apache-2.0
"""Keeping secrets out of everything that people read: one type and a few pure functions, used by all other parts.

Nothing here does I/O. What counts as secret: tokens, passwords, private keys, arguments and environment of login
programs (:class:`Sensitive`), credential headers (:func:`mask_headers`), user information in URLs (:func:`mask_url`),
and the payload of objects (:func:`redact_document`, :func:`redact_body`). This layer is told from above which fields of
a kind are secret (:data:`MaskOf`); of an unknown kind, all are.
"""

from __future__ import annotations

import hmac
import json
import re
from collections.abc import Callable, Iterable, Mapping
from typing import Any, Final, Generic, NoReturn, TypeAlias, TypeVar, final, overload
from urllib.parse import SplitResult, parse_qsl, urlencode, urlsplit, urlunsplit

from k8s_core.errors import CredentialsError
from k8s_core.errors.status import escape_control

__all__ = [
    "LAST_APPLIED",
    "REDACTED",
    "Mask",
    "MaskOf",
    "Sensitive",
    "conceal",
    "escape_control",
    "escape_terminal",
    "know_nothing",
    "mask_all",
    "mask_header",
    "mask_headers",
    "mask_secrets",
    "mask_strings",
    "mask_url",
    "redact_body",
    "redact_document",
    "reveal",
]

REDACTED: Final = "***"

T = TypeVar("T")
Plain = TypeVar("Plain", bound=Iterable[Any])  # strings, bytes and mappings are iterable, and Sensitive is not


@final
class Sensitive(Generic[T]):
    """A value that never shows itself: ``repr``, ``str``, ``format``, logging, JSON and pickle get ``***`` or nothing.

    Only :meth:`reveal` gives the value, so a search for that word finds every place where a secret is used. It is
    deliberately not a ``str``: joining, slicing or encoding one by accident fails instead of leaking. Immutable.
    Compares equal to another ``Sensitive`` of an equal value; text is compared in constant time. Copies are the same
    object. A pickle carries no value: what comes out of it raises from :meth:`reveal`.
    """

    __slots__ = ("_known", "_value")
    _known: bool
    _value: T

    def __init__(self, value: T) -> None:
        object.__setattr__(self, "_value", value)
        object.__setattr__(self, "_known", True)

    def reveal(self) -> T:
        """Return the value itself.

        Raises:
            CredentialsError: the object came out of a pickle, which never carries the value.
        """
        if not self._known:
            raise CredentialsError(
                "a secret of this configuration was left out when it was pickled; "
                "load the configuration again in the process that uses it"
            )
        return self._value

    def __setattr__(self, name: str, value: object) -> NoReturn:
        raise AttributeError("Sensitive objects are immutable")

    def __delattr__(self, name: str) -> NoReturn:
        raise AttributeError("Sensitive objects are immutable")

    def __bool__(self) -> bool:
        return not self._known or bool(self._value)

    def __repr__(self) -> str:
        return REDACTED

    __str__ = __repr__

    def __format__(self, spec: str) -> str:
        return format(REDACTED, spec)

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, Sensitive):
            return NotImplemented
        if self is other or not (self._known and other._known):
            return self is other
        mine, theirs = self._value, other._value
        if isinstance(mine, str) and isinstance(theirs, str):
            return hmac.compare_digest(mine.encode("utf-8", "surrogatepass"), theirs.encode("utf-8", "surrogatepass"))
        if isinstance(mine, bytes) and isinstance(theirs, bytes):
            return hmac.compare_digest(mine, theirs)
        return bool(mine == theirs)

    def __hash__(self) -> int:
        if not self._known:
            return object.__hash__(self)
        try:
            return hash((Sensitive, self._value))
        except TypeError:  # a mapping or list: equal values still hash equal
            return hash((Sensitive, type(self._value)))

    def __copy__(self) -> Sensitive[T]:
        return self

    def __deepcopy__(self, memo: Any) -> Sensitive[T]:
        return self

    def __reduce__(self) -> tuple[Any, ...]:
        return _without_value, ()


def _without_value() -> Sensitive[Any]:
    lost: Sensitive[Any] = Sensitive(None)
    object.__setattr__(lost, "_known", False)
    return lost


@overload
def conceal(value: None) -> None: ...
@overload
def conceal(value: Sensitive[T] | T) -> Sensitive[T]: ...
def conceal(value: Sensitive[T] | T | None) -> Sensitive[T] | None:
    """Wrap ``value`` unless it is None or wrapped already."""
    return value if value is None or isinstance(value, Sensitive) else Sensitive(value)


@overload
def reveal(value: None) -> None: ...
@overload
def reveal(value: Sensitive[T]) -> T: ...
@overload
def reveal(value: Plain) -> Plain: ...
def reveal(value: Any) -> Any:
    """Unwrap ``value`` if it is a :class:`Sensitive`; give back anything else as it is.

    Raises:
        CredentialsError: as :meth:`Sensitive.reveal`.
    """
    return value.reveal() if isinstance(value, Sensitive) else value


# -- headers and URLs ---------------------------------------------------------------------------------------------

MASKED: Final = "<masked>"
_SHOWN_SCHEMES = frozenset({"basic", "bearer", "negotiate"})
_AUTHORIZATION = frozenset({"authorization", "proxy-authorization"})
_SECRET_HEADERS = frozenset(
    {"cookie", "set-cookie", "x-api-key", "x-amz-security-token", "x-auth-token", "x-vault-token"},
)
_BEARER_PROTOCOL = re.compile(r"(base64url\.bearer\.authorization\.k8s\.io\.)[^,\s]+")
_SECRET_PARAMETERS = re.compile(r"(?i)token|secret|password|signature|credential|\bkey\b|\bcode\b|assertion")


def mask_header(name: str, value: str) -> str:
    """The value of a header as it may be shown: ``Bearer <masked>``, ``<masked>``, or itself (B25)."""
    lowered = name.lower()
    if lowered in _AUTHORIZATION:
        scheme, space, rest = value.partition(" ")
        if scheme.lower() not in _SHOWN_SCHEMES:
            return MASKED if value else ""
        return f"{scheme} {MASKED}" if space and rest else scheme
    if lowered in _SECRET_HEADERS:
        return MASKED
    if lowered == "sec-websocket-protocol":
        return _BEARER_PROTOCOL.sub(rf"\1{MASKED}", value)
    return value


def mask_headers(headers: Mapping[str, str] | Iterable[tuple[str, str]]) -> list[tuple[str, str]]:
    """All headers as they may be shown, in order; repeated names stay repeated."""
    pairs = headers.items() if isinstance(headers, Mapping) else headers
    return [(name, mask_header(name, value)) for name, value in pairs]


def mask_url(url: str) -> str:
    """``url`` with user information replaced by ``***`` and the values of secret-looking query parameters masked (I2).

    A string that is not a URL is returned as it is unless it holds an ``@``, in which case all before that is masked.
    """
    parts = _url_parts(url)
    if parts is None:
        head, at, tail = url.rpartition("@")
        return f"{REDACTED}@{tail}" if at else head + tail
    host = parts.netloc.rpartition("@")[2]
    netloc = f"{REDACTED}@{host}" if "@" in parts.netloc else host
    query = parts.query
    if _SECRET_PARAMETERS.search(query):
        pairs = parse_qsl(query, keep_blank_values=True)
        query = urlencode([(k, REDACTED if _SECRET_PARAMETERS.search(k) else v) for k, v in pairs], safe="*")
    return urlunsplit((parts.scheme, netloc, parts.path, query, parts.fragment))


def _url_parts(url: str) -> SplitResult | None:
    """The parts of a URL; None if it is not one, or if its host may be the beginning of a password (``u:p?w@host``)."""
    try:
        parts = urlsplit(url)
        has_port = parts.port is not None
    except ValueError:
        return None
    doubtful = "@" in url and "@" not in parts.netloc and (has_port or not parts.path)
    return parts if parts.netloc and not doubtful else None


def mask_secrets(text: str, values: Iterable[Sensitive[str] | str | None]) -> str:
    """``text`` with every occurrence of the given secrets replaced by ``***``; longest first, empty ones ignored."""
    known = {reveal(value) for value in values}
    for value in sorted((value for value in known if value), key=len, reverse=True):
        text = text.replace(value, REDACTED)
    return text


# -- documents ----------------------------------------------------------------------------------------------------

Mask: TypeAlias = Callable[[dict[str, Any]], dict[str, Any]]
"""Gives a copy of an object of one kind in which what is secret reads ``***``."""

MaskOf: TypeAlias = Callable[[str, str], Mask | None]
"""Gives the mask for an ``apiVersion`` and ``kind``, None for a kind whose secrets are not known."""

LAST_APPLIED: Final = "kubectl.kubernetes.io/last-applied-configuration"
"""kubectl's copy of a whole manifest in an annotation: a second copy of all that is secret in it."""

_IDENTITY = frozenset({("apiVersion",), ("kind",)}) | {
    ("metadata", key)
    for key in (
        "name",
        "generateName",
        "namespace",
        "uid",
        "resourceVersion",
        "creationTimestamp",
        "deletionTimestamp",
        "selfLink",
    )
}
_OPERATION = frozenset({"op", "path", "from"})


def mask_all(value: Any) -> Any:
    """A copy of a JSON value in which every value but null reads ``***``; keys stay visible."""
    if isinstance(value, dict):
        return {key: mask_all(item) for key, item in value.items()}
    if isinstance(value, list):
        return [mask_all(item) for item in value]
    return value if value is None else REDACTED


def mask_strings(value: Any, place: tuple[str, ...] = ()) -> Any:
    """A copy of a JSON value in which every string reads ``***``, except what tells an object from others.

    For objects of a kind whose secrets are not known. Keys, numbers and booleans stay visible.

    Args:
        value: an object, or a part of one.
        place: where the part is in its object, such as ``("metadata",)``.
    """
    if isinstance(value, dict):
        return {key: mask_strings(item, (*place, key)) for key, item in value.items()}
    if isinstance(value, list):
        return [mask_strings(item, (*place, "")) for item in value]
    return REDACTED if isinstance(value, str) and place not in _IDENTITY else value


def know_nothing(api_version: str, kind: str) -> None:
    """The ``MaskOf`` that knows no kind."""


def redact_document(document: Any, mask_of: MaskOf = know_nothing, *, api_version: str = "", kind: str = "") -> Any:
    """A copy of a wire document in which secret values read ``***``; keys stay visible. The argument is unchanged.

    A document that is not an object of a known kind loses all its strings but its identity. Lists (``SecretList``,
    ``List``) are followed into; of a JSON patch the operations and paths are kept.

    Args:
        document: decoded JSON.
        mask_of: knows the secrets of kinds.
        api_version: of the object, if it does not say so itself.
        kind: likewise.
    """
    if isinstance(document, list):
        return [_redact_operation(item) for item in document]
    if not isinstance(document, dict):
        return mask_strings(document)
    if isinstance(document.get("kind"), str) and isinstance(document.get("apiVersion"), str):
        api_version, kind = document["apiVersion"], document["kind"]
    mask = mask_of(api_version, kind)
    if mask is not None:
        return mask(document)
    items = document.get("items")
    if not kind.endswith("List") or not isinstance(items, list):
        return mask_strings(document)
    item_type = {"api_version": api_version, "kind": kind.removesuffix("List")}
    return mask_strings(document) | {"items": [redact_document(item, mask_of, **item_type) for item in items]}


def _redact_operation(item: Any) -> Any:
    if not isinstance(item, dict):
        return mask_strings(item)
    return {key: value if key in _OPERATION else mask_strings(value) for key, value in item.items()}


def redact_body(
    body: bytes | None, mask_of: MaskOf = know_nothing, *, api_version: str = "", kind: str = "", limit: int = 2048
) -> str:
    """A request or response body as text for a debug log: secrets masked, at most ``limit`` characters (I1, I2).

    A body that is not one JSON document (a watch stream, a log, protobuf) is only described, because nothing can be
    masked in it. The other arguments are those of :func:`redact_document`.
    """
    if not body:
        return ""
    try:
        document = redact_document(json.loads(body), mask_of, api_version=api_version, kind=kind)
        text = json.dumps(document, ensure_ascii=False)
    except (ValueError, RecursionError):
        return f"<{len(body)} bytes>"
    return text if len(text) <= limit else f"{text[:limit]} [truncated {len(text) - limit} chars]"


# -- text from elsewhere, shown in a terminal ---------------------------------------------------------------------


def escape_terminal(text: str) -> str:
    """``text`` with ESC and CR made visible (``^[`` and ``\\r``), so that it can't drive a terminal (I10)."""
    return text.replace("\x1b", "^[").replace("\r", "\\r")
