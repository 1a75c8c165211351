"""Operation rules that somebody made belong to a company from this version on."""


def migrate(cr, version):
    """Give each rule to the company that chose an account for it.

    The module's own rules stay everybody's. One that several companies use stays so,
    too: its accounts are each company's own in any case.
    """
    if not version:
        return
    # Else Odoo would fill the new column with one company for all.
    cr.execute("ALTER TABLE tbc_operation_rule ADD COLUMN company_id int4")
    cr.execute(
        """
        UPDATE tbc_operation_rule rule
           SET company_id = chosen.company_id
          FROM (SELECT id, MIN(key::int) AS company_id
                  FROM tbc_operation_rule, jsonb_each_text(account_id)
                 WHERE value IS NOT NULL
                 GROUP BY id
                HAVING COUNT(*) = 1) chosen
         WHERE rule.id = chosen.id
           AND NOT EXISTS (
                SELECT 1 FROM ir_model_data data
                 WHERE data.model = 'tbc.operation.rule' AND data.res_id = rule.id
                   AND data.module = 'account_tbc_bank')
        """
    )
