"""`firmware run` that ends with its parent: it stops when its standard input closes.

    python -m firmware.cli.run_with_parent --rack FOLDER --home FOLDER --settings FILE

The module must not play on after the parent has ended, in whatever way.
"""

import os
import signal
import sys
import threading

from firmware.__main__ import main


def _end_with_input() -> None:
    while os.read(sys.stdin.fileno(), 1024):
        pass
    os.kill(os.getpid(), signal.SIGTERM)


if __name__ == "__main__":
    threading.Thread(target=_end_with_input, daemon=True).start()
    sys.exit(main(["run", *sys.argv[1:]]))
