"""Many copies of an entry that Odoo has created, made by SQL, and like it in all."""

import json

from odoo.tools import SQL

# What two entries that are alike may differ in: names, and what points to themselves.
_OWN = {
    "id",
    "access_token",
    "create_date",
    "internal_index",
    "invoice_partner_display_name",
    "made_sequence_gap",
    "move_id",
    "move_name",
    "name",
    "payment_reference",
    "sequence_number",
    "statement_line_id",
    "tbc_movement_id",
    "tbc_operation_id",
    "transaction_details",
    "write_date",
}
# Columns that grow with the amount of the entry; the pattern's is 1.00.
_MONEY = (
    "amount",
    "balance",
    "debit",
    "credit",
    "price_unit",
    "price_subtotal",
    "price_total",
)
_LINE_NAMES = (
    "amount",
    "payment_ref",
    "partner_name",
    "account_number",
    "transaction_type",
    "tbc_amount",
    "tbc_movement_id",
    "tbc_operation_id",
    "tbc_parent_operation_id",
    "tbc_day",
    "transaction_details",
)


class Copies:
    """Copies entries of one database.

    :param env: Odoo's environment
    """

    def __init__(self, env):
        self.env = env
        self._tables = {
            table: self._read_columns(table)
            for table in (
                "account_move",
                "account_move_line",
                "account_bank_statement_line",
            )
        }

    def of_invoice(self, pattern, rows):
        """Copy a posted invoice of 1.00.

        :param list rows: dicts of ``name``, its ``number``, ``partner_id``, ``cents``,
            ``date``
        """
        self._plan(rows)
        self._insert_moves(pattern, {})
        self._insert_items(pattern, {})

    def of_line(self, pattern, rows):
        """Copy a bank line of 1.00 or -1.00.

        :param list rows: values of bank lines as ``create`` takes them, with ``name``
            and ``number`` of the move, and ``cents`` without sign
        """
        self._plan(rows)
        self._insert_line(pattern)

    def _insert_line(self, pattern):
        """Copy a bank line once for each planned row."""
        # Each of the two tables points to the other.
        self._insert_moves(pattern.move_id, {"statement_line_id": "NULL::integer"})
        values = {name: f"plan.vals->>'{name}'" for name in _LINE_NAMES}
        values = {
            name: f"({value})::{self._tables['account_bank_statement_line'][name]}"
            for name, value in values.items()
        }
        index = "template.internal_index"
        self._insert(
            "account_bank_statement_line",
            pattern.ids,
            {
                **self._shared("account_bank_statement_line"),
                **values,
                "transaction_details": "plan.vals->'transaction_details'",
                "tbc_words": "CONCAT_WS(E'\\n', plan.vals->>'payment_ref',"
                " plan.vals->>'partner_name')",
                "id": "plan.line_id",
                "internal_index": f"to_char(plan.date, 'YYYYMMDD') || substr({index}, 9,"
                f" length({index}) - 18) || lpad(plan.line_id::text, 10, '0')",
            },
        )
        self.env.cr.execute(
            "UPDATE account_move SET statement_line_id = plan.line_id"
            " FROM plan WHERE plan.move_id = account_move.id"
        )
        self._insert_items(pattern.move_id, {"statement_line_id": "plan.line_id"})

    def _plan(self, rows):
        """Put the rows beside the ids that they will have."""
        self.env.flush_all()
        plan = [
            {"name": row["name"], "vals": {**row, "date": str(row["date"])}}
            for row in rows
        ]
        self.env.cr.execute("DROP TABLE IF EXISTS plan")
        self.env.cr.execute(
            """
            CREATE TEMPORARY TABLE plan AS
            SELECT nextval('account_move_id_seq') AS move_id,
                   nextval('account_bank_statement_line_id_seq') AS line_id,
                   (vals->>'number')::integer AS number,
                   name, vals,
                   (vals->>'date')::date AS date,
                   (vals->>'cents')::numeric / 100 AS amount,
                   NULLIF(vals->>'partner_id', 'false')::integer AS partner_id
              FROM json_to_recordset(%s) AS row(name text, vals jsonb)
            """,
            [json.dumps(plan, default=str)],
        )

    def _insert_moves(self, move, overrides):
        shared = self._shared("account_move")
        self._insert(
            "account_move",
            move.ids,
            {
                **shared,
                "id": "plan.move_id",
                "name": "plan.name",
                "sequence_number": "plan.number",
                "payment_reference": "CASE WHEN template.payment_reference IS NULL"
                " THEN NULL ELSE plan.name END",
                **overrides,
            },
        )

    def _insert_items(self, move, overrides):
        label = "COALESCE(plan.vals->>'payment_ref', template.name)"
        self._insert(
            "account_move_line",
            move.line_ids.ids,
            {
                **self._shared("account_move_line"),
                "id": "nextval('account_move_line_id_seq')",
                "move_id": "plan.move_id",
                "move_name": "plan.name",
                "name": f"CASE WHEN template.name = %s THEN plan.name ELSE {label} END",
                **overrides,
            },
            move.name,
        )

    def _shared(self, table):
        """What is the same on all tables: days, partners, amounts."""
        columns = self._tables[table]
        found = {
            "partner_id": "plan.partner_id",
            "commercial_partner_id": "plan.partner_id",
            **dict.fromkeys(("date", "invoice_date", "date_maturity"), "plan.date"),
            "move_id": "plan.move_id",
        }
        found = {
            name: value
            if name in ("partner_id", "commercial_partner_id", "move_id")
            else f"CASE WHEN template.{name} IS NULL THEN NULL ELSE {value} END"
            for name, value in found.items()
        }
        for name, kind in columns.items():
            if kind in ("numeric", "double precision") and name.startswith(_MONEY):
                found[name] = f"template.{name} * plan.amount"
        return {name: value for name, value in found.items() if name in columns}

    def _insert(self, table, pattern_ids, overrides, *arguments):
        columns = self._tables[table]
        values = [overrides.get(name, f"template.{name}") for name in columns]
        query = (
            f"INSERT INTO {table} ({', '.join(columns)}) SELECT {', '.join(values)}"
            f" FROM {table} template CROSS JOIN plan WHERE template.id IN %s"
        )
        self.env.cr.execute(query, [*arguments, tuple(pattern_ids)])

    def _read_columns(self, table):
        """``{column: type}``."""
        self.env.cr.execute(
            "SELECT column_name, data_type FROM information_schema.columns"
            " WHERE table_name = %s ORDER BY ordinal_position",
            [table],
        )
        return dict(self.env.cr.fetchall())

    # --- the check --------------------------------------------------------------------

    def compare(self, real, name):
        """See whether the copy with this name is like the move that Odoo has made.

        :raise AssertionError: it is not
        """
        self.env.flush_all()
        copy = self.env["account.move"].search(
            [("name", "=", name), ("company_id", "=", real.company_id.id)]
        )
        pairs = [("account_move", real, copy)]
        pairs += [
            ("account_move_line", one, other)
            for one, other in zip(
                real.line_ids.sorted("id"), copy.line_ids.sorted("id"), strict=True
            )
        ]
        if real.statement_line_id:
            table = "account_bank_statement_line"
            pairs.append((table, real.statement_line_id, copy.statement_line_id))
        differing = [
            f"{table}.{column}: {one!r} and {other!r}"
            for table, *records in pairs
            for column, one, other in self._differing(table, *records)
        ]
        if differing:
            raise AssertionError("\n".join(["a copy is not like Odoo's:", *differing]))

    def _differing(self, table, *records):
        one, other = (
            self.env.execute_query_dict(
                SQL("SELECT * FROM %s WHERE id = %s", SQL.identifier(table), record.id)
            )[0]
            for record in records
        )
        for column in one.keys() - _OWN:
            if one[column] != other[column]:
                yield column, one[column], other[column]
