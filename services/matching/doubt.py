"""What keeps a bank line from being matched, though something fits it."""

from collections import defaultdict
from datetime import timedelta, timezone

from odoo.fields import Domain

from ...tbc import GEORGIAN_TIME, TransferType
from ..transfers.states import CLOSED

# The bank may have executed it, unless its last word was that it waits for a signature.
MAY_BE_EXECUTED = ("sending", "unknown", "submitted", "in_progress", "done")
# A transaction that the bank issues anew has about the same day.
NEAR = timedelta(days=31)


class AwaitedOrders:
    """Transfer orders that the bank has, and whose movement can't be told yet.

    :param accounts: the ``tbc.account`` of one company and its branches
    """

    def __init__(self, accounts):
        self.orders = accounts.env["tbc.transfer"]
        self.sent = Domain(
            [
                ("account_id", "in", accounts.ids),
                ("sent_at", "!=", False),
                ("state", "not in", CLOSED),
                ("payment_id.is_matched", "=", False),
            ]
        )

    def claimed(self, lines):
        """``{line id: order}`` of movements of orders whose ID the bank has not told.

        A movement with a payment ID that is no other order's, of that account and
        amount, since the day of sending; and the other leg of an own transfer.
        """
        nameless = self.orders.search(
            self.sent & Domain("bank_transfer_id", "=", False), order="id"
        )
        lines = self._strangers(lines) if nameless else []
        debits = _by_amount(nameless)
        claimed = {}
        for line in lines:
            if order := _first_before(debits[line.account_id, -line.cents], line):
                claimed[line.line_id] = order
        names = {
            line.payment_id: claimed[line.line_id]
            for line in lines
            if line.line_id in claimed
        }
        own = nameless.filtered(lambda one: one.transfer_type == TransferType.OWN)
        for line in lines:
            order = names.get(line.payment_id) or _first_before(own, line, _is_credit)
            if order:
                claimed.setdefault(line.line_id, order)
        return claimed

    def resembled(self, lines):
        """The ids of lines without a payment ID that look like an order's movement.

        The bank may tell the ID later; no rule takes them until the order is matched.
        """
        nameless = [line for line in lines if not line.payment_id and line.cents < 0]
        waiting = self.orders.search(
            self.sent
            & Domain("state", "in", MAY_BE_EXECUTED)
            & Domain("account_id", "in", list({line.account_id for line in nameless})),
            order="id",
        )
        debits = _by_amount(waiting)
        return {
            line.line_id
            for line in nameless
            if _first_before(debits[line.account_id, -line.cents], line, _is_near)
        }

    def _strangers(self, lines):
        """Those of ``lines`` that have a payment ID which is no known order's."""
        payment_ids = list({line.payment_id for line in lines if line.payment_id})
        known = self.orders.search_fetch(
            [("bank_transfer_id", "in", payment_ids)], ["bank_transfer_id"]
        )
        known = set(known.mapped("bank_transfer_id"))
        return [
            line for line in lines if line.payment_id and line.payment_id not in known
        ]


class Differences:
    """Where books and bank differ, so that an amount alone says nothing.

    :param accounts: ``tbc.account`` records
    """

    def __init__(self, accounts):
        # Archived: what an entry by hand makes up for.
        differences = accounts.env["tbc.difference"].with_context(active_test=True)
        self.open = differences.search([("account_id", "in", accounts.ids)])
        self.gone = self.open.filtered(lambda one: one.kind == "not_at_bank").line_id
        self.by_place = {}
        for one in self.open:
            for place in (one.day, _cents(one.amount)):
                self.by_place.setdefault((one.account_id.id, place), one)

    def of(self, line):
        """The difference on an ``LineToMatch``'s day, or of its amount, or ``None``."""
        places = ((line.account_id, line.day), (line.account_id, abs(line.cents)))
        found = (self.by_place[place] for place in places if place in self.by_place)
        return next(found, None)

    def doubled(self, line):
        """The difference of a transaction that is gone, and of which ``line`` has
        account, amount and words: the bank has issued it anew."""
        return next(
            (
                one
                for one in self.open
                if one.line_id in self.gone
                and one.account_id.id == line.account_id
                and round(one.amount * 100) == line.cents
                and line.purpose.startswith(one.line_id.payment_ref or "")
            ),
            None,
        )

    def matched_by_amount(self):
        """``{line: difference}``: what was matched by its amount alone before that."""
        amounts = self.open.mapped("amount")
        lines = self.open.env["account.bank.statement.line"].search(
            Domain("tbc_account_id", "in", self.open.account_id.ids)
            & Domain("tbc_match_by_amount", "=", True)
            & (
                Domain("tbc_day", "in", self.open.mapped("day"))
                | Domain("amount", "in", [*amounts, *(-one for one in amounts)])
            )
        )
        found = {}
        for account, some in lines.grouped("tbc_account_id").items():
            differences = [
                (one.day, _cents(one.amount), one)
                for one in self.open
                if one.account_id == account
            ]
            for line in some:
                there = line.tbc_day or line.date, _cents(line.amount)
                for day, cents, one in differences:
                    if day == there[0] or (
                        cents == there[1] and abs(day - there[0]) <= NEAR
                    ):
                        found.setdefault(line, one)
        return found


def _cents(amount):
    return abs(round(amount * 100))


def _by_amount(orders):
    by_amount = defaultdict(list)
    for order in orders:
        by_amount[order.account_id.id, _cents(order.amount)].append(order)
    return by_amount


def _first_before(orders, line, fits=lambda order, line: True):
    """The first of ``orders`` that was sent before ``line``'s day was over."""
    return next(
        (one for one in orders if _sent_by(one, line) and fits(one, line)), None
    )


def _sent_by(order, line):
    sent_at = order.sent_at.replace(tzinfo=timezone.utc).astimezone(GEORGIAN_TIME)
    return sent_at.date() <= line.day


def _is_near(order, line):
    return line.day - order.sent_at.date() <= NEAR


def _is_credit(order, line):
    """Whether ``line`` can be what arrives of an own transfer."""
    converted = order.credit_currency_id != order.currency_id
    return (
        line.cents > 0
        and line.iban == order.credit_account
        and line.currency == order.credit_currency_id.name
        and (converted or line.cents == _cents(order.amount))
    )
