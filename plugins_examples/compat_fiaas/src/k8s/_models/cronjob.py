# SPDX-License-Identifier: Apache-2.0
"""CronJobs of batch/v1beta1, which Kubernetes 1.25 removed."""

from __future__ import annotations

import datetime

from k8s._model import Model
from k8s._models._declare import Field, ListField, ReadOnlyField
from k8s._models.common import ObjectMeta, ObjectReference
from k8s._models.job import JobTemplateSpec

__all__ = ["CronJob", "CronJobSpec", "CronJobStatus", "JobTemplateSpec", "ObjectMeta", "ObjectReference"]


class CronJobSpec(Model):
    """What runs when."""

    concurrencyPolicy = Field(str)
    failedJobsHistoryLimit = Field(int)
    jobTemplate = Field(JobTemplateSpec)
    schedule = Field(str)
    startingDeadlineSeconds = Field(int)
    successfulJobsHistoryLimit = Field(int)
    suspend = Field(bool)


class CronJobStatus(Model):
    """What is running, and since when."""

    active = ListField(ObjectReference)
    lastScheduleTime = ReadOnlyField(datetime.datetime)


class CronJob(Model):
    """Makes jobs at certain times."""

    class Meta:
        url_template = "/apis/batch/v1beta1/namespaces/{namespace}/cronjobs/{name}"

    _replaced_by = "batch/v1: k8s_plugins_builtin.batch.v1.CronJob"

    metadata = Field(ObjectMeta)
    spec = Field(CronJobSpec)
    status = Field(CronJobStatus)
