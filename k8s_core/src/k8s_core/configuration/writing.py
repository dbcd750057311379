# SPDX-License-Identifier: Apache-2.0
"""Writing a kubeconfig file, for programs that make one (protocol I9)."""

from __future__ import annotations

import os
from pathlib import Path

from k8s_core.errors import ConfigError

__all__ = ["write_kubeconfig"]


def write_kubeconfig(path: str | os.PathLike[str], text: str) -> None:
    """Replace a kubeconfig file as a whole, so that a reader sees the old or the new one. Blocks for file I/O.

    The file has mode 0600, missing folders are made with 0755, and ``<file>.lock`` keeps kubectl from writing at the
    same time. A symbolic link stays one: the file that it leads to is replaced.

    Raises:
        ConfigError: somebody else holds the lock, or the folder can't be written.
    """
    target = Path(os.path.realpath(path))
    lock, draft = target.with_name(f"{target.name}.lock"), target.with_name(f".{target.name}.{os.getpid()}")
    try:
        target.parent.mkdir(mode=0o755, parents=True, exist_ok=True)
        os.close(os.open(lock, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600))
    except FileExistsError as error:
        message = f"{lock} exists: another program is writing {target.name}, or left the lock behind; then remove it"
        raise ConfigError(message, source=str(target)) from error
    except OSError as error:
        raise ConfigError(f"can't write {target}: {error.strerror}", source=str(target)) from error
    try:
        draft.unlink(missing_ok=True)
        with os.fdopen(os.open(draft, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600), "w", encoding="utf-8") as file:
            file.write(text)
        draft.replace(target)
    except OSError as error:
        raise ConfigError(f"can't write {target}: {error.strerror}", source=str(target)) from error
    finally:
        draft.unlink(missing_ok=True)
        lock.unlink(missing_ok=True)
