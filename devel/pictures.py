"""What the pictures of README, guides and store page show of the demonstration.

`make pictures` runs ``main`` in Odoo, after the demonstration itself;
``tbcdev/camera.py`` then opens each scene in a browser.
"""

import json
from pathlib import Path

ACTION = "/odoo/action-account_tbc_bank."
DESK = (1280, 800)
# As high as the rows of the cards of TBC.
HIGH = (1280, 1008)
PHONE = (390, 844)
LANGUAGES = {"en_US": "", "ka_GE": "_ka"}


def main(env, path):
    """Write the scenes to the file at ``path``, as JSON.

    A scene has the picture's name, login and password of who looks, the address, a
    CSS selector of what is there once the screen is complete, and the window's size.
    """
    georgian = (
        env["res.lang"].with_context(active_test=False).search([("code", "=", "ka_GE")])
    )
    env["base.language.install"].create(
        {"lang_ids": georgian.ids, "overwrite": False}
    ).lang_install()
    scenes = []
    for language, ending in LANGUAGES.items():
        user = _reader(env, language)
        scenes += [
            {**scene, "name": scene["name"] + ending, "login": user.login}
            for scene in _scenes(env)
        ]
    Path(path).write_text(json.dumps(scenes), encoding="utf-8")


def _reader(env, language):
    """Make a user who sees everything and reads in ``language``."""
    login = f"pictures_{language}"
    return env.ref("base.user_admin").copy(
        {"name": "Nino Kapanadze", "login": login, "password": login, "lang": language}
    )


def _scenes(env):
    integration = env.ref("account_tbc_bank.integration_demo")
    account = integration.account_ids.filtered(
        lambda account: account.currency_id.name == "GEL"
    )[:1]
    done = env["tbc.transfer"].search([("state", "=", "done")], limit=1)
    board = "/odoo/action-account.open_account_journal_dashboard_kanban"
    to_match = f"{ACTION}account_bank_statement_line_action_to_match"
    transfer = f"{ACTION}tbc_transfer_action/{done.id}"
    row, form = ".o_tbc_row .btn", ".o_form_view .o_field_widget"
    return [
        _scene("dashboard", board, ".o_kanban_record .btn", HIGH),
        _scene("connect", f"{ACTION}tbc_integration_action/new", form),
        _scene("integration", f"{ACTION}tbc_integration_action/{integration.id}", form),
        _scene("account", f"{ACTION}tbc_account_action/{account.id}", form),
        _scene("matching", to_match, row),
        _scene("matching_phone", to_match, row, PHONE),
        _scene(
            "transactions",
            f"{ACTION}account_bank_statement_line_action",
            ".o_data_row",
        ),
        _scene("transfer", transfer, form),
        _scene("transfer_phone", transfer, form, PHONE),
        _scene("proof", f"{ACTION}tbc_month_action", ".o_group_header, .o_data_row"),
    ]


def _scene(name, address, complete, size=DESK):
    return {"name": name, "address": address, "complete": complete, "size": size}
