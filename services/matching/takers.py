"""Who takes what of a bank line's money: open items, accounts, a partner's account."""

from odoo.exceptions import UserError
from odoo.tools import format_amount

from ..counterpart import suspense_item
from ..shares import Share
from .purse import Purse

# The partner's account of each side.
_ON_ACCOUNT = {
    "customer": "property_account_receivable_id",
    "vendor": "property_account_payable_id",
}


def shares_of(line, settlement, transfer_account):
    """Return the ``Share`` of each that takes something; together they take it all.

    :param transfer_account: where the line meets its other leg
    :raise UserError: too much is taken, or something is left.
    """
    return _Takers(line, settlement).shares(transfer_account)


class _Takers:
    """One after the other; whoever takes what is left comes last."""

    def __init__(self, line, settlement):
        self.env, self.line, self.settlement = line.env, line, settlement
        self.suspense = suspense_item(line)
        self.purse = Purse(line, self.suspense)
        self.partner = settlement.partner or line.partner_id

    def shares(self, transfer_account):
        settlement = self.settlement
        last = settlement.items[-1:] if settlement.left_open else []
        shares = [self._pay(one, one in last) for one in settlement.items]
        if settlement.other_line:
            shares.append(self._meet(settlement.other_line, transfer_account))
        whole = [part for part in settlement.parts if part.amount is None]
        shares += [self._put(part) for part in settlement.parts if part not in whole]
        if len(whole) + bool(settlement.on_account) > 1:
            raise UserError(
                self.env._(
                    "Only one of them can take what is left. Enter an amount for each"
                    " of the others."
                )
            )
        shares += [self._put(part) for part in whole if not self.purse.is_empty]
        if settlement.on_account and not self.purse.is_empty:
            shares.append(self._put_on_account())
        self._check_used_up(shares)
        return shares + self._difference_of_rates()

    # === OPEN ITEMS === #

    def _pay(self, part, takes_what_is_left):
        """Pay an open item, in its own currency."""
        item, currency = part.item, part.item.currency_id
        price, rate = self.purse.price(currency)
        units = item.amount_residual_currency
        if part.amount is not None:
            units = self._units_for(part, price)
        amount = part.amount
        if amount is None:
            amount, units = self._amount_for(units, price, currency, takes_what_is_left)
        money = self._take(amount, units, rate, currency, part)
        return self._share(
            money.value,
            currency,
            units,
            account=item.account_id,
            partner=item.partner_id,
            item=item,
        )

    def _units_for(self, part, price):
        """How much of the item an amount of the line pays."""
        item, currency = part.item, part.item.currency_id
        residual = item.amount_residual_currency
        if part.in_full and currency != self.purse.currency:
            return residual
        units = currency.round(part.amount / price)
        is_against = units * residual <= 0
        if is_against or currency.compare_amounts(abs(units), abs(residual)) > 0:
            raise UserError(
                self.env._(
                    "%(amount)s can't be taken for %(name)s, of which %(residual)s is"
                    " open.",
                    amount=format_amount(self.env, part.amount, self.purse.currency),
                    name=_name(item),
                    residual=format_amount(self.env, residual, currency),
                )
            )
        return units

    def _amount_for(self, residual, price, currency, takes_what_is_left):
        """What of the line an item needs, and how much of it that pays."""
        amount, left = self.purse.currency.round(residual * price), self.purse.left
        affordable = currency.round(left.amount / price)
        is_same_way = amount * left.amount >= 0
        is_too_much = is_same_way and abs(amount) > abs(left.amount)
        if takes_what_is_left and is_too_much:
            if currency.is_zero(affordable):
                raise self._nothing_left()
            return left.amount, affordable
        # Nothing but the rounding of the rate keeps the two apart.
        is_alike = not currency.compare_amounts(affordable, residual)
        if currency != self.purse.currency and is_alike and self._is_last():
            return left.amount, residual
        return amount, residual

    def _is_last(self):
        settlement = self.settlement
        return len(settlement.items) == 1 and not (
            settlement.parts or settlement.on_account or settlement.other_line
        )

    def _take(self, amount, units, rate, currency, part):
        if self.purse.currency.is_zero(amount):
            raise self._nothing_left()
        if currency == self.purse.company_currency != self.purse.currency:
            # The books count such an item by itself.
            return self.purse.take_valued(amount, units)
        is_at_the_line_s_rate = part.amount is not None or currency in (
            self.purse.currency,
            self.purse.worth_currency,
        )
        if is_at_the_line_s_rate or not self.purse.is_foreign:
            return self.purse.take(amount)
        value = self.purse.company_currency.round(units * rate)
        return self.purse.take_valued(amount, value)

    # === ACCOUNTS === #

    def _put(self, part):
        """Put an amount, or what is left, straight on an account."""
        if part.amount is None:
            money = self.purse.take_all()
        elif self.purse.currency.is_zero(part.amount):
            raise self._nothing_left()
        else:
            money = self.purse.take(part.amount)
        return self._share_of(
            money,
            account=part.account,
            label=part.label,
            partner=part.partner or self.partner,
            taxes=part.taxes,
            analytic_distribution=part.analytic_distribution,
        )

    def _put_on_account(self):
        """Put what is left on the partner's receivable or payable account."""
        partner = self.partner.with_company(self.line.company_id)
        if not partner:
            raise UserError(
                self.env._("Choose the partner on whose account the rest is to go.")
            )
        return self._share_of(
            self.purse.take_all(),
            account=partner[_ON_ACCOUNT[self.settlement.on_account]],
            partner=partner.commercial_partner_id,
        )

    def _meet(self, other, account):
        """Take what the other leg has, in the one currency of both."""
        if other.currency_id != self.purse.currency:
            raise UserError(
                self.env._(
                    "The two are in different currencies: match them with each other"
                    " alone, without any other amount."
                )
            )
        money = self.purse.take(-other.amount)
        return self._share_of(money, account=account, partner=self.line.partner_id)

    def _difference_of_rates(self):
        """What the rates make of a line of which the bank's amount is used up."""
        value = self.purse.left.value
        if self.purse.company_currency.is_zero(value):
            return []
        items = self.env["account.move.line"]
        account = items._get_exchange_account(self.line.company_id.sudo(), -value)
        account = account.with_env(self.env)
        if not account:
            raise UserError(
                self.env._(
                    "Choose the accounts of exchange differences in the settings of"
                    " Accounting first."
                )
            )
        currency = self.purse.company_currency
        return [self._share(value, currency, value, account=account)]

    # === SUMS === #

    def _share(self, value, currency, amount, **terms):
        """The share of that much money, which is signed as the line is."""
        return Share(
            currency=currency, amount_currency=-amount, balance=-value, **terms
        )

    def _share_of(self, money, **terms):
        return self._share(money.value, self.purse.worth_currency, money.worth, **terms)

    def _check_used_up(self, shares):
        left = self.purse.left.amount
        if not shares:
            raise UserError(self.env._("Nothing was chosen. Choose at least one."))
        if self.purse.is_empty:
            return
        amount = format_amount(self.env, abs(left), self.purse.currency)
        if left * self.purse.whole.amount > 0:
            raise UserError(
                self.env._(
                    "%(amount)s of the transaction is left: choose what it pays, or an"
                    " account for it.",
                    amount=amount,
                )
            )
        raise UserError(
            self.env._(
                "What was chosen is %(amount)s more than the transaction: leave the rest"
                " open, or choose an account for the difference.",
                amount=amount,
            )
        )

    def _nothing_left(self):
        return UserError(
            self.env._(
                "One of those chosen would get nothing. Take it away, or change the"
                " amounts."
            )
        )


def _name(item):
    return item.move_id.name or item.display_name
