# SPDX-License-Identifier: LGPL-2.1-or-later
"""What streams of both directions have."""

from __future__ import annotations

import atexit
from collections.abc import Sequence
from contextlib import suppress
from ctypes import Structure, byref
from dataclasses import dataclass
from enum import Flag, IntFlag
from types import TracebackType
from typing import Any, TypeVar
from weakref import WeakSet

from ._errors import Busy, Ended
from ._library import Handle, RecordStruct, SettingsStruct, StatisticsStruct, fields, lib, new
from ._samples import Layout, channel_numbers

_Self = TypeVar("_Self", bound="Stream")


class StreamFlags(IntFlag):
    WAIT_FOR_RECORDS = 1
    KEEP_RECORDS = 2


class RecordFlags(Flag):
    """What a record says beside its numbers; others may come.

    HAS_GAP: the ADC had no block to fill just before this one
    WAS_LATE: the DAC had no block to play just before this one
    IS_END: the run has ended; the record is about no block
    WAS_TUNED: a control of the route was set while the block was filled, or just before it
    RATE_CHANGED: and that was its sample rate
    """

    HAS_GAP = 1
    WAS_LATE = 2
    IS_END = 4
    WAS_TUNED = 8
    RATE_CHANGED = 16


_KNOWN = sum(flag.value for flag in RecordFlags)


@dataclass(frozen=True)
class Record:
    """What became of a block, from the board; times are the board's, in nanoseconds.

    run: number of the run, which is one more with each start of the route
    sequence: number of the block in the run; of the end, the number of blocks
    first_sample: its first sample on the converter's clock, which counts those that are lost, too
    place: samples in the run's data before it, as far as the records tell
    samples: samples in it
    samples_lost: samples that were lost, or missed, just before it
    filled_ns: when it was full
    delivered_ns: when the host had it, or the DAC had played it
    records_missing: records that were lost just before this one
    samples_missing: samples in their blocks
    """

    flags: RecordFlags
    run: int
    sequence: int
    first_sample: int
    place: int
    samples: int
    samples_lost: int
    filled_ns: int
    delivered_ns: int
    records_missing: int
    samples_missing: int


@dataclass(frozen=True)
class Statistics:
    """What a board counts of a route since its last start.

    estimated: samples_lost is from times and the sample rate; else the converter counts
    starts: starts since the daemon started
    blocks_filled: blocks that the ADC, or the host, filled
    blocks_delivered: blocks that the host, or the DAC, got
    blocks_failed: filled blocks that could not be delivered
    gaps: how often the ADC had no block to fill, or the DAC none to play (an underflow)
    samples_lost: samples that were lost, or missed, in the gaps
    records_lost: records that the host did not read in time
    """

    running: bool
    estimated: bool
    starts: int
    blocks_filled: int
    blocks_delivered: int
    blocks_failed: int
    bytes_delivered: int
    gaps: int
    samples_lost: int
    records_lost: int


# Of streams that were closed while there were arrays over their memory.
_still_used: WeakSet[Handle] = WeakSet()
_streams: WeakSet[Stream] = WeakSet()


@atexit.register
def _close_all() -> None:
    for stream in list(_streams):
        stream.close()


class Stream:
    """What Rx and Tx have in common; leaving one as a context manager closes it.

    route_index: number of the route
    route_name: name of the route
    sample_size: bytes of a sample, with all its channels
    block_size: bytes in a block of the route, as the stream has it
    sample_rate: samples in a second when the stream was opened, 0 when the converter does not tell
    """

    route_index: int
    route_name: str
    sample_size: int
    block_size: int
    sample_rate: float

    _functions: str  # what the library's begin with

    def __init__(
        self,
        board: Handle,
        index: int,
        name: str,
        channels: Sequence[int | str] | None,
        settings: SettingsStruct,
    ) -> None:
        numbers = None
        if channels is not None:
            asked = new(lib.iiobridge_route_free, lib.iiobridge_route_get, board, index)
            numbers = channel_numbers(asked, channels)
            settings.channel_mask = sum(1 << number for number in numbers)
        try:
            handle = new(
                self._function("close"), self._function("open"), board, index, byref(settings)
            )
        except Busy as error:
            if not _still_used:
                raise
            raise Busy(
                f"{error}; and there are arrays of blocks of a stream that was closed, "
                "which must be deleted first: copy what is to be kept",
            ) from None
        self._handle: Handle | None = handle
        route = self._function("route")(handle)
        self.route_index = index
        self.route_name = name
        self._layout = Layout(route, numbers)
        self.sample_size = self._layout.sample_size
        self.block_size = lib.iiobridge_route_block_size(route)
        self.sample_rate = lib.iiobridge_route_sample_rate(route)
        _streams.add(self)

    def _function(self, name: str) -> Any:
        return getattr(lib, f"{self._functions}_{name}")

    def _open(self) -> Handle:
        """The library's object, for the arguments of one call: see Handle."""
        handle = self._handle
        if handle is None:
            raise Ended(f"the stream of route {self.route_name} is closed")
        return handle

    @property
    def is_open(self) -> bool:
        """Whether the stream was not closed."""
        return self._handle is not None

    def fileno(self) -> int:
        """What select() and its kin wait for: readable when there may be something to do."""
        return int(self._function("fd")(self._open()))

    def cancel(self) -> None:
        """End a wait: that which goes on, or the next one that would, raises Cancelled.

        May be called by another thread, and by a handler of a signal.
        """
        self._function("cancel")(self._open())

    def records(self) -> list[Record]:
        """The records that have come since the last call, of a stream that keeps them."""
        return list(self._take_records())

    def _take_records(self) -> list[Record]:
        taken = []
        record = RecordStruct()
        while self._function("next_record")(self._open(), byref(record)) > 0:
            values = fields(record)
            values["flags"] = RecordFlags(values["flags"] & _KNOWN)
            taken.append(Record(**values))
        return taken

    def _ask(self, name: str, structure: Structure) -> dict[str, Any] | None:
        """What the library knows, by a function that returns 1, or 0 while it does not."""
        known = self._function(name)(self._open(), byref(structure))
        return fields(structure) if known > 0 else None

    @property
    def statistics(self) -> Statistics | None:
        """What the board said last of the run; final when the stream was stopped; or None."""
        values = self._ask("statistics", StatisticsStruct())
        return Statistics(**values) if values else None

    def close(self) -> None:
        """Stop the route if it runs, and release the stream; one that is closed may be again.

        Another thread that waits for it gets Ended. Arrays over blocks stay what they are, and as
        long as there are any the library keeps the stream: no other one of the route can be opened.
        """
        try:
            # As with the library's, nobody is told how that went; nor that another has closed it.
            with suppress(Ended):
                self._function("stop")(self._open())
        finally:
            self._forget()

    def _forget(self) -> None:
        handle = self._handle
        self._handle = None
        if handle is not None:
            _still_used.add(handle)
        # Before the last of this frame: if nobody else refers to it, it is released now.
        del handle
        _streams.discard(self)

    def __enter__(self: _Self) -> _Self:
        self._open()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self.close()
