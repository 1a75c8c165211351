"""How transactions like those of a page were settled earlier: one query, whatever the
length of the history.
"""

import json
from collections import defaultdict

from odoo.tools import SQL

from ...bookkeeping import Past, wording

# So many of the latest are looked at: of one counterparty, of one kind.
OF_COUNTERPARTY, OF_KIND = 40, 80
_SIDES = {"asset_receivable": "customer", "liability_payable": "vendor"}
# Each key looks at the newest lines that an index finds; see the indexes of the model.
_LATEST = """
    SELECT %(kind)s AS kind, key.value::text AS value, line.id
      FROM unnest(%(values)s) key(value)
     CROSS JOIN LATERAL (
           SELECT id FROM account_bank_statement_line
            WHERE %(column)s = key.value AND is_reconciled
              AND company_id = ANY(%(companies)s) %(more)s
            ORDER BY internal_index DESC LIMIT %(most)s) line
"""
# Where they went. Step by step, each on its index, whatever the planner believes of
# tables that it has not analyzed yet: OFFSET 0 lets it change nothing of that.
_SETTLED = """
    WITH latest AS MATERIALIZED (%(latest)s)
    SELECT latest.kind, latest.value, latest.id, line.cents, line.day, line.words,
           item.account_id, commercial.id,
           ARRAY(SELECT account_tax_id FROM account_move_line_account_tax_rel
                  WHERE account_move_line_id = item.id ORDER BY 1),
           item.analytic_distribution, account.account_type, waiting.id IS NOT NULL
      FROM latest
     CROSS JOIN LATERAL (
           SELECT line.move_id, line.internal_index,
                  ROUND(line.amount * 100)::bigint AS cents,
                  COALESCE(line.tbc_day, move.date) AS day,
                  COALESCE(line.payment_ref, '') AS words,
                  journal.default_account_id, journal.suspense_account_id
             FROM account_bank_statement_line line
             JOIN account_move move ON move.id = line.move_id
             JOIN account_journal journal ON journal.id = line.journal_id
            WHERE line.id = latest.id OFFSET 0) line
     CROSS JOIN LATERAL (
           SELECT id, account_id, analytic_distribution, partner_id
             FROM account_move_line
            WHERE move_id = line.move_id
              AND account_id != line.default_account_id
              AND account_id IS DISTINCT FROM line.suspense_account_id
              AND tax_line_id IS NULL OFFSET 0) item
      JOIN account_account account ON account.id = item.account_id
 LEFT JOIN res_partner partner ON partner.id = item.partner_id
 LEFT JOIN res_partner commercial
        ON commercial.id = partner.commercial_partner_id AND commercial.active
 LEFT JOIN (SELECT DISTINCT payment_account_id AS id FROM account_payment_method_line)
        AS waiting ON waiting.id = item.account_id
     ORDER BY line.internal_index DESC, item.id, latest.kind, latest.value
"""
_TAX_CODE = "(transaction_details->'partnerAccountInfo'->>'taxCode')"


class Earlier:
    """What was settled of the counterparties, partners and kinds of some transactions.

    :param company_ids: of the company and its branches
    :param rows: the ``TransactionRow`` list
    """

    def __init__(self, env, company_ids, rows):
        self.env, self.company_ids = env, list(company_ids)
        self._found = defaultdict(dict)  # {(kind, value): {line id: row}}
        self._split = set()  # lines that went to several places
        if rows:
            self._look_up(rows)

    def _look_up(self, rows):
        latest = SQL(" UNION ALL ").join([*self._of_others(rows), *self._of_kind(rows)])
        found = self.env.execute_query(SQL(_SETTLED, latest=latest))
        for kind, value, *row in found:
            # Each is compared with all transactions of its kind.
            row[3] = wording(row[3])
            place = self._found[kind, value]
            known = place.get(row[0])
            if known and known[4] != row[4]:
                self._split.add(row[0])
            place.setdefault(row[0], row)

    def _of_others(self, rows):
        """Of the same counterparty or partner, and of the operation that it belongs to."""
        for kind, column, values in (
            ("name", "partner_name", {one.counterparty_name for one in rows}),
            ("iban", "account_number", {one.counterparty_iban for one in rows}),
            ("tax", _TAX_CODE, {one.tax_code for one in rows}),
            ("parent", "tbc_operation_id", {one.parent_id for one in rows}),
            ("partner", "partner_id", {one.partner_id for one in rows}),
        ):
            yield self._latest(kind, SQL(column), values, OF_COUNTERPARTY)

    def _of_kind(self, rows):
        """Of the bank's same code, in the same direction."""
        for is_in, sign in ((False, "AND amount < 0"), (True, "AND amount > 0")):
            codes = {one.op_code for one in rows if (one.cents > 0) == is_in}
            column = SQL("transaction_type")
            yield self._latest(f"kind_{is_in}", column, codes, OF_KIND, SQL(sign))

    def _latest(self, kind, column, values, most, more=None):
        values = sorted(values - {None, ""})
        array = "%s::int[]" if kind == "partner" else "%s::text[]"
        return SQL(
            _LATEST,
            kind=SQL("%s::text", kind),
            values=SQL(array, values),
            column=column,
            companies=self.company_ids,
            more=more or SQL(),
            most=most,
        )

    def pasts(self, row):
        """The ``Past`` list of a transaction."""
        words = wording(row.purpose)
        found = {}
        for basis, kind, value in _keys(row):
            for line_id, past in self._found.get((kind, str(value)), {}).items():
                is_like = basis != "kind" or (words and past[3] == words)
                if line_id != row.line_id and line_id not in self._split and is_like:
                    found.setdefault((basis, line_id), _past(basis, past))
        return [one for one in found.values() if one]


def _keys(row):
    """``(basis, kind, value)``: by what another transaction may be like this one."""
    return (
        ("counterparty", "iban", row.counterparty_iban),
        ("counterparty", "tax", row.tax_code),
        ("counterparty", "name", row.counterparty_name),
        ("partner", "partner", row.partner_id),
        ("parent", "parent", row.parent_id),
        ("kind", f"kind_{row.cents > 0}", row.op_code),
    )


def partners_of(pasts):
    """To whom the counterparty's money went, the latest first."""
    own = [one for one in pasts if one.basis != "kind"]
    own.sort(key=lambda one: (one.day, one.line_id), reverse=True)
    return list(
        dict.fromkeys(one.partner_id for one in own if one.side and one.partner_id)
    )


def _past(basis, values):
    """The ``Past``; ``None`` of what waited for its bank line on an account of its own."""
    line_id, cents, day, _words, account_id, partner_id, taxes, shares, kind, waits = (
        values
    )
    if waits:
        return None
    return Past(
        line_id=line_id,
        basis=basis,
        cents=cents,
        day=day,
        account_id=account_id,
        partner_id=partner_id,
        tax_ids=tuple(taxes),
        analytic=json.dumps(shares, sort_keys=True) if shares else None,
        side=_SIDES.get(kind),
    )
