"""Each list of ours in a real browser: nothing of it is cut, in either language."""

from odoo.fields import Command
from odoo.tests import HttpCase, new_test_user, tagged

from ..services.transfers.prepare import queue_payments
from .transfer_common import TransferCase

GROUPS = (
    "account.group_account_manager",
    "account_tbc_bank.group_tbc_administrator",
    "account_tbc_bank.group_tbc_transfers",
)
SENDER = {
    "partnerAccountInfo": {"taxCode": "405999999", "partnerName": "Green Valley LLC"}
}
HELD = ("waiting", "locked", "currency", "rate", "rounding", "secured", "refused")


class ScreensCase(TransferCase, HttpCase):
    """A row in each list, as long as they become."""

    def set_up_once(self):
        super().set_up_once()
        self.reader = new_test_user(
            self.env,
            "tbc_reader",
            password="tbc_reader",
            groups=",".join(GROUPS),
            company_id=self.company.id,
            company_ids=[Command.set(self.company.ids)],
        )
        self.env["res.lang"]._activate_lang("ka_GE")
        module = self.env.ref("base.module_account_tbc_bank")
        module._update_translations(["ka_GE"])
        self.make_rows()

    def make_rows(self):
        for day in (10, 11, 12):
            self.add(
                "10000.15", f"2026-06-{day}", purpose="Invoice 5 of June " * 6, **SENDER
            )
            self.add("-7.20", f"2026-06-{day}", purpose="Fee")
        # A line that the bank does not know: a difference.
        self.env["account.bank.statement.line"].create(
            {
                "journal_id": self.account.journal_id.id,
                "date": "2026-06-12",
                "payment_ref": "Typed by somebody",
                "amount": 12601.06,
            }
        )
        self.sync(self.account)
        self.pay_many([100, 200]).action_tbc_queue()
        queue_payments(self.pay_many([300, 400]), batch_name="June")
        sudo = self.env(su=True)
        held = {
            "account_id": self.account.id,
            "day": "2026-06-12",
            "amount": 1234567.89,
        }
        sudo["tbc.held.movement"].create(
            [
                {**held, "movement_id": f"1234567890{number}", "reason": reason}
                for number, reason in enumerate(HELD)
            ]
        )
        days = {"day_from": "2026-01-01", "day_to": "2026-05-30"}
        sudo["tbc.backfill"].create({"account_id": self.account.id, **days})
        integration = {"integration_id": self.integration.id}
        sudo["tbc.unknown.word"].create(
            {**integration, "kind": "status_word", "name": "HALF_FINISHED"}
        )
        sudo["tbc.check"].create(integration)

    def look_at_all(self, language):
        self.reader.lang = language
        self.start_tour(
            "/odoo/tbc-accounts",
            "account_tbc_bank_screens",
            login="tbc_reader",
            timeout=180,
        )


@tagged("post_install", "-at_install")
class TestScreens(ScreensCase):
    browser_size = "1440x900"

    def test_english(self):
        self.look_at_all("en_US")

    def test_georgian(self):
        self.look_at_all("ka_GE")


@tagged("post_install", "-at_install")
class TestScreensPhone(ScreensCase):
    browser_size = "390x844"
    touch_enabled = True

    def test_english(self):
        self.look_at_all("en_US")

    def test_georgian(self):
        self.look_at_all("ka_GE")
