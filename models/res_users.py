from contextvars import ContextVar
from functools import wraps

from odoo import api, models
from odoo.http import request

from ..services.connecting import erase_exposed_credentials, pause
from ..services.identity import in_person
from .system_fields import differs

# The user who has given the old password in this very call.
_changes_own_password = ContextVar("tbc_changes_own_password", default=None)
# Besides a password, these let somebody in as this user.
SIGN_IN_FIELDS = ("login", "oauth_uid", "oauth_provider_id")
# Whoever changes one of these records decides who else may log in as somebody.
SIGN_IN_SERVERS = ("res.company.ldap", "auth.oauth.provider")


class ResUsers(models.Model):
    _inherit = "res.users"

    def write(self, vals):
        """What happens to an integration user happens to the integrations, too."""
        exposed = self.filtered(lambda user: user._tbc_is_exposed(vals))
        result = super().write(vals)
        if "active" in vals and not vals["active"]:
            self._tbc_pause_integrations()
        # Whoever sets another person's password could log in as that person.
        erase_exposed_credentials(exposed._tbc_integrations_sudo())
        return result

    @api.model
    def change_password(self, old_passwd, new_passwd):
        """Odoo checks the old password in here, so that this is the person's own."""
        token = _changes_own_password.set(self.env.uid)
        try:
            return super().change_password(old_passwd, new_passwd)
        finally:
            _changes_own_password.reset(token)

    def _change_password(self, new_passwd):
        """A person who was just asked for the old password changes it in person."""
        owner = self.id if in_person(self) else _changes_own_password.get()
        token = _changes_own_password.set(owner)
        try:
            return super()._change_password(new_passwd)
        finally:
            _changes_own_password.reset(token)

    def _tbc_is_exposed(self, vals):
        """Whether somebody else may know a way to log in as this user now.

        A new password is the person's own only after the old one; a reset link is not.
        """
        in_own_session = bool(request) and request.session.get("uid") == self.id
        own_password = in_own_session and _changes_own_password.get() == self.id
        if "password" in vals and not own_password:
            return True
        return not in_own_session and differs(self, vals, SIGN_IN_FIELDS)

    def _tbc_integrations_sudo(self):
        return self.env["tbc.integration"].sudo().search([("user_id", "in", self.ids)])

    def _tbc_pause_integrations(self):
        for integration_sudo in self._tbc_integrations_sudo():
            pause(
                integration_sudo,
                self.env._(
                    "%(user)s, the integration user, is archived in Odoo. Name another"
                    " integration user, or make this one active again and test the"
                    " connection.",
                    user=integration_sudo.user_id.name,
                ),
            )

    # === OTHER WAYS TO LOG IN === #

    def _register_hook(self):
        """Watch what else lets somebody log in, where the modules for it are there."""
        super()._register_hook()
        for name in SIGN_IN_SERVERS:
            if name in self.env.registry:
                watch(self.env.registry[name], ("create", "write", "unlink"), of_anyone)
        if "auth.passkey.key" in self.env.registry:
            watch(self.env.registry["auth.passkey.key"], ("create",), of_absent_owner)


def of_anyone(env):
    """Any user may be known to a server that vouches for users."""
    return env["tbc.integration"].sudo().search([("credential_ids", "!=", False)])


def of_absent_owner(env):
    """A passkey is its user's own, who was just asked for the password."""
    absent = env.user.filtered(lambda user: not in_person(user))
    return absent._tbc_integrations_sudo()


def watch(model_class, names, exposed):
    """Have these methods of a model erase credentials.

    :param exposed: ``env`` to the integrations (sudo) as whose users others may log in
    """
    for name in names:
        original = getattr(model_class, name)
        if not getattr(original, "is_watched", False):
            setattr(model_class, name, _watched(original, exposed))


def _watched(original, exposed):
    @wraps(original)
    def changed(self, *args, **kwargs):
        result = original(self, *args, **kwargs)
        erase_exposed_credentials(exposed(self.env))
        return result

    changed.is_watched = True
    return changed
