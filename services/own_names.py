"""What names the company and its people: no word of the bank's that is told holds it."""


def own_names(integration_sudo):
    """Return the names, logins, IBANs and tax codes of this integration's company."""
    accounts = integration_sudo.with_context(active_test=False).account_ids
    company, user = integration_sudo.company_id, integration_sudo.user_id
    partners = company.partner_id | user.partner_id
    names = [integration_sudo.name, company.name, user.login, *accounts.mapped("iban")]
    names += accounts.mapped("name") + partners.mapped("name")
    names += partners.mapped("vat") + partners.mapped("email")
    return [name for name in names if name]
