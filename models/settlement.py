"""What becomes of one unmatched bank line: where its money goes, and why."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Settlement:
    """Put ``line``'s suspense item on ``account``; reconcile it with ``items``.

    Records of Odoo, but for the texts:

    - ``note``: the sentence that explains it, on the line and in its entry's chatter;
    - ``other_leg``: a line settled together with this one, instead of ``items``;
    - ``parent``: the line that this fee or return belongs to;
    - ``reopened``: items whose reconciliation is taken back first;
    - ``currency`` and ``amount_currency``: of the suspense item, where it has to change;
    - ``tax``: included in the amount;
    - ``in_full``: whether nothing of ``items`` may be left open;
    - ``by_amount``: whether nothing but the amount says so.
    """

    line: object
    account: object
    note: str
    partner: object = None
    items: object = None
    other_leg: object = None
    parent: object = None
    reopened: object = None
    currency: object = None
    amount_currency: float = 0.0
    tax: object = None
    in_full: bool = False
    by_amount: bool = False
