# SPDX-License-Identifier: Apache-2.0
"""Finding and reading configuration files. The only reading of kubeconfig files in the package."""

from __future__ import annotations

import logging
import os
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar

from k8s_core.configuration.incluster import in_cluster, in_cluster_possible
from k8s_core.configuration.kubeconfig import KubeConfig, merge, parse
from k8s_core.configuration.material import certificate_authority
from k8s_core.configuration.selection import NO_CONFIGURATION, Selection, select
from k8s_core.errors import ConfigError

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from k8s_core.configuration.client_config import Config

__all__ = ["from_kubeconfig", "kubeconfig_paths", "load", "load_selection", "read_kubeconfig"]

C = TypeVar("C", bound="Config")

_NEXT_STEPS = (
    "Name a kubeconfig in KUBECONFIG or in Config.from_kubeconfig(path); or say where the server is, by "
    "Client(Config(server='https://…', token='…')) or by config.api_server; or run `k8s-core serve` of "
    "k8s-core-devkit, an API server for trying things out"
)

_log = logging.getLogger("k8s_core.configuration")


def kubeconfig_paths(environ: Mapping[str, str], *, separator: str = os.pathsep) -> list[str]:
    """The files to look at: those in ``KUBECONFIG``, each once, if that is set; else ``~/.kube/config`` (A1-A3)."""
    listed = environ.get("KUBECONFIG", "")
    if listed:
        return list(dict.fromkeys(path for path in listed.split(separator) if path))
    home = environ.get("HOME") or os.path.expanduser("~")  # noqa: PTH111 - HOME may come from another environment
    return [str(Path(home, ".kube", "config"))]


def read_kubeconfig(
    path: str | os.PathLike[str] | None = None, *, environ: Mapping[str, str] | None = None
) -> KubeConfig:
    """Read and merge the kubeconfig files; runs nothing.

    Args:
        path: this file alone, which must exist (A4); ``~`` is the home folder. Default: the files of the
            environment, those that exist.
        environ: default is this process's.

    Raises:
        ConfigError: a file can't be read or is no kubeconfig; names it (A5).
    """
    if path is not None:
        only = _read(os.path.expanduser(os.fspath(path)))  # noqa: PTH111 - text; Path would change it otherwise
        if only is None:
            raise ConfigError(f'config file "{os.fspath(path)}" does not exist', source=os.fspath(path))
        return only
    environ = os.environ if environ is None else environ
    paths = kubeconfig_paths(environ)
    files = [file for file in map(_read, paths) if file is not None]
    if environ.get("KUBECONFIG") and not files:
        _log.warning("Config not found: %s", ", ".join(paths))
    return merge(files)


def from_kubeconfig(
    cls: type[C],
    path: str | os.PathLike[str] | None = None,
    context: str | None = None,
    *,
    namespace: str | None = None,
    environ: Mapping[str, str] | None = None,
) -> C:
    """See :meth:`Config.from_kubeconfig`."""
    return load_selection(cls, path, context, namespace=namespace, environ=environ).config


def load_selection(
    cls: type[C],
    path: str | os.PathLike[str] | None = None,
    context: str | None = None,
    *,
    namespace: str | None = None,
    environ: Mapping[str, str] | None = None,
) -> Selection[C]:
    """As :meth:`Config.from_kubeconfig`, with where each part came from. Files that it names are checked (A15)."""
    kubeconfig = read_kubeconfig(path, environ=environ)
    if kubeconfig.empty and not context:
        raise ConfigError(f"{NO_CONFIGURATION}: {_looked_at(path, environ)}. {_NEXT_STEPS}", source=None)
    return _check(select(cls, kubeconfig, context=context, namespace=namespace))


def load(cls: type[C], *, context: str | None = None, environ: Mapping[str, str] | None = None) -> C:
    """See :meth:`Config.load`."""
    environ = os.environ if environ is None else environ
    kubeconfig = read_kubeconfig(environ=environ)
    if context or not kubeconfig.empty:
        return _check(select(cls, kubeconfig, context=context)).config
    if in_cluster_possible(environ):
        return in_cluster(cls, environ)
    raise ConfigError(
        f"{NO_CONFIGURATION}: {_looked_at(None, environ)}, and this is not a pod of a cluster. {_NEXT_STEPS}"
    )


def _looked_at(path: str | os.PathLike[str] | None, environ: Mapping[str, str] | None) -> str:
    if path is not None:
        return f"{os.fspath(path)} is empty"
    environ = os.environ if environ is None else environ
    files = ", ".join(kubeconfig_paths(environ)) or "no file"
    return f"{'KUBECONFIG names' if environ.get('KUBECONFIG') else 'looked for'} {files}"


def _read(path: str) -> KubeConfig | None:
    """One file; None if it does not exist."""
    absolute = os.path.abspath(path)  # noqa: PTH100 - must not resolve symbolic links (A9)
    try:
        content = Path(path).read_bytes()
    except FileNotFoundError:
        return None
    except (OSError, ValueError) as error:
        reason = error.strerror if isinstance(error, OSError) and error.strerror else "not a usable path"
        raise ConfigError(f'error loading config file "{absolute}": {reason}', source=absolute) from error
    return parse(content, absolute)


def _check(selection: Selection[C]) -> Selection[C]:
    """Read the files that the configuration names once, so that a wrong path shows now and not at the first request."""
    config = selection.config
    for note in selection.notes:
        _log.warning("%s", note)
    certificate_authority(config)
    paths: Sequence[tuple[str, str | None]] = (
        ("client-certificate", config.client_certificate),
        ("client-key", config.client_key),
        ("tokenFile", None if config.token else config.token_file),
    )
    for option, path in paths:
        if path is not None:
            _check_readable(option, path, config)
    return selection


def _check_readable(option: str, path: str, config: Config) -> None:
    try:
        Path(path).read_bytes()
    except (OSError, ValueError) as error:
        reason = error.strerror if isinstance(error, OSError) and error.strerror else "not a usable path"
        message = f"{config.source}: unable to read {option} {path}: {reason}"
        raise ConfigError(message, source=path, option=option) from error
