"""Operation rules that fit a transaction and did not take it, and why not."""

from ...bookkeeping import RuleHint
from .conditions import CONDITIONS, Conditions
from .rules import account_of

_FIELDS = (
    *CONDITIONS,
    "account_id",
    "active",
    "company_id",
    "is_charge",
    "name",
    "partner_id",
    "tax_id",
)


class RuleHints:
    """The rules that some companies see, those that are switched off, too.

    :param rows: the ``TransactionRow`` list
    """

    def __init__(self, env, rows):
        companies = env["res.company"].sudo().browse({row.company_id for row in rows})
        rules = env["tbc.operation.rule"].sudo().with_context(active_test=False)
        self._rules = {company.id: _rules(rules, company) for company in companies}

    def of(self, row):
        """The ``RuleHint`` list of a transaction, in the order of the rules."""
        found = []
        for conditions, company in self._rules[row.company_id]:
            if conditions.fit(row) and (hint := _hint(conditions.rule, company, row)):
                found.append(hint)
        return found


def _rules(rules, company):
    """``[(Conditions, company)]`` of the rules that the company has or shares."""
    rules = rules.with_company(company)
    found = rules.search_fetch([("company_id", "in", [False, company.id])], _FIELDS)
    return [(Conditions(rule), company) for rule in found]


def _hint(rule, company, row):
    """The ``RuleHint``, if the rule has an account for this company, or may have it."""
    fee_account = rule.env["account.account"].browse(row.fee_account_id or ())
    account, state = account_of(rule, fee_account), "on" if rule.active else "off"
    if not account:
        account, state = _account_above(rule, company), "shared"
    if not account or not account.company_ids & company.parent_ids:
        return None
    return RuleHint(
        rule_id=rule.id,
        account_id=account.id,
        state=state,
        partner_id=rule.partner_id.id or None,
        tax_ids=tuple(rule.tax_id.ids),
    )


def _account_above(rule, company):
    """What a company above has chosen: that may be this one's account, too."""
    above = company.parent_ids - company
    accounts = (rule.with_company(one).account_id for one in above)
    return next(filter(None, accounts), None)
