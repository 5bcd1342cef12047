#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""CubicSDR, by keys and the mouse: what it shows is looked at, and that it tunes is asked of the driver."""

import time
import unittest

import radio
from screen import Screen

#: Where things are in its windows
DEVICE = (313, 278)
START = (450, 562)
FILE_MENU = (19, 13)
STOP_AND_START = (90, 88)
CLOSE = (48, 166)
WATERFALL = (600, 550)
#: The bar of the gain from its upper end, 71 dB, to its lower one, -3 dB
GAIN_X, GAIN_TOP, GAIN_BOTTOM = 25, 42, 207

CONFIGURATION = """\
<cubicsdr_config>
 <window>
  <x>0</x><y>0</y><w>{size[0]}</w><h>{size[1]}</h><max>0</max><tips>0</tips>
  <center_freq>{frequency:.0f}</center_freq>
 </window>
 <devices><device>
  <id>{name}</id><name>{name}</name><sample_rate>{rate:.0f}</sample_rate><agc_mode>0</agc_mode>
  <streamOpts><remote:prot>tcp</remote:prot></streamOpts>
  <gains><gain><id>RF</id><value>20</value></gain></gains>
 </device></devices>
 <manual_devices><device>
  <factory>remote</factory><params>{remote}</params>
 </device></manual_devices>
</cubicsdr_config>
"""


def frequency() -> float:
    return float(radio.board("phy out_altvoltage0_RX_LO_frequency"))


def gain() -> float:
    return float(radio.board("phy in_voltage0_hardwaregain").split()[0])


def blocks() -> int:
    """Blocks of the route that went to a host in its last run."""
    return int(radio.board("count delivered rx"))


class Program(unittest.TestCase):
    def setUp(self) -> None:
        self.screen = Screen()
        self.addCleanup(self.screen.end)
        serial = radio.board("iiobridge list | awk 'NR == 2 { print $2 }'").strip()
        folder = self.screen.home / ".CubicSDR"
        folder.mkdir()
        (folder / "config.xml").write_text(
            CONFIGURATION.format(
                size=self.screen.size,
                frequency=radio.REFERENCE.frequency - 200e3,
                rate=radio.RATE,
                remote=radio.REMOTE,
                name=f"board {serial}",
            )
        )
        self.process = self.screen.begin("CubicSDR")
        dialog = self.screen.window("SDR Devices")
        radio.wait_for(120, self.has_found, "it finds no device")
        radio.wait_for(120, lambda: self.is_chosen(dialog), "the device is not started")
        self.window = self.screen.window("^CubicSDR")
        self.streams()

    def has_found(self) -> bool:
        return "SDR enumerator done." in self.screen.log("CubicSDR")

    def is_chosen(self, dialog: str) -> bool:
        """Choose the device, in the list that comes some time after it was found."""
        for place in (DEVICE, START):
            if dialog in self.screen.windows("SDR Devices"):
                self.screen.click(place)
        return dialog not in self.screen.windows("SDR Devices")

    def streams(self) -> None:
        before = blocks()
        radio.wait_for(60, lambda: blocks() > before, "it receives nothing")

    def stands_still(self) -> bool:
        before = blocks()
        time.sleep(2)
        return blocks() == before

    def tune(self, wanted: float) -> None:
        """Keys over the waterfall open a box; its sizer has a fault, which a box of wxWidgets' tells of."""
        digits = f"{wanted:.0f}"
        self.screen.do("xdotool", "windowfocus", "--sync", self.window)
        self.screen.move(WATERFALL)
        self.screen.do("xdotool", "key", digits[0])
        box = self.screen.window_or_key("Set Center Frequency", "Return")
        self.screen.do("xdotool", "windowfocus", "--sync", box, "key", "End", "type", "--delay", "50",
                       digits[1:])  # fmt: skip
        self.screen.do("xdotool", "key", "Return")
        radio.wait_for(30, lambda: frequency() == wanted, lambda: f"{wanted}: it is {frequency()}")

    def set_gain(self, share: float) -> None:
        before = gain()
        self.screen.click((GAIN_X, round(GAIN_BOTTOM - (GAIN_BOTTOM - GAIN_TOP) * share)))
        wanted = -3 + 74 * share
        radio.wait_for(30, lambda: abs(gain() - wanted) < 4, lambda: f"{wanted}: it is {gain()}")
        self.assertNotEqual(gain(), before)

    def stop_or_start(self) -> None:
        self.screen.click(FILE_MENU)
        self.screen.click(STOP_AND_START)

    def test_cubicsdr(self) -> None:
        self.assertEqual(frequency(), radio.REFERENCE.frequency - 200e3)
        self.assertEqual(gain(), 20)
        self.screen.shoot_after(5, radio.OUT / "cubicsdr-reference.png")
        self.tune(radio.MICROWAVE.frequency - 100e3)
        self.screen.shoot_after(5, radio.OUT / "cubicsdr-microwave.png")
        self.set_gain(0.6)
        self.screen.shoot_after(5, radio.OUT / "cubicsdr.png")
        self.stop_or_start()
        radio.wait_for(30, self.stands_still, "it does not stop")
        self.stop_or_start()
        self.streams()
        with radio.unplugged():
            self.screen.shoot_after(15, radio.OUT / "cubicsdr-unplugged.png")
            self.assertIsNone(self.process.poll(), "it has ended")
            self.screen.click(FILE_MENU)
            self.screen.click(CLOSE)
            self.assertEqual(self.process.wait(timeout=60), 0)


if __name__ == "__main__":
    radio.main()
