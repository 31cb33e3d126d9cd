# SPDX-License-Identifier: CERN-OHL-P-2.0
"""What public sources showed of the makers' numbers and of prices, looked up in November 2026.

Sources are data sheets, shop pages and other projects' public parts lists, not the shops
themselves: a number that was seen exists and means the part named here, and no more; stock was
not looked up. Prices are single sightings for one or ten pieces, of any date up to then, in
euros or dollars, which are taken as equal.
"""

from dataclasses import dataclass

LOOKED_UP = "November 2026"


@dataclass(frozen=True, slots=True)
class Source:
    """What was seen of one maker's number."""

    shop: str = ""
    """A distributor with its own number, where a source names it."""
    price: tuple[float, float] | None = None
    """Lowest and highest price seen for one piece."""
    seen: str = "yes"
    """`yes`, or `series`: the maker's series was seen, this value of it was not."""


_SERIES = Source(seen="series")
SOURCES = {
    "1N4148W-E3-08": Source("LCSC C241939"),
    "61201421621": Source("DigiKey 732-5397-ND"),
    "AO3401A": Source(),
    "B140-E3/61T": Source("DigiKey B140-E3/61TGICT-ND"),
    "BCM857BS,115": Source(price=(0.28, 0.28)),
    "BSS138LT1G": Source(),
    "EC11E15244G1": Source("LCSC C370970"),
    "EEE-FK1H220P": Source(),
    "EEE-FK1V470P": Source(price=(0.25, 0.25)),
    "ERA-6AEB103V": Source(price=(0.10, 0.30)),
    "ERA-6AEB104V": Source("DigiKey P100KDACT-ND", (0.10, 0.30)),
    "ERA-6AEB133V": Source(price=(0.10, 0.30), seen="series"),
    "ERA-6AEB153V": Source(price=(0.10, 0.30), seen="series"),
    "ERA-6AEB363V": Source(price=(0.10, 0.30), seen="series"),
    "GRM2165C1H101JA01D": Source(),
    "GRM2165C1H102JA01D": Source(),
    "GRM2165C1H471JA01D": Source(),
    "GRM2195C1H103JA01D": Source("LCSC C97905"),
    "GRM21BR71E105KA99L": Source("LCSC C77080"),
    "GRM21BR71H104KA01L": Source(),
    "GRM31CR71E106KA12L": Source("LCSC C77093"),
    "GRM31CR71H475KA12L": Source("LCSC C77096"),
    "H11L1SR2M": Source("DigiKey H11L1SR2MCT-ND"),
    "MCP1700T-3302E/TT": Source(),
    "MCP3208-CI/SL": Source("LCSC C16939", (2.75, 2.75)),
    "MCP4728-E/UN": Source("LCSC C108207", (2.50, 2.50)),
    "MCP6004-I/SL": Source("LCSC C1346056", (0.53, 0.53)),
    "MF-MSMF014-2": Source(seen="series"),
    "MF-MSMF050-2": Source(),
    "RC0805FR-07100KL": _SERIES,
    "RC0805FR-0710KL": Source(),
    "RC0805FR-0712KL": Source(),
    "RC0805FR-071K8L": _SERIES,
    "RC0805FR-071KL": _SERIES,
    "RC0805FR-07220RL": Source(price=(0.02, 0.02)),
    "RC0805FR-072K2L": Source("LCSC C114561", (0.10, 0.10)),
    "RC0805FR-07470KL": Source(),
    "RC0805FR-0747KL": Source("LCSC C126351"),
    "RC1210FR-07680RL": Source(),
    "RD901F-40-15R1-B10K": Source("LCSC C20619174"),
    "REF3033AIDBZT": Source(),
    "REF5040AIDR": Source(price=(4.00, 4.00)),
    "SN74AHCT125DR": Source("LCSC C155176", (1.25, 1.25)),
    "SRN6028-100M": Source(price=(0.22, 0.22), seen="series"),
    "SSW-120-01-T-D": Source("DigiKey SAM1212-20-ND", (2.50, 2.90)),
    "T821110A1S100CEU": Source(),
    "TL074CDR": Source("LCSC C12594", (0.50, 0.50)),
    "TSR 1-2450": Source(price=(8.40, 8.40)),
    "WP710A10LID": Source("Mouser 604-WP710A10LID", (0.15, 0.15)),
    "WQP-PJ366ST": Source("Thonk", (0.47, 0.55)),
    "WQP-PJ398SM": Source("Thonk", (0.37, 0.43)),
    "Zero 2 W": Source(price=(15.0, 16.0)),
}
"""By maker's number."""
