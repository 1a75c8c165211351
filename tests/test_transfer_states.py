"""Every move of an order from each of its states, and every one that may not be."""

from odoo.tests import tagged

from ..services.transfers import states
from .transfer_shared import SharedTransferCase

# {function: (the states that it writes, the states that it is allowed in)}. By hand, and
# not out of the table: it is the second opinion.
LIVE = {"submitted", "to_sign", "in_progress"}
ALLOWED = {
    "set_queued": {"queued": {"draft", "queued", "sending", "unknown"}},
    "set_out_of_queue": {"draft": {"queued"}},
    "set_sending": {"sending": {"queued"}},
    "set_queued_again": {"queued": {"draft", "queued", "sending", "unknown"}},
    "revoke_initiation": {"queued": {"draft", "queued", "sending", "unknown"}},
    "set_submitted": {"submitted": {"sending", "unknown"}},
    "set_unknown": {
        "unknown": {"queued", "sending", "refused", "failed", "cancelled"} | LIVE
    },
    "set_progress": {
        "to_sign": {"submitted"},
        "in_progress": {"submitted", "to_sign"},
        "done": {"unknown"} | LIVE,
    },
    "set_final": {
        "refused": {"sending"},
        "failed": {"unknown"} | LIVE,
        "cancelled": {"draft", "queued", "unknown"} | LIVE,
    },
    "set_given_up": {"cancelled": {"draft", "queued", "unknown"} | LIVE},
    "set_cancelled_unsent": {"cancelled": {"draft", "queued", "unknown"} | LIVE},
}
ALLOWED["set_lost"] = ALLOWED["set_reopened"] = ALLOWED["set_unknown"]
# {function: what it is called with, after the order}
ARGUMENTS = {
    "set_queued_again": ["Not sent."],
    "revoke_initiation": ["Not sent."],
    "set_submitted": [{}, "trace"],
    "set_unknown": ["Who knows.", "trace"],
}


@tagged("post_install", "-at_install")
class TestTransferStates(SharedTransferCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.every_state = set(
            cls.env["tbc.transfer"]._fields["state"].get_values(cls.env)
        )

    def setUp(self):
        super().setUp()
        payment = self.pay()
        payment.action_tbc_queue()
        self.one = self.order(payment)

    def put_into(self, state, **vals):
        """Past all models."""
        self.env.flush_all()
        sent_at = None if state in ("draft", "queued") else "2026-06-30 08:00:00"
        self.env.cr.execute(
            "UPDATE tbc_transfer SET state = %s, sent_at = %s, was_doubtful = %s,"
            " problem = 'before' WHERE id = %s",
            [state, sent_at, vals.get("was_doubtful", False), self.one.id],
        )
        self.env.invalidate_all()

    def arguments(self, name, state):
        """What the function is called with, after the order."""
        if name == "set_progress":
            return [state]
        if name == "set_final":
            return [state, "Why.", "რატომ.", "trace"]
        if name == "set_given_up":
            return [self.env.user, states.utc_now()]
        return ARGUMENTS.get(name, [])

    def assertMoves(self, name, before, state):
        """It writes the state where it may follow, and else nothing at all."""
        self.put_into(before)
        move = getattr(states, name)
        if before in ALLOWED[name][state]:
            move(self.one, *self.arguments(name, state))
            self.env.flush_all()
            self.env.invalidate_all()
            self.assertEqual(self.one.state, state)
            return
        with self.assertRaisesRegex(ValueError, f"from {before} to {state}"):
            move(self.one, *self.arguments(name, state))
        self.env.invalidate_all()
        self.assertEqual((self.one.state, self.one.problem), (before, "before"))

    def test_each_move_from_each_state(self):
        for name, allowed in ALLOWED.items():
            for state in allowed:
                for before in sorted(self.every_state):
                    with self.subTest(name, before=before, state=state):
                        with self.env.cr.savepoint():
                            self.assertMoves(name, before, state)

    def test_every_move_is_walked(self):
        """No function of the file and no move of the table is left out."""
        made = {name for name in dir(states) if name.startswith(("set_", "revoke_"))}
        self.assertEqual(made, set(ALLOWED))
        self.assertEqual(states.MOVES.keys(), self.every_state)
        walked = {
            (before, state)
            for allowed in ALLOWED.values()
            for state, befores in allowed.items()
            for before in befores
        }
        # What was sent once is taken out of the queue into doubt: see below.
        walked.add(("queued", "unknown"))
        table = {(one, to) for one, after in states.MOVES.items() for to in after}
        self.assertEqual(walked, table)

    def test_nothing_leaves_done(self):
        self.assertFalse(states.MOVES["done"])

    def test_an_unknown_state_follows_none(self):
        self.put_into("sending")
        with self.assertRaisesRegex(ValueError, "from sending to paid"):
            states.set_final(self.one, "paid", None, None, None)

    def test_what_was_sent_once_is_taken_out_into_doubt(self):
        self.put_into("queued", was_doubtful=True)
        states.set_out_of_queue(self.one)
        self.assertEqual(self.one.state, "unknown")
        self.assertTrue(self.one.next_question_at)

    def test_one_that_may_not_keeps_the_others(self):
        """All of them move, or none."""
        other = self.order(self.queue_one())
        self.put_into("done")
        with self.assertRaises(ValueError):
            states.set_queued(other | self.one)
        self.env.invalidate_all()
        self.assertEqual(other.state, "queued")

    def queue_one(self):
        payment = self.pay(50.0)
        payment.action_tbc_queue()
        return payment
