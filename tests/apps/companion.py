#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""The flow graphs of GNU Radio companion in docs/gnuradio, compiled as they are, and run."""

import os
import runpy
import subprocess
import tempfile
import time
import unittest
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from gnuradio import blocks, gr
from PyQt5 import QtWidgets

import radio

GRAPHS = Path(__file__).parents[2] / "docs/gnuradio"
SIZE = 16384


def compile_graph(name: str) -> type:
    """Its class, as GNU Radio companion makes it."""
    with tempfile.TemporaryDirectory() as folder:
        subprocess.run(["/usr/bin/python3", "/usr/bin/grcc", "-o", folder, GRAPHS / f"{name}.grc"],
                       check=True)  # fmt: skip
        graph = runpy.run_path(f"{folder}/{name}.py")[name]
    assert isinstance(graph, type)
    return graph


@contextmanager
def published(frequency: float, gain: float) -> Iterator[None]:
    """The board's samples, by ZeroMQ."""
    radio.board(
        "systemd-run --quiet --unit=publish --property=KillSignal=SIGINT iiobridge capture -r rx "
        f'-o "zmq:$PUBLISH" --frequency {frequency:.0f} --gain {gain}'
    )
    try:
        yield
    finally:
        radio.board("systemctl stop publish")


class Graphs(unittest.TestCase):
    application: QtWidgets.QApplication

    @classmethod
    def setUpClass(cls) -> None:
        cls.application = QtWidgets.QApplication([])

    def runs(self, graph: gr.top_block, source: gr.basic_block) -> None:
        """Begin it, with something that keeps the last samples of a block."""
        self.probe = blocks.probe_signal_vc(SIZE)
        graph.connect(source, blocks.stream_to_vector(gr.sizeof_gr_complex, SIZE), self.probe)
        graph.start()
        graph.show()

    def sees(self, frequency: float, level: float) -> None:
        def peak() -> tuple[float, float]:
            self.application.processEvents()
            return radio.find_peak(self.probe.level())

        radio.wait_for(
            60,
            lambda: radio.is_close(peak(), (frequency, level)),
            lambda: f"{frequency} Hz, {level} dBFS: it is {peak()}",
        )

    def ends(self, graph: gr.top_block, picture: str) -> None:
        end = time.monotonic() + 5
        while time.monotonic() < end:
            self.application.processEvents()
        graph.resize(800, 800)
        self.application.processEvents()
        self.assertTrue(graph.grab().save(str(radio.OUT / picture)))
        graph.stop()
        graph.wait()
        graph.close()

    def test_soapy(self) -> None:
        graph = compile_graph("soapy_spectrum")(
            driver="remote", device=radio.REMOTE, samp_rate=radio.RATE
        )
        self.runs(graph, graph.source)
        self.sees(200e3, -20)
        graph.set_frequency(radio.MICROWAVE.frequency + 100e3)
        self.sees(-100e3, -10)
        graph.set_gain(5)
        self.sees(-100e3, -25)
        self.ends(graph, "soapy_spectrum.png")

    def test_zeromq(self) -> None:
        with published(radio.REFERENCE.frequency - 200e3, 20):
            graph = compile_graph("zeromq_spectrum")(
                address=radio.ZEROMQ, samp_rate=radio.RATE, frequency=99.8e6
            )
            self.runs(graph, graph.to_complex)
            self.sees(200e3, -20)
            radio.board("iiobridge tune rx gain=10 frequency=2400.1M")
            graph.set_frequency(2400.1e6)
            self.sees(-100e3, -20)
            radio.board("iiobridge tune rx gain=5")
            self.sees(-100e3, -25)
            self.ends(graph, "zeromq_spectrum.png")


if __name__ == "__main__":
    os.environ["QT_QPA_PLATFORM"] = "offscreen"
    radio.main()
