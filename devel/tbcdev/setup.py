"""Setup: everything from a bare Debian machine to a template database."""

from . import environment, machine, odoo_source, paths
from .databases import account_template
from .progress import Steps, exclusive

STEPS = 5


def fetch(steps=None):
    """Bring in the programs: Debian's packages, Odoo, Python's packages."""
    steps = steps or Steps(3)
    machine.check_python()
    paths.CACHE.mkdir(parents=True, exist_ok=True)
    with exclusive("setup", "the setup"):
        with steps.step("Debian packages of this machine") as step:
            machine.install_missing(step)
        with steps.step("Odoo 19") as step:
            odoo_source.fetch(step)
        with steps.step("Python packages") as step:
            environment.make(step)


def prepare(run, more_steps=0):
    """Do the whole setup for ``run``.

    :param more_steps: number of the steps that the caller will add
    :return: the steps, and the name of the template with `account`
    """
    steps = Steps(STEPS + more_steps)
    fetch(steps)
    with steps.step("PostgreSQL"):
        run.start_postgres()
    with steps.step("Template database with Accounting") as step:
        template = account_template(run.databases, run.odoo, step)
    return steps, template
