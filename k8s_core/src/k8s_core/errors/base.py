# SPDX-License-Identifier: Apache-2.0
"""The root of the tree, and the errors that this side of the wire finds by itself."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

__all__ = [
    "ApplyFailed",
    "ApplyWarning",
    "ConfigError",
    "ConnectionFailed",
    "CredentialsError",
    "DecodeError",
    "DeleteFailed",
    "FieldTypeError",
    "InvalidName",
    "KindConflictError",
    "KubernetesError",
    "KubernetesWarning",
    "OutcomeUnknown",
    "PatchError",
    "PluginError",
    "PluginLoadError",
    "ProxyError",
    "RequestError",
    "RequestTimeout",
    "ResponseTruncated",
    "RolloutError",
    "SelectorError",
    "StreamBroken",
    "TLSError",
    "TransportError",
    "UnknownKindError",
    "UpgradeRefused",
    "ValidationError",
    "WaitTimeout",
]


class KubernetesError(Exception):
    """Root of every error that this SDK raises on purpose."""


class KubernetesWarning(UserWarning):
    """The API server sent a ``Warning`` header, such as a deprecation; filter it with the ``warnings`` module.

    Subclasses are warnings of the client itself.

    With a filter of ``"error"`` it is raised by the request that brought it, which the server has carried out by then.
    """


class ApplyWarning(KubernetesWarning):
    """What is given to an apply is probably not what you mean: an object that was read, or a key that repeats."""


class ConfigError(KubernetesError):
    """The configuration is unusable.

    Attributes:
        source: the file, environment variable or object that holds the fault, or None.
        option: the option at fault, as that source spells it, or None.
    """

    def __init__(self, message: str, *, source: str | None = None, option: str | None = None) -> None:
        super().__init__(message)
        self.source = source
        self.option = option


class CredentialsError(ConfigError):
    """A configured source of credentials failed; the request was not sent, never sent as anonymous instead."""


class PluginError(KubernetesError):
    """A plugin does not keep its contract."""


class PluginLoadError(PluginError):
    """A plugin could not be imported or registered; the message names its distribution and how to block it."""


class KindConflictError(PluginError):
    """Two distributions provide one kind; the message names both."""


class UnknownKindError(KubernetesError):
    """No installed package provides the kind; nor does the server serve it, where it was asked.

    Attributes:
        crd_missing: the server was asked, and has nothing that comes near: the CRD of the kind is not installed there.
    """

    def __init__(self, message: str, *, crd_missing: bool = False) -> None:
        super().__init__(message)
        self.crd_missing = crd_missing


class ValidationError(KubernetesError, ValueError):
    """Data of a model is not what its class declares.

    Attributes:
        messages: path (``spec.containers[0].image``) to the findings there; paths are in document order.
    """

    def __init__(self, messages: Mapping[str, Iterable[str]], *, subject: str = "") -> None:
        self.messages = {path: list(texts) for path, texts in messages.items()}
        self.subject = subject
        findings = "; ".join(
            f"{path}: {' '.join(texts)}" if path else " ".join(texts) for path, texts in self.messages.items()
        )
        super().__init__(f"{subject} is invalid: {findings}" if subject else findings)

    def __reduce__(self) -> tuple[Any, ...]:
        return _rebuild_validation, (type(self), self.messages, self.subject), self.__dict__


class FieldTypeError(ValidationError, TypeError):
    """A value of the wrong type was assigned to a field or given to a constructor; nothing was changed."""


def _rebuild_validation(cls: type[ValidationError], messages: dict[str, list[str]], subject: str) -> ValidationError:
    return cls(messages, subject=subject)


class RequestError(KubernetesError, ValueError):
    """The request is wrong as it stands; nothing was sent."""


class InvalidName(RequestError):
    """A name, namespace or path segment that the API server would refuse or misread (protocol C2, C3)."""


class SelectorError(RequestError):
    """A label or field selector that is not well formed (protocol C14-C17)."""


class PatchError(RequestError):
    """A patch that does not fit its content type or the kind it is meant for (protocol C26)."""


class DecodeError(KubernetesError):
    """Bytes are not the document that they should be.

    Attributes:
        excerpt: the beginning of the bytes as text, at most 200 characters; empty where it could hold a secret.
    """

    def __init__(self, message: str, *, excerpt: str = "") -> None:
        super().__init__(message)
        self.excerpt = excerpt[:200]


class ApplyFailed(KubernetesError):
    """Some of the objects of an ``apply_all`` could not be applied; the first error is the ``__cause__``.

    Attributes:
        report: an ``ApplyReport``: what became of each object.
    """

    def __init__(self, message: str, *, report: Any = None) -> None:
        super().__init__(message)
        self.report = report


class DeleteFailed(KubernetesError):
    """Some of the objects of a ``delete_all`` could not be deleted; the first error is the ``__cause__``.

    Attributes:
        report: a ``DeleteReport``: what became of each object.
    """

    def __init__(self, message: str, *, report: Any = None) -> None:
        super().__init__(message)
        self.report = report


class WaitTimeout(KubernetesError, TimeoutError):
    """A condition did not come true in the time given."""


class RolloutError(KubernetesError):
    """A rollout has failed, or can't be followed, restarted or undone as it stands. Trying again is of no use."""


class TransportError(KubernetesError):
    """No usable answer came back. Third-party errors are the ``__cause__``."""


class ConnectionFailed(TransportError):
    """No connection could be made, or it broke before an answer to a read-only request."""


class TLSError(TransportError):
    """The TLS handshake failed: an untrusted or mismatching certificate, or no common protocol."""


class ProxyError(TransportError):
    """The proxy could not be reached or refused to connect."""


class RequestTimeout(TransportError, TimeoutError):
    """The answer did not come within the timeout, or a stream was silent for too long."""


class ResponseTruncated(TransportError):
    """The connection ended inside a response body."""


class UpgradeRefused(TransportError):
    """The server, or a proxy before it, answered a request for a stream without switching to a protocol of ours."""


class StreamBroken(TransportError):
    """The connection of a stream ended, or made no sense, before the stream had ended in order.

    Of a command, the exit code is not known: it may have ended, or run on.
    """


class OutcomeUnknown(TransportError):
    """A write was sent and no answer came: the server may or may not have applied it (protocol B10, B14).

    Read the object before you decide to repeat the write.
    """
