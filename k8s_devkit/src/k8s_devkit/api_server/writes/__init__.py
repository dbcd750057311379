# SPDX-License-Identifier: Apache-2.0
"""create and update, and the order of checks of every write."""
