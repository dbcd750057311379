# SPDX-License-Identifier: Apache-2.0
"""How an API server treats CertificateSigningRequests."""

from __future__ import annotations

import base64
from typing import TYPE_CHECKING, ClassVar

from k8s_devkit.strategy import Problems, Strategy, View
from k8s_devkit.strategy.formats import path_segment

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from k8s_devkit.strategy import Document, FieldError, ServerContext, Subresource

__all__ = ["CertificateSigningRequestStrategy"]

_USAGE_WORDS = """
any, cert sign, client auth, code signing, content commitment, crl sign, data encipherment, decipher only,
digital signature, email protection, encipher only, ipsec end system, ipsec tunnel, ipsec user, key agreement,
key encipherment, microsoft sgc, netscape sgc, ocsp signing, s/mime, server auth, signing, timestamping
"""
_USAGES = frozenset(word.strip() for word in _USAGE_WORDS.split(","))


class CertificateSigningRequestStrategy(Strategy):
    """CertificateSigningRequest."""

    selectable_fields = ("spec.signerName",)
    subresources: ClassVar[Mapping[str, Subresource]] = {"approval": View("status")}

    def name_problems(self, name: str, *, created: bool = True) -> list[str]:
        return path_segment(name)

    def admit(self, new: Document, old: Document | None, ctx: ServerContext) -> None:
        """Fill in the user who asks; clients cannot set it."""
        if old is not None:
            return
        user, spec = ctx.user, new.setdefault("spec", {})
        for name in ("username", "uid", "groups", "extra"):
            spec.pop(name, None)
        known = {"username": user.name, "uid": user.uid, "groups": list(user.groups)}
        spec.update({name: value for name, value in known.items() if value})
        if user.extra:
            spec["extra"] = {name: list(values) for name, values in user.extra.items()}

    def validate(self, new: Document, ctx: ServerContext) -> Iterable[FieldError]:
        return [*self.check_metadata(new), *_check_spec(new.get("spec") or {})]

    def validate_update(self, new: Document, old: Document, ctx: ServerContext) -> Iterable[FieldError]:
        return [
            *self.check_metadata(new, created=False),
            *_check_spec(new.get("spec") or {}),
            *self.check_metadata_update(new, old),
        ]


def _check_spec(spec: Document) -> Problems:
    """The signature of the request is not checked."""
    problems = Problems()
    request = base64.b64decode(spec.get("request", ""))
    if (
        b"-----BEGIN CERTIFICATE REQUEST-----" not in request
        and b"-----BEGIN NEW CERTIFICATE REQUEST-----" not in request
    ):
        text = "PEM block type must be CERTIFICATE REQUEST"
        problems.invalid("spec.request", spec.get("request"), text)
    usages, signer = spec.get("usages") or [], spec.get("signerName", "")
    if not usages:
        problems.required("spec.usages")
    for index, usage in enumerate(usages):
        if usage not in _USAGES:
            problems.unsupported(f"spec.usages[{index}]", usage, sorted(_USAGES))
    for index, usage in enumerate(usages):
        if usage in usages[:index]:
            problems.duplicate(f"spec.usages[{index}]", usage)
    if signer == "kubernetes.io/legacy-unknown":
        text = "the legacy signerName is not allowed via this API version"
        problems.invalid("spec.signerName", signer, text)
    elif not signer:
        problems.required("spec.signerName")
    elif signer.count("/") != 1:
        text = "must be a fully qualified domain and path of the form 'example.com/signer-name'"
        problems.invalid("spec.signerName", signer, text)
    seconds = spec.get("expirationSeconds")
    if seconds is not None and seconds < 600:
        text = "may not specify a duration less than 600 seconds (10 minutes)"
        problems.invalid("spec.expirationSeconds", seconds, text)
    return problems
