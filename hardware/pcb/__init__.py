# SPDX-License-Identifier: CERN-OHL-P-2.0
"""The two routed boards, what board makers are sent, and the checks of both."""
