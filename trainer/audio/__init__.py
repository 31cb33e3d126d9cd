"""From audio and MIDI files to steps."""
