# SPDX-License-Identifier: Apache-2.0
"""``stable.example.com/v1``."""

from __future__ import annotations

from k8s_core import ABSENT, Model, Resource

__all__ = ["CronTab", "CronTabSpec", "CronTabStatus"]


class CronTabSpec(Model, schema="k8s_crd_crontab.schemas:CronTabSpecSchema"):
    """What to run, how often, and in how many copies."""

    cronSpec: str
    image: str
    replicas: int | None = None


class CronTabStatus(Model):
    """What the ``scale`` subresource shows."""

    replicas: int | None = None
    labelSelector: str | None = None


class CronTab(
    Resource,
    group="stable.example.com",
    version="v1",
    plural="crontabs",
    singular="crontab",
    short_names=("ct",),
    subresources={"status": "", "scale": "autoscaling/v1 Scale"},
):
    """See https://kubernetes.io/docs/tasks/extend-kubernetes/custom-resources/custom-resource-definitions/."""

    spec: CronTabSpec
    status: CronTabStatus = ABSENT
