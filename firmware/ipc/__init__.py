"""Messages between the processes, and their connections."""
