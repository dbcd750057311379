# SPDX-License-Identifier: Apache-2.0
"""The logs of containers, which tests write."""
