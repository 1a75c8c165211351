"""A web session, for tests that are not in a browser."""

from contextlib import contextmanager
from types import SimpleNamespace
from unittest.mock import patch


class Session(dict):
    """What Odoo's code and ours ask of a session."""

    sid = "a-session"
    debug = ""


@contextmanager
def session_of(user, **values):
    """Let this thread be in the session of ``user``, who has proved nothing yet."""
    session = Session(uid=user.id, **values)
    request = SimpleNamespace(session=session, env=user.env, geoip={})
    with patch("odoo.addons.base.models.res_users.request", request):
        yield session


@contextmanager
def identity(user):
    """The session of ``user``, who has just given the password."""
    # Only once Odoo knows where its addons are; and programs that are no part of the
    # module import this file, too.
    # pylint: disable-next=odoo-addons-relative-import
    from odoo.addons.account_tbc_bank.services.identity import PRESENCE, grant

    with session_of(user) as session:
        grant(user, PRESENCE)
        yield session
