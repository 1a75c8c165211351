"""The sentences of proposals: a code and values in, a few words out."""

from datetime import date

from odoo.tools import format_amount, format_date


class ProposalWords:
    """What proposals on one page are called, and why they are made.

    :param names: the ``PageNames``
    """

    def __init__(self, env, names):
        self.env, self.names = env, names

    def title(self, one):
        """What a person would choose."""
        if one.item_ids:
            return self.names.items(one.item_ids)
        if one.other_line_id:
            leg = self.names.leg(one.other_line_id)
            return self.env._("Own transfer: %(line)s", line=leg)
        if one.on_account:
            return self._on_account(one)
        return self.names.account(one.account_id)

    def _on_account(self, one):
        partner = self.names.partner(one.partner_id)
        if one.on_account == "customer":
            return self.env._("On account of customer %(partner)s", partner=partner)
        return self.env._("On account of vendor %(partner)s", partner=partner)

    def reason(self, one, row):
        """Why it is proposed, in a few words; what the partner is known by comes last."""
        values = {
            **one.values,
            "row": row,
            "currency_id": row.currency_id,
            "proposal": one,
        }
        parts = [getattr(self, f"_of_{one.code}")(values)]
        if one.code != "on_account":
            parts.append(self._known_by(values))
        return "; ".join(filter(None, parts))

    # === OPEN ITEMS === #

    def _of_named(self, values):
        if values["count"] > 1:
            return self.env._("their numbers are named, and the sum is exact")
        return self.env._("its number is named, and the amount is exact")

    def _of_named_differs(self, values):
        if values["count"] > 1:
            told = self.env._("their numbers are named")
        else:
            told = self.env._("its number is named")
        return f"{told}; {self._gap(values)}"

    def _of_differs(self, values):
        return self._gap(values)

    def _of_exact(self, _values):
        return self.env._("the only one open of this amount")

    def _of_exact_of(self, values):
        if values["place"] == 1:
            return self.env._(
                "the oldest of %(count)s of this amount", **_count(values)
            )
        return self.env._("one of %(count)s of this amount", **_count(values))

    def _of_near_day(self, values):
        return self.env._(
            "one of %(count)s of this amount, with the nearest date", **_count(values)
        )

    def _of_sum(self, values):
        return self.env._("%(count)s open items of exactly this sum", **_count(values))

    def _of_oldest(self, values):
        if values["proposal"].left_open:
            return self.env._("the oldest open items, the last one in part")
        return self.env._("all open items; the rest stays on account")

    def _of_payment(self, _values):
        return self.env._("a payment registered by hand that waits for it")

    def _of_other_currency(self, values):
        item = self.names.item(values["proposal"].item_ids[0])
        amount = self._money(item.cents, item.currency_id)
        return self.env._("%(amount)s at the rate of the day", amount=amount)

    def _gap(self, values):
        """How much less or more it is, and what that looks like."""
        gap = values["proposal"].difference
        amount = self._money(abs(gap), values["currency_id"])
        is_less = values["proposal"].left_open
        if is_less:
            difference = self.env._("%(amount)s less", amount=amount)
        else:
            difference = self.env._("%(amount)s more", amount=amount)
        look = self._look(values, is_less)
        return f"{difference}: {look}" if look else difference

    def _look(self, values, is_less):
        env = self.env
        if not is_less and values["look"] != "rounding":
            return None
        sentences = {
            "rounding": env._("looks rounded"),
            "fee": env._("looks like a bank's fee"),
            "withholding": env._(
                "looks like %(rate)s %% withheld", rate=f"{values['rate'] / 10:g}"
            ),
            "vat": env._("looks like the amount without VAT"),
            "instalment": env._("looks like an instalment"),
            "part": env._("a part of it"),
        }
        return sentences[values["look"]]

    # === ACCOUNTS === #

    def _of_habit_counterparty(self, values):
        name = values["row"].counterparty_name or values["row"].counterparty_iban
        return self._habit(values, name)

    def _of_habit_partner(self, values):
        return self._habit(values, self.names.partner(values["row"].partner_id))

    def _habit(self, values, name):
        account = self.names.account(values["proposal"].account_id)
        words = {"name": name, "account": account, **_count(values)}
        if values["of"] == 1:
            return self.env._("the last one of %(name)s went to %(account)s", **words)
        if values["count"] == values["of"]:
            return self.env._(
                "the last %(count)s of %(name)s went to %(account)s", **words
            )
        return self.env._(
            "%(count)s of the last %(of)s of %(name)s went to %(account)s", **words
        )

    def _of_habit_kind(self, values):
        account = self.names.account(values["proposal"].account_id)
        words = {"account": account, **_count(values)}
        if values["of"] == 1:
            return self.env._(
                "the last one with these words went to %(account)s", **words
            )
        if values["count"] == values["of"]:
            return self.env._(
                "the last %(count)s with these words went to %(account)s", **words
            )
        return self.env._(
            "%(count)s of the last %(of)s with these words went to %(account)s", **words
        )

    def _of_other_leg(self, values):
        if not values["days"]:
            return self.env._("the other leg, of the same day")
        return self.env._("the other leg, %(days)s days apart", days=values["days"])

    def _of_own_account(self, _values):
        return self.env._("between own accounts, and the other leg is not here")

    def _of_rule_on(self, values):
        return self.env._(
            "operation rule “%(rule)s” fits", rule=self.names.rule(values["rule"])
        )

    def _of_rule_off(self, values):
        return self.env._(
            "operation rule “%(rule)s” fits, but is switched off",
            rule=self.names.rule(values["rule"]),
        )

    def _of_rule_shared(self, values):
        return self.env._(
            "operation rule “%(rule)s” of all companies fits, but has no account here",
            rule=self.names.rule(values["rule"]),
        )

    # === ON ACCOUNT === #

    def _of_on_account(self, values):
        if known := self._known_by(values):
            return known
        if values["is_usual"]:
            return self.env._("as earlier ones of this partner")
        if values["is_owing"]:
            return self.env._("if it pays nothing that is open")
        return self.env._("nothing that is open fits")

    def _of_gives_back(self, values):
        day = format_date(self.env, date.fromisoformat(values["day"]))
        amount = self._money(values["cents"], values["currency_id"])
        return self.env._(
            "may give back the %(amount)s of %(day)s", amount=amount, day=day
        )

    def _of_paid_twice(self, values):
        day = format_date(self.env, date.fromisoformat(values["day"]))
        return self.env._("as much was paid on %(day)s: may be paid twice", day=day)

    def _known_by(self, values):
        """How the partner was found, where the bank does not say it beyond doubt."""
        sentences = {
            "name": self.env._("the name is alike"),
            "history": self.env._("as earlier ones of this counterparty"),
            "iban": self.env._("the account is the partner's"),
            "nobody": self.env._("somebody else pays it"),
        }
        return sentences.get(values.get("known_by"))

    def _money(self, cents, currency_id):
        currency = self.names.currencies[currency_id]
        return format_amount(self.env, abs(cents) / 100, currency)


def _count(values):
    return {"count": values["count"], "of": values.get("of")}
