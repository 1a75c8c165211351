"""The activity types get the words of today, where nobody has given them others."""

WORDS = {
    "mail_activity_type_initiate": ("Initiate in Odoo", "To Initiate"),
    "mail_activity_type_signature": ("Sign in TBC", "To Sign"),
}


def migrate(cr, version):
    if not version:
        return
    for name, (old, new) in WORDS.items():
        # Translations of the old word go; those of the new one come with the update.
        cr.execute(
            """
            UPDATE mail_activity_type AS kind
               SET name = jsonb_build_object('en_US', %s::text)
              FROM ir_model_data AS data
             WHERE data.module = 'account_tbc_bank'
               AND data.name = %s
               AND data.res_id = kind.id
               AND kind.name ->> 'en_US' = %s
            """,
            (new, name, old),
        )
