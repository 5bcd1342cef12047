# SPDX-License-Identifier: LGPL-2.1-or-later
"""What can fail, by enum iiobridge_result of the library."""

from __future__ import annotations


class Error(OSError):
    """The library, or the board, could not do what was asked; str() is its sentence.

    What fails in a way that has a class of its own is of that: all of them are errors of this one.

    result: the number of enum iiobridge_result
    """

    result: int = 0

    def __init__(self, message: str, result: int | None = None) -> None:
        super().__init__(message)
        if result is not None:
            self.result = result


class NotFound(Error):
    """There is no board, or none with this serial number."""

    result = -1


class AccessError(Error, PermissionError):
    """This user may not open the board."""

    result = -2


class Busy(Error):
    """Another program, or another stream of this one, has what was asked for."""

    result = -3


class Gone(Error):
    """The board went away: close it, and open it again when it is back."""

    result = -4


class Refused(Error):
    """The board refused, or its route had a fault; the sentence is the board's."""

    result = -5


class ProtocolError(Error):
    """The board breaks the protocol, or a USB transfer failed."""

    result = -6


class Timeout(Error, TimeoutError):
    """Nothing came in time, or the board did not answer, or did not come to an end."""

    result = -7


class Invalid(Error, ValueError):
    """An argument does not fit, or asks for what the board does not have."""

    result = -8


class NoMemory(Error):
    """There is no memory, or the kernel grants none for USB."""

    result = -9


class SystemFailure(Error):
    """libusb or the system failed in another way."""

    result = -10


class Cancelled(Error):
    """The wait was cancelled, by cancel(); the stream goes on."""

    result = -11


class Ended(Error):
    """The stream was stopped or closed, and all that came is taken."""

    result = -12


_CLASSES = {
    kind.result: kind
    for kind in (
        NotFound, AccessError, Busy, Gone, Refused, ProtocolError, Timeout, Invalid, NoMemory,
        SystemFailure, Cancelled, Ended,
    )
}  # fmt: skip


def error_of(result: int, message: str) -> Error:
    """The error for a result; one of a newer library that has no class here is an Error."""
    return _CLASSES.get(result, Error)(message, result)
