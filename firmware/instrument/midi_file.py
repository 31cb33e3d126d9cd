"""The file of learned MIDI controllers: JSON with a version, numbers as people count them."""

import json

from firmware.instrument.midi_map import Assignment, Mode
from firmware.instrument.parameters import Key, checked_key

FORMAT = "exnihilo-midi"
VERSION = 1


def midi_bytes(learned: tuple[Assignment, ...]) -> bytes:
    """Return the file's contents."""
    rows = [
        {
            "channel": one.channel + 1,
            "number": one.number,
            "parameter": one.key.name,
            "voice": one.key.voice + 1,
            "place": one.key.place + 1,
            "mode": one.mode.value,
        }
        for one in learned
    ]
    document = {"format": FORMAT, "version": VERSION, "controllers": rows}
    return (json.dumps(document, indent=1) + "\n").encode()


def parse_midi(data: bytes) -> tuple[Assignment, ...]:
    """Read the file. Raises `ValueError`."""
    document = json.loads(data)
    if not isinstance(document, dict) or document.get("format") != FORMAT:
        raise ValueError("not a list of MIDI controllers")
    if document.get("version") != VERSION:
        raise ValueError(f"version {document.get('version')} is unknown")
    try:
        return tuple(map(_assignment, document["controllers"]))
    except (KeyError, TypeError, AttributeError) as error:
        raise ValueError(f"malformed ({error!r})") from None


def _assignment(row: dict[str, object]) -> Assignment:
    channel, number, voice, place = (
        int(str(row[name])) for name in ("channel", "number", "voice", "place")
    )
    if not (1 <= channel <= 16 and 0 <= number <= 127):
        raise ValueError(f"controller {number} of channel {channel}")
    key = checked_key(Key(str(row["parameter"]), voice - 1, place - 1))
    return Assignment(channel - 1, number, key, Mode(row["mode"]))
