# SPDX-License-Identifier: Apache-2.0
"""Tables of kinds whose strategies are not written yet."""
