"""What a person wants done with a bank line: read from a browser, so never believed."""

from collections import defaultdict
from dataclasses import dataclass

from odoo.exceptions import UserError

# More is no reason, but a book.
LONGEST = 500
# No bank moves more; of what is greater cents are lost.
GREATEST = 10**13
ON_ACCOUNT = ("customer", "vendor")


@dataclass(frozen=True, slots=True, kw_only=True)
class ItemPart:
    """An open item that the line pays.

    ``amount``: what of the line it takes, or ``None``: what the item needs;
    ``in_full``: in another currency that amount pays the item wholly.
    """

    item: object
    amount: float | None
    in_full: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class AccountPart:
    """What goes straight to an account; ``amount`` of ``None``: what is left."""

    account: object
    amount: float | None
    taxes: object
    partner: object
    analytic_distribution: dict | bool
    label: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Settlement:
    """The whole of it; see ``tbc_settle`` of a bank line."""

    why: str | None
    partner: object
    items: list
    left_open: bool
    parts: list
    other_line: object
    on_account: str | None

    @property
    def is_another_leg_alone(self):
        """Whether the line meets the other leg of an own transfer, and nothing else."""
        return self.other_line and not (self.items or self.parts or self.on_account)

    @property
    def open_items(self):
        """The open items that the line pays."""
        items = self.partner.env["account.move.line"]
        return items.union(*(part.item for part in self.items))


class SettlementReader:
    """Reads what people want done with bank lines, of one after the other.

    It makes records and figures of plain values, or refuses them with a sentence.
    What was seen once is not looked for again.
    """

    def __init__(self, env):
        self.env = env
        self._seen = defaultdict(dict)  # {model: ids that the user may read, as keys}

    def read(self, values):
        """Return the :class:`Settlement` that ``values`` mean, of records that are seen.

        :raise UserError: something of it is no settlement, or is not to be seen.
        """
        if not isinstance(values, dict):
            raise UserError(self.env._("Nothing was chosen. Choose at least one."))
        return Settlement(
            why=self.text(values.get("why")),
            partner=self.one("res.partner", values.get("partner_id")),
            items=[self.item(one) for one in self.dicts(values.get("items"))],
            left_open=bool(values.get("left_open")),
            parts=[self.part(one) for one in self.dicts(values.get("parts"))],
            other_line=self.one(
                "account.bank.statement.line", values.get("other_line_id")
            ),
            on_account=self.word(values.get("on_account"), ON_ACCOUNT),
        )

    def item(self, values):
        return ItemPart(
            item=self.one("account.move.line", values.get("id"), is_needed=True),
            amount=self.amount(values.get("amount")),
            in_full=bool(values.get("in_full")),
        )

    def part(self, values):
        account_id = values.get("account_id")
        return AccountPart(
            account=self.one("account.account", account_id, is_needed=True),
            amount=self.amount(values.get("amount")),
            taxes=self.several("account.tax", values.get("tax_ids")),
            partner=self.one("res.partner", values.get("partner_id")),
            analytic_distribution=self.distribution(
                values.get("analytic_distribution")
            ),
            label=self.text(values.get("label")),
        )

    def one(self, model, record_id, *, is_needed=False):
        """The record of that id; none, where none was asked for."""
        if not record_id and not is_needed:
            return self.env[model]
        return self.several(model, [record_id])

    def several(self, model, ids):
        """The records of these ids, which the user may read."""
        ids = ids or []
        if not isinstance(ids, list | tuple) or not all(map(_is_id, ids)):
            self._refuse()
        seen = self._seen[model]
        if unseen := set(ids) - seen.keys():
            records = self.env[model].with_context(active_test=False)
            found = records.search([("id", "in", list(unseen))])
            if len(found) != len(unseen):
                raise UserError(
                    self.env._(
                        "Something that was chosen is not there any more, or belongs to"
                        " a company that you do not see. Choose again."
                    )
                )
            seen.update(dict.fromkeys(found.ids))
        # Odoo reads what it is asked of one for all that were seen.
        return self.env[model].browse(ids).with_prefetch(seen.keys())

    def dicts(self, values):
        values = values or []
        is_list = isinstance(values, list | tuple)
        if not is_list or not all(isinstance(one, dict) for one in values):
            self._refuse()
        return values

    def amount(self, value):
        """A float, or ``None`` where no amount was given."""
        if value is None or value is False:
            return None
        if not is_amount(value):
            self._refuse()
        return float(value)

    def distribution(self, value):
        """Shares of analytic accounts, of which all are there."""
        if not value:
            return False
        if not isinstance(value, dict):
            self._refuse()
        keys = [part for key in value for part in str(key).split(",")]
        if not all(part.isdecimal() for part in keys):
            self._refuse()
        self.several("account.analytic.account", list({int(part) for part in keys}))
        return {str(key): self.amount(share) or 0.0 for key, share in value.items()}

    def text(self, value):
        if value and not is_text(value):
            self._refuse()
        return (value or "").strip()[:LONGEST] or None

    def word(self, value, words):
        if value and value not in words:
            self._refuse()
        return value or None

    def _refuse(self):
        raise UserError(
            self.env._("This can't be understood. Load the page again, then repeat it.")
        )


def is_amount(value):
    """Whether it is a number that an amount may be."""
    return isinstance(value, int | float) and -GREATEST < value < GREATEST


def is_text(value):
    """Whether it is text that a database takes."""
    return isinstance(value, str) and "\0" not in value


def _is_id(value):
    return isinstance(value, int) and not isinstance(value, bool) and value > 0
