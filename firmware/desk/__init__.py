"""The desk: a simulated module in real time, with a front panel in the terminal."""
