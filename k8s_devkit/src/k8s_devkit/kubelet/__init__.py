# SPDX-License-Identifier: Apache-2.0
"""A stand-in for a kubelet: logs, exec, attach and port-forward of pods, as a kube-apiserver asks a node for them."""
