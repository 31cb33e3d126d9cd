"""The protocol between laptop and receiver: lines of JSON, and bytes of an announced length.

The laptop sends a request; the receiver sends any number of events and one line that holds
`ok`. There are no archives: the laptop sends the manifest, then the files that it names, in
that order and of those sizes. Such a stream cannot express a link, a device or "..".
"""

PROTOCOL = 1
LINE_BYTES_MAX = 16 << 20
"""A whole backup is sent as one line; all other messages are short."""
