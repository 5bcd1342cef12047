# SPDX-License-Identifier: LGPL-2.1-or-later
"""Transmission."""

from __future__ import annotations

from collections.abc import Sequence
from ctypes import byref
from dataclasses import dataclass
from threading import RLock
from types import TracebackType

import numpy as np
from numpy.typing import ArrayLike

from ._errors import Cancelled
from ._library import Handle, SettingsStruct, UnderflowStruct, check, failure, lib
from ._samples import Packer
from ._stream import Stream, StreamFlags
from ._wait import Deadline, in_thread, wait

_SCRATCH = 256 << 10  # stays in the processor's cache
_SLICE_MS = 100  # of a wait that has no descriptor: for so long Ctrl-C waits


@dataclass(frozen=True)
class Underflow:
    """A moment in which the DAC had nothing to play.

    sample: samples that were played before it in this run
    missed: samples that it missed; 0 when the board does not know how many
    time_ns: when the DAC went on, nanoseconds of the board's clock; None when it is not known
    """

    sample: int
    missed: int
    time_ns: int | None


class Tx(Stream):
    """A stream to a DAC; Board.tx() returns one.

        with board.tx("tx") as stream:
            stream.write(x)

    The route starts with the first samples that are written. Leaving the with statement says that
    no samples follow, if end() has not, and waits until the DAC has played all; but with an
    exception, or when the board repeats a waveform, it stops the route.

    Arrays have a row for each pair of channels where they are complex, else for each channel; one
    row may have one dimension. Full scale of floats is 1; integers are the converter's own numbers.

    A stream is written by one thread at a time, while others may ask it things, cancel it, and
    close it. Waits end with Ctrl-C; timeouts are in seconds, None waits without an end.
    """

    _functions = "iiobridge_tx"

    def __init__(
        self,
        board: Handle,
        index: int,
        name: str,
        channels: Sequence[int | str] | None,
        block_size: int,
        memory: int,
        ahead: int,
        keep_records: bool,
    ) -> None:
        flags = StreamFlags.KEEP_RECORDS if keep_records else StreamFlags(0)
        settings = SettingsStruct(
            flags=flags, block_size=block_size, memory=memory, ahead=ahead
        )
        # What moves samples is not called while another thread stops the route, which takes the
        # memory from under it.
        self._lock = RLock()
        self._is_pending = False  # something was written, and its end was not said
        self._is_ended = False
        self._is_sending = False  # a waveform, with the lock
        super().__init__(board, index, name, channels, settings)
        try:
            self._packer = Packer(lib.iiobridge_tx_route(self._open()), self._layout)
        except BaseException:
            self.close()
            raise
        self._room = max(1, _SCRATCH // self.sample_size)
        self._scratch = np.empty(self._room * self.sample_size, np.uint8)

    def write(self, samples: ArrayLike, timeout: float | None = None) -> int:
        """Send samples; returns how many were taken, fewer than all when the time was over.

        Timeout is raised when none were taken in time. Samples are taken when there is room for
        them in the library's memory; drain() waits until they are played.
        """
        rows = self._packer.rows(np.asarray(samples))
        deadline = Deadline(timeout)
        done = 0
        while done < rows.shape[1]:
            part = min(rows.shape[1] - done, self._room)
            self._packer.pack(rows, done, part, self._scratch)
            taken = self._write_part(part, deadline, done)
            done += taken
            if taken < part:
                break
        return done

    def _write_part(self, samples: int, deadline: Deadline, before: int) -> int:
        """What is in the scratch; an error behind samples that were taken is the next call's."""
        done = 0
        while done < samples:
            data = self._scratch.ctypes.data + done * self.sample_size
            with self._lock:
                taken = lib.iiobridge_tx_write(self._open(), data, samples - done, 0)
                self._is_pending = self._is_pending or taken > 0
            if taken > 0:
                done += taken
            elif taken == 0:
                if wait(lib.iiobridge_tx_fd, self._open(), deadline):
                    continue
                if not before + done:
                    raise deadline.timeout(f"route {self.route_name} took no samples")
                break
            elif before + done:
                if taken == Cancelled.result:
                    self.cancel()
                break
            else:
                raise failure(taken)
        return done

    def end(self) -> None:
        """Say that no samples follow: the DAC plays up to the last one, and the route stops.

        Does not wait for that: drain() does. Invalid: nothing was written.
        """
        with self._lock:
            check(lib.iiobridge_tx_end(self._open()))
            self._is_pending = False
            self._is_ended = True

    def drain(self, timeout: float | None = None) -> None:
        """Wait until the DAC has played all behind end(), or repeats what repeat() has sent."""
        deadline = Deadline(timeout)
        while not check(lib.iiobridge_tx_drain(self._open(), 0)):
            if not wait(lib.iiobridge_tx_fd, self._open(), deadline):
                raise deadline.timeout(f"route {self.route_name} has not played all")

    def stop(self) -> None:
        """Stop the route: what was not played is dropped. What is written then begins a new run."""
        with self._lock:
            check(lib.iiobridge_tx_stop(self._open()))
            self._is_pending = self._is_ended = False

    def repeat(self, samples: ArrayLike) -> None:
        """Send a waveform that the board repeats until the route is stopped.

        Nothing may have been written in this run, and all samples must fit the blocks of the route.
        Waits until the board repeats it: then it needs no host any more, and detach() leaves it so.
        """
        rows = self._packer.rows(np.asarray(samples))
        count = rows.shape[1]
        data = np.empty(max(1, count * self.sample_size), np.uint8)
        self._packer.pack(rows, 0, count, data)

        def work() -> None:
            with self._lock:
                check(lib.iiobridge_tx_repeat(self._open(), data.ctypes.data, count))

        self._is_sending = True
        try:
            in_thread(work, self.cancel)
        finally:
            self._is_sending = False
        self.drain()

    def detach(self) -> None:
        """Release the stream, and leave the board repeating what repeat() has sent."""
        with self._lock:
            if not lib.iiobridge_tx_repeater(self._open()):
                raise ValueError(f"route {self.route_name} repeats no waveform")
            self._open().replace_release(lib.iiobridge_tx_detach)
            self._forget()

    @property
    def is_repeating(self) -> bool:
        """Whether the board repeats a waveform."""
        return bool(lib.iiobridge_tx_repeater(self._open()))

    @property
    def played(self) -> int:
        """Samples that the DAC has played since the start, as the board said last."""
        return int(lib.iiobridge_tx_played(self._open()))

    def _underflow(self, timeout_ms: int) -> Underflow | None:
        underflow = UnderflowStruct()
        if not check(lib.iiobridge_tx_next_underflow(self._open(), timeout_ms, byref(underflow))):
            return None
        return Underflow(underflow.sample, underflow.missed, underflow.time_ns or None)

    def next_underflow(self, timeout: float | None = None) -> Underflow | None:
        """The oldest underflow that was not taken; None when there is none in time.

        May be called by another thread than the one that writes. Ended: the route was stopped.
        """
        deadline = Deadline(timeout)
        while True:
            left = deadline.left()
            underflow = self._underflow(int(min(_SLICE_MS, left * 1000)))
            if underflow or not left:
                return underflow

    def underflows(self) -> list[Underflow]:
        """The underflows that have come and were not taken."""
        taken = []
        while underflow := self._underflow(0):
            taken.append(underflow)
        return taken

    def close(self) -> None:
        """Stop the route if it runs, and release the stream: what was not played is dropped."""
        if self.is_open and self._is_sending:
            self.cancel()
        with self._lock:
            super().close()

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        try:
            if kind is None and self.is_open:
                if self._is_pending:
                    self.end()
                if self._is_ended:
                    self.drain()
        finally:
            self.close()
