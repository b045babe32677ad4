"""Runs a script of this folder. With ``python -I`` nothing else than the client is importable."""

import runpy
import sys
from pathlib import Path

here = Path(__file__).parent
sys.path.insert(0, str(here))
runpy.run_path(str(here / sys.argv[1]), run_name="__main__")
