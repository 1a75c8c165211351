import unittest

from golden import golden

from account_tbc_bank import tbc


class TestReceipt(unittest.TestCase):
    def assert_receipt(self, payload, positions, accepted, refused=None):
        receipt = tbc.parse_import_receipt(payload, positions)
        self.assertEqual(receipt, tbc.ImportReceipt(accepted, refused or {}))

    def test_taken_and_refused_side_by_side(self):
        refused = ("The beneficiary's account is closed", "მიმღების ანგარიში დახურულია")
        payload = golden("transfer_receipt")
        taken = {1: "502341", 3: "502342"}
        self.assert_receipt(payload, [1, 2, 3], taken, {2: refused})
        # Not asked for, and not told of.
        self.assert_receipt(payload, [2, 4], {}, {2: refused})

    def test_the_other_shapes(self):
        results = golden("transfer_receipt_results")
        self.assert_receipt(results, [1, 2, 3], {1: "502341", 2: "502342"})
        bare = golden("transfer_receipt_id")
        for payload in (bare, [bare], {"transferId": "502341"}, bare | {"ID": 502341}):
            self.assert_receipt(payload, [7], {7: "502341"})
            self.assert_receipt(payload, [7, 8], {})

    def test_a_lone_order_needs_no_position(self):
        taken, failed = {"transferId": 5}, {"errors": ["No"]}
        for position in ({}, {"position": None}, {"position": ""}):
            self.assert_receipt({"succeeded": [taken | position]}, [3], {3: "5"})
            self.assert_receipt({"failed": [failed | position]}, [3], {}, {3: ("No",)})
            self.assert_receipt({"succeeded": [taken | position]}, [3, 4], {})
        self.assert_receipt({"succeeded": [taken | {"position": "x"}]}, [3], {})

    def test_other_spellings(self):
        payload = {
            "Succeeded": [
                {"Position": "1", "TransferID": "5"},
                {"position": 2, "transferId": "", "id": 6},
            ],
            "FAILED": [
                {"position": 3, "Errors": "No"},
                {"position": 4, "errors": {"Amount": ["Too much", None], "x": "No"}},
                {"position": 5, "errors": None},
                {"position": 6, "errors": ["One"]},
                {"position": 6, "errors": ["Two"]},
            ],
        }
        refused = {3: ("No",), 4: ("Too much", "No"), 5: (), 6: ("One", "Two")}
        self.assert_receipt(payload, [1, 2, 3, 4, 5, 6], {1: "5", 2: "6"}, refused)

    def test_what_is_not_clear_is_unknown(self):
        one = {"position": 1, "transferId": 5}
        no = {"position": 1, "errors": ["No"]}
        table = [
            {"succeeded": [one], "failed": [no]},
            {"succeeded": [one, one | {"transferId": 6}]},
            {"succeeded": [one, one | {"transferId": None}]},
            {"succeeded": [one, one | {"position": 2}]},
            {"succeeded": [one | {"position": 2}]},
            {"succeeded": [one | {"position": True}]},
            *[{"succeeded": [one | {"transferId": x}]} for x in (None, 0, "00", -5)],
            *[{"succeeded": [one | {"transferId": x}]} for x in ({}, True, "a/b", 1.5)],
            {"succeeded": [None, 5, "x"]},
            {"succeeded": {"position": 1}, "failed": None},
            {"succeeded": None, "failed": None},
            {"failed": ["No"]},
            {"failed": [no | {"transferId": 5}]},
            {"failed": [no | {"errors": ["Duplicated Single Transfer Request"]}]},
            {"failed": [no | {"errors": {"x": ["დუბლირებული"]}}]},
            {"singleTransferResults": [one, one | {"transferId": 6}]},
            [{"id": 5}, {"id": 6}],
        ]
        for payload in table:
            with self.subTest(payload=payload):
                self.assert_receipt(payload, [1], {})
        self.assert_receipt({"succeeded": [one, one]}, [1], {1: "5"})

    def test_no_receipt_at_all(self):
        bodies = [{}, [], "x", 5, {"id": None}, {"id": 5, "transferId": 6}, [5]]
        for payload in bodies:
            with self.subTest(payload=payload):
                with self.assertRaises(tbc.TbcUnreadable):
                    tbc.parse_import_receipt(payload, [1])


def status(word="Finished with errors", *orders, single=False):
    """A batch's status, of (position, transfer id, word)."""
    data = [
        {"position": position, "transferId": transfer_id, "transferStatus": its}
        for position, transfer_id, its in orders
    ]
    payload = {"status": word, "batchTransferData": data}
    return tbc.parse_transfer_status(payload, single=single)


class TestStatus(unittest.TestCase):
    def test_the_documented_batch(self):
        read = tbc.parse_transfer_status(golden("transfer_status_batch"))
        order = tbc.OrderStatus(1, "502342", "Finished")
        self.assertEqual(read, tbc.TransferStatus("FINISHED", (order,)))

    def test_a_single_one_with_both_kinds_of_reason(self):
        read = tbc.parse_transfer_status(golden("transfer_status_single"))
        order = tbc.OrderStatus(
            position=1,
            transfer_id="502341",
            word="Failed",
            reason_en="Insufficient funds; The order was not executed",
            reason_ge="თანხა არასაკმარისია",
        )
        self.assertEqual(read, tbc.TransferStatus("Failed", (order,), True))

    def test_a_reason_told_twice_is_told_once(self):
        data = {"ErrorDetailEN": "No", "failureReasonEN": "No", "transferStatus": "?"}
        read = tbc.parse_transfer_status({"singleTransferData": data})
        self.assertEqual(read.of().reason_en, "No")

    def test_a_single_order_is_the_one_asked_for(self):
        bare = {"status": "Error", "singleTransferData": None}
        read = tbc.parse_transfer_status(bare, single=True)
        self.assertEqual(read.of("5", 3), tbc.OrderStatus(word="Error"))
        self.assertIsNone(tbc.parse_transfer_status(bare).of("5", 3).word)
        data = {"position": 1, "transferStatus": None, "errorDetailEN": "No"}
        read = tbc.parse_transfer_status(bare | {"singleTransferData": data})
        expected = tbc.OrderStatus(position=1, word="Error", reason_en="No")
        self.assertEqual(read.of("5", 3), expected)

    def test_whose_status_it_is(self):
        both = status("?", (1, "5", "Failed"), (2, None, "Finished"))
        crossed = status("?", (2, "5", "Failed"), (1, "6", "Finished"))
        twice = status("Finished", (1, "5", "Failed"), (1, "5", "Finished"))
        one = status("Failed", (1, None, "Finished"))
        nameless = status("Finished", (None, None, "Finished"))
        table = [
            (both, {"transfer_id": "5"}, "Failed"),
            (both, {"transfer_id": "7", "position": 2}, "Finished"),
            (both, {"position": 2}, "Finished"),
            (both, {"position": 1}, "Failed"),
            (both, {"transfer_id": "7", "position": 1}, None),
            (both, {"position": 3}, None),
            (both, {}, None),
            (crossed, {"transfer_id": "5", "position": 1}, "Failed"),
            (crossed, {"transfer_id": "7", "position": 1}, None),
            (twice, {"transfer_id": "5"}, None),
            (twice, {"position": 1}, None),
            (one, {}, "Finished"),
            (one, {"transfer_id": "5"}, "Finished"),
            (one, {"position": 2}, None),
            (nameless, {"position": 1}, None),
            (nameless, {"transfer_id": "5", "position": 2}, None),
            (nameless, {"transfer_id": "5"}, "Finished"),
        ]
        for read, which, expected in table:
            with self.subTest(read=read, which=which):
                self.assertEqual(read.of(**which).word, expected)

    def test_the_overall_word_speaks_of_the_orders_that_are_listed(self):
        speaking = ["Waiting for certification", "IN_PROGRESS", "Registered"]
        speaking += ["uploading", "FINISHED", "Failed", "Cancelled", "Deleted"]
        for word in speaking:
            self.assertEqual(status(word).of("5", 3), tbc.OrderStatus(3, "5"))
            self.assertIsNone(status(word, (1, "4", "Finished")).of("5", 3).word)
            self.assertEqual(status(word, (3, "5", None)).of("5").word, word)
        for word in ("Finished with errors", "ERROR", "Whatever"):
            self.assertIsNone(status(word).of("5", 3).word)
            self.assertIsNone(status(word, (3, "5", "")).of("5").word)
        self.assertEqual(status("Finished", (3, "5", "Failed")).of("5").word, "Failed")

    def test_the_overall_word_does_not_belie_a_reason(self):
        data = {"position": 3, "transferId": "5", "failureReasonEn": "No money"}
        payload = {"status": "FINISHED", "batchTransferData": [data]}
        told = tbc.parse_transfer_status(payload).of("5", 3)
        self.assertEqual((told.word, told.reason_en), (None, "No money"))

    def test_the_status_of_another_single_order(self):
        other = {"transferId": "6", "transferStatus": "Finished"}
        payload = {"status": "Finished", "singleTransferData": other}
        read = tbc.parse_transfer_status(payload, single=True)
        self.assertIsNone(read.of("5").word)
        self.assertEqual(read.of("6").word, "Finished")

    def test_a_batch_that_has_come_to_its_end(self):
        for word in ("FINISHED", "Finished with errors", "Failed", "Cancelled"):
            self.assertTrue(status(word).is_over, word)
        for word in ("Uploading", "Registered", "In progress", "Error", "Whatever", ""):
            self.assertFalse(status(word, (1, "5", "Finished")).is_over, word)

    def test_a_list_in_which_each_order_has_its_place(self):
        one, two, none = (1, "5", "Failed"), (2, None, "?"), (None, "7", "Failed")
        self.assertTrue(status("?", one, two).is_clear)
        for orders in ([], [one, none], [one, one], [one, two, (2, "9", "?")]):
            self.assertFalse(status("Failed", *orders).is_clear, orders)

    def test_no_status_at_all(self):
        nothing = {"transferId": "5"}
        for payload in (None, [], {}, "x", {"status": ""}, {"status": {}}):
            for single in (True, False):
                with self.assertRaises(tbc.TbcUnreadable):
                    tbc.parse_transfer_status(payload, single=single)
        with self.assertRaises(tbc.TbcUnreadable):
            tbc.parse_transfer_status({"singleTransferData": nothing})
        odd = {"batchTransferData": [None, {"position": "x", "transferStatus": "A"}]}
        self.assertEqual(tbc.parse_transfer_status(odd).of().word, "A")

    def test_states(self):
        table = {
            "submitted": ["Initial state", "Draft", "registered", "UPLOADING"],
            "to_sign": ["Waiting for certification", "WAITING_FOR-CERTIFICATION "],
            "in_progress": ["In progress", "InProgress"],
            "done": ["Finished", "FINISHED"],
            "failed": ["Failed"],
            "cancelled": ["Cancelled", "Canceled", "Deleted"],
            None: ["Finished with errors", "Error", "Suspended", "", None],
        }
        for state, words in table.items():
            for word in words:
                with self.subTest(word):
                    self.assertEqual(tbc.order_state(word), state)

    def test_the_word_that_is_no_end(self):
        for word in ("Error", "ERROR", " error "):
            self.assertTrue(tbc.is_error(word))
        for word in ("Finished with errors", "Failed", "", None):
            self.assertFalse(tbc.is_error(word))
