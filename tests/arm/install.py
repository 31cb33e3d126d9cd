"""Carry out the installing part of the plan inside a root: `install.py ROOT WHEELS`."""

import json
import subprocess
import sys
from pathlib import Path

from deploy.provision import plan, provision

root, folder = sys.argv[1], Path(sys.argv[2])
(wheel,) = folder.glob("exnihilo-*.whl")
others = tuple(path for path in provision.wheelhouse(folder) if path != wheel)
wheels = provision.Wheels(wheel, provision.requirements(), others)
steps = (
    *plan.program(),
    *plan.install(wheels.release()),
)
source = provision.program().encode()
sent = b"".join(provision.stream(source, steps, wheels, dry_run=False))
command = ["chroot", root, "sh", "-c", provision.command(len(source))]
done = subprocess.run(command, input=sent, stdout=subprocess.PIPE, check=False)
for line in done.stdout.splitlines():
    event = json.loads(line)
    text = event.get("change") or event.get("reason") or f"{event['changed']} changes"
    sys.stdout.write(f"{text.splitlines()[0]}\n")
sys.exit(0 if event["ok"] else 1)
