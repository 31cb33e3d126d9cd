# SPDX-License-Identifier: CERN-OHL-P-2.0
"""Every analogue stage simulated by ngspice, straight from the circuit's netlist.

The amplifiers, the diodes and the converter's output are our own first-order models built
from data-sheet figures, not makers' models: so is every figure that comes out of here.
"""
