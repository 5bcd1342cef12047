# SPDX-License-Identifier: GPL-2.0-or-later
"""The virtual board as a radio on the network (tests/board/tests/radio), and what its samples show."""

import os
import socket
import sys
import time
import unittest
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import NamedTuple

import numpy
from numpy.typing import ArrayLike

PORT = int(os.environ["APPS_PORTS"].partition("-")[0])
#: Where pictures and logs go
OUT = Path(os.environ["APPS_OUT"])
#: What SoapySDR is told, by SoapyRemote's names of it
REMOTE = f"remote=tcp://127.0.0.1:{PORT},remote:driver=iiobridge,remote:prot=tcp"
DEVICE = f"driver=remote,{REMOTE}"
#: Where samples come from that the board publishes
ZEROMQ = f"tcp://127.0.0.1:{PORT + 1}"
RATE = 1e6

#: Of a flat-top window, by which the level of a tone does not depend on its place between two bins
FLAT_TOP = (0.21557895, -0.41663158, 0.277263158, -0.083578947, 0.006947368)


class Signal(NamedTuple):
    """A signal of tests/board/iiosim/world.c."""

    frequency: float  #: Hz
    level: float  #: dBm


STATION = Signal(98.5e6, -50)
REFERENCE = Signal(100e6, -40)
REMOTE_CONTROL = Signal(433.92e6, -55)
MICROWAVE = Signal(2400e6, -30)


class Failed(Exception):
    """A command on the board."""


def board(commands: str) -> str:
    """Run commands of a shell on the board, with the functions of tests/board/lib.sh; what they print."""
    with socket.create_connection(("127.0.0.1", PORT + 2), timeout=120) as connection:
        connection.sendall(commands.encode())
        connection.shutdown(socket.SHUT_WR)
        answer = b"".join(iter(lambda: connection.recv(65536), b"")).decode()
    text, _, status = answer.rpartition("status ")
    if status != "0\n":
        raise Failed(f"{commands}: {answer}")
    return text


def wait_for(seconds: float, condition: Callable[[], bool], what: str | Callable[[], str]) -> None:
    """Wait until something is the case."""
    end = time.monotonic() + seconds
    while not condition():
        if time.monotonic() > end:
            raise AssertionError(f"in vain: {what if isinstance(what, str) else what()}")
        time.sleep(0.1)


def find_peak(samples: ArrayLike, rate: float = RATE) -> tuple[float, float]:
    """Where the spectrum of complex samples is strongest: Hz from its middle, and dBFS."""
    values = numpy.asarray(samples)
    angle = 2 * numpy.pi * numpy.arange(len(values)) / len(values)
    window = sum(factor * numpy.cos(n * angle) for n, factor in enumerate(FLAT_TOP))
    spectrum = numpy.abs(numpy.fft.fft(values * window)) / numpy.sum(window)
    place = int(numpy.argmax(spectrum))
    frequency = float(numpy.fft.fftfreq(len(values), 1 / rate)[place])
    return frequency, 20 * float(numpy.log10(max(spectrum[place], 1e-12)))


def is_close(found: tuple[float, float], wanted: tuple[float, float]) -> bool:
    """A peak is where it should be to a few bins, and as strong to half a dB."""
    return abs(found[0] - wanted[0]) < RATE / 4096 and abs(found[1] - wanted[1]) < 0.5


@contextmanager
def unplugged() -> Iterator[None]:
    """As if somebody pulled the cable of the board, and plugged it in again."""
    board("disconnect")
    try:
        yield
    finally:
        board("connect; wait_for 30 found_by_host")


def main() -> None:
    """Run the tests of a program."""
    unittest.main(verbosity=2, argv=sys.argv)
