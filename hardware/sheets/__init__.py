# SPDX-License-Identifier: CERN-OHL-P-2.0
"""Schematic sheets, drawn by hand in code and held to the netlist by their own wires."""
