"""``TransferCase`` for many small tests, which read nothing in the records' chatter."""

from odoo.tests import tagged

from .transfer_common import TransferCase


@tagged("post_install", "-at_install")
class SharedTransferCase(TransferCase):
    """A ``TransferCase`` in which Odoo notes no changes of fields."""

    notes_changes = False

    def set_up_once(self):
        super().set_up_once()
        self.integration.rate_days = self.integration.default_get(["rate_days"])[
            "rate_days"
        ]
