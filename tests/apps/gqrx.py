#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""GQRX, by its remote control."""

import socket
import time
import unittest

import radio
from screen import Screen

#: Hz from the middle at which it receives
OFFSET = 200000

CONFIGURATION = f"""\
[General]
configversion=3
crashed=false

[input]
device="soapy=0,{radio.DEVICE}"
sample_rate={int(radio.RATE)}
bandwidth={int(radio.RATE)}
frequency={int(radio.REFERENCE.frequency)}

[receiver]
demod=AM
offset={OFFSET}

[remote_control]
enabled=true
port=PORT
allowed_hosts=127.0.0.1
"""


class Gqrx:
    """The program, which runs."""

    def __init__(self, screen: Screen) -> None:
        file = screen.home / ".config/gqrx/default.conf"
        file.parent.mkdir(parents=True, exist_ok=True)
        with socket.create_server(("127.0.0.1", 0)) as free:
            port = free.getsockname()[1]
        file.write_text(CONFIGURATION.replace("PORT", str(port)))
        self.screen = screen
        self.process = screen.begin("gqrx")
        self.window = screen.window("^Gqrx")
        self.connection = socket.create_connection(("127.0.0.1", port), timeout=60)
        self.lines = self.connection.makefile("r")

    def ask(self, command: str) -> str:
        self.connection.sendall(f"{command}\n".encode())
        return self.lines.readline().strip()

    def do(self, command: str) -> None:
        answer = self.ask(command)
        if answer != "RPRT 0":
            raise AssertionError(f"gqrx, {command}: {answer}")

    def strength(self) -> float:
        """Of what is at its frequency, dBFS."""
        return float(self.ask("l STRENGTH"))

    def stands_still(self) -> bool:
        """Whether what it measures is the same for two seconds, to the last digit."""
        before = self.ask("l STRENGTH")
        time.sleep(2)
        return before == self.ask("l STRENGTH")

    def quit(self) -> int:
        """Close its window, as a user does; its exit status."""
        self.lines.close()
        self.connection.close()
        self.screen.do("xdotool", "windowfocus", "--sync", self.window, "key", "ctrl+q")
        return self.process.wait(timeout=60)


class Program(unittest.TestCase):
    def setUp(self) -> None:
        self.screen = Screen()
        self.addCleanup(self.screen.end)

    def hear(self, gqrx: Gqrx, signal: radio.Signal, gain: float) -> None:
        gqrx.do(f"F {int(signal.frequency)}")
        gqrx.do(f"L RF_GAIN {gain}")
        radio.wait_for(
            60,
            lambda: abs(gqrx.strength() - signal.level - gain) < 1,
            lambda: f"{signal}: {gqrx.strength()} dBFS",
        )
        print(signal, gain, gqrx.strength(), flush=True)

    def test_gqrx(self) -> None:
        gqrx = Gqrx(self.screen)
        self.screen.fill(gqrx.window)
        gqrx.do("U DSP 1")
        self.hear(gqrx, radio.MICROWAVE, 10)
        self.hear(gqrx, radio.REFERENCE, 0)
        self.hear(gqrx, radio.REFERENCE, 25)
        gqrx.do("U DSP 0")
        gqrx.do("U DSP 1")
        self.hear(gqrx, radio.REMOTE_CONTROL, 30)
        gqrx.do("M WFM")
        self.hear(gqrx, radio.STATION, 30)
        self.screen.shoot_after(20, radio.OUT / "gqrx.png")
        with radio.unplugged():
            radio.wait_for(30, gqrx.stands_still, "it goes on without a board")
            self.screen.shoot_after(1, radio.OUT / "gqrx-unplugged.png")
            gqrx.do("U DSP 0")
            self.assertEqual(gqrx.quit(), 0)
        gqrx = Gqrx(self.screen)
        gqrx.do("U DSP 1")
        self.hear(gqrx, radio.REFERENCE, 25)
        self.assertEqual(gqrx.quit(), 0)


if __name__ == "__main__":
    radio.main()
