# SPDX-License-Identifier: LGPL-2.1-or-later
"""libiiobridge: its structures, its functions and their types, as its header has them.

tests/python/test_header.py compares all of this with include/iiobridge/iiobridge.h.
"""

from __future__ import annotations

import ctypes
from ctypes import (
    POINTER,
    Structure,
    c_bool,
    c_char,
    c_char_p,
    c_double,
    c_int,
    c_int64,
    c_size_t,
    c_uint,
    c_uint32,
    c_uint64,
    c_void_p,
)
from typing import Any

from ._errors import Error, error_of

FILE = "libiiobridge.so.0"

# ---- structures ----


class BoardErrorStruct(Structure):
    _fields_ = [
        ("code", c_uint),
        ("route", c_uint),
        ("request", c_char * 24),
        ("message", c_char * 256),
    ]


class EventStruct(Structure):
    _fields_ = [
        ("kind", c_int),
        ("error", c_int),
        ("serial", c_char * 128),
        ("location", c_char * 16),
        ("message", c_char * 512),
    ]


class StatisticsStruct(Structure):
    _fields_ = [
        ("running", c_bool),
        ("estimated", c_bool),
        ("starts", c_uint64),
        ("blocks_filled", c_uint64),
        ("blocks_delivered", c_uint64),
        ("blocks_failed", c_uint64),
        ("bytes_delivered", c_uint64),
        ("gaps", c_uint64),
        ("samples_lost", c_uint64),
        ("records_lost", c_uint64),
        ("reserved", c_uint64 * 4),
    ]


class ReadingStruct(Structure):
    _fields_ = [
        ("number", c_double),
        ("text", c_char * 64),
        ("reserved", c_uint64 * 2),
    ]


class SettingsStruct(Structure):
    _fields_ = [
        ("channel_mask", c_uint32),
        ("flags", c_uint32),
        ("block_size", c_size_t),
        ("memory", c_size_t),
        ("ahead", c_size_t),
        ("reserved", c_uint64 * 3),
    ]


class RecordStruct(Structure):
    _fields_ = [
        ("flags", c_uint32),
        ("run", c_uint32),
        ("sequence", c_uint64),
        ("first_sample", c_uint64),
        ("place", c_uint64),
        ("samples", c_uint64),
        ("samples_lost", c_uint64),
        ("filled_ns", c_uint64),
        ("delivered_ns", c_uint64),
        ("records_missing", c_uint64),
        ("samples_missing", c_uint64),
        ("reserved", c_uint64 * 2),
    ]


class BlockStruct(Structure):
    _fields_ = [
        ("data", c_void_p),
        ("samples", c_size_t),
        ("first_sample", c_uint64),
        ("lost", c_uint64),
        ("time_ns", c_uint64),
        ("realtime_ns", c_uint64),
        ("flags", c_uint32),
        ("owner", c_void_p),
        ("reserved", c_uint64 * 2),
    ]


class ClockStruct(Structure):
    _fields_ = [
        ("time_ns", c_uint64),
        ("realtime_ns", c_uint64),
        ("drift_ns", c_int64),
        ("reserved", c_uint64),
    ]


class UnderflowStruct(Structure):
    _fields_ = [
        ("sample", c_uint64),
        ("missed", c_uint64),
        ("time_ns", c_uint64),
        ("reserved", c_uint64),
    ]


STRUCTURES: dict[str, type[Structure]] = {
    "iiobridge_board_error": BoardErrorStruct,
    "iiobridge_event": EventStruct,
    "iiobridge_statistics_info": StatisticsStruct,
    "iiobridge_reading": ReadingStruct,
    "iiobridge_stream_settings": SettingsStruct,
    "iiobridge_block_record": RecordStruct,
    "iiobridge_block": BlockStruct,
    "iiobridge_clock": ClockStruct,
    "iiobridge_underflow": UnderflowStruct,
}

# ---- functions ----

_out = POINTER(c_void_p)  # gets an object

# The result, and then the arguments. Opaque objects are pointers to whatever.
PROTOTYPES: dict[str, tuple[Any, ...]] = {
    "iiobridge_version": (c_char_p,),
    "iiobridge_error_message": (c_char_p,),
    "iiobridge_board_list_new": (c_int, _out),
    "iiobridge_board_list_free": (None, c_void_p),
    "iiobridge_board_list_count": (c_size_t, c_void_p),
    "iiobridge_board_list_serial": (c_char_p, c_void_p, c_size_t),
    "iiobridge_board_list_model": (c_char_p, c_void_p, c_size_t),
    "iiobridge_board_list_location": (c_char_p, c_void_p, c_size_t),
    "iiobridge_board_list_open": (c_int, c_void_p, c_size_t, _out),
    "iiobridge_board_open": (c_int, c_char_p, _out),
    "iiobridge_board_close": (None, c_void_p),
    "iiobridge_board_serial": (c_char_p, c_void_p),
    "iiobridge_board_model": (c_char_p, c_void_p),
    "iiobridge_board_software": (c_char_p, c_void_p),
    "iiobridge_board_location": (c_char_p, c_void_p),
    "iiobridge_board_speed": (c_char_p, c_void_p),
    "iiobridge_board_protocol": (None, c_void_p, POINTER(c_uint), POINTER(c_uint)),
    "iiobridge_board_route_count": (c_uint, c_void_p),
    "iiobridge_board_last_error": (c_int, c_void_p, POINTER(BoardErrorStruct)),
    "iiobridge_monitor_new": (c_int, _out),
    "iiobridge_monitor_free": (None, c_void_p),
    "iiobridge_monitor_next": (c_int, c_void_p, c_int, POINTER(EventStruct)),
    "iiobridge_monitor_fd": (c_int, c_void_p),
    "iiobridge_monitor_cancel": (None, c_void_p),
    "iiobridge_route_get": (c_int, c_void_p, c_uint, _out),
    "iiobridge_route_find": (c_int, c_void_p, c_char_p, c_int, _out),
    "iiobridge_route_free": (None, c_void_p),
    "iiobridge_route_stop": (c_int, c_void_p, c_uint),
    "iiobridge_route_index": (c_uint, c_void_p),
    "iiobridge_route_name": (c_char_p, c_void_p),
    "iiobridge_route_device": (c_char_p, c_void_p),
    "iiobridge_route_kind": (c_int, c_void_p),
    "iiobridge_route_transfer": (c_int, c_void_p),
    "iiobridge_route_is_running": (c_bool, c_void_p),
    "iiobridge_route_cyclic": (c_int, c_void_p),
    "iiobridge_route_repeating": (c_int, c_void_p),
    "iiobridge_route_sample_size": (c_size_t, c_void_p),
    "iiobridge_route_block_size": (c_size_t, c_void_p),
    "iiobridge_route_block_size_max": (c_size_t, c_void_p),
    "iiobridge_route_block_step": (c_size_t, c_void_p),
    "iiobridge_route_block_count": (c_uint, c_void_p),
    "iiobridge_route_sample_rate": (c_double, c_void_p),
    "iiobridge_route_channel_count": (c_uint, c_void_p),
    "iiobridge_route_channel": (c_void_p, c_void_p, c_uint),
    "iiobridge_channel_id": (c_char_p, c_void_p),
    "iiobridge_channel_scan_index": (c_uint, c_void_p),
    "iiobridge_channel_offset": (c_int, c_void_p),
    "iiobridge_channel_bits": (c_uint, c_void_p),
    "iiobridge_channel_storage_bits": (c_uint, c_void_p),
    "iiobridge_channel_shift": (c_uint, c_void_p),
    "iiobridge_channel_repeat": (c_uint, c_void_p),
    "iiobridge_channel_is_signed": (c_bool, c_void_p),
    "iiobridge_channel_is_big_endian": (c_bool, c_void_p),
    "iiobridge_route_statistics": (c_int, c_void_p, c_uint, POINTER(StatisticsStruct)),
    "iiobridge_control_list_new": (c_int, c_void_p, _out),
    "iiobridge_control_list_free": (None, c_void_p),
    "iiobridge_control_list_update": (c_int, c_void_p, POINTER(c_size_t)),
    "iiobridge_control_list_count": (c_size_t, c_void_p),
    "iiobridge_control_list_get": (c_void_p, c_void_p, c_size_t),
    "iiobridge_control_list_route_name": (c_char_p, c_void_p, c_size_t),
    "iiobridge_control_find_by_name": (c_void_p, c_void_p, c_char_p),
    "iiobridge_control_index": (c_uint, c_void_p),
    "iiobridge_control_name": (c_char_p, c_void_p),
    "iiobridge_control_route": (c_int, c_void_p),
    "iiobridge_control_channel": (c_int, c_void_p),
    "iiobridge_control_role": (c_int, c_void_p),
    "iiobridge_control_kind": (c_int, c_void_p),
    "iiobridge_control_unit": (c_char_p, c_void_p),
    "iiobridge_control_is_readable": (c_bool, c_void_p),
    "iiobridge_control_is_writable": (c_bool, c_void_p),
    "iiobridge_control_has_range": (c_bool, c_void_p),
    "iiobridge_control_minimum": (c_double, c_void_p),
    "iiobridge_control_maximum": (c_double, c_void_p),
    "iiobridge_control_step": (c_double, c_void_p),
    "iiobridge_control_choice_count": (c_uint, c_void_p),
    "iiobridge_control_choice": (c_char_p, c_void_p, c_uint),
    "iiobridge_control_is_known": (c_bool, c_void_p),
    "iiobridge_control_number": (c_double, c_void_p),
    "iiobridge_control_text": (c_char_p, c_void_p),
    "iiobridge_control_message": (c_char_p, c_void_p),
    "iiobridge_control_has_changed": (c_bool, c_void_p),
    "iiobridge_control_read": (c_int, c_void_p, c_uint, POINTER(ReadingStruct)),
    "iiobridge_control_set_number": (c_int, c_void_p, c_uint, c_double, POINTER(ReadingStruct)),
    "iiobridge_control_set_text": (c_int, c_void_p, c_uint, c_char_p, POINTER(ReadingStruct)),
    "iiobridge_rx_open": (c_int, c_void_p, c_uint, POINTER(SettingsStruct), _out),
    "iiobridge_rx_close": (None, c_void_p),
    "iiobridge_rx_route": (c_void_p, c_void_p),
    "iiobridge_rx_start": (c_int, c_void_p),
    "iiobridge_rx_stop": (c_int, c_void_p),
    "iiobridge_rx_acquire": (c_int, c_void_p, c_int, POINTER(BlockStruct)),
    "iiobridge_rx_release": (None, c_void_p, POINTER(BlockStruct)),
    "iiobridge_rx_read": (c_int64, c_void_p, c_void_p, c_size_t, c_int, POINTER(BlockStruct)),
    "iiobridge_rx_next_record": (c_int, c_void_p, POINTER(RecordStruct)),
    "iiobridge_rx_statistics": (c_int, c_void_p, POINTER(StatisticsStruct)),
    "iiobridge_rx_clock": (c_int, c_void_p, POINTER(ClockStruct)),
    "iiobridge_rx_fd": (c_int, c_void_p),
    "iiobridge_rx_cancel": (None, c_void_p),
    "iiobridge_tx_open": (c_int, c_void_p, c_uint, POINTER(SettingsStruct), _out),
    "iiobridge_tx_close": (None, c_void_p),
    "iiobridge_tx_route": (c_void_p, c_void_p),
    "iiobridge_tx_write": (c_int64, c_void_p, c_void_p, c_size_t, c_int),
    "iiobridge_tx_end": (c_int, c_void_p),
    "iiobridge_tx_drain": (c_int, c_void_p, c_int),
    "iiobridge_tx_stop": (c_int, c_void_p),
    "iiobridge_tx_repeat": (c_int, c_void_p, c_void_p, c_size_t),
    "iiobridge_tx_repeater": (c_int, c_void_p),
    "iiobridge_tx_detach": (None, c_void_p),
    "iiobridge_tx_played": (c_uint64, c_void_p),
    "iiobridge_tx_next_underflow": (c_int, c_void_p, c_int, POINTER(UnderflowStruct)),
    "iiobridge_tx_next_record": (c_int, c_void_p, POINTER(RecordStruct)),
    "iiobridge_tx_statistics": (c_int, c_void_p, POINTER(StatisticsStruct)),
    "iiobridge_tx_fd": (c_int, c_void_p),
    "iiobridge_tx_cancel": (None, c_void_p),
    "iiobridge_conversion_of_route": (c_int, c_void_p, POINTER(c_uint), c_size_t, c_int, _out),
    "iiobridge_conversion_free": (None, c_void_p),
    "iiobridge_conversion_full_scale": (c_double, c_void_p, c_size_t),
    "iiobridge_conversion_unpack": (None, c_void_p, c_void_p, c_size_t, c_void_p),
    "iiobridge_conversion_pack": (None, c_void_p, c_void_p, c_size_t, c_void_p),
}


def _load() -> ctypes.CDLL:
    try:
        library = ctypes.CDLL(FILE)
    except OSError as error:
        raise ImportError(f"libiiobridge is missing, or cannot be loaded: {error}") from error
    for name, (result, *arguments) in PROTOTYPES.items():
        try:
            function = getattr(library, name)
        except AttributeError:
            version = library.iiobridge_version
            version.restype = c_char_p
            raise ImportError(
                f"{FILE} {text(version())} is older than this module: it has no {name}()"
            ) from None
        function.restype = result
        function.argtypes = arguments
    return library


def text(value: bytes | None) -> str:
    """A text of the library, which is printable UTF-8."""
    return (value or b"").decode(errors="replace")


lib = _load()


def failure(result: int) -> Error:
    """The error for what a function has returned in this thread."""
    return error_of(result, text(lib.iiobridge_error_message()))


def check(result: int) -> int:
    """Raises what a function says by a negative result."""
    if result < 0:
        raise failure(result)
    return result


# ---- objects ----


class Handle:
    """An object of the library, which is released when nobody refers to it any more.

    Whoever calls the library passes the handle itself, by no name of his own: then the arguments of
    the call refer to it until that returns, and no traceback does after that. So an object can be
    closed while another thread calls it, or while there are arrays over its memory.
    """

    def __init__(self, pointer: c_void_p, release: Any) -> None:
        self._as_parameter_ = pointer
        self._release = release

    def replace_release(self, release: Any) -> None:
        """Another function than that of __init__() shall release the object."""
        self._release = release

    def __del__(self) -> None:
        self._release(self._as_parameter_)


def new(release: Any, function: Any, *arguments: Any) -> Handle:
    """The object that a function makes, by its last argument."""
    pointer = c_void_p()
    check(function(*arguments, ctypes.byref(pointer)))
    return Handle(pointer, release)


def fields(structure: Structure) -> dict[str, Any]:
    """The members of a structure by their names, without those that are reserved."""
    values = {field[0]: getattr(structure, field[0]) for field in structure._fields_}
    values.pop("reserved", None)
    return {
        name: text(value) if isinstance(value, bytes) else value for name, value in values.items()
    }
