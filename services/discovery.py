"""Testing a connection, and finding the accounts that an integration sees."""

from dataclasses import dataclass
from functools import partial

from .. import messages
from ..tbc import SCOPE_ACCOUNTS, SCOPE_TRANSFERS, TbcAuthRefused, TbcError
from . import connecting
from .buttons import notice, reload_screen
from .calls import ATTENTION, language_of
from .chatter import post_note
from .clock import DAY, bank_today, utc_now
from .period_limit import PeriodLimit, to_last
from .rates import Rates, no_rate_sentence
from .refusals import forget_refusals

# How far back the bank is asked for movements when accounts are looked for.
DISCOVER_DAYS = 92
# A click must end before the web server's time limit, however many movements there are.
DISCOVER_PAGES = 40
# Of an integration with a permission that works.
_CONNECTED = {
    "state": "connected",
    "pause_reason": False,
    "not_before": False,
    "is_pair_refused": False,
}


@dataclass
class _Answers:
    """What the bank answered when a connection was tested."""

    # {scope: why it was refused, or ``None``}, of those that are asked for.
    scopes: dict
    # The accounts it showed, or why it showed none.
    pairs: dict | None = None
    unseen: TbcError | None = None

    @property
    def errors(self):
        return [*filter(None, [self.unseen, *self.scopes.values()])]

    @property
    def tokens(self):
        return {scope for scope, error in self.scopes.items() if not error}

    @property
    def granted(self):
        """The permissions that work."""
        return self.tokens - {SCOPE_ACCOUNTS} if self.unseen else self.tokens


def try_connection(integration_sudo):
    """Ask the bank for a token of each scope and for the accounts it shows.

    A success connects the integration; a refusal by the bank pauses it.
    """
    return _conclude(integration_sudo, _ask(integration_sudo))


def try_entered(integration_sudo):
    """Test the client ID and secret that were just entered.

    Return (the fault, ``None``) where the bank knows no such pair, and nothing is kept
    of the test; else (``None``, what :func:`try_connection` returns).
    """
    answers = _ask(integration_sudo)
    if wrong := next(filter(connecting.is_wrong_pair, answers.errors), None):
        return messages.user_message(integration_sudo.env, wrong), None
    return None, _conclude(integration_sudo, answers)


def _ask(integration_sudo):
    with connecting.open_client(integration_sudo) as client:
        answers = _Answers(_test_scopes(integration_sudo, client))
        if SCOPE_ACCOUNTS in answers.granted:
            try:
                answers.pairs = _seen_accounts(client, pages=1)
            except TbcError as error:
                answers.unseen = error
    return answers


def _test_scopes(integration, client):
    tested = {}
    for wanted, scope, _label in _scopes(integration):
        if not wanted:
            continue
        try:
            client.check_scope(scope)
            tested[scope] = None
        except TbcError as error:
            tested[scope] = error
    return tested


def _scopes(integration):
    """(whether it is asked for, scope, its name) of each permission."""
    env = integration.env
    return (
        (integration.can_read_statements, SCOPE_ACCOUNTS, env._("Statements")),
        (integration.can_initiate_transfers, SCOPE_TRANSFERS, env._("Transfers")),
    )


def _conclude(integration_sudo, answers):
    _keep_outcome(integration_sudo, answers)
    if _is_told_on_form(integration_sudo, answers):
        return reload_screen()
    return _outcome_notice(integration_sudo, answers)


def _is_told_on_form(integration, answers):
    """Whether the form says by itself why nothing works."""
    if integration.state == "paused":
        return any(isinstance(one, TbcAuthRefused) for one in answers.errors[:1])
    return integration.state == "draft" and bool(answers.errors)


def _report(integration, answers):
    """What the bank answered, a sentence per line; one that is true of all stands alone."""
    env, report = integration.env, []
    faults = {messages.test_message(env, error) for error in answers.errors}
    if not answers.tokens and len(faults) == 1:
        return faults.pop()
    if answers.tokens:
        report.append(env._("Token: the bank gave one"))
    for wanted, scope, label in _scopes(integration):
        report.append(_scope_sentence(env, answers, wanted and scope, label))
    if answers.unseen:
        report.append(messages.test_message(env, answers.unseen))
    elif answers.pairs is not None:
        report.append(env._("Accounts seen: %(count)s", count=len(answers.pairs)))
        report += missing_rate_sentences(integration, answers.pairs)
    return "\n".join(report)


def _scope_sentence(env, answers, scope, label):
    """What the bank answered about a permission, or that it was not asked for."""
    if not scope:
        return env._("%(scope)s: not asked for", scope=label)
    if error := answers.scopes[scope]:
        return f"{label}: {messages.test_message(env, error)}"
    return env._("%(scope)s: permitted", scope=label)


def _keep_outcome(integration_sudo, answers):
    """Keep the report; one permission that works is enough to be connected."""
    language = language_of(integration_sudo.company_id)
    text = _report(integration_sudo.with_context(lang=language), answers)
    integration_sudo.write({"connection_report": text, "tested_at": utc_now()})
    if answers.granted:
        post_note(integration_sudo, text)
        integration_sudo.write(dict(_CONNECTED))
        integration_sudo.activity_unlink([ATTENTION])
        # They are asked for again at the next read.
        forget_refusals(integration_sudo.account_ids)
    elif answers.errors:
        connecting.record_refusal(integration_sudo, answers.errors[0])


def _outcome_notice(integration, answers):
    """Tell whoever tested, in their own language."""
    env = integration.env
    if not answers.errors:
        title, kind = env._("The connection works"), "success"
    elif answers.granted:
        title, kind = env._("The connection works in part"), "warning"
    else:
        title, kind = env._("The connection does not work"), "danger"
    return notice(env, _report(integration, answers), kind=kind, title=title)


def missing_rate_sentences(integration, pairs):
    """Say which currencies of the accounts have no rate in Odoo."""
    env = integration.env
    codes = {code for _iban, code in pairs}
    codes |= set(integration.account_ids.currency_id.mapped("name"))
    currencies = env["res.currency"].with_context(active_test=False)
    return [
        no_rate_sentence(currency)
        for currency in currencies.search([("name", "in", sorted(codes))])
        if Rates(currency, integration.company_id).is_missing
    ]


def discover_accounts(integration_sudo):
    """Make a ``tbc.account`` for each (IBAN, currency) in the bank's movements.

    Return (``{(iban, currency code): name}``, ``None``), or (``{}``, what was refused).
    """
    try:
        with connecting.open_client(integration_sudo) as client:
            pairs = _seen_accounts(client)
    except TbcError as error:
        connecting.record_refusal(integration_sudo, error)
        return {}, messages.user_message(integration_sudo.env, error)
    _add_accounts(integration_sudo, pairs)
    return pairs, None


def _seen_accounts(client, pages=DISCOVER_PAGES):
    """Return ``{(iban, currency code): account name}`` of the last months, the newest
    days first, as many at once as the bank answers for.
    """
    limit, pairs = PeriodLimit(None, "longest_list"), {}
    last = bank_today()
    since = last - DISCOVER_DAYS * DAY
    limit.days = DISCOVER_DAYS + 1
    while since <= last and pages > 0:
        see = partial(_see_accounts, client, pairs, pages)
        first, read = limit.ask(to_last(since, last), see)
        last, pages = first - DAY, pages - read
    return pairs


def _see_accounts(client, pairs, pages, spans):
    """Add the accounts of some days' movements; return first day, pages read."""
    [(since, until)] = spans
    walk = client.movement_pages(period_from=since, period_to=until)
    for read, page in enumerate(walk, start=1):
        for movement in page.movements:
            if movement.account_iban and movement.currency:
                pair = (movement.account_iban, movement.currency)
                pairs.setdefault(pair, movement.account_name)
        if page.is_last or read == pages:
            return since, read


def _add_accounts(integration_sudo, pairs):
    env = integration_sudo.with_context(active_test=False).env
    company = integration_sudo.company_id
    known = env["tbc.account"].search([("company_id", "=", company.id)])
    known_pairs = {(account.iban, account.currency_id.name) for account in known}
    codes = [code for _iban, code in pairs]
    currencies = env["res.currency"].search([("name", "in", codes)])
    currency_ids = {currency.name: currency.id for currency in currencies}
    env["tbc.account"].create(
        [
            {
                "integration_id": integration_sudo.id,
                "iban": iban,
                "currency_id": currency_ids[code],
                "name": name,
            }
            for (iban, code), name in sorted(pairs.items())
            if (iban, code) not in known_pairs and code in currency_ids
        ]
    )


def archived_accounts(integration_sudo, pairs):
    """Return the archived accounts of the company among ``pairs``."""
    accounts_sudo = integration_sudo.env["tbc.account"].search(
        [
            ("company_id", "=", integration_sudo.company_id.id),
            ("active", "=", False),
            ("iban", "in", [iban for iban, _code in pairs]),
        ]
    )
    return accounts_sudo.filtered(lambda one: (one.iban, one.currency_id.name) in pairs)


def accounts_of_others(integration_sudo, pairs):
    """Return the accounts among ``pairs`` that another integration of the company has."""
    accounts_sudo = integration_sudo.env["tbc.account"].search(
        [
            ("company_id", "=", integration_sudo.company_id.id),
            ("integration_id", "!=", integration_sudo.id),
            ("iban", "in", [iban for iban, _code in pairs]),
        ]
    )
    return accounts_sudo.filtered(lambda one: (one.iban, one.currency_id.name) in pairs)
