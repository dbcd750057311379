# SPDX-License-Identifier: Apache-2.0
"""The network rim: HTTP in, answers out, faults in between. All else of the server is pure."""
