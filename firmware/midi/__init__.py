"""MIDI bytes, ports and the bridge to the system's MIDI."""
