"""The engine: clocks, sequencer and voices, under a given time."""
