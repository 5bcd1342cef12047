# SPDX-License-Identifier: LGPL-2.1-or-later
"""Samples of a route as arrays, and arrays as samples; the values are the library's work."""

from __future__ import annotations

from collections.abc import Sequence
from ctypes import c_uint
from typing import Any

import numpy as np
from numpy.typing import DTypeLike, NDArray

from ._errors import Invalid
from ._library import Handle, lib, new, text

# enum iiobridge_format
_FORMATS = {
    np.dtype(np.int8): 0,
    np.dtype(np.int16): 1,
    np.dtype(np.int32): 2,
    np.dtype(np.float32): 3,
    np.dtype(np.complex64): 3,  # of pairs
}
_COMPLEX = np.dtype(np.complex64)
_FLOAT = np.dtype(np.float32)
_ACCEPTED = "complex64, float32, int8, int16 or int32"


def _channel_names(route: Handle | int) -> list[str]:
    return [
        text(lib.iiobridge_channel_id(lib.iiobridge_route_channel(route, number)))
        for number in range(lib.iiobridge_route_channel_count(route))
    ]


def channel_numbers(route: Handle, channels: Sequence[int | str]) -> list[int]:
    """The numbers of channels that are given by number or name."""
    names = _channel_names(route)
    numbers = []
    for channel in channels:
        number = channel
        if isinstance(number, str):
            number = names.index(number) if number in names else -1
        if not 0 <= number < len(names):
            raise Invalid(
                f"the route {text(lib.iiobridge_route_name(route))} has no channel {channel!r}; "
                f"it has {', '.join(names)}"
            )
        numbers.append(number)
    if len(set(numbers)) < len(numbers) or not numbers:
        raise Invalid(f"the channels {list(channels)!r} are not one or more different ones")
    return numbers


def _are_pairs(names: Sequence[str]) -> bool:
    """Whether channels are I and Q: by their names, or as there are two without a modifier of IIO.

    The AD9361's I and Q, for one, are just voltage0 and voltage1.
    """
    if len(names) % 2 == 0 and all(
        one.endswith("_i") and other == one[:-2] + "_q"
        for one, other in zip(names[::2], names[1::2])
    ):
        return True
    return len(names) == 2 and not any("_" in name for name in names)


class Layout:
    """How the samples of a stream lie, and what they are as arrays.

    An array has a row for each pair of channels where it is complex, and else for each channel;
    that of one row has no rows, but only one dimension. route is only looked at.
    """

    def __init__(self, route: int, channels: Sequence[int] | None) -> None:
        in_sample = [
            number
            for number in range(lib.iiobridge_route_channel_count(route))
            if lib.iiobridge_channel_offset(lib.iiobridge_route_channel(route, number)) >= 0
        ]
        names = _channel_names(route)
        self.channels = list(in_sample if channels is None else channels)
        self.are_pairs = _are_pairs([names[number] for number in self.channels])
        self.sample_size = int(lib.iiobridge_route_sample_size(route))
        self.values_in_sample = len(in_sample)
        self.native = self._native(route, in_sample)

    def _native(self, route: int, in_sample: Sequence[int]) -> np.dtype[Any] | None:
        """The type of all values of a sample, if they have one, and nothing lies between them."""
        kinds = set()
        for place, number in enumerate(in_sample):
            channel = lib.iiobridge_route_channel(route, number)
            order = ">" if lib.iiobridge_channel_is_big_endian(channel) else "<"
            size = lib.iiobridge_channel_storage_bits(channel) // 8
            kinds.add((order, "i" if lib.iiobridge_channel_is_signed(channel) else "u", size))
            if size not in (1, 2, 4, 8) or lib.iiobridge_channel_offset(channel) != place * size:
                return None
        if len(kinds) != 1:
            return None
        order, kind, size = kinds.pop()
        if self.sample_size != len(in_sample) * size:
            return None
        return np.dtype(f"{order}{kind}{size}")

    def dtype(self, wanted: DTypeLike) -> np.dtype[Any]:
        """The type of arrays, when this one is wanted, or None for what suits."""
        if wanted is None:
            return _COMPLEX if self.are_pairs else _FLOAT
        dtype = np.dtype(wanted)
        if dtype not in _FORMATS:
            raise Invalid(f"samples cannot be {dtype}; accepted is {_ACCEPTED}")
        if dtype == _COMPLEX and len(self.channels) % 2:
            raise Invalid(
                f"samples cannot be {dtype}: {len(self.channels)} "
                f"channel{'s are' if len(self.channels) > 1 else ' is'} no pairs of I and Q"
            )
        return dtype

    def values(self, dtype: np.dtype[Any]) -> int:
        """How many channels a row has."""
        return 2 if dtype == _COMPLEX else 1


def _conversion(route: int, channels: Sequence[int], format: int) -> Handle:
    numbers = (c_uint * len(channels))(*channels)
    return new(lib.iiobridge_conversion_free, lib.iiobridge_conversion_of_route, route, numbers,
               len(channels), format)  # fmt: skip


class Unpacker:
    """Makes arrays of samples."""

    def __init__(self, route: int, layout: Layout, wanted: DTypeLike) -> None:
        self.dtype = layout.dtype(wanted)
        values = layout.values(self.dtype)
        self._rows = [
            _conversion(route, layout.channels[at : at + values], _FORMATS[self.dtype])
            for at in range(0, len(layout.channels), values)
        ]
        self.full_scale: float = lib.iiobridge_conversion_full_scale(self._rows[0], 0)

    def empty(self, samples: int) -> NDArray[Any]:
        """An array for samples, with all its rows."""
        return np.empty((len(self._rows), samples), self.dtype)

    def unpack(self, data: int, samples: int, array: NDArray[Any], place: int) -> None:
        """From memory to an array of empty(), from a place in it on."""
        if place + samples > array.shape[1]:
            raise IndexError("the array has no room for so many samples")
        address = array.ctypes.data + place * array.itemsize
        for conversion in self._rows:
            lib.iiobridge_conversion_unpack(conversion, data, samples, address)
            address += array.strides[0]

    @staticmethod
    def result(array: NDArray[Any], samples: int) -> NDArray[Any]:
        """As it is given to others: one row has no rows."""
        return array[0, :samples] if len(array) == 1 else array[:, :samples]


class Packer:
    """Makes samples of arrays."""

    def __init__(self, route: int, layout: Layout) -> None:
        self._layout = layout
        self._conversions = {
            format: _conversion(route, layout.channels, format) for format in _FORMATS.values()
        }

    def rows(self, array: NDArray[Any]) -> NDArray[Any]:
        """The array with a row for each pair, or channel, and of a type that can be converted."""
        dtype = array.dtype.newbyteorder("=")
        if np.issubdtype(dtype, np.complexfloating):
            dtype = _COMPLEX
        elif np.issubdtype(dtype, np.floating):
            dtype = _FLOAT
        values = self._layout.values(self._layout.dtype(dtype))
        rows = len(self._layout.channels) // values
        if array.ndim == 1:
            array = array[np.newaxis]
        if array.ndim != 2 or len(array) != rows:
            raise Invalid(
                f"samples of {dtype} must have {rows} row{'s' if rows > 1 else ''}, one for each "
                f"{'pair of channels' if values == 2 else 'channel'}: the array's shape is "
                f"{array.shape}"
            )
        return array.astype(dtype, copy=False)

    def pack(self, rows: NDArray[Any], begin: int, samples: int, data: NDArray[np.uint8]) -> None:
        """Some of the samples of an array of rows(), to the begin of memory for them."""
        values = np.ascontiguousarray(rows[:, begin : begin + samples].T)
        if len(values) != samples or samples * self._layout.sample_size > data.nbytes:
            raise IndexError("there are not so many samples, or there is no room for them")
        conversion = self._conversions[_FORMATS[rows.dtype]]
        lib.iiobridge_conversion_pack(conversion, values.ctypes.data, samples, data.ctypes.data)
