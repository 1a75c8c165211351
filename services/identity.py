"""Whether the person in whose name something is asked really sits there.

Odoo keeps the moment of its identity check as a plain figure in the session, which code
of a server action or a report can write. Our marks are signed with the server's key, for
one user, one session, one purpose and one moment: nobody writes them by hand.

Functions rather than methods: neither RPC nor such code can call them.
"""

import time
from contextvars import ContextVar
from functools import partial, wraps

from odoo.addons.base.models import res_users
from odoo.exceptions import AccessError, UserError
from odoo.http import STORED_SESSION_BYTES

from .. import crypto, messages
from .sealing import server_keys

# As long as Odoo's own identity check lasts.
IDENTITY_SECONDS = 10 * 60
PRESENCE = "presence"
MARKS = "tbc_identity"

# The user whose password or passkey this very call has checked.
_checked_user = ContextVar("tbc_checked_user", default=None)


def confirms_identity(method=None, *, always=False):
    """Have Odoo ask for the password or passkey before an action method: ``always``, or
    if ten minutes have gone since it was asked.
    """
    if method is None:
        return partial(confirms_identity, always=always)

    @wraps(method)
    def confirmed(self, *args, **kwargs):
        user = self.env.user
        if was_just_checked(user) if always else in_person(user):
            return method(self, *args, **kwargs)
        if _session().get("uid") != user.id:
            raise AccessError(
                self.env._(
                    "This is done in person only: on the screen, and after the"
                    " password."
                )
            )
        # Odoo's own decorator trusts any figure in the session: without one it asks.
        checked_at = _session().pop("identity-check-last", 0)
        dialog = res_users.check_identity(method)(self, *args, **kwargs)
        _session()["identity-check-last"] = checked_at
        return {**dialog, "name": self.env._("Confirm That It Is You")}

    # Odoo calls nothing but what has this after its check.
    confirmed.__has_check_identity = True
    return confirmed


def during_check(run_check):
    """Call Odoo's ``run_check``; what it checks counts until it returns."""
    token = _checked_user.set(None)
    try:
        return run_check()
    finally:
        _checked_user.reset(token)


def record_check(user):
    """Keep that ``user``, whose session this is, has just proved who it is."""
    if _session().get("uid") == user.id:
        _checked_user.set(user.id)
        grant(user, PRESENCE)


def was_just_checked(user):
    """Whether this call itself has checked ``user``'s password or passkey."""
    return _checked_user.get() == user.id


def in_person(user):
    """Whether this is ``user``'s own session, and who it is was checked minutes ago."""
    return is_granted(user, PRESENCE)


def grant(user, purpose):
    """Let ``user`` do in this session what ``purpose`` names, from now on."""
    now = int(time.time())
    mark = [now, crypto.sign(_statement(user, purpose, now), _keys(user.env))]
    marks = {p: m for p, m in _marks().items() if now - _read(m)[0] < IDENTITY_SECONDS}
    _session()[MARKS] = {**marks, purpose: mark}


def revoke(purpose):
    """Take back what was granted for ``purpose`` in this session."""
    marks = dict(_marks())
    if marks.pop(purpose, None):
        _session()[MARKS] = marks


def is_granted(user, purpose, seconds=IDENTITY_SECONDS):
    """Whether ``user`` was granted ``purpose`` in this session ``seconds`` ago at most."""
    granted_at, signature = _read(_marks().get(purpose))
    is_own = _session().get("uid") == user.id
    if not is_own or not 0 <= time.time() - granted_at < seconds:
        return False
    statement = _statement(user, purpose, granted_at)
    return crypto.is_signed(statement, signature, _keys(user.env))


def enters(integration):
    """The purpose of entering the client ID and secret of one integration."""
    return f"enter {integration.id}"


def reveals(dialog):
    """The purpose of reading one dialog that shows both."""
    return f"reveal {dialog.id}"


def _session():
    return res_users.request.session if res_users.request else {}


def _marks():
    """``{purpose: mark}`` of this session, in which others may have written anything."""
    marks = _session().get(MARKS)
    return marks if isinstance(marks, dict) else {}


def _read(mark):
    """The moment and the signature of a mark; the beginning of time without one."""
    try:
        granted_at, signature = mark
        return int(granted_at), str(signature)
    except (TypeError, ValueError):
        return 0, ""


def _statement(user, purpose, moment):
    """What is signed. Odoo renews the end of a session's name from time to time."""
    name = (getattr(_session(), "sid", None) or "")[:STORED_SESSION_BYTES]
    parts = (user.env.cr.dbname, name, user.id, purpose, moment)
    return "\n".join(map(str, parts))


def _keys(env):
    try:
        return server_keys(create=True)
    except crypto.SealError as error:
        sentence = messages.seal_message(env, error)
    raise UserError(sentence)
