# SPDX-License-Identifier: LGPL-2.1-or-later
"""Converters behind USB: boards that run iiobridged, as arrays of NumPy.

    import iiobridge

    with iiobridge.open() as board, board.rx("rx") as stream:
        board.controls["rx frequency"] = 2.4e9
        x, meta = stream.read(1_000_000)

Boards. boards() lists those that are on the USB, open() opens one of them, by its serial number if
there are several, and monitor() tells of those that come and go.

Routes. Board.routes has what the board says of each, by name or number: converter, channels, sample
rate, blocks, statistics.

Controls. Board.controls is what the board can be tuned with, a mapping from names to values;
Board.controls.info has units, ranges and choices.

Reception. Board.rx() opens a route from an ADC. Rx.read() returns samples as complex64 where the
channels are pairs of I and Q, and else as float32, with full scale at 1, and says where they
belong: place on the converter's clock, times, what was lost before them, whether the board was
tuned. Rx.blocks() yields the library's own memory, without a copy.

Transmission. Board.tx() opens a route to a DAC: Tx.write(), Tx.end(), Tx.drain(), and Tx.repeat()
for waveforms that the board repeats.

Errors are of the class Error, which is an OSError; str() is the library's sentence.

Threads. All may be called by any thread. A stream is read, or written, by one at a time, while
others may ask it things, cancel it, and close it. A thread of the library's own serves USB,
whatever the program does meanwhile. Waits end with Ctrl-C.

This is a layer over libiiobridge, whose header documents more: <iiobridge/iiobridge.h>.
"""

from ._board import (
    Board,
    BoardError,
    Channel,
    FoundBoard,
    Route,
    RouteKind,
    Routes,
    Transfer,
    boards,
    open,
)
from ._controls import Control, ControlKind, Controls, Role
from ._errors import (
    AccessError,
    Busy,
    Cancelled,
    Ended,
    Error,
    Gone,
    Invalid,
    NoMemory,
    NotFound,
    ProtocolError,
    Refused,
    SystemFailure,
    Timeout,
)
from ._library import lib as _lib
from ._library import text as _text
from ._monitor import Event, Monitor, monitor
from ._rx import Block, Clock, Metadata, Rx
from ._stream import Record, RecordFlags, Statistics
from ._tx import Tx, Underflow

__all__ = [
    "AccessError", "Block", "Board", "BoardError", "Busy", "Cancelled", "Channel", "Clock",
    "Control", "ControlKind", "Controls", "Ended", "Error", "Event", "FoundBoard", "Gone",
    "Invalid", "Metadata", "Monitor", "NoMemory", "NotFound", "ProtocolError", "Record",
    "RecordFlags", "Refused", "Role", "Route", "RouteKind", "Routes", "Rx", "Statistics",
    "SystemFailure", "Timeout", "Transfer", "Tx", "Underflow", "boards", "monitor", "open",
]  # fmt: skip

__version__ = _text(_lib.iiobridge_version())
"""Version of the library that runs."""

# What help() and tracebacks show: names of the package, and not of its files.
for _name in __all__:
    globals()[_name].__module__ = __name__
del _name
