"""The one file to send: what a check has found, without a secret of anybody's.

It is built of what the pure package lets through: counts, forms, and words of closed
lists. What identifies the company is cut out once more in the end, in any coding.
"""

import json
import platform
from importlib.metadata import version

from odoo import release

from ...tbc import check
from ..clock import utc_now
from ..own_names import own_names

LAST_READS = 20
_KEPT = ("requests", "token", "error", "shapes", "seconds", "errors")


def report_text(one_sudo):
    """The file as text: JSON that a person can read."""
    return json.dumps(report(one_sudo), indent=2, ensure_ascii=False)


def report(one_sudo):
    """The file's JSON value."""
    integration_sudo = one_sudo.integration_id
    return {
        "file": "account_tbc_bank check of the bank's answers, version 1",
        "versions": _versions(one_sudo.env),
        "environment": integration_sudo.environment,
        "state": one_sudo.state,
        "day": str((one_sudo.create_date or utc_now()).date()),
        **check.without(_told(one_sudo), own_names(integration_sudo)),
    }


def _told(one_sudo):
    """What was found: our secrets are not cut out of it yet."""
    memory = one_sudo.memory or {}
    return {
        "rows": [
            {"key": line.key, "outcome": line.outcome, "seen": line.seen or {}}
            for line in one_sudo.line_ids
        ],
        **{name: memory[name] for name in _KEPT if name in memory},
        "reads": _reads(one_sudo.integration_id),
        "unknown_words": _unknown_words(one_sudo.integration_id),
    }


def _versions(env):
    module_sudo = env["ir.module.module"].sudo()
    module = module_sudo.search([("name", "=", "account_tbc_bank")], limit=1)
    return {
        "account_tbc_bank": module.latest_version,
        "odoo": release.version,
        "python": platform.python_version(),
        "requests": version("requests"),
        "postgresql": str(env.cr._cnx.server_version),
    }


def _reads(integration_sudo):
    """The last reads: how they ended, how many rows, and the bank's trace ids."""
    domain = [("account_id.integration_id", "=", integration_sudo.id)]
    runs = integration_sudo.env["tbc.sync.run"].search(domain, limit=LAST_READS)
    return [_read(run) for run in runs]


def _read(run):
    return {
        "day": str(run.create_date.date()),
        "state": run.state,
        "fetched": run.fetched,
        "new": run.new,
        "held": run.held,
        "seconds": round(run.seconds, 1),
        "error": check.words_in(run.error),
        "trace_id": run.trace_id or None,
    }


def _unknown_words(integration_sudo):
    domain = [("integration_id", "=", integration_sudo.id)]
    found = integration_sudo.env["tbc.unknown.word"].search(domain)
    return [{"kind": word.kind, "word": word.name} for word in found]
