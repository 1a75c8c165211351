"""Scheduled actions and record rules get the words of today, as the screens have them.

Their records are not touched by an update, so it would leave the old names there.
A name that somebody has given stays.
"""

ACTIONS = {
    "TBC Bank: read statements": "TBC Bank: sync accounts",
    "TBC Bank: read more accounts at once": "TBC Bank: sync more accounts at once",
    "TBC Bank: match bank lines": "TBC Bank: match transactions",
    "TBC Bank: read the past": "TBC Bank: import history",
}

# The first words of the names of record rules, up to the colon.
RULES = {
    "TBC credential": "TBC Client ID and Secret",
    "TBC held movement": "TBC transaction on hold",
    "TBC read": "TBC sync",
    "TBC read of the past": "TBC history import",
    "TBC queue": "TBC batch of payments",
}


def migrate(cr, version):
    if not version:
        return
    for old, new in ACTIONS.items():
        _rename_action(cr, old, new)
    for old, new in RULES.items():
        _rename_rules(cr, old, new)


def _rename_action(cr, old, new):
    """The scheduled action keeps a copy of the name of its server action."""
    # Translations of the old name go; those of the new one come with the update.
    cr.execute(
        """
        UPDATE ir_act_server AS action
           SET name = jsonb_build_object('en_US', %s::text)
          FROM ir_cron AS cron
          JOIN ir_model_data AS data
            ON data.module = 'account_tbc_bank'
           AND data.model = 'ir.cron'
           AND data.res_id = cron.id
         WHERE cron.ir_actions_server_id = action.id
           AND action.name ->> 'en_US' = %s
     RETURNING cron.id
        """,
        (new, old),
    )
    ids = [cron_id for (cron_id,) in cr.fetchall()]
    cr.execute("UPDATE ir_cron SET cron_name = %s WHERE id = ANY(%s)", (new, ids))


def _rename_rules(cr, old, new):
    cr.execute(
        """
        UPDATE ir_rule AS rule
           SET name = %s || substr(rule.name, length(%s) + 1)
          FROM ir_model_data AS data
         WHERE data.module = 'account_tbc_bank'
           AND data.model = 'ir.rule'
           AND data.res_id = rule.id
           AND split_part(rule.name, ':', 1) = %s
        """,
        (new, old, old),
    )
