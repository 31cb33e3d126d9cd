"""The simulator for users: in real time with a front panel in the terminal, or recorded."""
