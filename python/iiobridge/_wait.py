# SPDX-License-Identifier: LGPL-2.1-or-later
"""Waits that Ctrl-C ends.

Python's handlers of signals run between two of its own instructions, and so not while the library
waits. So Python waits, for the library's file descriptor, and the library is only asked.
"""

from __future__ import annotations

import math
import select
import time
from collections.abc import Callable
from threading import Thread
from typing import Any

from ._errors import Timeout
from ._library import Handle

FOREVER = math.inf


class Deadline:
    """The end of a time in seconds from now; None: there is none."""

    def __init__(self, timeout: float | None) -> None:
        self._timeout = timeout
        self._end = FOREVER if timeout is None else time.monotonic() + timeout

    def left(self) -> float:
        """Seconds, 0 when the time is over."""
        return max(0.0, self._end - time.monotonic())

    def timeout(self, what: str) -> Timeout:
        """The error for what has not come until then."""
        return Timeout(f"{what} within {self._timeout:g} s")


def _milliseconds(seconds: float) -> int | None:
    return None if seconds == FOREVER else min(math.ceil(seconds * 1000), 2**31 - 1)


def wait(function: Any, handle: Handle, deadline: Deadline) -> bool:
    """Waits for the descriptor that a function tells of an object.

    Returns False when the time is over.
    """
    try:
        left = deadline.left()
        if left == 0:
            return False
        poll = select.poll()
        poll.register(function(handle), select.POLLIN)
        poll.poll(_milliseconds(left))
        return True
    finally:
        # A traceback does not keep the object.
        del handle


def in_thread(work: Callable[[], None], cancel: Callable[[], None]) -> None:
    """Does what the library has no descriptor for; what ends the wait for it cancels it."""
    errors: list[BaseException] = []

    def run() -> None:
        try:
            work()
        except BaseException as error:  # noqa: B036 (it is raised below)
            errors.append(error)

    thread = Thread(target=run, name="iiobridge", daemon=True)
    thread.start()
    try:
        thread.join()
    except BaseException:
        cancel()
        thread.join()
        raise
    if errors:
        raise errors[0]
