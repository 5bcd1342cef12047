# SPDX-License-Identifier: LGPL-2.1-or-later
"""Reception."""

from __future__ import annotations

import weakref
from collections.abc import Iterator, Sequence
from ctypes import Array, addressof, byref, c_uint8
from dataclasses import dataclass
from enum import IntFlag
from types import TracebackType
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import DTypeLike, NDArray

from ._errors import Cancelled, Ended
from ._library import (
    BlockStruct,
    ClockStruct,
    Handle,
    SettingsStruct,
    check,
    failure,
    lib,
)
from ._samples import Unpacker
from ._stream import Record, Stream, StreamFlags
from ._wait import Deadline, wait

_MEMORY = 8 << 20  # the library's default
_SCRATCH = 256 << 10  # stays in the processor's cache


class BlockFlags(IntFlag):
    GAP = 1
    NO_RECORD = 2
    ESTIMATED = 4
    TUNED = 8


# What all samples of a read have, or none of them.
_ALIKE = BlockFlags.NO_RECORD | BlockFlags.TUNED


@dataclass(frozen=True)
class Metadata:
    """Where samples belong; they follow each other without a gap.

    samples: their number
    first_sample: the first one on the converter's clock, which begins with 0 at the start of the
        route and counts lost samples, too
    gap: samples were lost just before these
    lost: how many; 0 when the board does not know it
    is_estimated: lost is estimated from times and the sample rate; else the converter counts
    has_record: the board's record of these samples is there. If not, it was lost, or not waited
        for, and a gap before or inside of them would be told behind them.
    tuned: a control of the route was set while the board filled the blocks that these are of, or
        just before: from some sample in them on the signal is another
    time_ns: when the first was taken, nanoseconds of the board's clock (CLOCK_MONOTONIC); None when
        it is not known. Where the route tells no rate, when its block was full.
    realtime_ns: the same as time of day, nanoseconds since 1970 (UTC), by the host's clock; or None
    records: the records that have come since the last ones, of a stream that keeps them
    """

    samples: int
    first_sample: int
    gap: bool
    lost: int
    is_estimated: bool
    has_record: bool
    tuned: bool
    time_ns: int | None
    realtime_ns: int | None
    records: tuple[Record, ...] = ()


class Clock(NamedTuple):
    """The clock of a run: sample n was taken n / rate after these times.

    time_ns: board's time of sample 0
    realtime_ns: time of day of sample 0, from when the host had the first block
    drift_ns: how much later than that clock says the newest block was full
    """

    time_ns: int
    realtime_ns: int
    drift_ns: int


def _metadata(block: BlockStruct, samples: int, records: Sequence[Record] = ()) -> Metadata:
    flags = BlockFlags(block.flags)
    return Metadata(
        samples=samples,
        first_sample=block.first_sample,
        gap=BlockFlags.GAP in flags,
        lost=block.lost,
        is_estimated=BlockFlags.ESTIMATED in flags,
        has_record=BlockFlags.NO_RECORD not in flags,
        tuned=BlockFlags.TUNED in flags,
        time_ns=block.time_ns or None,
        realtime_ns=block.realtime_ns or None,
        records=tuple(records),
    )


class Block:
    """Samples in the library's own memory, which were not copied; Rx.blocks() yields them.

    A block is released by release(), at the end of a with statement, or when the next one is
    taken; then it has no samples any more, and whoever asks for them gets a ValueError. Arrays that
    view() has returned stay what they are: the library has the memory back when the last of them
    is gone.

    meta: where the samples belong
    """

    meta: Metadata

    def __init__(self, rx: Rx, memory: Array[c_uint8], meta: Metadata) -> None:
        self._rx = rx
        self._memory: Array[c_uint8] | None = memory
        self.meta = meta

    def __len__(self) -> int:
        return self.meta.samples

    def view(self) -> NDArray[Any]:
        """The samples as they came, without a copy: a row for each, with its channels' values.

        Of values of different types, or with something between them, the rows have their bytes.
        The array cannot be written to.
        """
        native = self._rx._layout.native or np.dtype(np.uint8)
        array: NDArray[Any] = np.frombuffer(memoryview(self._used_memory()), native)
        array = array.reshape(self.meta.samples, -1)
        array.flags.writeable = False
        return array

    def convert(self) -> NDArray[Any]:
        """The samples as Rx.read() returns them, which is a copy."""
        memory = self._used_memory()  # which is there as long as this name
        array = self._rx._unpacker.empty(self.meta.samples)
        self._rx._unpacker.unpack(addressof(memory), self.meta.samples, array, 0)
        return Unpacker.result(array, self.meta.samples)

    def _used_memory(self) -> Array[c_uint8]:
        if self._memory is None:
            raise ValueError("the block was released: its samples must be used, or copied, before")
        return self._memory

    def release(self) -> None:
        """Give the samples back; a block that was released may be again."""
        self._memory = None

    def __enter__(self) -> Block:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self.release()


class _Lent:
    """How much of the library's memory blocks and arrays have."""

    def __init__(self, most: int) -> None:
        self._most = most
        self._sizes: dict[tuple[int, int], int] = {}

    def lend(self, handle: Handle, block: BlockStruct, size: int) -> Array[c_uint8]:
        """An array over a block, which is released behind the last that refers to the array."""
        memory = (c_uint8 * size).from_address(block.data)
        finalizer = weakref.finalize(memory, self._take_back, handle, block)
        # A program that ends has its arrays until then.
        finalizer.atexit = False
        self._sizes[block.owner, block.data] = size
        return memory

    def _take_back(self, handle: Handle, block: BlockStruct) -> None:
        self._sizes.pop((block.owner, block.data), None)
        lib.iiobridge_rx_release(handle, byref(block))

    def check(self) -> None:
        """Before the next: who keeps all arrays would wait for ever for samples with no memory."""
        sizes = list(self._sizes.values())
        if len(sizes) > 2 and sum(sizes) > self._most:
            raise BufferError(
                f"arrays of {len(sizes)} blocks that were taken before are still there: copy what "
                "is to be kept"
            )


class Rx(Stream):
    """A stream from an ADC; Board.rx() returns one.

        with board.rx("rx") as stream:
            x, meta = stream.read(1_000_000)

    The route starts with the first samples that are asked for, or by start(). A stream is read by
    one thread at a time, while others may ask it things, cancel it, stop it, and close it. Waits
    end with Ctrl-C, and the stream goes on; timeouts are in seconds, None waits without an end.

    dtype: the type of what read() returns
    full_scale: the number that stands for full scale in it: 1 for floats, such as 2048 of 12 bits
    """

    dtype: np.dtype[Any]
    full_scale: float

    _functions = "iiobridge_rx"

    def __init__(
        self,
        board: Handle,
        index: int,
        name: str,
        channels: Sequence[int | str] | None,
        dtype: DTypeLike,
        block_size: int,
        memory: int,
        wait_for_records: bool,
        keep_records: bool,
    ) -> None:
        flags = StreamFlags(0)
        if wait_for_records:
            flags |= StreamFlags.WAIT_FOR_RECORDS
        if keep_records:
            flags |= StreamFlags.KEEP_RECORDS
        settings = SettingsStruct(flags=flags, block_size=block_size, memory=memory)
        super().__init__(board, index, name, channels, settings)
        try:
            route = lib.iiobridge_rx_route(self._open())
            self._unpacker = Unpacker(route, self._layout, dtype)
        except BaseException:
            self.close()
            raise
        self.dtype = self._unpacker.dtype
        self.full_scale = self._unpacker.full_scale
        self._keeps_records = keep_records
        self._was_started = False
        self._lent = _Lent((memory or _MEMORY) // 2)
        self._room = max(1, _SCRATCH // self.sample_size)
        self._scratch = np.empty(self._room * self.sample_size, np.uint8)
        # In it, what was taken from the library and not handed on.
        self._part = BlockStruct()
        self._begin = self._left = 0

    # ---- runs ----

    def start(self) -> None:
        """Start the route; what is left of an earlier run is dropped."""
        self._left = 0
        check(lib.iiobridge_rx_start(self._open()))
        self._was_started = True

    def stop(self) -> None:
        """Stop the route; what has arrived can still be read, and behind it comes Ended."""
        self._was_started = True
        check(lib.iiobridge_rx_stop(self._open()))

    def _begin_run(self) -> None:
        if not self._was_started:
            self.start()

    # ---- copies ----

    def _fetch(self, samples: int) -> int:
        """Has something in the scratch, if there is something. Returns its samples, or an error."""
        if self._left == 0:
            got = lib.iiobridge_rx_read(
                self._open(), self._scratch.ctypes.data, min(samples, self._room), 0,
                byref(self._part),
            )  # fmt: skip
            if got <= 0:
                return int(got)
            self._begin, self._left = 0, got
        return self._left

    def _take(self, samples: int, array: NDArray[Any], place: int) -> int:
        samples = min(samples, self._left)
        data = self._scratch.ctypes.data + self._begin * self.sample_size
        self._unpacker.unpack(data, samples, array, place)
        self._begin += samples
        self._left -= samples
        return samples

    def _describe(self) -> BlockStruct:
        """What the samples in the scratch are, now that some of them may be handed on."""
        part = BlockStruct.from_buffer_copy(self._part)
        if self._begin > 0:
            later = round(self._begin * 1e9 / self.sample_rate) if self.sample_rate else 0
            part.first_sample += self._begin
            part.time_ns += later if part.time_ns else 0
            part.realtime_ns += later if part.realtime_ns else 0
            part.lost = 0
            part.flags &= ~(BlockFlags.GAP | BlockFlags.ESTIMATED)
        return part

    def _follows(self, first: BlockStruct) -> bool:
        """Whether what is in the scratch belongs to the same read as samples before it."""
        flags = self._part.flags
        return self._begin > 0 or not (flags & BlockFlags.GAP or (flags ^ first.flags) & _ALIKE)

    def read(
        self, samples: int, timeout: float | None = None
    ) -> tuple[NDArray[Any], Metadata]:
        """Read samples, and say where they belong.

        Returns an array of the type dtype, with a row for each pair of channels where it is
        complex, else for each channel; of one row it has one dimension.

        What is returned has no gap, and was tuned as a whole or not at all: there are fewer samples
        where a gap follows, where what was tuned begins or ends, and at the end of the stream.
        Fewer come, too, when the time is over; Timeout is raised when none came, and Ended when the
        stream was stopped and all that came is taken. What a read had when Ctrl-C or an error of
        the program ended it is lost, as first_sample of the next one shows.
        """
        if samples < 1:
            raise ValueError(f"{samples} samples cannot be read: accepted is 1 or more")
        self._begin_run()
        deadline = Deadline(timeout)
        array = self._unpacker.empty(samples)
        first: BlockStruct | None = None
        done = 0
        while done < samples:
            got = self._fetch(samples - done)
            if got < 0 and not done:
                raise failure(got)
            if got < 0:
                if got == Cancelled.result:
                    self.cancel()
                break  # the next read tells of it
            if got == 0:
                if wait(lib.iiobridge_rx_fd, self._open(), deadline):
                    continue
                if not done:
                    raise deadline.timeout(f"route {self.route_name} sent no samples")
                break
            if first is None:
                first = self._describe()
            elif not self._follows(first):
                break
            done += self._take(samples - done, array, done)
        assert first is not None
        records = self._take_records() if self._keeps_records else ()
        return Unpacker.result(array, done), _metadata(first, done, records)

    # ---- no copies ----

    def _rest(self) -> Block:
        """What a read has left, as a block."""
        part, samples = self._describe(), self._left
        begin, end = self._begin * self.sample_size, (self._begin + samples) * self.sample_size
        memory = (c_uint8 * (end - begin)).from_buffer_copy(self._scratch[begin:end].tobytes())
        self._left = 0
        return Block(self, memory, _metadata(part, samples))

    def _acquire(self, deadline: Deadline) -> Block:
        block = BlockStruct()
        self._lent.check()
        while not check(lib.iiobridge_rx_acquire(self._open(), 0, byref(block))):
            if not wait(lib.iiobridge_rx_fd, self._open(), deadline):
                raise deadline.timeout(f"route {self.route_name} sent no block")
        memory = self._lent.lend(self._open(), block, block.samples * self.sample_size)
        records = self._take_records() if self._keeps_records else ()
        return Block(self, memory, _metadata(block, block.samples, records))

    def next_block(self, timeout: float | None = None) -> Block:
        """The next samples, which are not copied: a block of the route, or a part of one.

        To be released: see Block. Timeout, and Ended, are raised as by read().
        """
        self._begin_run()
        return self._rest() if self._left else self._acquire(Deadline(timeout))

    def blocks(self, timeout: float | None = None) -> Iterator[Block]:
        """Blocks until the stream is stopped; each is released when the next one is taken.

        timeout: seconds after which Timeout is raised when no block has come.
        """
        while True:
            try:
                block = self.next_block(timeout)
            except Ended:
                return
            with block:
                yield block

    # ---- what is known ----

    @property
    def clock(self) -> Clock | None:
        """The clock of the run; None while no record came, and when the route tells no rate."""
        values = self._ask("clock", ClockStruct())
        return Clock(**values) if values else None
