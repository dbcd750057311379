# SPDX-License-Identifier: Apache-2.0
"""CronJobs of batch/v1beta1."""

from __future__ import annotations

from k8s_plugins_builtin.batch.server.cron_job import CronJobStrategy

__all__ = ["OlderCronJobStrategy"]


class OlderCronJobStrategy(CronJobStrategy):
    """CronJob of batch/v1beta1: deleting one leaves its Jobs behind, unless the client says otherwise."""

    default_garbage_collection = "Orphan"
