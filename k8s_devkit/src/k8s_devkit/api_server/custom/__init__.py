# SPDX-License-Identifier: Apache-2.0
"""Custom resources: their definitions, schemas and rules."""
