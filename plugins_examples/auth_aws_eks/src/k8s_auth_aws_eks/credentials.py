# SPDX-License-Identifier: Apache-2.0
"""The bearer token of EKS: a presigned STS request that the cluster sends to learn who asked for it."""

from __future__ import annotations

import base64
import threading
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any, Final

from botocore.auth import SigV4QueryAuth
from botocore.awsrequest import AWSRequest
from botocore.exceptions import BotoCoreError
from botocore.session import Session

from k8s_core.auth import CredentialsBase
from k8s_core.errors import CredentialsError
from k8s_core.redaction import Sensitive

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from k8s_auth_aws_eks.settings import Settings

__all__ = ["EksCredentials"]

LIFETIME: Final = timedelta(minutes=14)
"""EKS accepts a token for 15 minutes after it was signed; a minute is for clocks that differ."""
_EARLY: Final = timedelta(minutes=1)
_SIGNATURE_SECONDS: Final = 60


class EksCredentials(CredentialsBase):
    """Tokens for one cluster, signed locally with the AWS keys of the environment, profile, or machine.

    Signing needs no network. Finding the keys may: botocore asks whatever its own configuration names (a role to
    assume, single sign-on, the instance's metadata), and renews them.

    Args:
        settings: cluster, region and profile.
        now: the time; aware.
    """

    def __init__(self, settings: Settings, *, now: Callable[[], datetime] = lambda: datetime.now(UTC)) -> None:
        self._settings = settings
        self._now = now
        self._lock = threading.Lock()
        self._keys: Any = None
        self._region = ""
        self._endpoint = ""
        self._token: Sensitive[str] | None = None
        self._ends_at = datetime.min.replace(tzinfo=UTC)

    def headers(self) -> Mapping[str, str]:
        with self._lock:
            if self._token is None or self._now() >= self._ends_at - _EARLY:
                self._sign()
            assert self._token is not None
            return {"Authorization": f"Bearer {self._token.reveal()}"}

    def refresh(self, rejected: Mapping[str, str]) -> bool:
        with self._lock:
            if self._token is None or rejected.get("Authorization") == f"Bearer {self._token.reveal()}":
                self._keys = None  # other keys may be configured by now
                self._sign()
            assert self._token is not None
            return rejected.get("Authorization") != f"Bearer {self._token.reveal()}"

    def expires_at(self) -> datetime | None:
        return self._ends_at if self._token is not None else None

    def _sign(self) -> None:
        try:
            if self._keys is None:
                self._find_keys()
            frozen = self._keys.get_frozen_credentials()
            url = f"{self._endpoint}/?Action=GetCallerIdentity&Version=2011-06-15"
            request = AWSRequest("GET", url, headers={"x-k8s-aws-id": self._settings.cluster_name})
            SigV4QueryAuth(frozen, "sts", self._region, expires=_SIGNATURE_SECONDS).add_auth(request)
        except BotoCoreError as error:
            raise self._error(f"{type(error).__name__}: {error}") from error
        encoded = base64.urlsafe_b64encode(request.url.encode()).decode("ascii").rstrip("=")
        self._token, self._ends_at = Sensitive(f"k8s-aws-v1.{encoded}"), self._now() + LIFETIME

    def _find_keys(self) -> None:
        session = Session(profile=self._settings.profile)
        region = self._settings.region or session.get_config_variable("region")
        if not region:
            raise self._error("no region; set the option region, AWS_REGION, or region in the profile")
        keys = session.get_credentials()
        if keys is None:
            raise self._error("no AWS credentials; set AWS_ACCESS_KEY_ID or a profile, or run `aws sso login`")
        # The region's own endpoint, in its own partition (China, GovCloud): botocore knows where that is, and
        # in older versions prefers the global one unless it is told.
        session.set_config_variable("sts_regional_endpoints", "regional")
        self._endpoint = session.create_client("sts", region_name=region).meta.endpoint_url.rstrip("/")
        self._region, self._keys = region, keys

    def _error(self, reason: str) -> CredentialsError:
        return CredentialsError(f"aws-eks: no token for cluster {self._settings.cluster_name!r}: {reason}")
