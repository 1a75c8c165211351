"""`make test-oca`: our module in one database with each of its neighbours.

Of each neighbour two databases are made: one in which it was there first, one in which
we were. Their own tests run in both, without us and with us.
"""

import json
import os
import re
import shutil
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field

from . import environment, paths, processes, rings, setup
from .databases import module_template
from .odoo_log import OdooLog
from .progress import Failure, Step, command, remake
from .run import Run

# Module → what it brings along, in the order in which all of it is uninstalled.
NEIGHBOURS = {
    "account_reconcile_oca": ["account_statement_base"],
    "account_statement_import_online": [
        "account_statement_import_base",
        "account_statement_base",
    ],
    "account_payment_batch_oca": [
        "account_payment_base_oca",
        "account_payment_method_base",
    ],
    "base_tier_validation": [],
    "queue_job": [],
}
REQUIREMENTS = paths.DEVEL / "requirements-oca.txt"
# Reading, matching, transfers and journals: where a neighbour could come in.
OUR_TESTS = (
    "test_adoption.py",
    "test_held.py",
    "test_journal.py",
    "test_matching*.py",
    "test_names.py",
    "test_payment_method.py",
    "test_read.py",
    "test_scheduled.py",
    "test_settle_back.py",
    "test_transfer_never_twice.py",
    "test_transfer_outcome.py",
    "test_transfer_prepare.py",
    "test_transfer_send.py",
)
# As many at once as a small machine has processors.
AT_ONCE = 2


@dataclass
class Checks:
    """What was looked at beside one neighbour."""

    neighbour: str
    rows: list = field(default_factory=list)

    def add(self, what, trouble="", told=""):
        """Note one check; it failed where there is trouble (text)."""
        self.rows.append((what, trouble, told))
        outcome = "FAILED" if trouble else "ok"
        print(f"  {self.neighbour}: {what}: {outcome} {told}".rstrip(), flush=True)
        return not trouble

    @property
    def failed(self):
        """How many checks failed."""
        return sum(bool(trouble) for _what, trouble, _told in self.rows)


def test_oca():
    """Live in one database with OCA modules: install, sync, match, uninstall."""
    with Run() as run:
        steps, account = setup.prepare(run, more_steps=2)
        with steps.step("Modules of the OCA") as step:
            folder = fetch(step)
        with steps.step("Template database with this module") as step:
            module = module_template(run.databases, run.odoo, step)
        # A copy: while this lasts, another run may put a newer template in its place.
        module = run.database(module, "with_ours")
        run.odoo.write_conf([folder / "addons"])
        run.odoo.python_path = [folder / "python"]
        templates = {"theirs": account, "ours": module}
        outcomes = _side_by_side(
            [Neighbourhood(run, folder, name, templates) for name in _chosen()]
        )
    return print_table(outcomes)


def _side_by_side(neighbourhoods):
    """Check some at once; whoever is interrupted begins nothing new."""
    pool = ThreadPoolExecutor(AT_ONCE)
    try:
        living = [pool.submit(one.check) for one in neighbourhoods]
        return [one.result() for one in living]
    finally:
        for one in neighbourhoods:
            one.is_over = True
        pool.shutdown(wait=False, cancel_futures=True)


def _chosen():
    chosen = os.environ.get("WITH", "").replace(",", " ").split()
    if unknown := set(chosen).difference(NEIGHBOURS):
        raise Failure(f"WITH={' '.join(unknown)}: choose of {', '.join(NEIGHBOURS)}.")
    return chosen or list(NEIGHBOURS)


def fetch(step):
    """Bring in the neighbours, unless they are there; return their folder."""
    wanted = REQUIREMENTS.read_text(encoding="utf-8")
    folder = paths.CACHE / f"neighbours-{paths.digest(wanted, sys.version_info[:2])}"
    if not folder.exists():
        step.detail("downloading")
        remake(folder, _install)
    return folder


def _install(folder):
    """Unpack the packages; Odoo's and Python's modules each in a folder of their own."""
    pip = [environment.program("python"), "-m", "pip", "install", "--no-input"]
    pip += ["--no-deps", "--no-compile", "--disable-pip-version-check"]
    target = folder / "python"
    command([*pip, "--target", target, "-r", REQUIREMENTS])
    # Beside the real `odoo` there must be no second one on Python's path.
    shutil.move(target / "odoo" / "addons", folder / "addons")
    shutil.rmtree(target / "odoo")


def our_tags():
    """Return Odoo's tags of our tests that a neighbour could break."""
    classes = [
        re.match(r"class (Test\w+)", line)
        for pattern in OUR_TESTS
        for path in (paths.ROOT / "tests").glob(pattern)
        for line in path.read_text(encoding="utf-8").splitlines()
    ]
    return ",".join(f"/{paths.MODULE}:{found[1]}" for found in classes if found)


class Neighbourhood:
    """The checks of one neighbour.

    :param folder: where the neighbours' modules are
    :param templates: names of the templates without (``theirs``) and with ``ours``
    """

    def __init__(self, run, folder, name, templates):
        self.run, self.folder, self.name = run, folder, name
        self.templates = templates
        self.checks = Checks(name)
        self.is_over = False

    def check(self):
        """Do all checks; return them. One that can't go on is a failure."""
        try:
            self._check()
        except Failure as failure:
            self.checks.add("goes on", str(failure))
        return self.checks

    def _go_on(self):
        if self.is_over:
            raise Failure("Stopped.")

    def _check(self):
        theirs = self._database("theirs")
        without = self._their_tests(theirs, "without", "-i")
        added = self.checks.add
        added("they install", self._not_installed(theirs, self.name))
        # In an update they meet Odoo's modules that are loaded after them.
        updated = self._their_tests(theirs, "updated", "-u")
        self._install_ours(theirs)
        added("we install after them", self._not_installed(theirs, paths.MODULE))
        ours = self._database("ours")
        beside = self._their_tests(ours, "with", "-i")
        added("they install after us", self._not_installed(ours, self.name))
        self._compare("their tests beside us", without, beside)
        self._our_tests(ours)
        self._live(theirs, "they-leave")
        self._live(ours, "we-leave")
        left = self._their_tests(ours, "left", "-u")
        self._compare("their tests after we left", updated, left)

    def _database(self, whose):
        purpose = f"{self.name[:24]}_{whose}"
        return self.run.database(self.templates[whose], purpose)

    def _not_installed(self, database, module):
        state = f"SELECT state FROM ir_module_module WHERE name = '{module}'"
        rows = self.run.cluster.query(state, database=database)
        return "" if rows == [["installed"]] else f"{module} is {rows}"

    def _odoo(self, database, log_name, *options):
        """Run Odoo's tests; return the log as read."""
        self._go_on()
        log = OdooLog()
        port = f"--http-port={processes.free_port()}"
        args = self.run.odoo.command(database, *options, port, "--stop-after-init")
        name = f"oca-{self.name}-{log_name}"
        _status, path = self.run.odoo.follow(args, name, log.feed)
        log.close()
        log.path = paths.shown(path)
        return log

    def _their_tests(self, database, log_name, option):
        tags = f"/{self.name}"
        return self._odoo(database, log_name, option, self.name, "--test-tags", tags)

    def _install_ours(self, database):
        step = Step(f"  {self.name}: ours beside it")
        self.run.odoo.install(database, [paths.MODULE], step)

    def _compare(self, what, without, beside):
        """What passes without us passes with us."""
        lost = sorted(without.passed - beside.passed)
        broken = {test: beside.failed.get(test, "did not run") for test in lost}
        new = {t: text for t, text in beside.failed.items() if t not in without.failed}
        trouble = "\n".join(f"{t}\n{text}" for t, text in {**broken, **new}.items())
        if not without.passed:
            trouble = f"none of their tests ran, see {without.path}"
        told = (
            f"({len(beside.passed)} passed, {len(beside.failed)} fail without us too)"
        )
        self.checks.add(what, trouble, told)

    def _our_tests(self, database):
        log = self._odoo(database, "ours", "--test-tags", our_tags())
        trouble = "\n".join(f"{test}\n{text}" for test, text in log.failed.items())
        if not log.passed:
            trouble = trouble or f"no test ran, see {log.path}"
        self.checks.add("our tests", trouble, f"({len(log.passed)} passed)")

    def _live(self, database, part):
        """Read, pay and match beside them; then one of us is uninstalled."""
        self._go_on()
        script = paths.DEVEL / "neighbours.py"
        args = [environment.program("python"), script, part, self.name]
        tests = paths.ROOT / "tests" / "process"
        process = self.run.start(
            [*args, ",".join([self.name, *NEIGHBOURS[self.name]])],
            env=rings.process_variables(
                self.run, database, tests, self.folder / "python"
            ),
            cwd=paths.ROOT,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )
        output, _errors = process.communicate()
        told = [line for line in output.splitlines() if line.startswith('{"check"')]
        for line in told:
            one = json.loads(line)
            self.checks.add(one["check"], one["trouble"])
        if process.returncode:
            self.checks.add(part, output[-3000:])


def print_table(outcomes):
    """Print what was checked, the last line as `N passed, N failed`; the status."""
    for checks in outcomes:
        print(f"\n{checks.neighbour}")
        for what, trouble, told in checks.rows:
            print(f"  {what:<44}{'FAILED' if trouble else 'ok':<8}{told}")
    for checks in outcomes:
        for what, trouble, _told in checks.rows:
            if trouble:
                print(f"\n--- {checks.neighbour}: {what}\n{trouble}")
    failed = sum(checks.failed for checks in outcomes)
    passed = sum(len(checks.rows) for checks in outcomes) - failed
    print(f"\n{passed} passed, {failed} failed", flush=True)
    return 1 if failed else 0
