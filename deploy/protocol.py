"""The protocol between laptop and receiver: lines of JSON, and bytes of an announced length.

The laptop sends a request; the receiver sends any number of events and one line that holds
`ok`. There are no archives: what is sent is the manifest, then the files it names, in its
order, of the sizes it gives. A stream like that cannot say "link", "device" or "..".
"""

PROTOCOL = 1
LINE_BYTES_MAX = 16 << 20
"""A whole backup travels in one line; all else is short."""
