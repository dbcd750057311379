# SPDX-License-Identifier: Apache-2.0
"""The embedded API server: one process, real HTTP, state in memory. `server.ApiServer` is what people use."""
