"""Whom the company knows that may be the other side of some transactions."""

from collections import defaultdict
from dataclasses import dataclass

from odoo.tools import SQL

from ...bookkeeping import Party, PartyNames, clean_tax_code
from ...tbc import clean_iban

# A name that is less alike is another one.
LEAST_ALIKE = 75
# Of so many customers and vendors, the latest, the names are compared.
MOST_NAMES = 5_000
# So many partners may be one transaction's.
MOST_PARTIES = 4

# Who has a tax code or an IBAN that the bank tells, each of them; the customers and
# vendors of late; the companies themselves.
_KNOWN = """
    WITH found AS MATERIALIZED (
        SELECT 'code' AS place, partner.tbc_vat AS value,
               partner.commercial_partner_id AS id
          FROM res_partner partner
         WHERE partner.active AND partner.tbc_vat = ANY(%(codes)s)
           AND (partner.company_id IS NULL OR partner.company_id = ANY(%(companies)s))
         UNION
        SELECT 'iban', bank.sanitized_acc_number, partner.commercial_partner_id
          FROM res_partner_bank bank
          JOIN res_partner partner ON partner.id = bank.partner_id AND partner.active
         WHERE bank.active AND bank.sanitized_acc_number = ANY(%(ibans)s)
           AND (bank.company_id IS NULL OR bank.company_id = ANY(%(companies)s))
    ), latest AS MATERIALIZED (
        SELECT id FROM res_partner
         WHERE active AND parent_id IS NULL AND (customer_rank > 0 OR supplier_rank > 0)
           AND (company_id IS NULL OR company_id = ANY(%(companies)s))
         ORDER BY id DESC LIMIT %(most)s
    ), named AS MATERIALIZED (
        SELECT id FROM found UNION SELECT id FROM latest
         UNION SELECT unnest(%(ids)s::int[])
    )
    SELECT found.place, found.value, partner.id, NULL, NULL, NULL
      FROM found JOIN res_partner partner ON partner.id = found.id AND partner.active
     UNION ALL
    SELECT 'known', NULL, partner.id, COALESCE(partner.complete_name, ''),
           partner.customer_rank > 0, partner.supplier_rank > 0
      FROM named JOIN res_partner partner ON partner.id = named.id
     UNION ALL
    SELECT 'own', partner.tbc_vat, partner.id, partner.name, NULL, NULL
      FROM res_partner partner WHERE partner.id = ANY(%(own)s)
     ORDER BY 1, 2, 3
"""


@dataclass(frozen=True, slots=True)
class Known:
    """A partner who is not archived."""

    partner_id: int
    name: str
    is_customer: bool
    is_vendor: bool


class Acquaintances:
    """The partners of companies that are one legal person; one query.

    ``known``: ``{partner id: Known}``; ``own``: the companies' own tax codes and names.

    :param companies: the company and its branches
    :param rows: the ``TransactionRow`` list
    """

    def __init__(self, env, companies, rows):
        self.known, self.own = {}, {"code": set(), "name": set()}
        self._by = {"code": defaultdict(list), "iban": defaultdict(list)}
        for place, value, partner_id, *told in env.execute_query(
            _query(companies, rows)
        ):
            if place == "own":
                self.own["code"].add(value)
                self.own["name"].add(told[0])
            elif place in self._by:
                self._by[place][value].append(partner_id)
            else:
                self.known[partner_id] = Known(partner_id, *told)
        names = ((one.partner_id, one.name) for one in self.known.values())
        self.names = PartyNames(names)

    def parties(self, row, by_history=()):
        """The ``Party`` tuple of a transaction, the likeliest first.

        :param by_history: ids of partners to whom the counterparty's money went before
        """
        found = {}
        if row.partner_id:
            found[row.partner_id] = ("line", 100)
        for partner_id in self._by["code"].get(clean_tax_code(row.tax_code), ()):
            found.setdefault(partner_id, ("tax_code", 100))
        for partner_id in self._by["iban"].get(clean_iban(row.counterparty_iban), ()):
            found.setdefault(partner_id, ("iban", 100))
        for partner_id in by_history:
            found.setdefault(partner_id, ("history", 100))
        if not found and row.counterparty_name:
            for alike, key in self.names.find(row.counterparty_name, LEAST_ALIKE):
                found.setdefault(key, ("name", alike))
        return tuple(
            self._party(partner_id, *how)
            for partner_id, how in list(found.items())[:MOST_PARTIES]
        )

    def _party(self, partner_id, known_by, alikeness):
        known = self.known.get(partner_id)
        return Party(
            partner_id=partner_id,
            known_by=known_by,
            alikeness=alikeness,
            is_customer=bool(known and known.is_customer),
            is_vendor=bool(known and known.is_vendor),
        )


def _query(companies, rows):
    codes = {clean_tax_code(row.tax_code) for row in rows} - {None}
    ibans = {clean_iban(row.counterparty_iban) for row in rows} - {None}
    return SQL(
        _KNOWN,
        codes=list(codes),
        ibans=list(ibans),
        ids=list({row.partner_id for row in rows} - {None}),
        companies=companies.ids,
        own=companies.partner_id.ids,
        most=MOST_NAMES,
    )
