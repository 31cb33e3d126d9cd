"""OSC: the table of addresses, packets, the server."""
