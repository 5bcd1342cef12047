# SPDX-License-Identifier: LGPL-2.1-or-later
"""What a board can be tuned with."""

from __future__ import annotations

from collections.abc import Iterator, MutableMapping
from ctypes import byref, c_size_t
from dataclasses import dataclass
from enum import Enum
from threading import Lock
from typing import NoReturn

from ._library import Handle, ReadingStruct, check, lib, new, text


class Role(Enum):
    """What a control is for; what a newer board has beside these is an ATTRIBUTE.

    ATTRIBUTE: any other attribute of an IIO device
    FREQUENCY: of the local oscillator, Hz
    SAMPLE_RATE: Hz
    BANDWIDTH: of the analog filter, both sidebands, Hz
    GAIN: dB; of a transmitter 0 or less, an attenuation
    GAIN_MODE: who sets the gain: "manual", or a gain control
    ANTENNA: the port that is connected
    RSSI: strength of the received signal, dB as the driver has it
    TEMPERATURE: degrees Celsius
    """

    ATTRIBUTE = 0
    FREQUENCY = 1
    SAMPLE_RATE = 2
    BANDWIDTH = 3
    GAIN = 4
    GAIN_MODE = 5
    ANTENNA = 6
    RSSI = 7
    TEMPERATURE = 8


class ControlKind(Enum):
    """What the values of a control are.

    NUMBER: in the control's unit
    CHOICE: one of its texts, Control.choices
    TEXT: text, as the driver takes it
    """

    NUMBER = 0
    CHOICE = 1
    TEXT = 2


@dataclass(frozen=True)
class Control:
    """What a board said of a control, and of its value.

    name: the key in Board.controls: name of the route, a blank, and name of the control
    route: number of the route whose samples it is about; None: none, or all
    channel: number of the receiver or transmitter; None: none, or all
    unit: of its numbers, such as "Hz", "dB" or "°C"; may be empty
    range: least and largest number that it can be set to; None when they are not known
    step: from one number to the next; 0: any number between, or not known
    choices: values that the driver lists, also of a number
    value: the value when the board was asked; None when the driver did not say it
    message: why the value is not known; else empty
    """

    name: str
    kind: ControlKind
    role: Role
    route: int | None
    channel: int | None
    unit: str
    is_readable: bool
    is_writable: bool
    range: tuple[float, float] | None
    step: float
    choices: tuple[str, ...]
    value: float | str | None
    message: str


def _role(number: int) -> Role:
    return Role(number) if number in [role.value for role in Role] else Role.ATTRIBUTE


def _none_below_0(number: int) -> int | None:
    return number if number >= 0 else None


class Controls(MutableMapping[str, "float | str"]):
    """What a board can be tuned with, by name: route, blank, control, such as "rx frequency".

    Where no other control has its name, that of the route can be left out. To look a control up
    reads its value from the driver, a number in the control's unit or a text; to assign sets it,
    and the board judges the value: Refused says what it would accept. Both take as long as the
    driver, 10 seconds at most, while streams go on.

        board.controls["rx frequency"] = 2.4e9
        for name, control in board.controls.info.items():
            print(name, control.value, control.unit)

    A board whose configuration lets a host tune nothing has none.
    """

    def __init__(self, board: Handle) -> None:
        self._board = board
        self._lock = Lock()
        self._list = self._ask()

    def _ask(self) -> Handle:
        return new(lib.iiobridge_control_list_free, lib.iiobridge_control_list_new, self._board)

    # ---- names ----

    def _name(self, place: int) -> str:
        route = text(lib.iiobridge_control_list_route_name(self._list, place))
        name = text(lib.iiobridge_control_name(self._at(place)))
        return f"{route} {name}" if route else name

    def _at(self, place: int) -> int:
        return int(lib.iiobridge_control_list_get(self._list, place))

    def __len__(self) -> int:
        return int(lib.iiobridge_control_list_count(self._list))

    def __iter__(self) -> Iterator[str]:
        with self._lock:
            names = [self._name(place) for place in range(len(self))]
        return iter(names)

    def _find(self, name: object) -> int | None:
        with self._lock:
            encoded = name.encode() if isinstance(name, str) else b""
            control = lib.iiobridge_control_find_by_name(self._list, encoded)
            return lib.iiobridge_control_index(control) if control else None

    def __contains__(self, name: object) -> bool:
        return self._find(name) is not None

    def _index(self, name: str) -> int:
        index = self._find(name)
        if index is None:
            names = ", ".join(repr(other) for other in self) or "none at all"
            raise KeyError(f"the board has no control {name!r}, or several; it has {names}")
        return index

    # ---- values ----

    def _value(self, index: int, reading: ReadingStruct) -> float | str:
        with self._lock:
            kind = ControlKind(lib.iiobridge_control_kind(self._at(index)))
        return float(reading.number) if kind == ControlKind.NUMBER else text(reading.text)

    def __getitem__(self, name: str) -> float | str:
        index = self._index(name)
        reading = ReadingStruct()
        check(lib.iiobridge_control_read(self._board, index, byref(reading)))
        return self._value(index, reading)

    def __setitem__(self, name: str, value: float | str) -> None:
        self.set(name, value)

    def set(self, name: str, value: float | str) -> float | str:
        """Set a control, and return what the driver took: the nearest that it can."""
        index = self._index(name)
        reading = ReadingStruct()
        took = byref(reading)
        if isinstance(value, str):
            check(lib.iiobridge_control_set_text(self._board, index, value.encode(), took))
        else:
            check(lib.iiobridge_control_set_number(self._board, index, float(value), took))
        return self._value(index, reading)

    def __delitem__(self, name: str) -> NoReturn:
        raise TypeError("a control of a board cannot be deleted")

    # ---- all of them ----

    def _control(self, place: int) -> Control:
        control = self._at(place)
        kind = ControlKind(lib.iiobridge_control_kind(control))
        value: float | str | None = None
        if lib.iiobridge_control_is_known(control):
            if kind == ControlKind.NUMBER:
                value = float(lib.iiobridge_control_number(control))
            else:
                value = text(lib.iiobridge_control_text(control))
        minimum = lib.iiobridge_control_minimum(control)
        maximum = lib.iiobridge_control_maximum(control)
        return Control(
            name=self._name(place),
            kind=kind,
            role=_role(lib.iiobridge_control_role(control)),
            route=_none_below_0(lib.iiobridge_control_route(control)),
            channel=_none_below_0(lib.iiobridge_control_channel(control)),
            unit=text(lib.iiobridge_control_unit(control)),
            is_readable=lib.iiobridge_control_is_readable(control),
            is_writable=lib.iiobridge_control_is_writable(control),
            range=(minimum, maximum) if lib.iiobridge_control_has_range(control) else None,
            step=lib.iiobridge_control_step(control),
            choices=tuple(
                text(lib.iiobridge_control_choice(control, number))
                for number in range(lib.iiobridge_control_choice_count(control))
            ),
            value=value,
            message=text(lib.iiobridge_control_message(control)),
        )

    @property
    def info(self) -> dict[str, Control]:
        """What each control is, with its unit, its range, its choices and its value.

        Asks the board for all of them, which takes as long as the drivers, 5 seconds at most.
        """
        asked = self._ask()
        with self._lock:
            self._list = asked
            controls = [self._control(place) for place in range(len(self))]
        return {control.name: control for control in controls}

    def changed(self) -> dict[str, Control]:
        """Those that have changed since the last call, or since the board was asked for all.

        Not what a program has set over USB, but what another one on the board has, a gain control,
        or a driver because another control was set. Asks one thing if nothing has changed, and so
        may be called a few times a second.
        """
        with self._lock:
            check(lib.iiobridge_control_list_update(self._list, byref(c_size_t())))
            controls = [
                self._control(place)
                for place in range(len(self))
                if lib.iiobridge_control_has_changed(self._at(place))
            ]
        return {control.name: control for control in controls}

    def __repr__(self) -> str:
        return f"<controls {', '.join(repr(name) for name in self)}>"
