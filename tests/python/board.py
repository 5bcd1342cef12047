# SPDX-License-Identifier: GPL-2.0-or-later
"""Boards in memory, for tests of the module: tests/python/board.c, beside the library."""

from __future__ import annotations

import ctypes
import gc
import signal
import threading
import unittest
from collections.abc import Callable
from ctypes import c_bool, c_char_p, c_int, c_int64, c_long, c_uint, c_uint64, c_void_p
from types import FrameType
from typing import Any

import numpy as np
from numpy.typing import NDArray

BLOCK = 65536  # bytes
SAMPLES = BLOCK // 4  # in a block
TIMEOUT = 100.0  # for what must come

_PROTOTYPES: dict[str, tuple[Any, ...]] = {
    "reset": (None,),
    "make_tx": (None, c_uint),
    "make_radio": (None, c_uint),
    "set_routes": (None, c_uint),
    "set_rate": (None, c_uint, c_uint64),
    "set_channels": (None, c_uint, c_uint, c_uint),
    "set_gap": (None, c_uint, c_int, c_uint64),
    "refuse": (None, c_uint, c_char_p),
    "fail_control": (None, c_uint, c_char_p),
    "touch_control": (None, c_uint, c_int64),
    "allow": (None, c_uint, c_long),
    "send": (None, c_uint, c_long),
    "hold_records": (None, c_bool),
    "never_ends": (None, c_uint),
    "forbid": (None, c_int),
    "plug": (None, c_uint, c_bool),
    "pull": (None,),
    "is_running": (c_bool, c_uint),
    "received": (c_uint64, c_uint, c_void_p, c_uint64),
    "finish": (c_uint64, c_uint),
    "check": (c_int,),
}


class FakeBoard:
    """The functions of board.c."""

    def __init__(self) -> None:
        library = ctypes.CDLL("libiiobridge.so.0")
        for name, (result, *arguments) in _PROTOTYPES.items():
            function = getattr(library, f"board_{name}")
            function.restype = result
            function.argtypes = arguments
            setattr(self, name, function)

    def __getattr__(self, name: str) -> Any:
        raise AttributeError(name)


fake = FakeBoard()


class BoardTest(unittest.TestCase):
    """Each test begins with a board that has one rx route, and gives all back."""

    def setUp(self) -> None:
        fake.reset()

    def tearDown(self) -> None:
        # Exceptions that were caught have frames, and may be in cycles.
        gc.collect()
        self.assertEqual(fake.check(), 0)


def words(first: int, count: int) -> NDArray[Any]:
    """What an ADC of two channels of 16 bits sends: each sample is its place on the clock."""
    return np.arange(first, first + count, dtype="<u4").view("<i2").reshape(-1, 2)


def iq(first: int, count: int) -> NDArray[Any]:
    """The same as complex numbers."""
    values = words(first, count).astype(np.float32) / 32768
    return (values[:, 0] + 1j * values[:, 1]).astype(np.complex64)


def received(route: int = 0) -> NDArray[Any]:
    """What a DAC of two channels got."""
    size = fake.received(route, None, 0)
    data = np.empty(size, np.uint8)
    fake.received(route, data.ctypes.data, size)
    return data.view("<i2").reshape(-1, 2)


class Interrupted(Exception):
    """Raised by a handler of a signal, as KeyboardInterrupt is."""


def _is_in_wait(frame: FrameType | None) -> bool:
    """Whether the module waits: by its function that does so, or in the library."""
    while frame:
        code = frame.f_code
        is_wait = code.co_name in ("wait", "in_thread", "_underflow")
        if is_wait and "/iiobridge/" in code.co_filename:
            return True
        frame = frame.f_back
    return False


def interrupt(wait: Callable[[], object]) -> None:
    """Calls what waits for ever, which a signal's handler ends by an exception."""
    main = threading.get_ident()
    path = f"/proc/self/task/{threading.get_native_id()}/stat"
    done = threading.Event()

    def handle(number: int, frame: FrameType | None) -> None:
        if not done.is_set() and _is_in_wait(frame):
            done.set()
            raise Interrupted

    def send() -> None:
        while not done.is_set():
            with open(path) as file:
                is_asleep = file.read().rpartition(")")[2].split()[0] == "S"
            # It may have slept for something else: then the handler does nothing.
            if is_asleep:
                signal.pthread_kill(main, signal.SIGUSR1)

    before = signal.signal(signal.SIGUSR1, handle)
    sender = threading.Thread(target=send)
    sender.start()
    try:
        wait()
    except Interrupted:
        return
    finally:
        done.set()
        sender.join()
        signal.signal(signal.SIGUSR1, before)
    raise AssertionError("the wait was not interrupted")
