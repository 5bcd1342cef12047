# SPDX-License-Identifier: LGPL-2.1-or-later
"""Boards that come and go."""

from __future__ import annotations

from collections.abc import Iterator
from ctypes import byref
from dataclasses import dataclass
from types import TracebackType

from ._errors import Ended, Error, error_of
from ._library import EventStruct, Handle, check, lib, new, text
from ._wait import Deadline, wait

_CAME = 1


@dataclass(frozen=True)
class Event:
    """A board has come or gone.

    came: it is there; else it is gone
    serial: its serial number, empty when it has none or could not be opened
    location: bus and device address as lsusb(8) shows them, such as "001:005"
    error: what keeps a board that came from being opened, as when this user may not; or None
    """

    came: bool
    serial: str
    location: str
    error: Error | None


class Monitor:
    """Tells of boards that come and go; those that are there already come first.

    A context manager and an iterator: for event in iiobridge.monitor(): …
    """

    def __init__(self, timeout: float | None = None) -> None:
        self._timeout = timeout
        self._handle: Handle | None = new(lib.iiobridge_monitor_free, lib.iiobridge_monitor_new)

    def _open(self) -> Handle:
        if self._handle is None:
            raise Ended("the monitor is closed")
        return self._handle

    def next(self, timeout: float | None = None) -> Event | None:
        """The next event; None when none came within a time in seconds."""
        deadline = Deadline(timeout)
        event = EventStruct()
        while not check(lib.iiobridge_monitor_next(self._open(), 0, byref(event))):
            if not wait(lib.iiobridge_monitor_fd, self._open(), deadline):
                return None
        error = error_of(event.error, text(event.message)) if event.error else None
        return Event(event.kind == _CAME, text(event.serial), text(event.location), error)

    def cancel(self) -> None:
        """Make next(), that which waits or the next one that would, raise Cancelled."""
        lib.iiobridge_monitor_cancel(self._open())

    def close(self) -> None:
        """Stop watching."""
        if self._handle is not None:
            self.cancel()
            self._handle = None

    def __iter__(self) -> Iterator[Event]:
        while True:
            event = self.next(self._timeout)
            if event is None:
                return
            yield event

    def __enter__(self) -> Monitor:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self.close()


def monitor(timeout: float | None = None) -> Monitor:
    """Watch for boards: for event in iiobridge.monitor(): …

    timeout: seconds after which an iteration ends when no board has come or gone; None: never.
    """
    return Monitor(timeout)
