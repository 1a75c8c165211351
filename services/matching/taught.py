"""Operation rules that people make of what they have settled, and what these would do."""

import math
from functools import cache

from odoo.exceptions import UserError
from odoo.tools import format_amount

from ...bookkeeping import (
    clean_tax_code,
    compared_words,
    drafted_name,
    drafted_words,
)
from .candidates import lines_as_matched
from .conditions import CONDITIONS, Conditions, Counterparty
from .matcher import MatchingPass
from .rules import RuleMatcher, account_of
from .settle import settle, settle_many
from .settlement import SettlementReader, is_amount, is_text

# What is taught comes before what the module brings along.
TAUGHT_SEQUENCE = 5
# So many of the lines that rules booked last are compared with another rule.
LOOKED_AT = 500
# So many are matched while somebody waits: the scheduled action has time for the rest.
MOST_AT_ONCE = 500


def rule_draft(line):
    """Return what a rule made of this line may ask for.

    ``{"name", "conditions": [{"field", "value", "label", "on", "vals"}], "fits": n,
    "problem"}``: ``vals`` are the rule's values of the condition, ``n`` the other
    transactions that those which are ``on`` fit, ``problem`` says why these are too few.
    """
    told = _told(line)
    conditions = _drafted(line, told)
    chosen = {}
    for one in conditions:
        chosen |= one["vals"] if one["on"] else {}
    problem, fits = _too_wide(line, chosen), 0
    if not problem:
        fits = len(fitting_lines(line, chosen))
    return {
        "name": (line.partner_name or line.payment_ref or "").strip()[:60],
        "conditions": conditions,
        "fits": fits,
        "problem": problem,
    }


def _drafted(line, told):
    """The conditions that the line offers."""
    amount, currency = abs(line.amount), line.currency_id
    conditions = [
        _condition(field, value, label, on, {field: value})
        for field, value, label, on in _offered(line, told)
        # Words are typed where the bank's own tell too little.
        if value or field == "words"
    ]
    label = format_amount(line.env, amount, currency)
    vals = {"amount_from": amount, "amount_to": amount}
    return [*conditions, _condition("amount", amount, label, False, vals)]


def _condition(field, value, label, on, vals):
    return {"field": field, "value": value, "label": label, "on": on, "vals": vals}


def _offered(line, told):
    """Yield field, value, what is shown, and whether it is on."""
    kinds = _labels(line, "transaction_type")
    direction = "out" if line.amount < 0 else "in"
    words = drafted_words(line.payment_ref or "") or ""
    counterparty = _counterparty(told)
    kind = told.transaction_type if told.transaction_type in kinds else None
    # A rule for transfers between own accounts says so by their type.
    needs_words = bool(words and not counterparty)
    needs_kind = told.is_between_own_accounts or needs_words
    yield "op_code", told.op_code, told.op_code, False
    yield "transaction_type", kind, kinds.get(kind), needs_kind
    yield "direction", direction, _labels(line, "direction")[direction], True
    yield "counterparty", counterparty, told.counterparty_name or counterparty, True
    yield "words", words, words, needs_words


def _counterparty(told):
    """The tax code, the IBAN or the name, the first that a rule can know it by."""
    marks = (
        clean_tax_code(told.tax_code),
        told.counterparty_iban,
        drafted_name(told.counterparty_name or ""),
    )
    return next(
        (one for one in marks if one and Counterparty(compared_words(one)).is_of(told)),
        None,
    )


def _labels(line, name):
    field = line.env["tbc.operation.rule"]._fields[name]
    return dict(field._description_selection(line.env))


def _told(line):
    """What the bank tells of the line, as rules see it."""
    found = lines_as_matched(line)
    if not found:
        raise UserError(
            line.env._(
                "Operation rules are for the transactions of TBC Bank, and this one "
                "was not synced from it."
            )
        )
    return found[0]


def fitting_lines(line, vals):
    """The other transactions that a rule with these values would settle now."""
    _told(line)
    rule = _drafted_rule(line, vals)
    lines = _open_lines(line.company_id)
    found = _fitting(Conditions(rule), lines, line.company_id)
    return _seen(line, found) - line


def _drafted_rule(line, vals):
    """A rule of these conditions that nobody has saved."""
    return line.env["tbc.operation.rule"].new(_condition_vals(line, vals))


def _condition_vals(line, vals):
    """Those of ``vals`` that say which movements.

    :raise UserError: they say none, so that the rule would be for all.
    """
    vals = vals if isinstance(vals, dict) else {}
    found = {name: vals[name] for name in CONDITIONS if vals.get(name)}
    fields = line.env["tbc.operation.rule"]._fields
    if not all(_fits(fields[name], line.env, found[name]) for name in found):
        raise UserError(
            line.env._("This can't be understood. Load the page again, then repeat it.")
        )
    if problem := _too_wide(line, found):
        raise UserError(problem)
    return found


def _fits(field, env, value):
    """Whether a field of the rule can be that; a browser may send anything."""
    if field.type == "selection":
        return value in field.get_values(env)
    if field.type == "float":
        return is_amount(value)
    return isinstance(value, bool) if field.type == "boolean" else is_text(value)


def _too_wide(line, vals):
    """The sentence about a rule that would be for nearly all; ``False`` for others."""
    rule = line.env["tbc.operation.rule"].new(vals)
    return not Conditions(rule).say_enough() and line.env._(
        "Such a rule would be for nearly all transactions. Choose what they have"
        " in common: the counterparty, words, the bank's code or type."
    )


def settle_always(line, values, rule_vals, *, applies):
    """Settle the line, and teach a rule to do so with its like.

    :param values: see ``tbc_settle`` of a bank line: one account, and nothing else
    :param rule_vals: the rule's name and conditions
    :param applies: whether what else fits now is settled at once
    :return: the rule; the lines that are settled now; ``{line: sentence}`` of others
    """
    line.check_access("write")
    part = _only_part(line, values)
    others = fitting_lines(line, rule_vals) if applies else line.browse()
    with line.env.cr.savepoint():
        rule = _teach(line, part, rule_vals)
        settled = settle(line, values, rule)
    alike = {"parts": [{**values["parts"][0], "amount": None}]}
    more, problems = settle_many(others, dict.fromkeys(others, alike), rule)
    return rule, settled | more, problems


def _only_part(line, values):
    settlement = SettlementReader(line.env).read(values)
    is_one = len(settlement.parts) == 1 and not (
        settlement.items or settlement.other_line or settlement.on_account
    )
    if not is_one or len(settlement.parts[0].taxes) > 1:
        raise UserError(
            line.env._(
                "A rule puts the whole transaction on one account, with one tax at most."
                " Choose one, or match this transaction alone."
            )
        )
    return settlement.parts[0]


def _teach(line, part, rule_vals):
    """Make the rule, as the user: whoever may not, is refused."""
    vals = _condition_vals(line, rule_vals)
    name = str(rule_vals.get("name") or "").strip() or part.account.name
    rules = line.env["tbc.operation.rule"].with_company(line.company_id)
    return rules.create(
        {
            "direction": "any",
            **vals,
            "name": name,
            "company_id": line.company_id.id,
            "sequence": TAUGHT_SEQUENCE,
            "account_id": part.account.id,
            "partner_id": part.partner.id,
            "tax_id": part.taxes.id,
            "analytic_distribution": part.analytic_distribution,
            "label": part.label,
        }
    )


def remove_taught(env, rule_id):
    """Remove a rule, as the user; one that has booked more is switched off instead."""
    is_id = isinstance(rule_id, int) and not isinstance(rule_id, bool)
    rule = env["tbc.operation.rule"].search([("id", "=", is_id and rule_id)])
    if rule.sudo().settled_ids:
        rule.active = False
    else:
        rule.unlink()


# === WHAT A RULE DOES === #


def look_ahead_all(rules):
    """Yield each rule with what it would do: see :func:`look_ahead`.

    What waits, and what was booked, is looked up once for all of them.
    """
    waiting, booked = cache(_open_lines), cache(_booked_last)
    for rule in rules:
        yield rule, *look_ahead(rule, waiting, booked)


def look_ahead(rule, open_lines, booked_last):
    """Say what the rule would do at the next matching, were it on.

    :param open_lines: called with a company; :param booked_last: likewise
    :return: the lines that it would settle, and the other rules that are on and fit a
        line that this one fits, among those that wait and those that rules booked last
    """
    company = rule.company_id or rule.env.company
    conditions = Conditions(rule)
    others = [(one, Conditions(one)) for one in _rules_on(company, rule)]
    waiting = _fitting(conditions, open_lines(company), company)
    place = rule.sequence, rule._origin.id or math.inf
    earlier = [its for one, its in others if (one.sequence, one.id) < place]
    own = [line for line in waiting if not any(its.fit(line) for its in earlier)]
    told = waiting + _fitting(conditions, booked_last(company), company)
    alike = [one.id for one, its in others if any(map(its.fit, told))]
    lines = _seen(rule.env["account.bank.statement.line"], own)
    return lines, rule.browse(alike)


def apply_now(rule):
    """Match what the rule would book now, as the user.

    :return: the lines that are matched; ``{line: sentence}`` of those that are not;
        how many more the scheduled action matches
    :raise UserError: the rule is off, or nothing fits.
    """
    rule = rule.with_company(rule.company_id or rule.env.company)
    if not is_on(rule):
        raise UserError(
            rule.env._(
                "“%(rule)s” is off. Choose an account for it first.", rule=rule.name
            )
        )
    lines = look_ahead(rule, _open_lines, _booked_last)[0]
    if not lines:
        raise UserError(rule.env._("No transaction fits “%(rule)s”.", rule=rule.name))
    now = lines[:MOST_AT_ONCE]
    if lines != now:
        rule.env.ref("account_tbc_bank.ir_cron_match").sudo()._trigger()
    return *settle_many(now, _settlements(rule, now), rule), len(lines - now)


def _settlements(rule, lines):
    """``{line: what the rule does with it}``, or ``None`` of what it does not book."""
    accounts_sudo = lines.journal_id.sudo().tbc_account_ids
    fees = {one.journal_id.id: one.fee_account_id for one in accounts_sudo}
    found = {line: account_of(rule, fees.get(line.journal_id.id)) for line in lines}
    return {
        line: (account and _settlement(rule, account)) or None
        for line, account in found.items()
    }


def _settlement(rule, account):
    part = {
        "account_id": account.id,
        "amount": None,
        "tax_ids": rule.tax_id.ids,
        "partner_id": rule.partner_id.filtered("active").id,
        "analytic_distribution": rule.analytic_distribution,
        "label": rule.label,
    }
    return {"parts": [part]}


def is_on(rule):
    """Whether the rule books anything, in its company or the present one."""
    if rule.active and rule.is_charge and not rule.account_id:
        company = rule.company_id or rule.env.company
        accounts_sudo = rule.env["tbc.account"].sudo()
        domain = [("company_id", "=", company.id), ("fee_account_id", "!=", False)]
        return bool(accounts_sudo.search_count(domain, limit=1))
    return bool(rule.active and rule.account_id)


def _booked_last(company):
    """The lines that rules booked last."""
    lines_sudo = company.env["account.bank.statement.line"].sudo()
    booked_sudo = lines_sudo.search(
        [("company_id", "=", company.id), ("tbc_rule_id", "!=", False)],
        order="date desc, id desc",
        limit=LOOKED_AT,
    )
    return lines_as_matched(booked_sudo)


def _rules_on(company, rule):
    """The rules of a company that are on, without this one."""
    rules = rule.env["tbc.operation.rule"].with_context(active_test=True)
    rules = rules.search([("company_id", "in", [False, company.id])])
    rules = rules.with_company(company) - rule._origin
    return rules.filtered(lambda one: account_of(one, one.is_charge))


def _open_lines(company):
    """The lines of a company and its branches that rules may take now."""
    company_sudo = company.sudo().with_context(active_test=True)
    matching_pass = MatchingPass(company_sudo.root_id)
    matching_pass.look_up()
    return RuleMatcher(matching_pass).lines_without_better()


def _fitting(conditions, lines, company):
    return [
        one for one in lines if one.company_id == company.id and conditions.fit(one)
    ]


def _seen(records, lines):
    """Those of ``LineToMatch`` that the user may see, as records."""
    ids = [line.line_id for line in lines]
    return records.env["account.bank.statement.line"].search([("id", "in", ids)])
