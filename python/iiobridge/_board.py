# SPDX-License-Identifier: LGPL-2.1-or-later
"""Boards, their routes, and the channels of these."""

from __future__ import annotations

import operator
from collections.abc import Sequence
from ctypes import byref, c_uint
from dataclasses import dataclass, field
from enum import Enum
from types import TracebackType
from typing import overload

from numpy.typing import DTypeLike

from ._controls import Controls
from ._errors import Invalid
from ._library import BoardErrorStruct, Handle, StatisticsStruct, check, fields, lib, new, text
from ._rx import Rx
from ._stream import Statistics
from ._tx import Tx


class RouteKind(Enum):
    """Where the samples of a route go.

    RX: from an ADC to the host
    TX: from the host to a DAC
    REPEATER: from an ADC to a DAC, not over USB
    LINK_TEST: from the host to the host
    """

    RX = 0
    TX = 1
    REPEATER = 2
    LINK_TEST = 3


class Transfer(Enum):
    """How a route moves its blocks on the board.

    DMABUF: the same DMABUF at both ends, no copy
    COPY: copied
    COPY_EARLY: copied, and blocks may come before they are full
    """

    DMABUF = 0
    COPY = 1
    COPY_EARLY = 2


@dataclass(frozen=True)
class Channel:
    """A channel of a route's converter.

    number: its place in the channels of the route
    name: IIO's id, such as "voltage0"
    scan_index: IIO's scan index, which orders the channels of a sample
    offset: bytes from the beginning of a sample; None when the channel is not in it
    bits: valid bits of a value
    storage_bits: bits that a value takes
    shift: right shift that brings the valid bits to bit 0
    repeat: values one behind the other, 1 for most channels
    is_signed: two's complement; else unsigned
    is_big_endian: order of a value's bytes
    """

    number: int
    name: str
    scan_index: int
    offset: int | None
    bits: int
    storage_bits: int
    shift: int
    repeat: int
    is_signed: bool
    is_big_endian: bool


@dataclass(frozen=True)
class BoardError:
    """The last error of a board, whoever was told of it.

    code: enum iiobridge_error_code of <iiobridge/protocol.h>, 0 when there was none yet
    request: the control request that was refused, such as "START"; empty for a fault of a route
    route: number of the route, where it is a fault of one
    message: the board's sentence
    """

    code: int
    request: str
    route: int
    message: str


@dataclass(frozen=True)
class Route:
    """What a board said of one of its routes; ask Board.routes again for what is so now.

    Sizes are 0 when a start would be refused.

    name: in the board's configuration
    device: name of the IIO device, empty where there is none
    channels: all channels of the converter, in a sample or not
    sample_rate: samples in a second, 0 when the converter does not tell
    sample_size: bytes of one value of each channel that is in a sample
    block_size: bytes of a block, a whole number of samples
    block_size_max: bytes of the largest block that may be asked for
    block_step: what a block is a multiple of, bytes; 0 when it is not told
    block_count: blocks that the board has for the route
    is_running: whether it ran when the board was asked
    cyclic: who is to repeat waveforms: 0 nobody, 1 the daemon, 2 the kernel
    repeating: who repeated one when the board was asked
    """

    index: int
    name: str
    device: str
    kind: RouteKind
    channels: tuple[Channel, ...]
    sample_rate: float
    sample_size: int
    block_size: int
    block_size_max: int
    block_step: int
    block_count: int
    transfer: Transfer
    is_running: bool
    cyclic: int
    repeating: int
    _board: Handle = field(repr=False, compare=False)

    @property
    def statistics(self) -> Statistics:
        """What the board counts of the route; asks it."""
        statistics = StatisticsStruct()
        check(lib.iiobridge_route_statistics(self._board, self.index, byref(statistics)))
        return Statistics(**fields(statistics))

    def stop(self) -> None:
        """Stop the route, whoever has started it; one that does not run is no error."""
        check(lib.iiobridge_route_stop(self._board, self.index))


def _channel(route: Handle | int, number: int) -> Channel:
    channel = lib.iiobridge_route_channel(route, number)
    offset = lib.iiobridge_channel_offset(channel)
    return Channel(
        number=number,
        name=text(lib.iiobridge_channel_id(channel)),
        scan_index=lib.iiobridge_channel_scan_index(channel),
        offset=offset if offset >= 0 else None,
        bits=lib.iiobridge_channel_bits(channel),
        storage_bits=lib.iiobridge_channel_storage_bits(channel),
        shift=lib.iiobridge_channel_shift(channel),
        repeat=lib.iiobridge_channel_repeat(channel),
        is_signed=lib.iiobridge_channel_is_signed(channel),
        is_big_endian=lib.iiobridge_channel_is_big_endian(channel),
    )


def _route(board: Handle, route: Handle | int) -> Route:
    return Route(
        index=lib.iiobridge_route_index(route),
        name=text(lib.iiobridge_route_name(route)),
        device=text(lib.iiobridge_route_device(route)),
        kind=RouteKind(lib.iiobridge_route_kind(route)),
        channels=tuple(
            _channel(route, number) for number in range(lib.iiobridge_route_channel_count(route))
        ),
        sample_rate=lib.iiobridge_route_sample_rate(route),
        sample_size=lib.iiobridge_route_sample_size(route),
        block_size=lib.iiobridge_route_block_size(route),
        block_size_max=lib.iiobridge_route_block_size_max(route),
        block_step=lib.iiobridge_route_block_step(route),
        block_count=lib.iiobridge_route_block_count(route),
        transfer=Transfer(lib.iiobridge_route_transfer(route)),
        is_running=lib.iiobridge_route_is_running(route),
        cyclic=lib.iiobridge_route_cyclic(route),
        repeating=lib.iiobridge_route_repeating(route),
        _board=board,
    )


class Routes(Sequence[Route]):
    """The routes of a board, by their numbers or their names: board.routes["rx"].

    The board is asked each time.
    """

    def __init__(self, board: Handle) -> None:
        self._board = board

    def __len__(self) -> int:
        return int(lib.iiobridge_board_route_count(self._board))

    @overload
    def __getitem__(self, key: int | str) -> Route: ...

    @overload
    def __getitem__(self, key: slice) -> Sequence[Route]: ...

    def __getitem__(self, key: int | str | slice) -> Route | Sequence[Route]:
        if isinstance(key, slice):
            return [self[index] for index in range(*key.indices(len(self)))]
        if isinstance(key, str):
            return self._found(key, RouteKind.RX)
        index = operator.index(key)
        if not -len(self) <= index < len(self):
            raise IndexError(f"there is no route {index}: the board has {len(self)}")
        index %= len(self)
        route = new(lib.iiobridge_route_free, lib.iiobridge_route_get, self._board, index)
        return _route(self._board, route)

    def _found(self, name: str | None, kind: RouteKind) -> Route:
        encoded = None if name is None else name.encode()
        get = lib.iiobridge_route_find
        route = new(lib.iiobridge_route_free, get, self._board, encoded, kind.value)
        return _route(self._board, route)

    def only(self, kind: RouteKind) -> Route:
        """The only route of a kind; Invalid, with the names, when there is none, or several."""
        return self._found(None, kind)

    def __repr__(self) -> str:
        return f"<routes {', '.join(repr(route.name) for route in self)}>"


class Board:
    """An open board; iiobridge.open() returns one.

    A context manager: leaving it closes the board. A board may be open in several programs, which
    all may ask it things; its streams belong to one program at a time.

    serial: serial number, empty when it has none
    model: what the board calls itself
    software: version of iiobridged on the board
    location: bus and device address as lsusb(8) shows them, such as "001:005"
    speed: speed of the connection, such as "SuperSpeed (5 Gbit/s)"
    protocol: version of the protocol that the board speaks
    """

    serial: str
    model: str
    software: str
    location: str
    speed: str
    protocol: tuple[int, int]

    def __init__(self, handle: Handle) -> None:
        major, minor = c_uint(), c_uint()
        self._handle: Handle | None = handle
        self._all_controls: Controls | None = None
        self.serial = text(lib.iiobridge_board_serial(handle))
        self.model = text(lib.iiobridge_board_model(handle))
        self.software = text(lib.iiobridge_board_software(handle))
        self.location = text(lib.iiobridge_board_location(handle))
        self.speed = text(lib.iiobridge_board_speed(handle))
        lib.iiobridge_board_protocol(handle, byref(major), byref(minor))
        self.protocol = (major.value, minor.value)

    def __repr__(self) -> str:
        return f"<board {self.serial!r}: {self.model!r} at {self.location}>"

    def _open(self) -> Handle:
        if self._handle is None:
            raise Invalid(f"the board at {self.location} is closed")
        return self._handle

    @property
    def routes(self) -> Routes:
        """The routes, by number or name; each is asked about when it is looked up."""
        return Routes(self._open())

    @property
    def controls(self) -> Controls:
        """What the board can be tuned with: board.controls["rx frequency"] = 2.4e9."""
        if self._all_controls is None:
            self._all_controls = Controls(self._open())
        return self._all_controls

    @property
    def last_error(self) -> BoardError:
        """The last error of the board, whoever was told of it; asks it."""
        error = BoardErrorStruct()
        check(lib.iiobridge_board_last_error(self._open(), byref(error)))
        return BoardError(**fields(error))

    def _find(self, route: str | int | Route | None, kind: RouteKind) -> Route:
        if isinstance(route, Route):
            return route
        if route is None:
            return self.routes.only(kind)
        return self.routes[route]

    def rx(
        self,
        route: str | int | Route | None = None,
        *,
        channels: Sequence[int | str] | None = None,
        dtype: DTypeLike = None,
        block_size: int = 0,
        memory: int = 0,
        wait_for_records: bool = True,
        keep_records: bool = False,
    ) -> Rx:
        """Prepare to receive; the route starts with the first samples that are asked for.

        route: its name or number; None: the only rx route.
        channels: names or numbers of the channels that are wanted, in this order; None: those that
            the board is configured with.
        dtype: what Rx.read() returns: None for complex64 where the channels are pairs of I and Q,
            and else float32, both with full scale at 1; or one of these; or int8, int16 or int32
            for the converter's own numbers.
        block_size: bytes in a block of the route; 0: as configured.
        memory: bytes of samples that may wait for a program that is late; 0: 8 MiB.
        wait_for_records: samples are handed on when the board's record of them is there, a moment
            later, so that each gap is told before the samples behind it, and times are known.
        keep_records: the records are kept, for Metadata.records.

        Pairs are channels that are called …_i and …_q, and exactly two that have no such endings.
        """
        found = self._find(route, RouteKind.RX)
        return Rx(self._open(), found.index, found.name, channels, dtype, block_size, memory,
                  wait_for_records, keep_records)  # fmt: skip

    def tx(
        self,
        route: str | int | Route | None = None,
        *,
        channels: Sequence[int | str] | None = None,
        block_size: int = 0,
        memory: int = 0,
        ahead: int = 0,
        keep_records: bool = False,
    ) -> Tx:
        """Prepare to send; the route starts with the first samples that are written.

        The arguments are those of rx(), and memory is how far a program may be ahead.

        ahead: bytes that may be on this machine at once, two USB transfers at least, so that what is
        written is played soon; 0: as many as there is room for.
        """
        found = self._find(route, RouteKind.TX)
        return Tx(self._open(), found.index, found.name, channels, block_size, memory, ahead,
                  keep_records)  # fmt: skip

    def close(self) -> None:
        """Close the board; streams that are open keep what they need of it."""
        self._handle = self._all_controls = None

    def __enter__(self) -> Board:
        self._open()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self.close()


@dataclass(frozen=True)
class FoundBoard:
    """A board on the USB, which need not be one that this user may open.

    serial: serial number; empty when it has none, or could not be opened
    model: what it calls itself; empty when it could not be opened
    location: bus and device address as lsusb(8) shows them, such as "001:005"
    """

    serial: str
    model: str
    location: str
    _list: Handle = field(repr=False, compare=False)
    _index: int = field(repr=False, compare=False)

    def open(self) -> Board:
        """Open it."""
        return Board(
            new(lib.iiobridge_board_close, lib.iiobridge_board_list_open, self._list, self._index)
        )


def boards() -> list[FoundBoard]:
    """The boards that are on the USB now.

    Those that could not be opened are in it, too; FoundBoard.open() says why.
    """
    found = new(lib.iiobridge_board_list_free, lib.iiobridge_board_list_new)
    return [
        FoundBoard(
            text(lib.iiobridge_board_list_serial(found, index)),
            text(lib.iiobridge_board_list_model(found, index)),
            text(lib.iiobridge_board_list_location(found, index)),
            found,
            index,
        )
        for index in range(lib.iiobridge_board_list_count(found))
    ]


def open(serial: str | None = None) -> Board:  # noqa: A001 (as iiobridge.open it is clear)
    """Open the board with a serial number, or the only one.

    Invalid: there are several boards, which the sentence names.
    """
    encoded = None if serial is None else serial.encode()
    return Board(new(lib.iiobridge_board_close, lib.iiobridge_board_open, encoded))
