#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""Flow graphs of GNU Radio without a window: gr-soapy, gr-osmosdr and ZeroMQ."""

import time
import unittest

import osmosdr
from gnuradio import blocks, gr, soapy

import radio

SIZE = 16384


class Graph(gr.top_block):  # type: ignore[misc]
    """A source, and the last samples of it."""

    def __init__(self, source: gr.basic_block, *more: gr.basic_block) -> None:
        super().__init__("radio")
        self.source = source
        self.vectors = blocks.stream_to_vector(gr.sizeof_gr_complex, SIZE)
        self.probe = blocks.probe_signal_vc(SIZE)
        self.connect(source, *more, self.vectors, self.probe)

    def peak(self) -> tuple[float, float]:
        return radio.find_peak(self.probe.level())

    def stands_still(self) -> bool:
        before = self.vectors.nitems_written(0)
        time.sleep(1)
        return bool(before == self.vectors.nitems_written(0))

    def end(self) -> None:
        self.stop()
        self.wait()


class Soapy(Graph):
    def __init__(self) -> None:
        super().__init__(soapy.source("driver=remote", "fc32", 1, radio.REMOTE, "", [""], [""]))
        self.source.set_sample_rate(0, radio.RATE)
        self.source.set_bandwidth(0, radio.RATE)
        self.source.set_gain_mode(0, False)

    def tune(self, frequency: float, gain: float) -> None:
        self.source.set_frequency(0, frequency)
        self.source.set_gain(0, gain)


class Osmosdr(Graph):
    def __init__(self) -> None:
        super().__init__(osmosdr.source(args=f"numchan=1 soapy=0,{radio.DEVICE}"))
        self.source.set_sample_rate(radio.RATE)
        self.source.set_bandwidth(radio.RATE, 0)
        self.source.set_gain_mode(False, 0)

    def tune(self, frequency: float, gain: float) -> None:
        self.source.set_center_freq(frequency, 0)
        self.source.set_gain(gain, 0)


class Sources(unittest.TestCase):
    def see(self, graph: Graph, signal: radio.Signal, offset: float, gain: float) -> None:
        """Tune besides a signal, and wait until it is there."""
        graph.tune(signal.frequency - offset, gain)
        self.look(graph, offset, signal.level + gain)

    def look(self, graph: Graph, frequency: float, level: float) -> None:
        radio.wait_for(
            60,
            lambda: radio.is_close(graph.peak(), (frequency, level)),
            lambda: f"{frequency} Hz, {level} dBFS: it is {graph.peak()}",
        )
        print("peak", graph.peak(), flush=True)

    def tunes_stops_and_is_unplugged(self, make: type[Soapy] | type[Osmosdr]) -> None:
        graph = make()
        graph.start()
        self.see(graph, radio.REFERENCE, 200e3, 20)
        self.see(graph, radio.MICROWAVE, -150e3, 15)
        self.see(graph, radio.REFERENCE, 200e3, 20)
        self.see(graph, radio.REFERENCE, 200e3, 33)
        graph.end()
        graph.start()
        self.see(graph, radio.REMOTE_CONTROL, 300e3, 40)
        with radio.unplugged():
            radio.wait_for(30, graph.stands_still, "the graph goes on without a board")
            graph.end()
            del graph
        graph = make()
        graph.start()
        self.see(graph, radio.REFERENCE, 200e3, 20)
        graph.end()

    def test_soapy(self) -> None:
        self.tunes_stops_and_is_unplugged(Soapy)

    def test_osmosdr(self) -> None:
        self.tunes_stops_and_is_unplugged(Osmosdr)


if __name__ == "__main__":
    radio.main()
