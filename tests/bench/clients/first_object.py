# SPDX-License-Identifier: Apache-2.0
"""Workload 1: import the client and make a first object. The whole process counts."""

from __future__ import annotations

import sys


def ours() -> str:
    from k8s_core import Client  # noqa: F401  # the import is the workload
    from k8s_core.meta import ObjectMeta
    from k8s_core.model.codec import encode_json
    from k8s_plugins_builtin.core.v1 import Container, Pod, PodSpec

    metadata = ObjectMeta(name="first")
    return encode_json(Pod(metadata=metadata, spec=PodSpec(containers=[Container(name="main", image="x")]))).decode()


def lightkube() -> str:
    import msgspec
    from lightkube import Client  # noqa: F401  # the import is the workload
    from lightkube.models.core_v1 import Container, PodSpec
    from lightkube.models.meta_v1 import ObjectMeta
    from lightkube.resources.core_v1 import Pod

    metadata = ObjectMeta(name="first")
    return msgspec.json.encode(
        Pod(metadata=metadata, spec=PodSpec(containers=[Container(name="main", image="x")]))
    ).decode()


def kubernetes() -> str:
    import json

    from kubernetes import client as k8s

    metadata = k8s.V1ObjectMeta(name="first")
    pod = k8s.V1Pod(metadata=metadata, spec=k8s.V1PodSpec(containers=[k8s.V1Container(name="main", image="x")]))
    return json.dumps(k8s.ApiClient().sanitize_for_serialization(pod))


def kr8s() -> str:
    import json

    from kr8s.objects import Pod

    pod = Pod({"metadata": {"name": "first"}, "spec": {"containers": [{"name": "main", "image": "x"}]}}, api=object())
    return json.dumps(pod.to_dict())


if __name__ == "__main__":
    assert '"first"' in {"ours": ours, "lightkube": lightkube, "kubernetes": kubernetes, "kr8s": kr8s}[sys.argv[1]]()
