"""The receiver's replies as text for the user."""

from collections.abc import Iterator
from typing import Any

Document = dict[str, Any]


def pushed(document: Document) -> Iterator[str]:
    """Return a line per bundle: what was sent, how fast, and whether it plays."""
    for one in document["bundles"]:
        seconds, sent = one["seconds"], one["sent_bytes"]
        how = f"{size(sent)} in {seconds:.1f} s" if sent else "already installed"
        yield f"{one['bundle']}: {how}{_PLAYING[one['playing']]}"


_PLAYING = {
    True: ", playing",
    False: ", current; no firmware runs, so it plays at the next start",
    None: ", installed",
}


def previewed(document: Document) -> Iterator[str]:
    """Return a line per bundle: what a push would send."""
    for one in document["bundles"]:
        what = (
            f"would send {size(one['size_bytes'])}"
            if one["would_send"]
            else "is already installed"
        )
        yield f"{one['bundle']}: {what}"


def status(document: Document) -> Iterator[str]:
    """Return the status: what runs, the current bundle, the free space."""
    running = document["firmware"]
    if running:
        state = "healthy" if running["healthy"] else "not healthy"
        clock = (
            f"running at {running['tempo_bpm']:.1f} BPM" if running["running"] else "stopped"
        )
        yield f"firmware {running['firmware']}, {state}, up {duration(running['uptime_s'])}"
        yield f"plays {running['bundle'] or 'nothing'}, clock {clock}"
        yield from (f"fault: {fault}" for fault in running["faults"])
    else:
        yield f"firmware {document['installed']} is installed but not running"
    yield f"current kit: {document['current'] or 'none'}"
    yield f"{size(document['free_bytes'])} of {size(document['total_bytes'])} free"


def bundles(document: Document) -> Iterator[str]:
    """List the bundles, the current one marked."""
    for one in document["bundles"]:
        mark = "*" if one["current"] else " "
        what = one.get("broken") or f"{one['created']}  {', '.join(one['voices'])}"
        yield f"{mark} {one['bundle']:24} {size(one['size_bytes']):>9}  {what}"
    if not document["bundles"]:
        yield "no kits installed; `deploy push` installs one"


def rolled_back(document: Document) -> Iterator[str]:
    """Return what plays now."""
    yield f"{document['bundle']}{_PLAYING[document['playing']]}"


def removed(document: Document) -> Iterator[str]:
    """List the removed bundles."""
    yield from (f"{reference}: removed" for reference in document["removed"])


def logs(document: Document) -> Iterator[str]:
    """Return the lines of the log."""
    yield from document["lines"]


def doctor(document: Document) -> Iterator[str]:
    """Return a line per check."""
    for check in document["checks"]:
        text = "; ".join(filter(None, (check["detail"], check.get("remedy"))))
        yield f"{'ok  ' if check['ok'] else 'FAIL'} {check['name']}: {text}"


def backed_up(document: Document) -> Iterator[str]:
    """Return what was saved."""
    yield f"{document['file']}: {document['count']} files"


def restored(document: Document) -> Iterator[str]:
    """Return what was restored and when it takes effect."""
    when = "at the next start of the firmware" if document["waits"] else "now"
    yield f"{document['restored']} files restored, used {when}"


def size(size_bytes: float) -> str:
    """Return a number of bytes as text."""
    for unit in ("B", "kB", "MB"):
        if size_bytes < 1000:
            return f"{size_bytes:.{0 if unit == 'B' else 1}f} {unit}"
        size_bytes /= 1000
    return f"{size_bytes:.1f} GB"


def duration(seconds: float) -> str:
    """Return a duration as text, in its two greatest units."""
    minutes, rest_s = divmod(int(seconds), 60)
    hours, minutes = divmod(minutes, 60)
    days, hours = divmod(hours, 24)
    units = ((days, "d"), (hours, "h"), (minutes, "min"), (rest_s, "s"))
    shown = [f"{count} {unit}" for count, unit in units if count]
    return " ".join(shown[:2]) or "0 s"
