# SPDX-License-Identifier: GPL-2.0-or-later
"""Reception: reads, blocks that are not copied, waits, and what is left when a stream is closed."""

import gc
import select
import subprocess
import sys
import threading
from collections.abc import Callable

import iiobridge
import numpy as np
from board import SAMPLES, TIMEOUT, BoardTest, fake, interrupt, iq, words

START = 5  # request of <iiobridge/protocol.h>


class RxTest(BoardTest):
    """A test has a board, which sends what it is told to."""

    def setUp(self) -> None:
        super().setUp()
        self.board = iiobridge.open()
        fake.allow(0, 0)

    def tearDown(self) -> None:
        self.board.close()
        super().tearDown()

    def begin(self, transfers: int, **options: object) -> iiobridge.Rx:
        stream = self.board.rx("rx", **options)  # type: ignore[arg-type]
        self.addCleanup(stream.close)
        stream.start()
        fake.send(0, transfers)
        return stream


class Reads(RxTest):
    def test_pairs_are_complex_numbers(self) -> None:
        with self.begin(3) as stream:
            x, meta = stream.read(2 * SAMPLES + 100)
            self.assertEqual(x.dtype, np.complex64)
            np.testing.assert_array_equal(x, iq(0, 2 * SAMPLES + 100))
            self.assertEqual(meta.samples, len(x))
            self.assertEqual((meta.first_sample, meta.gap, meta.lost), (0, False, 0))
            self.assertTrue(meta.has_record)
            self.assertFalse(meta.tuned)

    def test_the_next_read_goes_on(self) -> None:
        with self.begin(2) as stream:
            for first in range(0, 2 * SAMPLES, SAMPLES // 4):
                x, meta = stream.read(SAMPLES // 4)
                self.assertEqual(meta.first_sample, first)
                np.testing.assert_array_equal(x, iq(first, SAMPLES // 4))

    def test_the_route_starts_with_the_first_read(self) -> None:
        fake.allow(0, 1)
        with self.board.rx() as stream:
            self.assertFalse(fake.is_running(0))
            stream.read(1)
            self.assertTrue(fake.is_running(0))
        self.assertFalse(fake.is_running(0))

    def test_real_numbers_have_a_row_for_each_channel(self) -> None:
        with self.begin(1, dtype=np.float32) as stream:
            x, _ = stream.read(1000)
            self.assertEqual((x.dtype, x.shape), (np.float32, (2, 1000)))
            np.testing.assert_array_equal(x, words(0, 1000).T.astype(np.float32) / 32768)

    def test_integers_are_the_numbers_of_the_converter(self) -> None:
        with self.begin(1, dtype=np.int16) as stream:
            x, _ = stream.read(1000)
            self.assertEqual((x.dtype, x.shape), (np.int16, (2, 1000)))
            np.testing.assert_array_equal(x, words(0, 1000).T)
            self.assertEqual(stream.full_scale, 32768)

    def test_full_scale_is_that_of_the_valid_bits(self) -> None:
        self.board.close()
        fake.set_channels(0, 2, 12)
        self.board = iiobridge.open()
        with self.begin(1) as stream:
            x, _ = stream.read(2048)
            np.testing.assert_array_equal(x[:2047].real, np.arange(2047, dtype=np.float32) / 2048)
            self.assertEqual(x[-1].real, 2047 / 2048)

    def test_one_channel_has_one_dimension(self) -> None:
        with self.begin(1, channels=[1]) as stream:
            x, _ = stream.read(1000)
            self.assertEqual((x.dtype, x.shape), (np.float32, (1000,)))
            self.assertEqual(stream.sample_size, 2)

    def test_several_pairs_have_a_row_each(self) -> None:
        self.board.close()
        fake.set_channels(0, 4, 16)
        self.board = iiobridge.open()
        with self.begin(1, dtype=np.complex64) as stream:
            x, _ = stream.read(1000)
            self.assertEqual((x.dtype, x.shape), (np.complex64, (2, 1000)))
            np.testing.assert_array_equal(x[0], iq(0, 1000))
            self.assertTrue((x[1].real == np.float32(np.int16(-0x5a5b) / 32768)).all())

    def test_four_channels_that_no_name_pairs_are_real(self) -> None:
        self.board.close()
        fake.set_channels(0, 4, 16)
        self.board = iiobridge.open()
        with self.begin(1) as stream:
            x, _ = stream.read(10)
            self.assertEqual((x.dtype, x.shape), (np.float32, (4, 10)))

    def test_what_cannot_be_is_refused(self) -> None:
        for options, part in (
            ({"dtype": np.float64}, "float64"),
            ({"dtype": np.complex64, "channels": [0]}, "no pairs"),
            ({"channels": ["voltage7"]}, "voltage7"),
            ({"channels": [2]}, "2"),
            ({"channels": [0, 0]}, "different"),
            ({"channels": []}, "different"),
            ({"block_size": 1000}, "1000"),
        ):
            with self.assertRaisesRegex(iiobridge.Invalid, part):
                self.board.rx("rx", **options)  # type: ignore[arg-type]
        with self.begin(1) as stream, self.assertRaises(ValueError):
            stream.read(0)

    def test_a_gap_ends_a_read_and_is_told_with_the_next(self) -> None:
        fake.set_gap(0, 1, 1000)
        with self.begin(3) as stream:
            x, meta = stream.read(2 * SAMPLES)
            self.assertEqual((len(x), meta.gap), (SAMPLES, False))
            x, meta = stream.read(2 * SAMPLES)
            self.assertEqual((len(x), meta.gap, meta.lost), (2 * SAMPLES, True, 1000))
            self.assertEqual(meta.first_sample, SAMPLES + 1000)
            np.testing.assert_array_equal(x, iq(SAMPLES + 1000, 2 * SAMPLES))

    def test_a_gap_is_told_once_however_little_is_read(self) -> None:
        fake.set_gap(0, 1, 1000)
        with self.begin(2) as stream:
            stream.read(2 * SAMPLES)
            _, meta = stream.read(10)
            self.assertEqual((meta.gap, meta.lost), (True, 1000))
            x, meta = stream.read(10)
            self.assertEqual((meta.gap, meta.lost), (False, 0))
            self.assertEqual(meta.first_sample, SAMPLES + 1010)
            np.testing.assert_array_equal(x, iq(SAMPLES + 1010, 10))

    def test_times_are_those_of_the_first_sample(self) -> None:
        self.board.close()
        fake.set_rate(0, 1000000)
        self.board = iiobridge.open()
        with self.begin(3) as stream:
            self.assertEqual(stream.sample_rate, 1e6)
            for _ in range(3):
                _, meta = stream.read(1000)
                assert meta.time_ns and meta.realtime_ns
                self.assertEqual(meta.time_ns, 1000000000 + 1000 * meta.first_sample)
            clock = stream.clock
            assert clock
            self.assertEqual(clock.time_ns, 1000000000)
            assert meta.realtime_ns
            self.assertEqual(meta.realtime_ns - clock.realtime_ns, 1000 * meta.first_sample)
            fake.set_gap(0, 3, 0)
            fake.send(0, 1)
            stream.read(3 * SAMPLES - 3000)
            stream.read(100)
            _, meta = stream.read(100)
            self.assertEqual(meta.time_ns, 1000000000 + 1000 * (3 * SAMPLES + 100))

    def test_samples_that_were_tuned_are_read_by_themselves(self) -> None:
        self.board.close()
        fake.make_radio(0)
        self.board = iiobridge.open()
        with self.begin(1) as stream:
            self.board.controls["rx frequency"] = 1e9
            fake.send(0, 2)
            found = [stream.read(3 * SAMPLES, 0)[1] for _ in range(3)]
            self.assertEqual([meta.tuned for meta in found], [False, True, False])
            self.assertEqual([meta.samples for meta in found], [SAMPLES] * 3)

    def test_records_are_kept(self) -> None:
        with self.begin(2, keep_records=True) as stream:
            _, meta = stream.read(2 * SAMPLES)
            self.assertEqual([record.sequence for record in meta.records], [0, 1])
            self.assertEqual(meta.records[1].first_sample, SAMPLES)
            self.assertEqual(meta.records[1].flags, iiobridge.RecordFlags(0))
            stream.stop()
            (end,) = stream.records()
            self.assertIn(iiobridge.RecordFlags.IS_END, end.flags)

    def test_a_stop_leaves_what_has_arrived(self) -> None:
        with self.begin(2) as stream:
            stream.stop()
            x, _ = stream.read(10 * SAMPLES)
            self.assertEqual(len(x), 2 * SAMPLES)
            with self.assertRaises(iiobridge.Ended):
                stream.read(1)
            statistics = stream.statistics
            assert statistics
            self.assertEqual((statistics.running, statistics.blocks_filled), (False, 2))

    def test_a_new_run_begins_anew(self) -> None:
        with self.begin(2) as stream:
            stream.read(100)
            stream.stop()
            fake.allow(0, 1)
            stream.start()
            x, meta = stream.read(100)
            self.assertEqual(meta.first_sample, 0)
            np.testing.assert_array_equal(x, iq(0, 100))

    def test_a_board_that_went_away_is_told_behind_the_last_samples(self) -> None:
        with self.begin(1) as stream:
            fake.pull()
            x, _ = stream.read(2 * SAMPLES)
            self.assertEqual(len(x), SAMPLES)
            for _ in range(2):
                with self.assertRaises(iiobridge.Gone):
                    stream.read(1)

    def test_a_start_that_is_refused(self) -> None:
        fake.refuse(START, b"the converter is asleep")
        with self.board.rx() as stream, self.assertRaisesRegex(iiobridge.Refused, "is asleep"):
            stream.read(1)


class Waits(RxTest):
    def test_what_does_not_come_in_time(self) -> None:
        with self.begin(0) as stream:
            for timeout in 0, 0.001:
                with self.assertRaisesRegex(TimeoutError, "rx.*within"):
                    stream.read(1, timeout)
                with self.assertRaises(iiobridge.Timeout):
                    stream.next_block(timeout)

    def test_a_part_that_came_in_time(self) -> None:
        with self.begin(1) as stream:
            self.assertEqual(len(stream.read(2 * SAMPLES, 0)[0]), SAMPLES)

    def test_a_read_waits_for_all(self) -> None:
        with self.begin(1) as stream:
            sender = threading.Thread(target=fake.send, args=(0, 2))
            sender.start()
            x, _ = stream.read(3 * SAMPLES, TIMEOUT)
            sender.join()
            np.testing.assert_array_equal(x, iq(0, 3 * SAMPLES))

    def test_a_signal_ends_a_wait_and_the_stream_goes_on(self) -> None:
        with self.begin(0) as stream:
            interrupt(lambda: stream.read(1))
            interrupt(stream.next_block)
            fake.send(0, 1)
            np.testing.assert_array_equal(stream.read(10)[0], iq(0, 10))

    def test_a_wait_is_cancelled(self) -> None:
        with self.begin(1) as stream:
            stream.cancel()
            # What was there comes first.
            self.assertEqual(len(stream.read(2 * SAMPLES)[0]), SAMPLES)
            with self.assertRaises(iiobridge.Cancelled):
                stream.read(1)
            fake.send(0, 1)
            self.assertEqual(stream.read(1)[1].first_sample, SAMPLES)

    def test_the_descriptor_is_readable_when_there_is_something(self) -> None:
        with self.begin(0) as stream:
            with self.assertRaises(iiobridge.Timeout):
                stream.read(1, 0)
            self.assertEqual(select.select([stream], [], [], 0)[0], [])
            fake.send(0, 1)
            self.assertEqual(select.select([stream], [], [], TIMEOUT)[0], [stream])

    def test_a_stream_that_another_thread_closes_has_ended(self) -> None:
        stream = self.begin(0)
        errors = []

        def read() -> None:
            try:
                stream.read(1)
            except iiobridge.Error as error:
                errors.append(type(error))

        readers = [threading.Thread(target=read) for _ in range(3)]
        for reader in readers:
            reader.start()
        stream.close()
        for reader in readers:
            reader.join()
        self.assertEqual(errors, [iiobridge.Ended] * 3)


class Blocks(RxTest):
    def test_a_view_is_the_memory_of_the_library(self) -> None:
        with self.begin(2) as stream, stream.next_block() as block:
            view = block.view()
            self.assertEqual((view.dtype, view.shape), (np.dtype("<i2"), (SAMPLES, 2)))
            np.testing.assert_array_equal(view, words(0, SAMPLES))
            self.assertEqual(view.ctypes.data, block.view().ctypes.data)
            self.assertEqual(len(block), SAMPLES)
            self.assertEqual(block.meta.samples, SAMPLES)
            with self.assertRaises(ValueError):
                view[0, 0] = 1

    def test_a_copy_is_what_a_read_returns(self) -> None:
        with self.begin(1) as stream, stream.next_block() as block:
            x = block.convert()
        np.testing.assert_array_equal(x, iq(0, SAMPLES))

    def test_an_iteration_ends_with_the_stream(self) -> None:
        with self.begin(5) as stream:
            stream.stop()
            first = 0
            for block in stream.blocks():
                self.assertEqual(block.meta.first_sample, first)
                np.testing.assert_array_equal(block.view(), words(first, len(block)))
                first += len(block)
            self.assertEqual(first, 5 * SAMPLES)

    def test_gaps_are_in_the_metadata(self) -> None:
        fake.set_gap(0, 2, 500)
        with self.begin(4) as stream:
            stream.stop()
            self.assertEqual([block.meta.lost for block in stream.blocks()], [0, 0, 500, 0])

    def test_what_was_released_has_no_samples(self) -> None:
        with self.begin(3) as stream:
            before = None
            for block in stream.blocks():
                if before:
                    for use in before.view, before.convert:
                        with self.assertRaisesRegex(ValueError, "released"):
                            use()
                    break
                before = block
            block.release()
            block.release()
            with self.assertRaises(ValueError):
                block.view()

    def test_an_array_keeps_its_memory(self) -> None:
        with self.begin(2) as stream:
            with stream.next_block() as block:
                part = block.view()[100:200, 0]
            stream.next_block().release()
            fake.send(0, 200)
            np.testing.assert_array_equal(part, words(100, 100)[:, 0])

    def test_an_array_keeps_its_memory_behind_the_close_of_all(self) -> None:
        with self.begin(1) as stream:
            view = stream.next_block().view()
        self.board.close()
        self.assertFalse(fake.is_running(0))
        np.testing.assert_array_equal(view, words(0, SAMPLES))

    def test_a_stream_whose_memory_is_used_is_in_the_way_of_the_next(self) -> None:
        with self.begin(1) as stream:
            view = stream.next_block().view()
        with self.assertRaisesRegex(iiobridge.Busy, "arrays of blocks"):
            self.board.rx("rx")
        del view
        self.board.rx("rx").close()

    def test_memory_that_is_not_used_is_in_nobodys_way(self) -> None:
        for _ in range(3):
            with self.begin(1) as stream:
                for block in stream.blocks():
                    block.view()
                    break
                x = stream  # a name that stays
            self.assertFalse(x.is_open)

    def test_who_keeps_all_arrays_is_told_so(self) -> None:
        with self.begin(0, memory=1 << 20) as stream:
            fake.allow(0, 300)
            kept = []
            with self.assertRaisesRegex(BufferError, "copy"):
                while True:
                    kept.append(stream.next_block(TIMEOUT).view())
            self.assertGreater(len(kept), 2)
            for number, view in enumerate(kept):
                np.testing.assert_array_equal(view, words(number * SAMPLES, SAMPLES))
            del view
            taken = len(kept)
            kept.clear()
            self.assertEqual(stream.next_block().meta.first_sample, taken * SAMPLES)

    def test_the_memory_comes_back(self) -> None:
        with self.begin(0) as stream:
            fake.allow(0, 300)
            for number in range(300):
                view = stream.next_block(TIMEOUT).view()
                self.assertEqual(view[1, 0], words(number * SAMPLES + 1, 1)[0, 0])

    def test_a_block_behind_a_read_is_the_rest(self) -> None:
        with self.begin(2) as stream:
            stream.read(100)
            block = stream.next_block()
            np.testing.assert_array_equal(
                np.concatenate([block.convert(), stream.next_block().convert()])[:SAMPLES],
                iq(100, SAMPLES),
            )
            self.assertEqual(block.meta.first_sample, 100)

    def test_a_stream_that_is_closed_is_asked_nothing(self) -> None:
        stream = self.begin(1)
        stream.close()
        stream.close()
        uses: list[Callable[[], object]] = [
            lambda: stream.read(1), stream.next_block, stream.start, stream.stop, stream.cancel,
            stream.fileno, stream.records, lambda: stream.statistics,
        ]  # fmt: skip
        for use in uses:
            with self.assertRaisesRegex(iiobridge.Ended, "closed"):
                use()
        self.assertEqual(list(stream.blocks()), [])


class Ends(RxTest):
    def test_an_exception_stops_the_route(self) -> None:
        with self.assertRaises(ZeroDivisionError), self.begin(1) as stream:
            stream.read(1)
            1 / 0
        self.assertFalse(fake.is_running(0))

    def test_a_stream_that_is_forgotten_is_closed(self) -> None:
        stream = self.board.rx()
        stream.start()
        del stream
        gc.collect()
        self.assertFalse(fake.is_running(0))

    def test_streams_are_closed_when_the_program_ends(self) -> None:
        program = (
            "import atexit, board, iiobridge\n"
            "board.fake.reset()\n"
            "kept = iiobridge.open().rx()\n"
            "view = kept.next_block().view()\n"
            "import iiobridge._stream\n"
            "iiobridge._stream._close_all()\n"
            "assert not board.fake.is_running(0)\n"
            "assert view[1, 0] == 1\n"
        )
        subprocess.run([sys.executable, "-c", program], check=True)

    def test_the_stream_outlives_the_board(self) -> None:
        with self.begin(1) as stream:
            self.board.close()
            np.testing.assert_array_equal(stream.read(10)[0], iq(0, 10))
