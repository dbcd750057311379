# SPDX-License-Identifier: Apache-2.0
"""Pods, pod templates, and what is in them."""
