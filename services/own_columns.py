"""Bank lines are looked up by their own columns, where Odoo joins their entries.

A bank line has the company and the journal of its entry in columns of its own, which Odoo
keeps and has indexes on. Asked for them, it looks at the entry all the same: PostgreSQL
then goes through hundreds of thousands of these for one page of a list.

The state is the entry's alone. Of lines without a counterpart, of which there are few, it
is looked up one by one; so are entries in queries of our own.
"""

from functools import partial

from odoo.fields import Domain
from odoo.tools import SQL

_OWN = ("company_id", "journal_id")
# The entry of a line, looked up line by line: PostgreSQL reads a whole table for a few
# thousand of its rows as soon as it may choose.
MOVE_OF_LINE = """
CROSS JOIN LATERAL (SELECT move.id, move.date, move.state
                      FROM account_move move
                     WHERE move.id = line.move_id
                    OFFSET 0) move
"""


def by_own_columns(domain):
    """Return a domain of bank lines that asks their own columns, where it can."""
    domain = Domain(domain)
    of_few = any(map(_asks_open, domain.iter_conditions()))
    return domain.map_conditions(partial(_own, of_few=of_few))


def _asks_open(condition):
    told = condition.field_expr, condition.operator, condition.value
    return told == ("is_reconciled", "=", False)


def _own(condition, *, of_few):
    told = condition
    if condition.field_expr == "state" and of_few:
        return _by_state(condition)
    if condition.field_expr == "move_id" and condition.operator in ("any", "any!"):
        # The entry's record rule: its company, and nothing else.
        told = condition.value
    ids = _ids_of(told)
    return condition if ids is None else _by_column(told.field_expr, ids)


def _ids_of(domain):
    """The ids of one condition on such a column; ``None`` of anything else."""
    if getattr(domain, "field_expr", None) not in _OWN or domain.operator not in (
        "=",
        "in",
    ):
        return None
    try:
        ids = tuple(domain.value if domain.operator == "in" else [domain.value])
    except TypeError:
        # A query: Odoo knows what to do with it.
        return None
    return ids if all(type(one) is int for one in ids) else None


def _by_state(condition):
    if condition.operator != "=" or not isinstance(condition.value, str):
        return condition
    state = condition.value

    def to_sql(model, alias, query):
        return SQL(
            "(SELECT move.state FROM account_move move WHERE move.id = %s) = %s",
            model._field_to_sql(alias, "move_id", query),
            state,
            to_flush=model.env["account.move"]._fields["state"],
        )

    return Domain.custom(to_sql=to_sql, predicate=lambda record: record.state == state)


def _by_column(name, ids):
    if not ids:
        return Domain.FALSE
    return Domain.custom(
        to_sql=lambda model, alias, query: SQL(
            "%s IN %s", model._field_to_sql(alias, name, query), ids
        ),
        predicate=lambda record: record[name].id in ids,
    )
