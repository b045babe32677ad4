"""How figures are printed: the median, the spread, and the aim beside them."""

import statistics
from collections.abc import Sequence


def show(title: str, values: Sequence[float], unit: str, aim: str | None = None) -> None:
    median = statistics.median(values)
    spread = f"({min(values):.3f}-{max(values):.3f})" if len(values) > 1 else ""
    print(f"{title:42} {median:8.3f} {unit:3} {spread:18} {f'aim: {aim}' if aim else ''}", flush=True)
