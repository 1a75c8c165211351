"""``odoo tbc_check -d DATABASE``: check the bank's answers, and write what is found."""

import argparse
from pathlib import Path

import odoo
from odoo.cli import Command
from odoo.exceptions import UserError
from odoo.modules.registry import Registry
from odoo.tools import config

USAGE = "odoo tbc_check -d DATABASE [--integration NAME] [--file PATH]"


class Tbc_Check(Command):
    """Check whether TBC Bank answers as the module assumes; the bank is only read.

    Odoo's own options (-d, -c, …) come as usual. --integration NAME: the one of this
    name, where there are several. --file PATH: save what is to be sent there.
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
    parser.add_argument("--file", type=Path)
    return parser


def _check(env, options):
    """Check one integration, with a line for each step, then one for each row."""
    integration = _integration(env, options.integration)
    try:
        check = env["tbc.check"]._check_now(integration, _tell_progress)
    except KeyboardInterrupt:
        raise SystemExit("Stopped. The bank is asked nothing more.") from None
    for line in check.line_ids.sorted("outcome"):
        told = ": ".join(filter(None, [line.assumption, line.bank_does]))
        print(f"{line.outcome:9} {told}")
    if check.problem:
        print(check.problem)
    if not check.ended_at:
        raise SystemExit("Another worker goes on with this check: look at it in Odoo.")
    if options.file:
        options.file.write_text(check.report, encoding="utf-8")
        print(f"Look at {options.file} before you send it.")


def _tell_progress(check):
    print(f"step {check.steps_done} of {check.step_count}", flush=True)


def _integration(env, name):
    domain = [("name", "=", name)] if name else []
    found = env["tbc.integration"].search(domain)
    if len(found) != 1:
        names = ", ".join(env["tbc.integration"].search([]).mapped("name"))
        raise SystemExit(f"Choose one with --integration: {names or 'there is none'}")
    return found
