# SPDX-License-Identifier: CERN-OHL-P-2.0
"""Both boards on perforated board: where each part sits and which wires join them."""
