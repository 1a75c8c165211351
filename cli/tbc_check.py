"""``odoo tbc_check -d DATABASE``: check the bank's answers, and write what is found."""

import argparse
from pathlib import Path

import odoo
from odoo.cli import Command
from odoo.exceptions import UserError
from odoo.modules.registry import Registry
from odoo.tools import config

USAGE = "odoo tbc_check -d DATABASE [--integration NAME] [--transfers] [--file PATH]"
# Of a row's first column.
WIDTH = 19


class Tbc_Check(Command):
    """Check whether TBC Bank answers as the module assumes; the bank is only read.

    Odoo's own options (-d, -c, …) come as usual. --integration NAME: the one of this
    name, where there are several. --transfers: send the sandbox's own test transfers,
    too, which move no money. --file PATH: show what is to be sent, and save it there.
    """

    name = "tbc_check"

    def run(self, args):
        options, rest = _parser().parse_known_args(args)
        config.parse_config(rest, setup_logging=True)
        names = config["db_name"]
        if not names:
            raise SystemExit(f"Name the database: {USAGE}")
        for name in [names] if isinstance(names, str) else names:
            with Registry(name).cursor() as cr:
                env = odoo.api.Environment(cr, odoo.api.SUPERUSER_ID, {})
                try:
                    _check(env, options)
                except UserError as error:
                    raise SystemExit(f"{name}: {error}") from error


def _parser():
    parser = argparse.ArgumentParser(prog="odoo tbc_check", usage=USAGE, add_help=False)
    parser.add_argument("--integration")
    parser.add_argument("--transfers", action="store_true")
    parser.add_argument("--file", type=Path)
    return parser


def _check(env, options):
    """Check one integration, with a line for each step, then one for each row."""
    integration = _integration(env, options.integration)
    try:
        check = env["tbc.check"]._check_now(
            integration, _tell_progress, with_scenarios=options.transfers
        )
    except KeyboardInterrupt:
        raise SystemExit("Stopped. The bank is asked nothing more.") from None
    for line in check.line_ids.sorted("outcome"):
        _tell_row(line)
    if check.problem:
        print(check.problem)
    if not check.ended_at:
        raise SystemExit("Another worker goes on with this check: look at it in Odoo.")
    if options.file:
        # Nobody sends what nobody has seen.
        print(check.report)
        options.file.write_text(check.report, encoding="utf-8")
        print(f"This is the whole of {options.file}. Read it before you send it.")


def _tell_row(line):
    """The outcome and what is assumed; of a difference, what the bank does instead and
    what it means.
    """
    outcomes = dict(line._fields["outcome"]._description_selection(line.env))
    first = " ".join(filter(None, [line.assumption, line.bank_does]))
    for column, told in ((outcomes[line.outcome], first), ("", line.meaning)):
        if told:
            print(f"{column:{WIDTH}}{told}")


def _tell_progress(check):
    print(f"step {check.steps_done} of {check.step_count}", flush=True)


def _integration(env, name):
    domain = [("name", "=", name)] if name else []
    found = env["tbc.integration"].search(domain)
    if len(found) != 1:
        names = ", ".join(env["tbc.integration"].search([]).mapped("name"))
        raise SystemExit(f"Choose one with --integration: {names or 'there is none'}")
    return found
