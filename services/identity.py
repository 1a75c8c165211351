"""Whether the person in whose name something is asked really sits there.

Odoo keeps the moment of its identity check as a plain figure in the session, which code
of a server action or a report can write. Our marks are signed with the server's key, for
one user, one session, one purpose and one moment: nobody writes them by hand.

Functions rather than methods: neither RPC nor such code can call them.
"""

import json
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
    """Have Odoo ask for the password or passkey before an action method.

    :param bool always: each time; else what was asked holds for ten minutes
    """
    if method is None:
        return partial(confirms_identity, always=always)

    @wraps(method)
    def confirmed(self, *args, **kwargs):
        user = self.env.user
        if was_just_checked(user) if always else in_person(user):
            return method(self, *args, **kwargs)
        return _ask_first(self, method.__name__, args, kwargs)

    # Odoo calls nothing but what has this after its check.
    confirmed.__has_check_identity = True
    return confirmed


def _ask_first(records, name, args, kwargs):
    """Return Odoo's dialog for the password, which calls the method afterwards.

    Odoo's own decorator would trust the figure in the session.
    """
    if _session().get("uid") != records.env.uid:
        raise AccessError(
            records.env._(
                "This is done in person only: on the screen, and after the password."
            )
        )
    context = {
        key: value for key, value in records.env.context.items() if _is_plain(value)
    }
    call = [context, records._name, records.ids, name, args, kwargs]
    dialog = (
        records.env["res.users.identitycheck"]
        .sudo()
        .create({"request": json.dumps(call)})
    )
    return {
        "type": "ir.actions.act_window",
        "name": records.env._("Confirm That It Is You"),
        "res_model": dialog._name,
        "res_id": dialog.id,
        "views": [(False, "form")],
        "target": "new",
        "context": {"dialog_size": "medium"},
    }


def _is_plain(value):
    try:
        json.dumps(value)
    except TypeError:
        return False
    return True


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
    """Whether ``user`` sits here: asked by this very call, or minutes ago."""
    return was_just_checked(user) or is_present(user)


def is_present(user):
    """Whether this is ``user``'s own session, and who it is was checked minutes ago."""
    return is_granted(user, PRESENCE, IDENTITY_SECONDS)


def grant(user, purpose):
    """Let ``user`` do in this session what ``purpose`` names, from now on."""
    now = int(time.time())
    mark = [now, crypto.sign(_statement(user, purpose, now), _keys(user.env))]
    _session()[MARKS] = {**_living_marks(now), purpose: mark}


def revoke(purpose):
    """Take back what was granted for ``purpose`` in this session."""
    marks = dict(_session().get(MARKS) or {})
    if marks.pop(purpose, None):
        _session()[MARKS] = marks


def is_granted(user, purpose, seconds):
    """Whether ``user`` was granted ``purpose`` in this session ``seconds`` ago at most."""
    session = _session()
    granted_at, signature = _mark(session, purpose)
    age = time.time() - granted_at
    return (
        session.get("uid") == user.id
        and 0 <= age < seconds
        and crypto.is_signed(
            _statement(user, purpose, granted_at), signature, _keys(user.env)
        )
    )


def enters(integration):
    """The purpose of entering the client ID and secret of one integration."""
    return f"enter {integration.id}"


def reveals(dialog):
    """The purpose of reading one dialog that shows both."""
    return f"reveal {dialog.id}"


def _session():
    return res_users.request.session if res_users.request else {}


def _mark(session, purpose):
    """The moment and the signature of a mark; the beginning of time without one."""
    marks = session.get(MARKS)
    mark = marks.get(purpose) if isinstance(marks, dict) else None
    try:
        granted_at, signature = mark
        return int(granted_at), str(signature)
    except (TypeError, ValueError):
        return 0, ""


def _living_marks(now):
    marks = _session().get(MARKS) or {}
    return {
        purpose: mark
        for purpose, mark in marks.items()
        if now - _mark({MARKS: marks}, purpose)[0] < IDENTITY_SECONDS
    }


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
