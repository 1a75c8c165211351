"""What no screen of ours sends: whoever calls a door over RPC gets a sentence."""

import json
from functools import partial

from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.tests import tagged

from .settle_common import SettleCase

HUGE = 10**30
STRANGE = (HUGE, -1, 0, "x", "1", 1.5, True, [1], [[1]], {"id": 1}, None)


@tagged("post_install", "-at_install")
class TestMatchStrange(SettleCase):
    def assertSentences(self, calls):
        """Each is refused in words, or does nothing to the line."""
        faults = []
        for name, call in calls:
            try:
                with self.env.cr.savepoint():
                    call()
                    self.env.flush_all()
            except (UserError, AccessError, ValidationError):
                continue
            except Exception as error:  # pylint: disable=broad-except
                faults.append(f"{name}: {type(error).__name__}: {error}"[:200])
        self.assertFalse(faults, "\n".join(faults))

    def test_partners(self):
        line = self.booked(100)
        self.assertSentences(
            [
                (f"{door} {value!r}", partial(getattr(line, door), value))
                for door in ("tbc_set_partner", "tbc_set_partner_many")
                for value in STRANGE
            ]
        )
        self.assertFalse(line.partner_id)

    def test_settlements(self):
        line = self.booked(100)
        item = self.receivable(self.invoice(100)).id
        account = self.fuel.id
        several = [
            *({"items": [{"id": value}]} for value in STRANGE),
            *({"items": value} for value in STRANGE if value not in (0, None)),
            *({"items": [{"id": item, "amount": v}]} for v in (HUGE**20, "x", [], {})),
            *({"parts": [{"account_id": value}]} for value in STRANGE),
            *({"other_line_id": value} for value in STRANGE if value),
            *({"partner_id": value, "on_account": "customer"} for value in STRANGE),
            *({"why": v, **self.paying()} for v in ("\0", HUGE, ["x"])),
            *(
                {"parts": [{"account_id": account, "label": value}]}
                for value in ("\0", ["x"])
            ),
            *({"on_account": value} for value in ([], ["customer"], {"x": 1}, 5)),
            *(
                {"parts": [{"account_id": account, "tax_ids": value}]}
                for value in ([HUGE], 5, "x", {"x": 1})
            ),
            *(
                {"parts": [{"account_id": account, "amount": value}, {}]}
                for value in (HUGE, -HUGE, 1e300, HUGE**20)
            ),
            *(
                {"parts": [{"account_id": account, "analytic_distribution": value}]}
                for value in ({"²": 1}, {str(HUGE): 1}, {"1,": 1}, "x", [1], {"": 1})
            ),
        ]
        self.assertSentences(
            (json.dumps(one, default=str)[:90], partial(line.tbc_settle, one))
            for one in several
        )
        self.assertOpen(line)

    def test_rules(self):
        line = self.booked(-100)
        part = {"parts": [self.part(self.fuel)]}
        several = [
            *STRANGE,
            *({"direction": value, "words": "Something"} for value in STRANGE),
            *({"transaction_type": value} for value in ("zzz", 5, 2.5)),
            *({"amount_from": v, "words": "Something"} for v in ("x", HUGE, -1, 1e300)),
            *({"amount_to": v, "words": "Something"} for v in ("x", HUGE, -1, 1e300)),
            *({"name": value, "words": "Something"} for value in STRANGE),
            *(
                {name: value}
                for name in ("words", "op_code", "counterparty")
                for value in (5, "\x00")
            ),
        ]
        self.assertSentences(
            [
                (f"{name} {vals!r}", call)
                for vals in several
                for name, call in (
                    ("fits", partial(line.tbc_rule_fits, vals)),
                    ("always", partial(self.always_and_back, line, part, vals)),
                )
            ]
        )
        self.assertOpen(line)

    def test_what_a_rule_may_ask_for(self):
        line = self.booked(-100)
        part = {"parts": [self.part(self.fuel)]}
        vals = {
            "op_code": "GIB",
            "transaction_type": "20",
            "direction": "out",
            "counterparty": "Stranger",
            "own_account": True,
            "words": "Something",
            "amount_from": 1,
            "amount_to": 100.5,
        }
        rule_id, _name = line.tbc_settle_always(part, vals)["rule"]
        rule = self.env["tbc.operation.rule"].browse(rule_id)
        self.assertEqual({name: rule[name] for name in vals}, vals)

    def always_and_back(self, line, part, vals):
        """Whatever it does is refused in the end."""
        line.tbc_settle_always(part, vals)
        self.env.flush_all()
        raise ValidationError(line.display_name)

    def test_what_is_shown_and_taken_back(self):
        line = self.booked(100)
        self.assertSentences(
            [
                *(
                    (f"{door} {value!r}", partial(getattr(line, door), value))
                    for door in ("tbc_match_items", "tbc_unteach")
                    for value in (*STRANGE, [HUGE], ["x"], [None], [999999999])
                ),
                ("nothing", line.browse().tbc_unset_partner),
                ("many", partial(line.tbc_settle_many, "x")),
                ("never", partial(line.tbc_settle_many, None)),
            ]
        )
        self.assertOpen(line)
