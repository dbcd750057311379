# SPDX-License-Identifier: Apache-2.0
"""Which cluster, region and profile a configuration means. Pure; does not import botocore."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import PurePath
from typing import TYPE_CHECKING

from k8s_core.errors import CredentialsError
from k8s_core.redaction import reveal

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from k8s_core import Config

__all__ = ["Settings", "read_settings"]

_OPTIONS = {"cluster-name": "cluster_name", "region": "region", "profile": "profile"}
_ARGUMENTS = {
    "--cluster-name": "cluster_name",
    "--cluster-id": "cluster_name",
    "--region": "region",
    "--profile": "profile",
}
_IGNORED = {"--output"}


@dataclass(frozen=True, kw_only=True)
class Settings:
    """What a token is made for, and with whose keys. None leaves it to the configuration of AWS."""

    cluster_name: str
    region: str | None = None
    profile: str | None = None


def read_settings(config: Config) -> Settings | None:
    """The settings of a configuration that is meant for EKS; None for any other.

    Raises:
        CredentialsError: the auth provider ``aws-eks`` is asked for without a cluster's name, or with odd options.
    """
    provider = config.auth_provider
    if provider is not None and provider.name == "aws-eks":
        return _from_options(reveal(provider.config), config.source)
    bearer = config.token or config.token_file or config.token_source
    others = bearer or config.username or config.has_client_certificate
    if config.exec is None or others or PurePath(config.exec.command).stem != "aws":
        return None
    arguments: tuple[str, ...] = reveal(config.exec.args)
    return _from_arguments(arguments, dict(reveal(config.exec.env)))


def _from_options(options: Mapping[str, str], source: str) -> Settings:
    unknown = sorted(options.keys() - _OPTIONS.keys())
    if unknown:
        message = f"{source}: aws-eks has no option {unknown[0]!r}; there are {', '.join(_OPTIONS)}"
        raise CredentialsError(message, source=source, option=unknown[0])
    if not options.get("cluster-name"):
        message = f"{source}: aws-eks needs the option cluster-name"
        raise CredentialsError(message, source=source, option="cluster-name")
    return Settings(**{_OPTIONS[name]: value for name, value in options.items() if value})


def _from_arguments(arguments: Sequence[str], environ: dict[str, str]) -> Settings | None:
    """``aws [--region R] eks get-token --cluster-name N``; None if it says more, like a role: that isn't done here."""
    words, found = [], {}
    rest = iter(arguments)
    for argument in rest:
        name, equals, value = argument.partition("=")
        if not argument.startswith("--"):
            words.append(argument)
            continue
        if not equals:
            value = next(rest, "")
        if name in _ARGUMENTS:
            found[_ARGUMENTS[name]] = value
        elif name not in _IGNORED:
            return None
    region = environ.pop("AWS_REGION", None) or environ.pop("AWS_DEFAULT_REGION", None)
    profile = environ.pop("AWS_PROFILE", None)
    environ.pop("AWS_STS_REGIONAL_ENDPOINTS", None)
    if words != ["eks", "get-token"] or environ or not found.get("cluster_name"):
        return None
    return Settings(
        cluster_name=found["cluster_name"],
        region=found.get("region") or region,
        profile=found.get("profile") or profile,
    )
