"""Names, paths and file contents of a module: what `plan.py` has written."""

from deploy.client.mdns import SERVICE
from firmware.board.constants import PINS, STATUS_LED

USER = "exnihilo"
HOME = "/var/lib/exnihilo"
ROOT = "/opt/exnihilo"
GROUPS = ("audio", "dialout", "gpio", "i2c", "spi", "systemd-journal")
PACKAGES = ("python3-venv",)

PROGRAM = "/usr/local/lib/exnihilo/versions.py"
VERSIONS = f"/usr/bin/python3 -I {PROGRAM}"
"""The program that chooses the version to start: one file, outside of all versions."""

SERVICES = ("exnihilo.service", "exnihilo-poweroff.path")
"""The units that start with the module."""

GADGET = "exnihilo-gadget.service"
"""What udev starts with the USB device controller."""

UNITS = (*SERVICES, GADGET, "exnihilo-trial.service", "exnihilo-poweroff.service")

CONFIG_LINES = (
    "[all]",
    "dtparam=i2c_arm=on,i2c_arm_baudrate=400000",
    "dtparam=spi=on",
    "enable_uart=1",
    "dtoverlay=disable-bt",
    "# The UART at 38400 baud is MIDI's 31250.",
    "dtoverlay=midi-uart0",
    "# Otherwise I2C and SPI run at five eighths of their speed whenever the Pi idles.",
    "core_freq=250",
    "core_freq_min=250",
    f"dtoverlay=gpio-shutdown,gpio_pin={PINS.shutdown}",
    "# The status LED: blinks from power-on, dark when it is safe to unplug.",
    f"dtoverlay=gpio-led,gpio={PINS.status_led},label={STATUS_LED},trigger=timer",
    "# The USB port as a device: Ethernet and MIDI (exnihilo-gadget.service).",
    "dtoverlay=dwc2,dr_mode=peripheral",
    "boot_delay=0",
    "disable_splash=1",
    "# The Pi 5 has its first UART elsewhere; with this the header's is ttyAMA0 on every Pi.",
    "[pi5]",
    "dtparam=uart0=on",
    "[all]",
)

SERIAL_CONSOLES = ("console=serial0", "console=ttyAMA0", "console=ttyS0")

ISOLATION = ("isolcpus=3", "irqaffinity=0-2")
"""The last of the Pi's four cores is the player's; interrupts go to the others."""

REQUIREMENTS = "requirements-module.txt"
"""What the firmware needs on a module, pinned, with hashes."""

SSHD_PATH = "/etc/ssh/sshd_config.d/exnihilo.conf"
SSHD_LOADED = "/etc/exnihilo/sshd.loaded"
SSHD = f"""# The laptop's end of `deploy` may run the receiver and nothing else.
Match User {USER}
    AuthorizedKeysFile /etc/exnihilo/authorized_keys
    ForceCommand {VERSIONS} receive
    AuthenticationMethods publickey
    DisableForwarding yes
    PermitTTY no
    PermitUserRC no
Match all
"""

LIMITS = f"""# For `firmware run` by hand; the service has its own.
{USER} - rtprio 70
{USER} - memlock unlimited
"""

UDEV = f"""# The board's buses and lines for their groups, as on Raspberry Pi OS.
SUBSYSTEM=="i2c-dev", GROUP="i2c", MODE="0660"
SUBSYSTEM=="spidev", GROUP="spi", MODE="0660"
SUBSYSTEM=="gpio", KERNEL=="gpiochip*", GROUP="gpio", MODE="0660"
# A USB device controller, whenever it appears, is given the gadget; it may also come back.
ACTION=="add", SUBSYSTEM=="udc", RUN+="/usr/bin/systemctl --no-block restart {GADGET}"
SUBSYSTEM=="leds", KERNEL=="{STATUS_LED}", RUN+="/bin/chgrp gpio /sys%p/brightness", \\
    RUN+="/bin/chmod g+w /sys%p/brightness"
"""

ANNOUNCEMENT = f"""<?xml version="1.0" standalone="no"?>
<!DOCTYPE service-group SYSTEM "avahi-service.dtd">
<!-- What `deploy find` asks for. -->
<service-group>
  <name replace-wildcards="yes">Ex Nihilo on %h</name>
  <service><type>{SERVICE.removesuffix(".local")}</type><port>22</port></service>
</service-group>
"""

USB_NETWORK = """[connection]
id=exnihilo-usb
type=ethernet
interface-name=usb0

[ipv4]
method=link-local

[ipv6]
method=link-local
"""
