# SPDX-License-Identifier: Apache-2.0
"""``k8s-core doctor``: which configuration is used and why, and whether the server can be used with it."""

from __future__ import annotations

import os
from dataclasses import asdict
from pathlib import Path  # noqa: TC003 - typer reads the annotations
from typing import TYPE_CHECKING, Annotated

import typer

from k8s_core.cli.doctor_checks import Check, Exit, check_credentials, check_server
from k8s_core.cli.output import Output, print_json, print_table
from k8s_core.configuration import Config
from k8s_core.configuration.explain import Line, explain_config, explain_files, explain_selection
from k8s_core.errors import ConfigError, KubernetesError
from k8s_core.plugins import default_plugins
from k8s_core.plugins.overlaps import overlapping_packages
from k8s_core.redaction import escape_terminal

if TYPE_CHECKING:
    from k8s_core.plugins import Plugins

__all__ = ["diagnose", "register"]

_PATIENCE = 10.0
"""Seconds for each request: a person waits."""


def register(app: typer.Typer) -> None:
    """Add the sub-command."""
    app.command("doctor")(doctor)


def doctor(
    kubeconfig: Annotated[
        Path | None, typer.Option(help="This kubeconfig file only.", dir_okay=False, show_default=False)
    ] = None,
    context: Annotated[str | None, typer.Option(help="This context instead of the current one.")] = None,
    offline: Annotated[bool, typer.Option("--offline", help="Explain only: no login, no request.")] = False,
    output: Annotated[Output, typer.Option("--output", "-o", help="Format of the report.")] = Output.TABLE,
) -> None:
    """Explain which configuration a client uses and why, log in with it, and try the server.

    Reads what a Client reads: a plugin's configuration, else kubeconfig, else the service account of a pod. It never
    prints a secret. Exit codes: 0 all is well, 1 the configuration is wrong or missing, or two packages overwrite each
    other, 3 no credentials can be obtained or they have ended, 4 the server or its proxy can't be reached, 5 TLS fails,
    6 the server does not accept the credentials, 7 the server is no Kubernetes API server.
    """
    path = None if kubeconfig is None else str(kubeconfig)
    lines, checks = diagnose(path=path, context=context, offline=offline)
    failed = [check for check in checks if not check.ok]
    if output is Output.JSON:
        shown = [asdict(check) | {"code": int(check.code)} for check in checks]
        print_json({"configuration": [asdict(line) for line in lines], "checks": shown, "healthy": not failed})
    else:
        rows = [(line.topic, escape_terminal(line.value), escape_terminal(line.reason)) for line in lines]
        print_table(("Configuration", "Value", "Why"), rows, title="Configuration")
        typer.echo()
        results = [(check.step, "ok" if check.ok else "FAILED", check.detail) for check in checks]
        print_table(("Check", "Result", "Detail"), results, styles={"ok": "green", "FAILED": "bold red"})
    raise typer.Exit(int(failed[0].code) if failed else 0)


def diagnose(
    *, path: str | None = None, context: str | None = None, offline: bool = False, plugins: Plugins | None = None
) -> tuple[list[Line], list[Check]]:
    """The report as values: how the configuration comes about, and the results of the checks, which end at a failure.

    Args:
        path: this kubeconfig file only.
        context: instead of the current one.
        offline: log in nowhere, send nothing, run nothing.
        plugins: default is those of this process.
    """
    plugins = plugins or default_plugins()
    lines: list[Line] = []
    checks = [Check("packages", False, detail, Exit.CONFIGURATION) for detail in overlapping_packages()]
    try:
        config = _find(lines, path, context, plugins)
        lines += explain_config(config)
        lines.append(_proxy(config))
    except KubernetesError as error:
        checks.append(Check("configuration", False, escape_terminal(str(error)), Exit.CONFIGURATION))
        return lines, checks
    checks.append(Check("configuration", True, config.source))
    if not offline:
        _try(config, plugins, lines, checks)
    return lines, checks


def _find(lines: list[Line], path: str | None, context: str | None, plugins: Plugins) -> Config:
    """The configuration that a Client would use; adds to ``lines`` how it was found, as far as that got."""
    from k8s_core.configuration.incluster import in_cluster, in_cluster_possible
    from k8s_core.configuration.loading import kubeconfig_paths, load_selection, read_kubeconfig

    if path is None and context is None:
        provided = plugins.load_config()
        if provided is not None:
            lines.append(Line("source", provided.source, "a plugin provides the configuration (k8s_load_config)"))
            return provided
    kubeconfig = read_kubeconfig(path)
    lines += explain_files(kubeconfig_paths(os.environ), kubeconfig, path=path, environ=os.environ)
    if path is None and context is None and kubeconfig.empty and in_cluster_possible():
        lines.append(Line("source", "service account", "there is no kubeconfig, and this is a pod"))
        return in_cluster(Config)
    selection = load_selection(Config, path, context)
    lines += explain_selection(selection, asked=context)
    return selection.config


def _proxy(config: Config) -> Line:
    from k8s_core.transport.proxy import choose_proxy

    proxy = choose_proxy(config, os.environ)
    if proxy is None:
        set_anyway = any(os.environ.get(name) for name in ("HTTPS_PROXY", "https_proxy", "HTTP_PROXY", "http_proxy"))
        return Line("proxy", "none", "the environment's proxy does not apply" if set_anyway else "none is configured")
    login = " with a login" if proxy.username is not None else ""
    reason = (
        "proxy-url of the cluster" if config.proxy_url else "from the environment; NO_PROXY does not except the server"
    )
    return Line("proxy", f"{proxy.address}{login}", reason)


def _try(config: Config, plugins: Plugins, lines: list[Line], checks: list[Check]) -> None:
    from k8s_core.auth import make_credentials
    from k8s_core.transport import make_transport

    patient = config.replace(timeout=min(config.timeout, _PATIENCE), max_retries=0)
    try:
        provided = plugins.credentials(patient)
        if provided is not None:
            reason = "a plugin provides the credentials (k8s_credentials)"
            lines.append(Line("credentials", f"plugin {type(provided).__module__}", reason))
        credentials = provided or make_credentials(patient)
    except KubernetesError as error:
        code = Exit.CREDENTIALS if isinstance(error, ConfigError) else Exit.CONFIGURATION
        checks.append(Check("credentials", False, escape_terminal(str(error)), code))
        return
    checks.append(check_credentials(credentials))
    if not checks[-1].ok:
        return
    try:
        wrappers = plugins.transport_wrappers(patient)
        transport = make_transport(patient, wrappers=wrappers, credentials=credentials)
    except KubernetesError as error:
        checks.append(Check("configuration", False, escape_terminal(str(error)), Exit.CONFIGURATION))
        return
    try:
        checks += check_server(transport, patient)
    finally:
        transport.close()
