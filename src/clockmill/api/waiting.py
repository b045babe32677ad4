"""Waiting for a statement without holding a thread."""

import asyncio

from clockmill.session.queries import RunningQuery


async def is_done(query: RunningQuery, wait_s: float) -> bool:
    """Wait for *query* without holding a thread; say whether it ended within *wait_s*."""
    if query.is_done:
        return True
    loop, done = asyncio.get_running_loop(), asyncio.Event()

    def tell() -> None:
        # The loop may be gone by the time a statement that outlived its client ends.
        if not loop.is_closed():
            loop.call_soon_threadsafe(done.set)

    query.when_done(tell)
    try:
        await asyncio.wait_for(done.wait(), wait_s)
    except TimeoutError:
        return False
    return True
