from datetime import timedelta

from odoo import fields, models
from odoo.fields import Domain

from .. import messages
from ..services.calls import REFUSED, call, end_calls
from ..services.clock import utc_now
from ..tbc import TbcAuthRefused

# A refused account is asked for again after this, by itself.
REFUSED_FOR = timedelta(days=1)
# What the bank says of one account, or of one period of it.
OF_AN_ACCOUNT = {"NOT_AUTHORIZED", "INVALID_ACCOUNT"}
# What it says of the integration or its user, whatever was asked for.
OF_ALL = {"USER_IS_BLOCKED", "USER_IS_DELETED", "USER_IS_NOT_ACTIVE"}
OF_ALL |= {"INVALID_CLIENT", "INVALID_SCOPE", "UNAUTHORIZED_CLIENT"}


def may_speak_of_one(error):
    """Whether a refusal may hold for what was asked for, and for nothing else."""
    words = {str(word).strip().upper() for word in (error.code, error.title)}
    return isinstance(error, TbcAuthRefused) and bool(
        not words & OF_ALL and (error.status == 403 or words & OF_AN_ACCOUNT)
    )


class TbcAccount(models.Model):
    _inherit = "tbc.account"

    refusal = fields.Text(
        string="Refused by the Bank",
        readonly=True,
        copy=False,
        help="Why the bank refuses this account, while it answers for others.",
    )
    refused_at = fields.Datetime(readonly=True, copy=False)

    # === REFUSED BY THE BANK === #

    def _record_refusal(self, error):
        """Take a refusal: of this account alone, or of the whole integration (sudo).

        The bank does not tell which. It is the account's own until every account of
        the integration has been refused.
        """
        self.ensure_one()
        integration = self.integration_id
        if not may_speak_of_one(error):
            integration._record_refusal(error)
            return
        sentence = messages.user_message(self.env, error)
        is_new = not self.refusal
        self.write({"refusal": sentence, "refused_at": utc_now()})
        if all(account.refusal for account in integration._read_accounts()):
            integration._record_refusal(error)
        elif is_new:
            self._call_for_refusal(sentence)

    def _call_for_refusal(self, sentence):
        """Leave an activity for the integration user, one at a time."""
        call(
            self,
            self.integration_id.user_id,
            reason=REFUSED,
            summary=self.env._("TBC Bank: the bank refuses this account"),
            note=sentence,
        )

    def _forget_refusal(self):
        refused = self.filtered("refusal")
        refused.write({"refusal": False, "refused_at": False})
        end_calls(refused)

    def _not_refused_domain(self):
        """The accounts that were not refused, or not in the last day."""
        return Domain("refused_at", "=", False) | Domain(
            "refused_at", "<=", utc_now() - REFUSED_FOR
        )

    def _refused(self):
        if not self.refusal:
            return None
        advice = self.env._(
            "Only this account is paused. It is asked for again once a day; when the"
            " bank has been set right, press Sync Now."
        )
        return "paused", f"{self.refusal} {advice}"
