"""Time zones by the names of the tz database, as schedules and TIMEZONE take them."""

from functools import lru_cache
from importlib.resources import files
from typing import Final
from zoneinfo import ZoneInfo

# Names that the database has, but that the service counts among the abbreviations and refuses
# (TIMEZONE parameter), and one that stands for «not set up».
_REFUSED: Final = frozenset({"EST", "MST", "HST", "FACTORY"})


@lru_cache(maxsize=1)
def _names() -> dict[str, str]:
    # The package's own list: asking zoneinfo for the available names walks the whole zone tree.
    listed = files("tzdata").joinpath("zones").read_text(encoding="ascii").split()
    return {name.upper(): name for name in listed if name.upper() not in _REFUSED}


def find_zone(text: str) -> ZoneInfo | None:
    """Return the zone called *text*, in any case, or None if there is none.

    Abbreviations (``PST``) and offsets (``+01:00``) are no names.

    >>> find_zone("europe/BERLIN")
    zoneinfo.ZoneInfo(key='Europe/Berlin')
    """
    name = _names().get(text.upper())
    return None if name is None else ZoneInfo(name)
