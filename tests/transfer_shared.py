"""``TransferCase`` for many small tests, which read nothing in the records' chatter."""

from odoo.tests import tagged

from .transfer_common import TransferCase


@tagged("post_install", "-at_install")
class SharedTransferCase(TransferCase):
    """A ``TransferCase`` in which Odoo notes no changes of fields."""

    @classmethod
    def _make_company(cls):
        result = super()._make_company()
        # These notes take a third of the time.
        cls.env = cls.env(context={**cls.env.context, "tracking_disable": True})
        return result

    def set_up_once(self):
        super().set_up_once()
        self.integration.rate_days = self.integration.default_get(["rate_days"])[
            "rate_days"
        ]
