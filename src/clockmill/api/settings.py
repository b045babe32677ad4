"""The settings of the HTTP side, read once by the composition root."""

import msgspec


class ApiSettings(msgspec.Struct, frozen=True, kw_only=True):
    """How the API answers. Every field has its default here and its name in the settings file."""

    synchronous_wait_s: float = 45.0
    """A request that takes longer is answered with 202; 0 answers every operation so."""
    page_size: int = 1_000
    """Rows of a listing that are sent in one answer."""
    max_body_bytes: int = 16 * 1024 * 1024
    """The largest request body, counted after decompression."""
    body_timeout_s: float = 30.0
    """How long a client may take to send a request's body."""
    allowed_hosts: tuple[str, ...] = ("127.0.0.1", "localhost", "::1")
    """Host names that requests may name; ``*`` is any, ``*.example.org`` any below."""
    requests_per_minute: int | None = None
    """How many requests a user may send per minute, in bursts of at most as many; None is no limit."""
    threads: int = 16
    """Threads for use cases that are longer than a keyed read."""
    max_results: int = 1_000
    """Unfinished and finished results that are kept for later calls."""
    max_result_bytes: int = 128 * 1024 * 1024
    """Memory for finished results; the oldest go first."""
    partition_bytes: int = 4 * 1024 * 1024
    """About how large a partition of a statement's result is."""
    result_lifetime_s: float = 3_600.0
    """How long a finished result can be fetched."""
