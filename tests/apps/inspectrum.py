#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""inspectrum, with a SigMF recording in which the receiver was tuned; what it shows is looked at."""

import base64
import unittest

import numpy

import radio
from screen import Screen


#: The handle of the bar that scrolls, and the end of that
SCROLLED, END = (335, 760), (1016, 760)

#: A second of the reference, and as long another frequency and gain
RECORD = """\
rm -f /tmp/recording*
size() { stat -c %s /tmp/recording.sigmf-data; }
later() { (($(size) > $1)); }
iiobridge capture -r rx -o /tmp/recording.sigmf-meta --frequency 99.8M --gain 20 2>/dev/null &
wait_for 60 later 4000000
iiobridge tune rx frequency=2400.1M gain=5 >/dev/null
wait_for 60 later $(($(size) + 4000000))
kill -INT $!
wait $!
"""


class Program(unittest.TestCase):
    def setUp(self) -> None:
        self.screen = Screen()
        self.addCleanup(self.screen.end)
        radio.board(RECORD)
        self.meta = self.screen.home / "recording.sigmf-meta"
        self.data = self.meta.with_suffix(".sigmf-data")
        self.meta.write_text(radio.board("cat /tmp/recording.sigmf-meta"))
        self.data.write_bytes(base64.b64decode(radio.board("base64 /tmp/recording.sigmf-data")))

    def test_inspectrum(self) -> None:
        samples = numpy.fromfile(self.data, "<i2").astype(float).reshape(-1, 2) / 32768
        values = samples[:, 0] + 1j * samples[:, 1]
        self.assertTrue(radio.is_close(radio.find_peak(values[:16384]), (200e3, -20)))
        self.assertTrue(radio.is_close(radio.find_peak(values[-16384:]), (-100e3, -25)))
        process = self.screen.begin("inspectrum", str(self.meta))
        window = self.screen.window("inspectrum")
        self.screen.fill(window)
        self.screen.shoot_after(5, radio.OUT / "inspectrum.png")
        self.screen.drag(SCROLLED, END)
        self.screen.shoot_after(5, radio.OUT / "inspectrum-tuned.png")
        self.assertIsNone(process.poll())


if __name__ == "__main__":
    radio.main()
