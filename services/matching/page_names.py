"""What is named on a page of Transactions to Match; each kind is read at once."""

from functools import cached_property


class PageNames:
    """The names of all that the cards of a page speak of.

    :param rows: the ``TransactionRow`` list
    :param hints: the ``PageHints`` of each legal person
    :param proposals: ``{line id: [Proposal]}``
    """

    def __init__(self, env, rows, hints, proposals):
        self.env, self.rows, self.hints = env, rows, list(hints)
        self.proposals = [one for some in proposals.values() for one in some]

    def account(self, account_id):
        """An account, by its code and name."""
        return self.of("account.account", account_id)

    def partner(self, partner_id):
        """A partner."""
        for hints in self.hints:
            if known := hints.acquaintances.known.get(partner_id):
                return known.name
        return self.of("res.partner", partner_id)

    def rule(self, rule_id):
        """An operation rule."""
        return self.of("tbc.operation.rule", rule_id)

    def items(self, item_ids):
        """The documents of open items."""
        titles = [self.item(item_id).title for item_id in item_ids]
        return ", ".join(dict.fromkeys(titles))

    def item(self, item_id):
        """The ``OpenItemRow`` of an id."""
        return next(one.by_id[item_id] for one in self.hints if item_id in one.by_id)

    def leg(self, line_id):
        """A line that may be the other leg: its journal and its number."""
        found = [one.legs[line_id] for one in self.hints if line_id in one.legs]
        journal = self.of("account.journal", found[0].journal_id)
        return f"{journal} {found[0].name or ''}".strip()

    @cached_property
    def currencies(self):
        """``{id: record}`` of the currencies of lines and open items."""
        ids = {row.currency_id for row in self.rows}
        ids |= {item.currency_id for hints in self.hints for item in hints.items}
        records = self.env["res.currency"].browse(sorted(ids))
        return {record.id: record for record in records}

    def of(self, model, record_id):
        """The display name of a record; ``False`` where there is none."""
        return self._names[model].get(record_id, "") if record_id else False

    @cached_property
    def _names(self):
        """``{model: {id: display name}}``."""
        partners = {one.partner_id for one in (*self.rows, *self.proposals)}
        journals = {row.journal_id for row in self.rows}
        accounts = {one.account_id for one in self.proposals}
        for hints in self.hints:
            partners -= hints.acquaintances.known.keys()
            journals |= {leg.journal_id for leg in hints.legs.values()}
            accounts |= {item.account_id for item in hints.items}
        rules = {one.values["rule"] for one in self.proposals if one.kind == "rule"}
        ids = {
            "account.account": accounts,
            "account.journal": journals,
            "res.partner": partners,
            "res.users": {row.settled_by_id for row in self.rows},
            "tbc.operation.rule": rules,
        }
        return {model: self._read(model, some) for model, some in ids.items()}

    def _read(self, model, ids):
        # Names of what stands in the books that the user sees.
        records = self.env[model].sudo().browse(sorted(ids - {None}))
        return {record.id: record.display_name for record in records}
