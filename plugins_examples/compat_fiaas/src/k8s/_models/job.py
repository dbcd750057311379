# SPDX-License-Identifier: Apache-2.0
"""Jobs."""

from __future__ import annotations

from k8s._model import Model
from k8s._models import common
from k8s._models._declare import Field
from k8s._models.common import ObjectMeta
from k8s._models.pod import PodTemplateSpec
from k8s_plugins_builtin.batch import v1 as batch

__all__ = ["Job", "JobSpec", "JobTemplateSpec", "LabelSelector", "ObjectMeta", "PodTemplateSpec"]


class LabelSelector(common.LabelSelector):
    """The labels of the pods of a job."""


class JobSpec(Model, batch.JobSpec):
    """What has to be done, how often."""

    template = Field(PodTemplateSpec)
    selector = Field(LabelSelector)


class JobTemplateSpec(Model, batch.JobTemplateSpec):
    """What jobs are made after."""

    metadata = Field(ObjectMeta)
    spec = Field(JobSpec)


class Job(Model, batch.Job):
    """Pods that end."""

    metadata = Field(ObjectMeta)
    spec = Field(JobSpec)
