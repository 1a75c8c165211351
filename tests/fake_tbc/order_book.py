"""Every transfer order that the bank took, and the way of each to its end."""

from dataclasses import dataclass

from .errors import Refusal, transfer_problem
from .execution import execute
from .order import FAILED, FINISHED, IN_PROGRESS, REGISTERED, WAITING, Batch, Order

_FIRST_TRANSFER, _FIRST_BATCH = 502341, 184729  # those of the bank's samples


@dataclass(frozen=True, slots=True)
class Block:
    """Why, and ``at`` which moment (import or execution), an account gets no money."""

    at: str
    reason_en: str
    reason_ge: str


class OrderBook:
    """The orders of one bank; the bank's one lock is held by whoever calls.

    :param ledger: where money moves.
    :param clock: the bank's clock.
    :param bool sandbox: orders are Finished at once, and nothing is executed.

    ``in_progress_questions``: how many status questions find a signed order still in
    progress; ``registered_questions``: the same for a new one, before it waits to be
    signed. ``blocked``: IBAN → :class:`Block`. ``knows_batch_orders``: whether an order
    of a batch is known by itself, too.
    """

    def __init__(self, ledger, clock, sandbox):
        self._ledger, self._clock, self._sandbox = ledger, clock, sandbox
        self._orders, self._batches, self._by_external_id = {}, {}, {}
        self.in_progress_questions, self.registered_questions = 1, 0
        self.blocked = {}
        self.knows_batch_orders = False

    @property
    def orders(self):
        """List of :class:`Order`, in order of arrival."""
        return list(self._orders.values())

    # --- what the endpoints ask -------------------------------------------------------

    def check_new(self, client, external_ids, code):
        """:raise Refusal: ``code``, when one of the ids (``None``: no id) came before,
        with an order or a batch.
        """
        for one in external_ids:
            if one is not None and (client.client_id, one) in self._by_external_id:
                raise Refusal(transfer_problem(code))

    def register(self, client, asked, batch=None):
        """Take one order that was asked for. Returns the :class:`Order`."""
        order = Order(
            transfer_id=_FIRST_TRANSFER + len(self._orders),
            client_id=client.client_id,
            position=asked.position,
            payload=asked.payload,
            arrived=self._clock.now,
            external_id=asked.external_id,
            batch_id=batch and batch.batch_id,
            batch_external_id=batch and batch.external_id,
        )
        self._orders[order.transfer_id] = order
        self._remember(order)
        if batch:
            batch.orders.append(order)
        if self._sandbox:
            order.end(FINISHED)
        elif self.registered_questions:
            order.questions = self.registered_questions
        else:
            order.status = WAITING
        return order

    def open_batch(self, client, external_id, name):
        """A new :class:`Batch` without orders."""
        number = _FIRST_BATCH + len(self._batches)
        batch = Batch(
            batch_id=number,
            client_id=client.client_id,
            external_id=external_id,
            name=name,
        )
        self._batches[number] = batch
        self._remember(batch)
        return batch

    def single(self, client, transfer_id):
        """The client's order that came by itself, or ``None``."""
        order = self._orders.get(transfer_id)
        mine = order and order.client_id == client.client_id
        return order if mine and self.is_known_alone(order) else None

    def is_known_alone(self, order):
        """Whether an order can be asked for by itself."""
        return self.knows_batch_orders or order.batch_id is None

    def batch(self, client, batch_id):
        """The client's :class:`Batch`, or ``None``."""
        batch = self._batches.get(batch_id)
        return batch if batch and batch.client_id == client.client_id else None

    def by_external_id(self, client, external_id):
        """The client's :class:`Order` or :class:`Batch` with this id, or ``None``."""
        return self._by_external_id.get((client.client_id, external_id))

    def question(self, order):
        """A status question: an order goes on once it was found often enough."""
        if order.questions:
            order.questions -= 1
        elif order.status == REGISTERED:
            order.status = WAITING
        elif order.status == IN_PROGRESS:
            self._execute(order)

    def refusal_at_import(self, payload):
        """Why the beneficiary of an order is not accepted, or ``None``."""
        iban = payload.get("creditAccount", {}).get("accountNumber")
        block = self.blocked.get(iban)
        return block.reason_en if block and block.at == "import" else None

    # --- what people decide -----------------------------------------------------------

    def named(self, transfer_id=None, batch_id=None):
        """The orders of a transfer id or a batch id, or all.
        :raise KeyError: when there are none of it.
        """
        if transfer_id is not None:
            return [self._orders[int(transfer_id)]]
        if batch_id is not None:
            return list(self._batches[int(batch_id)].orders)
        return self.orders

    def batch_name(self, batch_id):
        """What the client called a batch, or ``None``."""
        return self._batches[batch_id].name

    def sign(self, order):
        """The company wants it executed."""
        order.status, order.questions = IN_PROGRESS, self.in_progress_questions
        if not order.questions:
            self._execute(order)

    def _execute(self, order):
        block = order.credit and self.blocked.get(order.credit[0])
        if block:
            order.end(FAILED, block.reason_en, block.reason_ge)
        else:
            execute(self._ledger, order, self._clock.now)

    def _remember(self, kept):
        if kept.external_id is not None:
            self._by_external_id[kept.client_id, kept.external_id] = kept
