"""Whether the person in whose name something is asked really sits there."""

import time

from odoo.addons.base.models import res_users

# As long as Odoo's own identity check lasts.
IDENTITY_SECONDS = 10 * 60


def is_present(user):
    """Whether this is ``user``'s own session, and who it is was checked minutes ago.

    Odoo's decorator asks the same of whoever presses a button; code that runs in
    another person's name, such as a server action's, gets past a decorator.
    """
    session = res_users.request.session if res_users.request else {}
    checked = session.get("identity-check-last") or 0
    is_own = session.get("uid", user.id) == user.id
    return is_own and checked > time.time() - IDENTITY_SECONDS
