"""Statements that run while the script goes on: ASYNC, AWAIT and CANCEL."""

from concurrent.futures import Future, ThreadPoolExecutor
from typing import Final

from clockmill.core.cancel import CancelReason, CancelToken
from clockmill.core.errors import ClockmillError, InternalFault, StatementFault
from clockmill.engine.result import Result
from clockmill.session.nested import Nested
from clockmill.session.query_ids import new_query_id
from clockmill.session.scripting.texts import Text

_MOST_AT_ONCE: Final = 8
"""Jobs of one script that really run at the same time; the others wait for them."""

_MOST_JOBS: Final = 4_000
"""Jobs of one script that may be under way, as documented."""


class TooManyJobs(StatementFault):
    """A script has begun more jobs than may be under way."""

    def __init__(self) -> None:
        super().__init__(
            f"The number of concurrent asynchronous child jobs exceeds the limit of {_MOST_JOBS}."
        )


class Job:
    """A statement in the background."""

    def __init__(self, nested: Nested, text: Text, start: int) -> None:
        self.query_id = new_query_id()
        self.start = start
        self._parent = nested
        self._text = text
        self._token = CancelToken()
        self._done: Future[Result] = Future()

    @property
    def is_done(self) -> bool:
        return self._done.done()

    def wait(self) -> Result:
        """Return its result once it is done, or raise the ClockmillError that it failed with."""
        # Whoever stops the script stops the job, and so this.
        return self._done.result()

    def cancel(self) -> None:
        """Stop it, if it still runs."""
        self._token.cancel(CancelReason.USER)

    def run_here(self) -> None:
        """Run it in the calling thread, in the script's own engine session."""
        self._finish(self._parent)

    def run_apart(self) -> None:
        """Run it in the calling thread, in an engine session of its own."""

        def stop() -> None:
            self._token.cancel(self._parent.cancel.reason or CancelReason.USER)

        try:
            with self._parent.cancel.interrupting(stop), self._parent.apart(self._token) as nested:
                self._finish(nested)
        finally:
            if not self._done.done():  # whoever waits for it must not wait for ever
                self._done.set_exception(InternalFault())

    def _finish(self, nested: Nested) -> None:
        try:
            ran = nested.run(self._text.sql, self._text.bindings, query_id=self.query_id)
        except ClockmillError as error:
            self._done.set_exception(error)
        except BaseException:
            self._done.set_exception(InternalFault())
            raise
        else:
            self._done.set_result(ran.result)


class Jobs:
    """The jobs of one script. None of them outlives it."""

    def __init__(self, nested: Nested) -> None:
        self._nested = nested
        self._jobs: dict[str, Job] = {}
        self._threads: ThreadPoolExecutor | None = None

    def begin(self, text: Text, start: int) -> Job:
        """Begin a statement.

        In an open transaction, or with temporary tables, it must run in the same engine session as
        the script: then it is done at once, which is one of the orders that were possible.
        """
        if len(self._jobs) >= _MOST_JOBS and sum(not each.is_done for each in self.all()) >= _MOST_JOBS:
            raise TooManyJobs
        job = Job(self._nested, text, start)
        self._jobs[job.query_id] = job
        if not self._nested.can_part:
            job.run_here()
            return job
        if self._threads is None:
            self._threads = ThreadPoolExecutor(_MOST_AT_ONCE, thread_name_prefix="async")
        self._threads.submit(job.run_apart)
        return job

    def all(self) -> list[Job]:
        """Return every job that nobody has waited for yet, in order."""
        return list(self._jobs.values())

    def forget(self, job: Job) -> None:
        """Take it that *job* has been waited for."""
        self._jobs.pop(job.query_id, None)

    def close(self) -> None:
        """Stop what still runs, and wait until it has stopped."""
        for job in self.all():
            job.cancel()
        if self._threads is not None:
            self._threads.shutdown(wait=True)
