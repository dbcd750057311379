# SPDX-License-Identifier: Apache-2.0
"""How kinds bring their server side: strategies, subresources and simulated controllers for the embedded API server.

Packages implement the hook ``k8s_serve_kinds`` and register subclasses of `Strategy`. What they need for that is
in this package: ``formats``, ``labels``, ``selectors``, ``field_errors``, ``failures``, ``defaults`` and others.
"""

from __future__ import annotations

from k8s_devkit.strategy.authorization import Attributes, Authorizer, Decision, UserRules
from k8s_devkit.strategy.context import ControllerContext, ServerContext
from k8s_devkit.strategy.controllers import Controller
from k8s_devkit.strategy.document import Document
from k8s_devkit.strategy.failures import Failure
from k8s_devkit.strategy.field_errors import FieldError, Problems
from k8s_devkit.strategy.registrar import ServerRegistrar
from k8s_devkit.strategy.reviews import ReviewStrategy
from k8s_devkit.strategy.strategy import Propagation, Strategy
from k8s_devkit.strategy.subresources import (
    Connect,
    Connection,
    LogRead,
    LogSubresource,
    Subresource,
    SubresourceCall,
    View,
)
from k8s_devkit.strategy.users import User

__all__ = [
    "Attributes",
    "Authorizer",
    "Connect",
    "Connection",
    "Controller",
    "ControllerContext",
    "Decision",
    "Document",
    "Failure",
    "FieldError",
    "LogRead",
    "LogSubresource",
    "Problems",
    "Propagation",
    "ReviewStrategy",
    "ServerContext",
    "ServerRegistrar",
    "Strategy",
    "Subresource",
    "SubresourceCall",
    "User",
    "UserRules",
    "View",
]
