"""The transfers endpoints. Bank's pages: bis-transfers and the five pages below it.

A guess: an order that came in a batch is asked for with its batch, and neither its
status nor its external id is known by itself, unless the order book
``knows_batch_orders``.
"""

from .errors import Refusal, transfer_problem
from .exchange import Reply
from .order import Batch, Order
from .order_rules import broken_rules
from .transfer_requests import identifier, read_batch, read_single


def import_single(bank, client, call):
    """``POST /single``: ``succeeded`` and ``failed``, order by order. A fault of the
    request, or an external id that came before, refuses all of it.
    """
    orders = read_single(call)
    bank.transfers.check_new(
        client,
        [one.external_id for one in orders],
        "DUPLICATED_SINGLE_TRANSFER_REQUEST",
    )
    succeeded, failed = [], []
    for one in orders:
        errors = [text for _name, text in _broken(bank, client, call, one)]
        if errors:
            failed.append({"position": one.position, "errors": errors})
        else:
            order = bank.transfers.register(client, one)
            succeeded.append(
                {"position": one.position, "transferId": order.transfer_id}
            )
    return Reply(value={"succeeded": succeeded, "failed": failed})


def import_batch(bank, client, call):
    """``POST /batch``: ``{"batchTransferId": …}``. One bad order refuses them all, with
    VALIDATION_ERROR (a guess: the answer has no room for less).
    """
    body, orders = read_batch(call)
    external_id = identifier(body.get("batchTransferExternalId"))
    ids = [external_id, *(one.external_id for one in orders)]
    bank.transfers.check_new(client, ids, "DUPLICATED_BATCH_TRANSFER_REQUEST")
    faults = {}
    for index, one in enumerate(orders):
        for name, text in _broken(bank, client, call, one):
            faults.setdefault(f"transferOrders[{index}].{name}", []).append(text)
    if faults:
        first = next(iter(faults.values()))[0]
        raise Refusal(transfer_problem("VALIDATION_ERROR", title=first, faults=faults))
    batch = bank.transfers.open_batch(client, external_id, body.get("batchName"))
    for one in orders:
        bank.transfers.register(client, one, batch)
    return Reply(value={"batchTransferId": batch.batch_id})


def single_status(bank, client, _call, transfer_id):
    """``GET /single/{transferId}/status``."""
    order = bank.transfers.single(client, _number("transferId", transfer_id))
    if order is None:
        raise _not_found("SingleTransfer", transfer_id)
    bank.transfers.question(order)
    return _status(order.status, single=order.status_data())


def batch_status(bank, client, _call, batch_id):
    """``GET /batch/{batchId}/status``. The sandbox tells the status of the whole in
    capitals.
    """
    batch = bank.transfers.batch(client, _number("batchId", batch_id))
    if batch is None:
        raise _not_found("BatchTransfer", batch_id)
    for order in batch.orders:
        bank.transfers.question(order)
    status = batch.status.upper() if bank.scenarios else batch.status
    return _status(status, batch=[order.status_data() for order in batch.orders])


def find_single(bank, client, _call, external_id):
    """``GET /single/{transferExternalId}``: ``{"transferId": …}``."""
    found = bank.transfers.by_external_id(client, external_id)
    if not isinstance(found, Order) or not bank.transfers.is_known_alone(found):
        raise _not_found("SingleTransfer", external_id)
    return Reply(value={"transferId": found.transfer_id})


def find_batch(bank, client, _call, external_id):
    """``GET /batch/{batchTransferExternalId}``: here the number is ``batchId``."""
    found = bank.transfers.by_external_id(client, external_id)
    if not isinstance(found, Batch):
        raise _not_found("BatchTransfer", external_id)
    return Reply(value={"batchId": found.batch_id})


def _broken(bank, client, call, one):
    """(member, sentence) of each broken rule, and of a fault that was ordered."""
    ordered = call.refused.get(one.position, ())
    return [
        *broken_rules(bank, client, one.payload),
        *(("position", text) for text in ordered),
    ]


def _status(word, single=None, batch=None):
    return Reply(
        value={"status": word, "singleTransferData": single, "batchTransferData": batch}
    )


def _number(name, text):
    if not (text.isascii() and text.isdigit() and len(text) < 20):
        faults = {name: [f"{name} is not a number"]}
        raise Refusal(transfer_problem("ValidationError", faults=faults))
    return int(text)


def _not_found(kind, sought):
    return Refusal(transfer_problem("ObjectNotFound", sought=(kind, sought)))
