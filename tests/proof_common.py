"""What the tests of the proof share."""

from datetime import timedelta
from unittest.mock import patch

from odoo.addons.account_tbc_bank.services.ledger import books_balance

from .common import IBAN, TODAY, TbcCase

SERVICES = "odoo.addons.account_tbc_bank.services"


class ProofCase(TbcCase):
    """An account that was read, and whose bank or books change afterwards."""

    bank_options = {
        "accounts": {IBAN: ("GEL", "USD")},
        "days": 0,
        "openings": {(IBAN, "GEL"): "1000.00", (IBAN, "USD"): "50.00"},
    }

    def set_up_once(self):
        super().set_up_once()
        # What is asked for the months' figures is counted by their own tests.
        ask_months = f"{SERVICES}.proof.bank_statements.ask_months"
        self.startPatcher(patch(ask_months, lambda *_args: None))

    def differences(self, account):
        """What remains, as (day, kind, amount), the oldest first."""
        account.invalidate_recordset()
        return [
            (str(difference.day), difference.kind, difference.amount)
            for difference in account.difference_ids.sorted("day")
        ]

    def asked(self, name="statements"):
        """The periods asked for since the requests were forgotten."""
        return [
            (request.query["PeriodFrom"], request.query["PeriodTo"])
            for request in self.bank.requests_to(name)
        ]

    def read_anew(self, account):
        """Read, with the requests of this read alone in the record."""
        self.bank.forget_requests()
        return self.sync(account)

    def redate(self, movement_id, day):
        """Let the bank count a movement on another day."""
        movement = self.bank.ledger.find(movement_id)
        amount = f"{movement.cents / 100:.2f}"
        iban, currency = movement.account
        self.bank.ledger.withdraw(movement_id)
        self.add(amount, day, iban=iban, currency=currency, movementId=movement_id)

    def by_hand(self, account, amount, day, **values):
        """A posted entry on the journal's bank account."""
        counterpart = self.company.get_unaffected_earnings_account()
        currency = account.currency_id
        bank = account.journal_id.default_account_id
        entry = self.env["account.move"].create(
            {
                "journal_id": account.journal_id.id,
                "date": day,
                "line_ids": [
                    (0, 0, self.item(bank, amount, currency, **values)),
                    (0, 0, self.item(counterpart, -amount, currency)),
                ],
            }
        )
        entry.action_post()
        return entry

    def item(self, account, amount, currency, **values):
        return {
            "account_id": account.id,
            "currency_id": currency.id,
            "amount_currency": amount,
            "balance": amount,
            **values,
        }

    def assertExplained(self, account):
        """On each day: ledger less bank is what the differences up to then say."""
        account.invalidate_recordset()
        day = account.sync_from - timedelta(days=1)
        code = account.currency_id.name
        while day < TODAY:
            day += timedelta(days=1)
            gap = books_balance(account, day) - float(
                self.bank.ledger.balance(IBAN, code, day)
            )
            told = sum(
                difference.amount
                for difference in account.difference_ids
                if difference.day <= day
                and not (
                    difference.kind == "other_day"
                    and max(difference.line_id.date, difference.line_id.tbc_day) <= day
                )
            )
            self.assertAlmostEqual(gap, told, 2, f"{day}")
