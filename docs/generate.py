"""Write the pages of ``docs/reference`` that are made from the code: ``python docs/generate.py``."""

import sys
from pathlib import Path
from typing import get_args, get_type_hints

import msgspec

from clockmill.config import ENVIRONMENT_PREFIX, Settings

sys.path.insert(0, str(Path(__file__).parent))
from sql_page import sql_page

REFERENCE = Path(__file__).parent / "reference"


def settings_page() -> str:
    """Return the page that lists every setting."""
    lines = [
        "# Settings",
        "",
        "Every setting can stand in a TOML file (`clockmill serve --config FILE`), in the environment as",
        f"`{ENVIRONMENT_PREFIX}` and the name in upper case, and as a flag with dashes; the later one wins.",
        "Only `admin_password` has no flag, because others can read a command line. Times are seconds unless",
        "the name says otherwise.",
        "",
        "| setting | default | what it does |",
        "|---|---|---|",
    ]
    hints = get_type_hints(Settings, include_extras=True)
    for field in msgspec.structs.fields(Settings):
        meaning = next(meta for meta in get_args(hints[field.name]) if isinstance(meta, msgspec.Meta))
        default = "" if field.default in (None, ()) else f"`{field.default}`"
        lines.append(f"| `{field.name}` | {default} | {meaning.description} |")
    return "\n".join(lines) + "\n"


PAGES = {"settings.md": settings_page, "sql.md": sql_page}

if __name__ == "__main__":
    for name, page in PAGES.items():
        (REFERENCE / name).write_text(page())
