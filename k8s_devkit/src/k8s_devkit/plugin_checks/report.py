# SPDX-License-Identifier: Apache-2.0
"""What the plugin check finds: one finding for each thing looked at, and how to put right what is wrong."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal

__all__ = ["Finding", "FindingState", "PluginCheckReport"]

FindingState = Literal["ok", "warning", "error", "skipped"]


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that was looked at.

    Attributes:
        check: which of the checks, such as ``"round trip"``.
        state: ``ok``; ``warning`` (worth a look, the package works); ``error`` (a promise is broken); ``skipped``.
        subject: the kind, field or file that it is about; empty for the whole package.
        message: what was found, or why it was skipped.
        fix: what to do about it; empty for ``ok``.
    """

    check: str
    state: FindingState
    subject: str = ""
    message: str = ""
    fix: str = ""


@dataclass(slots=True)
class PluginCheckReport:
    """All findings of one package. ``text()`` is for people; ``ok`` for assertions."""

    package: str
    findings: list[Finding] = field(default_factory=list)

    @property
    def ok(self) -> bool:
        """True if there is no error. Warnings and skipped checks do not count."""
        return not self.errors

    @property
    def errors(self) -> list[Finding]:
        """The broken promises."""
        return [finding for finding in self.findings if finding.state == "error"]

    @property
    def warnings(self) -> list[Finding]:
        """What is worth a look."""
        return [finding for finding in self.findings if finding.state == "warning"]

    def add(self, check: str, state: FindingState, subject: str = "", message: str = "", fix: str = "") -> None:
        """Add a finding, unless the same was added before."""
        finding = Finding(check, state, subject, message, fix)
        if finding not in self.findings:
            self.findings.append(finding)

    def passed(self, check: str, message: str = "") -> None:
        """Add that a check is all right, unless it has found an error or a warning before."""
        if not any(finding.check == check and finding.state != "skipped" for finding in self.findings):
            self.add(check, "ok", message=message)

    def text(self) -> str:
        """The report as plain text: a line for each finding, and how to fix it."""
        lines = [f"{self.package}: {len(self.errors)} errors, {len(self.warnings)} warnings"]
        for finding in self.findings:
            subject = f" {finding.subject}:" if finding.subject else ""
            lines.append(f"  {finding.state:<8} {finding.check}:{subject} {finding.message}".rstrip(": "))
            if finding.fix and finding.state in ("error", "warning"):
                lines.append(f"           fix: {finding.fix}")
        return "\n".join(lines)
