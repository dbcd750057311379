# SPDX-License-Identifier: Apache-2.0
"""get, list and watch, and how answers are written."""
