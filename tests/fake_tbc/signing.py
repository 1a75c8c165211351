"""What becomes of orders once the bank has them."""

from .order import CANCELLED, DELETED, ERROR, FAILED, OPEN, UNDECIDED
from .order_book import Block

_REASON_EN, _REASON_GE = "Rejected by the bank", "ბანკმა უარყო"


class Signing:
    """The part of a bank where the company's people decide about orders, and where its
    tests have them fail. A ``transfer_id`` may be text or a number; what is called
    answers the list of :class:`Order` that it changed.

    :raise KeyError: for an id that the bank does not have.
    :raise ValueError: for an order that cannot be changed in this way any more.
    """

    @property
    def in_progress_questions(self):
        """How many status questions find a signed order still in progress, before it
        is executed; with 0 it is executed when it is signed.
        """
        return self.transfers.in_progress_questions

    @in_progress_questions.setter
    def in_progress_questions(self, count):
        self.transfers.in_progress_questions = count

    @property
    def registered_questions(self):
        """How many status questions find a new order Registered, before it waits for
        certification.
        """
        return self.transfers.registered_questions

    @registered_questions.setter
    def registered_questions(self, count):
        self.transfers.registered_questions = count

    def sign(self, transfer_id=None, *, batch_id=None):
        """Certify one order, a batch, or all that wait."""
        with self.lock:
            chosen = self._chosen(UNDECIDED, transfer_id, batch_id)
            for order in chosen:
                self.transfers.sign(order)
            return chosen

    def reject(self, transfer_id=None, *, batch_id=None):
        """Refuse to certify one order, a batch, or all that wait: Cancelled."""
        return self._end(UNDECIDED, transfer_id, batch_id, CANCELLED)

    def delete(self, transfer_id=None, *, batch_id=None):
        """Remove one order, a batch, or all that wait: Deleted."""
        return self._end(UNDECIDED, transfer_id, batch_id, DELETED)

    def fail(self, transfer_id, reason_en=_REASON_EN, reason_ge=_REASON_GE):
        """Do not execute an order that is not at its end: Failed."""
        return self._end(OPEN, transfer_id, None, FAILED, reason_en, reason_ge)

    def error(self, transfer_id, reason_en=_REASON_EN, reason_ge=_REASON_GE):
        """Have an order that is not at its end go wrong: Error."""
        return self._end(OPEN, transfer_id, None, ERROR, reason_en, reason_ge)

    def block_account(
        self,
        iban,
        at="import",
        reason_en="The account of the beneficiary is blocked",
        reason_ge="მიმღების ანგარიში დაბლოკილია",
    ):
        """Let no order reach a beneficiary: refuse it ``at`` the ``import``, or let it
        fail at its ``execution``.
        """
        if at not in ("import", "execution"):
            raise ValueError(f"at is import or execution, not {at}")
        with self.lock:
            self.transfers.blocked[iban] = Block(at, reason_en, reason_ge)

    def unblock_account(self, iban):
        """Take that back."""
        with self.lock:
            self.transfers.blocked.pop(iban, None)

    def _end(self, statuses, transfer_id, batch_id, *end):
        with self.lock:
            chosen = self._chosen(statuses, transfer_id, batch_id)
            for order in chosen:
                order.end(*end)
            return chosen

    def _chosen(self, statuses, transfer_id, batch_id):
        named = self.transfers.named(transfer_id, batch_id)
        chosen = [order for order in named if order.status in statuses]
        if not chosen and (transfer_id is not None or batch_id is not None):
            found = ", ".join(sorted({order.status for order in named}))
            raise ValueError(f"it is too late: {found}")
        return chosen
