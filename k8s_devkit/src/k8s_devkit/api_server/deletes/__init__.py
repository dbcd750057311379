# SPDX-License-Identifier: Apache-2.0
"""Deletion, and what it sets off."""
