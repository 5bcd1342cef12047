# SPDX-License-Identifier: GPL-2.0-or-later
"""Transmission: what a DAC gets, its end, waveforms, underflows, and waits."""

import threading
from collections.abc import Callable
from typing import Any

import iiobridge
import numpy as np
from board import BLOCK, SAMPLES, TIMEOUT, BoardTest, fake, interrupt, iq, received, words


class TxTest(BoardTest):
    """A test has a board whose only route is to a DAC."""

    def setUp(self) -> None:
        super().setUp()
        fake.make_tx(0)
        self.board = iiobridge.open()

    def tearDown(self) -> None:
        self.board.close()
        super().tearDown()

    def assert_played(self, samples: int) -> None:
        """The DAC got so many samples, each with its number, and knew where they end."""
        got = received()
        self.assertEqual(fake.finish(0), 4 * samples)
        self.assertEqual(len(got), -(-samples // SAMPLES) * SAMPLES)
        np.testing.assert_array_equal(got[:samples], words(0, samples))
        self.assertFalse(got[samples:].any())


class Writes(TxTest):
    def test_complex_numbers_are_pairs(self) -> None:
        with self.board.tx("tx") as stream:
            self.assertEqual(stream.write(iq(0, 3 * SAMPLES + 10)), 3 * SAMPLES + 10)
        self.assert_played(3 * SAMPLES + 10)

    def test_several_writes_are_one_signal(self) -> None:
        with self.board.tx() as stream:
            for first in range(0, 100000, 10000):
                stream.write(iq(first, 10000).astype(np.complex128))
            stream.end()
            stream.drain(TIMEOUT)
            self.assertEqual(stream.played, 100000)
            self.assertEqual(stream.underflows(), [])
        self.assert_played(100000)

    def test_integers_have_a_row_for_each_channel(self) -> None:
        with self.board.tx() as stream:
            stream.write(words(0, 1000).T)
        self.assert_played(1000)

    def test_floats_have_a_row_for_each_channel(self) -> None:
        with self.board.tx() as stream:
            stream.write(words(0, 1000).T / 32768)
        self.assert_played(1000)

    def test_other_orders_of_bytes_and_of_memory(self) -> None:
        with self.board.tx() as stream:
            stream.write(iq(0, 1000).astype(">c8"))
            stream.write(np.repeat(iq(1000, 1000), 2)[::2])
        self.assert_played(2000)

    def test_what_is_beyond_full_scale_is_full_scale(self) -> None:
        with self.board.tx() as stream:
            stream.write(np.array([2 - 2j]))
        self.assertEqual(list(received()[0]), [32767, -32768])

    def test_one_channel(self) -> None:
        with self.board.tx(channels=[0]) as stream:
            stream.write(np.arange(100, dtype=np.int16))
        np.testing.assert_array_equal(received().ravel()[:100], np.arange(100))

    def test_several_pairs_have_a_row_each(self) -> None:
        self.board.close()
        fake.set_channels(0, 4, 16)
        self.board = iiobridge.open()
        with self.board.tx() as stream:
            stream.write(np.array([iq(0, 1000), iq(5000, 1000)]))
        got = received().reshape(-1, 4)[:1000]
        np.testing.assert_array_equal(got, np.hstack([words(0, 1000), words(5000, 1000)]))

    def test_arrays_that_do_not_fit_are_refused(self) -> None:
        with self.board.tx() as stream:
            arrays: list[tuple[Any, str]] = [
                (np.zeros(4, np.float32), "2 rows"),
                (np.zeros((2, 4), np.complex64), "1 row,"),
                (np.zeros((2, 4), np.int64), "int64"),
                (np.zeros((2, 2, 2), np.int16), "shape"),
            ]
            for array, part in arrays:
                with self.assertRaisesRegex(iiobridge.Invalid, part):
                    stream.write(array)
            self.assertEqual(stream.write(np.zeros(0, np.complex64)), 0)

    def test_without_samples_there_is_no_end(self) -> None:
        with self.board.tx() as stream, self.assertRaises(iiobridge.Invalid):
            stream.end()

    def test_what_is_written_behind_a_stop_is_a_new_run(self) -> None:
        with self.board.tx() as stream:
            stream.write(iq(77, 10 * SAMPLES))
            stream.stop()
            stream.write(iq(0, SAMPLES))
        self.assert_played(SAMPLES)


class Ends(TxTest):
    def test_an_exception_stops_the_route(self) -> None:
        fake.never_ends(0)
        with self.assertRaises(ZeroDivisionError), self.board.tx() as stream:
            stream.write(iq(0, SAMPLES))
            1 / 0
        self.assertFalse(fake.is_running(0))
        self.assertEqual(fake.finish(0), 0)

    def test_nothing_was_written(self) -> None:
        with self.board.tx():
            pass
        self.assertEqual(fake.finish(0), 0)

    def test_an_underflow_is_told_with_its_place(self) -> None:
        fake.set_gap(0, 2, 300)
        with self.board.tx() as stream:
            stream.write(iq(0, 4 * SAMPLES))
            stream.end()
            stream.drain(TIMEOUT)
            underflow = stream.next_underflow(TIMEOUT)
            assert underflow
            self.assertEqual((underflow.sample, underflow.missed), (2 * SAMPLES, 300))
            self.assertEqual(stream.underflows(), [])
            self.assertIsNone(stream.next_underflow(0.01))

    def test_a_board_that_went_away(self) -> None:
        with self.assertRaises(iiobridge.Gone), self.board.tx() as stream:
            stream.write(iq(0, 10))
            fake.pull()

    def test_a_stream_that_is_closed_is_asked_nothing(self) -> None:
        stream = self.board.tx()
        stream.close()
        stream.close()
        uses: list[Callable[[], object]] = [
            lambda: stream.write(iq(0, 1)), stream.end, stream.drain, stream.stop, stream.detach,
            lambda: stream.repeat(iq(0, 1)), stream.underflows, lambda: stream.played,
        ]  # fmt: skip
        for use in uses:
            with self.assertRaisesRegex(iiobridge.Ended, "closed"):
                use()


class Waveforms(TxTest):
    def test_it_is_repeated_until_the_stream_is_closed(self) -> None:
        with self.board.tx() as stream:
            stream.repeat(iq(0, 1000))
            self.assertTrue(stream.is_repeating)
            self.assertTrue(fake.is_running(0))
        self.assertFalse(fake.is_running(0))
        np.testing.assert_array_equal(received()[1000:2000], words(0, 1000))

    def test_it_is_left_to_the_board(self) -> None:
        with self.board.tx() as stream:
            stream.repeat(iq(0, 1000))
            stream.detach()
        self.assertTrue(fake.is_running(0))
        self.board.routes[0].stop()

    def test_what_is_no_waveform_is_not_left_to_the_board(self) -> None:
        with self.board.tx() as stream, self.assertRaises(ValueError):
            stream.detach()

    def test_it_must_fit_the_blocks(self) -> None:
        with self.board.tx() as stream:
            with self.assertRaisesRegex(iiobridge.Invalid, str(8 * SAMPLES)):
                stream.repeat(np.zeros(8 * SAMPLES + 1, np.complex64))
            with self.assertRaises(iiobridge.Invalid):
                stream.repeat(np.zeros(0, np.complex64))


class Waits(TxTest):
    # Transfers of the host, and 8 MiB that it may be ahead.
    MANY = 20 * 1024 * 1024 // 4

    def setUp(self) -> None:
        super().setUp()
        fake.allow(0, 0)

    def test_what_is_not_taken_in_time(self) -> None:
        with self.board.tx() as stream:
            taken = stream.write(iq(0, self.MANY), 0)
            self.assertGreater(taken, 8 * SAMPLES)
            self.assertLess(taken, self.MANY)
            with self.assertRaisesRegex(TimeoutError, "tx.*within"):
                stream.write(iq(0, 1), 0.001)
            stream.close()

    def test_what_is_not_played_in_time(self) -> None:
        with self.board.tx() as stream:
            stream.write(iq(0, 1))
            stream.end()
            with self.assertRaises(iiobridge.Timeout):
                stream.drain(0.001)
            fake.allow(0, -1)
        self.assert_played(1)

    def test_a_write_waits_for_room(self) -> None:
        with self.board.tx() as stream:
            allower = threading.Timer(0, fake.allow, (0, -1))
            allower.start()
            self.assertEqual(stream.write(iq(0, self.MANY), TIMEOUT), self.MANY)
            allower.join()
        self.assertEqual(fake.finish(0), 4 * self.MANY)
        self.assertEqual(fake.received(0, None, 0), 4 * self.MANY // BLOCK * BLOCK)

    def test_a_signal_ends_the_waits(self) -> None:
        with self.board.tx() as stream:
            interrupt(lambda: stream.write(iq(0, self.MANY)))
            stream.stop()
            stream.write(iq(0, 1))
            stream.end()
            interrupt(stream.drain)
            interrupt(stream.next_underflow)
            stream.stop()
            interrupt(lambda: stream.repeat(iq(0, 10)))
            stream.close()

    def test_a_write_is_cancelled_and_says_what_was_taken(self) -> None:
        with self.board.tx() as stream:
            stream.cancel()
            self.assertGreater(stream.write(iq(0, self.MANY)), 0)
            with self.assertRaises(iiobridge.Cancelled):
                stream.write(iq(0, 1))
            stream.close()

    def test_a_stream_that_another_thread_closes_has_ended(self) -> None:
        stream = self.board.tx()
        errors = []

        def write() -> None:
            try:
                while True:
                    stream.write(iq(0, self.MANY))
            except iiobridge.Error as error:
                errors.append(type(error))

        writer = threading.Thread(target=write)
        writer.start()
        stream.close()
        writer.join()
        self.assertEqual(errors, [iiobridge.Ended])
