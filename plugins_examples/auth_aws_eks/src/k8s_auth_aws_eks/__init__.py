# SPDX-License-Identifier: Apache-2.0
"""A k8s-core plugin: log in to Amazon EKS, without starting the AWS command line.

It answers for users of a kubeconfig with ``auth-provider: {name: aws-eks, …}``, and for those that
``aws eks update-kubeconfig`` writes: the login program that they name is not run then.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from k8s_auth_aws_eks.settings import read_settings
from k8s_core import hookimpl

if TYPE_CHECKING:
    from k8s_core import Config
    from k8s_core.auth import Credentials

__all__ = ["k8s_credentials"]


@hookimpl
def k8s_credentials(config: Config) -> Credentials | None:
    """Credentials for a configuration that is meant for EKS; nothing is signed before the first request."""
    settings = read_settings(config)
    if settings is None:
        return None
    from k8s_auth_aws_eks.credentials import EksCredentials  # noqa: PLC0415  # only EKS needs botocore (122 modules)

    return EksCredentials(settings)
