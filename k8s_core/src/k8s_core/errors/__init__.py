# SPDX-License-Identifier: Apache-2.0
"""The one exception tree. Catch ``KubernetesError`` to catch everything that this SDK raises on purpose.

::

    KubernetesError
    ├── ConfigError                 configuration: names the file and the option
    │   └── CredentialsError        a configured source of credentials yields nothing usable
    ├── PluginError
    │   ├── PluginLoadError         a package that provides kinds or hooks does not import
    │   └── KindConflictError       two packages provide one kind
    ├── UnknownKindError            no installed package knows the kind, nor does the server, if it was asked
    ├── ValidationError             data of a model, all findings by path (also a ValueError)
    │   └── FieldTypeError          one assignment or constructor argument (also a TypeError)
    ├── RequestError                refused before anything was sent (also a ValueError)
    │   ├── InvalidName  SelectorError  PatchError
    ├── DecodeError                 bytes that are not the JSON or YAML that they should be
    ├── ApplyFailed                 some objects of an apply_all could not be applied: has the report
    ├── DeleteFailed                the same of a delete_all
    ├── WaitTimeout                 a condition did not come true in time (also a TimeoutError)
    ├── RolloutError                a rollout has failed, or can't be followed, restarted or undone
    ├── StreamError                 inside of a pod
    │   ├── NoSuchContainer  PodNotRunning  PortForwardError
    │   ├── CommandFailed  CommandNotRun  CommandTimeout (also a TimeoutError)
    │   └── CopyError ── UnsafeEntry
    ├── TransportError              no usable answer
    │   ├── ConnectionFailed  TLSError  ProxyError  RequestTimeout  ResponseTruncated
    │   ├── UpgradeRefused  StreamBroken    logs, exec, attach, port-forward and copies
    │   └── OutcomeUnknown          a write that the server may have applied
    └── ApiError                    the server answered with a Status of failure; the *reason* decides the class
        ├── BadRequest Unauthorized Forbidden NotFound MethodNotAllowed NotAcceptable
        ├── AlreadyExists   Conflict ── ApplyConflict
        ├── Gone  Expired  Invalid  RequestEntityTooLarge  UnsupportedMediaType
        └── TooManyRequests InternalError ServerTimeout ServiceUnavailable Timeout StoreReadError

Messages say what was wrong, where, and what to do; they never hold a token, key, or the body of a Secret.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from k8s_core import lazy_attributes
from k8s_core.errors.api import (
    AlreadyExists,
    ApiError,
    ApplyConflict,
    BadRequest,
    Conflict,
    Expired,
    Forbidden,
    Gone,
    InternalError,
    Invalid,
    MethodNotAllowed,
    NotAcceptable,
    NotFound,
    RequestEntityTooLarge,
    ServerTimeout,
    ServiceUnavailable,
    StoreReadError,
    Timeout,
    TooManyRequests,
    Unauthorized,
    UnsupportedMediaType,
    api_error,
    api_error_from_status,
)
from k8s_core.errors.base import (
    ApplyFailed,
    ApplyWarning,
    ConfigError,
    ConnectionFailed,
    CredentialsError,
    DecodeError,
    DeleteFailed,
    FieldTypeError,
    InvalidName,
    KindConflictError,
    KubernetesError,
    KubernetesWarning,
    OutcomeUnknown,
    PatchError,
    PluginError,
    PluginLoadError,
    ProxyError,
    RequestError,
    RequestTimeout,
    ResponseTruncated,
    RolloutError,
    SelectorError,
    StreamBroken,
    TLSError,
    TransportError,
    UnknownKindError,
    UpgradeRefused,
    ValidationError,
    WaitTimeout,
)

if TYPE_CHECKING:
    from k8s_core.errors.streams import (
        CommandFailed,
        CommandNotRun,
        CommandTimeout,
        CopyError,
        NoSuchContainer,
        PodNotRunning,
        PortForwardError,
        StreamError,
        UnsafeEntry,
    )

__all__ = [
    "AlreadyExists",
    "ApiError",
    "ApplyConflict",
    "ApplyFailed",
    "ApplyWarning",
    "BadRequest",
    "CommandFailed",
    "CommandNotRun",
    "CommandTimeout",
    "ConfigError",
    "Conflict",
    "ConnectionFailed",
    "CopyError",
    "CredentialsError",
    "DecodeError",
    "DeleteFailed",
    "Expired",
    "FieldTypeError",
    "Forbidden",
    "Gone",
    "InternalError",
    "Invalid",
    "InvalidName",
    "KindConflictError",
    "KubernetesError",
    "KubernetesWarning",
    "MethodNotAllowed",
    "NoSuchContainer",
    "NotAcceptable",
    "NotFound",
    "OutcomeUnknown",
    "PatchError",
    "PluginError",
    "PluginLoadError",
    "PodNotRunning",
    "PortForwardError",
    "ProxyError",
    "RequestEntityTooLarge",
    "RequestError",
    "RequestTimeout",
    "ResponseTruncated",
    "RolloutError",
    "SelectorError",
    "ServerTimeout",
    "ServiceUnavailable",
    "StoreReadError",
    "StreamBroken",
    "StreamError",
    "TLSError",
    "Timeout",
    "TooManyRequests",
    "TransportError",
    "Unauthorized",
    "UnknownKindError",
    "UnsafeEntry",
    "UnsupportedMediaType",
    "UpgradeRefused",
    "ValidationError",
    "WaitTimeout",
    "api_error",
    "api_error_from_status",
]

# Programs that look into no pod load none of these.
__getattr__, __dir__ = lazy_attributes(
    __name__,
    {
        ".streams": (
            "CommandFailed",
            "CommandNotRun",
            "CommandTimeout",
            "CopyError",
            "NoSuchContainer",
            "PodNotRunning",
            "PortForwardError",
            "StreamError",
            "UnsafeEntry",
        ),
    },
)
