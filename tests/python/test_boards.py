# SPDX-License-Identifier: GPL-2.0-or-later
"""Boards, their routes and controls, and boards that come and go."""

import iiobridge
from board import TIMEOUT, BoardTest, fake, interrupt

NO_ACCESS = -3  # LIBUSB_ERROR_ACCESS


class Boards(BoardTest):
    def test_those_that_are_there_are_listed(self) -> None:
        fake.plug(1, True)
        found = iiobridge.boards()
        self.assertEqual([board.serial for board in found], ["one", "two"])
        self.assertEqual(found[1].model, "a model")
        self.assertEqual(found[1].location, "001:006")

    def test_one_of_the_list_is_opened(self) -> None:
        fake.plug(1, True)
        with iiobridge.boards()[1].open() as board:
            self.assertEqual(board.serial, "two")

    def test_the_only_one_is_opened(self) -> None:
        with iiobridge.open() as board:
            self.assertEqual(board.serial, "one")
            self.assertEqual(board.model, "a model")
            self.assertEqual(board.software, "1.2")
            self.assertEqual(board.location, "001:005")
            self.assertEqual(board.speed, "SuperSpeed (5 Gbit/s)")
            self.assertEqual(board.protocol[0], 1)

    def test_of_several_the_serial_number_says_which(self) -> None:
        fake.plug(1, True)
        with iiobridge.open("two") as board:
            self.assertEqual(board.serial, "two")
        with self.assertRaisesRegex(iiobridge.Invalid, "one.*two"):
            iiobridge.open()

    def test_none_is_not_found(self) -> None:
        with self.assertRaisesRegex(iiobridge.NotFound, "three") as caught:
            iiobridge.open("three")
        self.assertIsInstance(caught.exception, iiobridge.Error)
        self.assertIsInstance(caught.exception, OSError)
        self.assertEqual(caught.exception.result, -1)

    def test_one_that_the_user_may_not_open_is_listed_and_says_why(self) -> None:
        fake.forbid(NO_ACCESS)
        (found,) = iiobridge.boards()
        self.assertEqual(found.serial, "")
        with self.assertRaises(PermissionError) as caught:
            found.open()
        self.assertIsInstance(caught.exception, iiobridge.AccessError)

    def test_one_that_is_closed_is_asked_nothing(self) -> None:
        board = iiobridge.open()
        board.close()
        board.close()
        with self.assertRaisesRegex(iiobridge.Invalid, "closed"):
            board.routes
        with self.assertRaises(iiobridge.Invalid):
            board.rx()

    def test_its_last_error_is_told(self) -> None:
        with iiobridge.open() as board:
            fake.refuse(0, b"it was the weather")
            self.assertEqual(board.last_error.message, "it was the weather")
            self.assertGreater(board.last_error.code, 0)

    def test_one_that_went_away_is_gone(self) -> None:
        with iiobridge.open() as board:
            fake.pull()
            with self.assertRaises(iiobridge.Gone):
                board.routes["rx"]


class Routes(BoardTest):
    def test_they_are_found_by_name_and_by_number(self) -> None:
        fake.set_routes(2)
        fake.make_tx(1)
        with iiobridge.open() as board:
            self.assertEqual(len(board.routes), 2)
            self.assertEqual([route.name for route in board.routes], ["rx", "ty"])
            self.assertEqual(board.routes["ty"].index, 1)
            self.assertEqual(board.routes[-1], board.routes["ty"])
            self.assertEqual([route.index for route in board.routes[:1]], [0])
            self.assertEqual(board.routes["ty"].kind, iiobridge.RouteKind.TX)
            self.assertEqual(board.routes.only(iiobridge.RouteKind.RX).name, "rx")

    def test_those_that_are_not_there_are_refused(self) -> None:
        with iiobridge.open() as board:
            with self.assertRaisesRegex(iiobridge.Invalid, "rx"):
                board.routes["no"]
            for index in 1, -2:
                with self.assertRaises(IndexError):
                    board.routes[index]

    def test_what_the_board_says_of_one(self) -> None:
        fake.set_rate(0, 30720000)
        with iiobridge.open() as board:
            route = board.routes["rx"]
            self.assertEqual(route.sample_rate, 30.72e6)
            self.assertEqual(route.sample_size, 4)
            self.assertEqual(route.block_size, 65536)
            self.assertEqual(route.block_count, 8)
            self.assertFalse(route.is_running)
            self.assertEqual(len(route.channels), 2)
            self.assertEqual(route.channels[1].offset, 2)
            self.assertEqual(route.channels[1].bits, 16)
            self.assertTrue(route.channels[1].is_signed)

    def test_it_is_asked_each_time(self) -> None:
        with iiobridge.open() as board, board.rx() as stream:
            stream.start()
            self.assertTrue(board.routes["rx"].is_running)
            self.assertEqual(board.routes["rx"].statistics.starts, 1)
            board.routes["rx"].stop()
            self.assertFalse(board.routes["rx"].is_running)


class Controls(BoardTest):
    def setUp(self) -> None:
        super().setUp()
        fake.make_radio(0)

    def test_a_number_is_read_and_set(self) -> None:
        with iiobridge.open() as board:
            self.assertEqual(board.controls["rx frequency"], 2.4e9)
            board.controls["rx frequency"] = 1e9
            self.assertEqual(board.controls["rx frequency"], 1e9)
            self.assertEqual(board.controls["frequency"], 1e9)

    def test_what_the_driver_took_is_told(self) -> None:
        with iiobridge.open() as board:
            self.assertEqual(board.controls.set("rx gain0", 20.4), 20)

    def test_a_choice_and_a_text(self) -> None:
        with iiobridge.open() as board:
            board.controls["rx gain-mode"] = "manual"
            board.controls["label"] = "cellar"
            self.assertEqual(board.controls["rx gain-mode"], "manual")
            self.assertEqual(board.controls["label"], "cellar")

    def test_the_refusal_has_the_sentence_of_the_board(self) -> None:
        with iiobridge.open() as board:
            with self.assertRaisesRegex(iiobridge.Refused, "what is in its range"):
                board.controls["rx frequency"] = 1
            with self.assertRaisesRegex(iiobridge.Refused, "one of its choices"):
                board.controls["rx gain-mode"] = "loud"
            with self.assertRaisesRegex(iiobridge.Refused, "may not set it"):
                board.controls["temperature"] = 20.0

    def test_it_is_a_mapping(self) -> None:
        with iiobridge.open() as board:
            self.assertEqual(len(board.controls), 10)
            self.assertEqual(list(board.controls)[:2], ["rx frequency", "rx rate"])
            self.assertIn("rx frequency", board.controls)
            self.assertNotIn("rx sunshine", board.controls)
            self.assertNotIn(3, board.controls)
            self.assertIsNone(board.controls.get("rx sunshine"))
            self.assertEqual(dict(board.controls)["label"], "roof")
            with self.assertRaisesRegex(KeyError, "rx frequency"):
                board.controls["rx sunshine"]
            with self.assertRaises(TypeError):
                del board.controls["label"]

    def test_what_each_is(self) -> None:
        with iiobridge.open() as board:
            fake.fail_control(7, b"no signal")
            info = board.controls.info
            self.assertEqual(list(info), list(board.controls))
            frequency = info["rx frequency"]
            self.assertEqual(frequency.role, iiobridge.Role.FREQUENCY)
            self.assertEqual(frequency.kind, iiobridge.ControlKind.NUMBER)
            self.assertEqual(frequency.unit, "Hz")
            self.assertEqual(frequency.range, (70e6, 6e9))
            self.assertEqual(frequency.step, 1)
            self.assertEqual(frequency.route, 0)
            self.assertIsNone(frequency.channel)
            self.assertTrue(frequency.is_writable)
            self.assertEqual(frequency.value, 2.4e9)
            self.assertIsNone(info["rx bandwidth"].range)
            self.assertEqual(info["rx gain1"].channel, 1)
            self.assertEqual(info["rx gain-mode"].choices[0], "manual")
            self.assertEqual(info["temperature"].unit, "°C")
            self.assertFalse(info["temperature"].is_writable)
            self.assertIsNone(info["rx rssi"].value)
            self.assertIn("no signal", info["rx rssi"].message)

    def test_what_others_change_is_told(self) -> None:
        with iiobridge.open() as board:
            self.assertEqual(board.controls.changed(), {})
            fake.touch_control(4, 30000000)
            changed = board.controls.changed()
            self.assertEqual(list(changed), ["rx gain0"])
            self.assertEqual(changed["rx gain0"].value, 30)
            self.assertEqual(board.controls.changed(), {})

    def test_a_board_that_cannot_be_tuned_has_none(self) -> None:
        fake.reset()
        with iiobridge.open() as board:
            self.assertEqual(len(board.controls), 0)
            with self.assertRaisesRegex(KeyError, "none at all"):
                board.controls["rx frequency"]


class Monitors(BoardTest):
    def test_boards_come_and_go(self) -> None:
        with iiobridge.monitor() as monitor:
            events = iter(monitor)
            event = next(events)
            self.assertTrue(event.came)
            self.assertEqual((event.serial, event.location), ("one", "001:005"))
            self.assertIsNone(event.error)
            fake.plug(1, True)
            self.assertEqual(next(events).serial, "two")
            fake.plug(0, False)
            event = next(events)
            self.assertFalse(event.came)
            self.assertEqual(event.location, "001:005")

    def test_an_iteration_ends_when_nothing_comes_in_time(self) -> None:
        with iiobridge.monitor(timeout=0) as monitor:
            self.assertEqual(monitor.next(TIMEOUT).serial, "one")  # type: ignore[union-attr]
            self.assertEqual(list(monitor), [])
            self.assertIsNone(monitor.next(0))

    def test_one_that_may_not_be_opened_says_why(self) -> None:
        fake.forbid(NO_ACCESS)
        with iiobridge.monitor() as monitor:
            event = monitor.next(TIMEOUT)
            assert event
            self.assertIsInstance(event.error, iiobridge.AccessError)
            self.assertNotEqual(str(event.error), "")

    def test_a_signal_ends_the_wait(self) -> None:
        with iiobridge.monitor() as monitor:
            monitor.next(TIMEOUT)
            interrupt(monitor.next)

    def test_a_wait_is_cancelled(self) -> None:
        with iiobridge.monitor() as monitor:
            monitor.next(TIMEOUT)
            monitor.cancel()
            with self.assertRaises(iiobridge.Cancelled):
                monitor.next()
            monitor.close()
            with self.assertRaises(iiobridge.Ended):
                monitor.next()
