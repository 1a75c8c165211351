"""What was chosen in the dialog of the TBC Reconciliation report."""

from urllib.parse import quote, urlencode

XLSX_TYPE = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


def chosen_accounts(wizard):
    """Return the chosen accounts that the user may see, in all of his companies.

    A link carries no choice of companies, unlike the dialog that it comes from.
    """
    wizard.ensure_one()
    env = wizard.env
    own = wizard.with_context(allowed_company_ids=env.user.company_ids.ids)
    accounts = own.env["tbc.account"].with_context(active_test=False)
    accounts.check_access("read")
    return accounts.search([("id", "in", wizard.sudo().account_ids.ids)])


def xlsx_url(wizard):
    """Return the address from which the report is downloaded as XLSX."""
    name = f"TBC {wizard.month_from:%Y-%m} {wizard.month_to:%Y-%m}.xlsx"
    query = urlencode({"download": "true", "mimetype": XLSX_TYPE})
    return f"/web/content/{wizard._name}/{wizard.id}/xlsx/{quote(name)}?{query}"
