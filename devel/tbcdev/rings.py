"""The rings of tests, from the fastest to the one with real processes."""

import contextlib
import json
import os
import subprocess
import sys
import time
from collections import Counter
from dataclasses import dataclass

from . import environment, paths, processes
from .databases import account_template
from .odoo_log import STARTING, OdooLog
from .progress import Step

ALL_RINGS = ("lint", "tools", "pure", "odoo", "process")
LIMIT_SECONDS = 40 * 60  # for the longest ring
PROGRESS_EVERY_SECONDS = 15


@dataclass
class Outcome:
    """What came out of one ring."""

    ring: str
    passed: int = 0
    failed: int = 0
    skipped: int = 0
    seconds: float = 0.0
    left_out: str = ""  # why the ring did not run


@contextlib.contextmanager
def _ring(name, title):
    print(f"\n=== {title}", flush=True)
    outcome = Outcome(name)
    started = time.monotonic()
    yield outcome
    outcome.seconds = time.monotonic() - started


def _show(run, args, **options):
    """Run ``args`` with its output on the screen; return its exit status."""
    # One stream, so that a log of everything keeps its order.
    streams = {"stdout": sys.stdout, "stderr": subprocess.STDOUT}
    process = run.start(args, cwd=paths.ROOT, **streams, **options)
    try:
        return process.wait(LIMIT_SECONDS)
    except subprocess.TimeoutExpired:
        print(f"Stopped: longer than {LIMIT_SECONDS // 60} minutes.", flush=True)
        return 1
    finally:
        processes.stop(process)


def _fail_without_tests(outcome):
    if not outcome.passed and not outcome.failed:
        print("No test ran.", flush=True)
        outcome.failed = 1


def lint(run):
    """All hooks of `.pre-commit-config.yaml` on all files that git knows."""
    with _ring("lint", "Lint: pre-commit on all files") as outcome:
        variables = environment.lint_variables(**run.mark)
        hooks = [environment.program("pre-commit"), "run", "--all-files"]
        outcome.failed = int(_show(run, hooks, env=variables) != 0)
    return outcome


def _plain(run, outcome, folder, variables, *before, names=()):
    """Run the unittest tests of ``folder`` and count them.

    :param names: of its files, instead of all
    :return: ``{file: seconds}``
    """
    result = run.folder / f"{'-'.join([outcome.ring, *names[:1]])}.json"
    runner = paths.DEVEL / "tbcdev" / "plain_tests.py"
    tests = [environment.program("python"), *before, runner, folder, result, *names]
    status = _show(run, tests, env=variables)
    seconds = {}
    if result.exists():
        counts = json.loads(result.read_text(encoding="utf-8"))
        seconds = counts.pop("seconds")
        vars(outcome).update(counts)
    if status and not outcome.failed:
        print(f"The tests ended with status {status}.", flush=True)
        outcome.failed = 1
    _fail_without_tests(outcome)
    return seconds


def pure(run):
    """The tests without Odoo: they must run every line of `tbc/` and `bookkeeping/`."""
    with _ring("pure", "Pure ring: tests/unit, without Odoo") as outcome:
        # As with PYTHONPATH=.:tests: our pure packages and `fake_tbc` can be imported.
        variables = environment.variables(
            paths.ROOT,
            paths.ROOT / "tests",
            COVERAGE_FILE=str(run.folder / "coverage"),
            **run.mark,
        )
        folder = paths.ROOT / "tests" / "unit"
        if folder.is_dir():
            coverage = ["-m", "coverage"]
            measured = [*coverage, "run", "--source=tbc,bookkeeping"]
            _plain(run, outcome, folder, variables, *measured)
            report = ["report", "--fail-under=100", "--show-missing", "--skip-covered"]
            python = environment.program("python")
            if _show(run, [python, *coverage, *report], env=variables):
                print("Lines that no pure test runs: one failure.", flush=True)
                outcome.failed += 1
        _fail_without_tests(outcome)
    return outcome


def tools(run):
    """The tests of these tools: what counts tests and reads logs must be right."""
    with _ring("tools", "Tools ring: devel/tests") as outcome:
        # The benchmark is tested, too, and has the fake bank of the tests.
        folders = (paths.DEVEL, paths.DEVEL / "bench", paths.ROOT / "tests")
        variables = environment.variables(*folders, **run.mark)
        _plain(run, outcome, paths.DEVEL / "tests", variables)
    return outcome


def odoo(run, database, option):
    """The tests inside Odoo; its log must hold nothing above information.

    :param option: ``-i`` where the module is not installed yet, else ``-u``
    """
    with _ring("odoo", f"Odoo ring: --test-tags {tags()}") as outcome:
        follower = Follower(OdooLog())
        options = (option, paths.MODULE, "--test-tags", tags())
        args = run.odoo.command(database, *options)
        _in_odoo(run, outcome, follower, args, "test-odoo")
    return outcome


def odoo_share(run, number, database, wanted):
    """A share of the tests inside Odoo, beside others.

    :param wanted: Odoo's test tags
    :return: what came out, and ``{class: seconds}``
    """
    with _ring("odoo", f"Odoo ring, share {number}") as outcome:
        follower = Follower(OdooLog(), quiet=True)
        ports = [
            f"--{name}-port={processes.free_port()}" for name in ("http", "gevent")
        ]
        args = run.odoo.command(database, *ports, "--test-tags", wanted)
        _in_odoo(run, outcome, follower, args, f"test-odoo{number}")
    return outcome, follower.times()


def _in_odoo(run, outcome, follower, args, log_name):
    log = follower.log
    status, path = run.odoo.follow(args, log_name, follower.feed)
    log.close()
    print(f"Odoo's log: {paths.shown(path)}", flush=True)
    _tell_trouble(log, status)
    outcome.passed = len(log.passed)
    outcome.skipped = len(log.skipped)
    outcome.failed = len(log.failed) + len(log.wrong)
    if status and not outcome.failed:
        outcome.failed = 1
    _fail_without_tests(outcome)


class Follower:
    """Feeds the log, times the classes, and says how far the tests are."""

    def __init__(self, log, *, quiet=False):
        self.log = log
        self.quiet = quiet
        self.seconds = Counter()
        self.spoke = self.started = self._since = time.monotonic()
        self._class = None

    def feed(self, line):
        self.log.feed(line)
        now = time.monotonic()
        if match := STARTING.search(line):
            self.seconds[self._class] += now - self._since
            self._class, self._since = match["test"].partition(".")[0], now
        if not self.quiet and now - self.spoke > PROGRESS_EVERY_SECONDS:
            self.spoke = now
            print(
                f"  {len(self.log.started)} tests started, {len(self.log.failed)} "
                f"failed, {now - self.started:.0f} s",
                flush=True,
            )

    def times(self):
        """Return ``{class: seconds}``."""
        self.seconds[self._class] += time.monotonic() - self._since
        return {name: round(took, 1) for name, took in self.seconds.items() if name}


def _tell_trouble(log, status):
    for test, text in log.failed.items():
        print(f"\n--- {test}\n{text}", flush=True)
    for record in log.wrong:
        print(f"\n--- not expected in Odoo's log\n{record}", flush=True)
    for test, reason in log.skipped.items():
        print(f"skipped: {test}: {reason}", flush=True)
    for result in log.results:
        print(result, flush=True)
    if status and not log.failed and not log.wrong:
        print(f"Odoo ended with status {status}; its log tells more.", flush=True)


def process_share(run, template, number, names):
    """A share of the tests that start and kill real processes.

    :param template: the template with the module installed
    :param names: of the files
    :return: what came out, and ``{file: seconds}``
    """
    with _ring("process", f"Process ring, share {number}") as outcome:
        database = run.database(template, f"process{number}")
        variables = process_variables(run, database)
        folder = paths.ROOT / "tests" / "process"
        texts = "".join((folder / f"{name}.py").read_text("utf-8") for name in names)
        # From which the module is uninstalled.
        if (spare := "TBC_TEST_SPARE_DB") in texts:
            variables[spare] = run.database(template, f"spare{number}")
        # In which the benchmark leaves its companies.
        if (bench := "TBC_TEST_BENCH_DB") in texts:
            variables[bench] = run.database(template, f"bench{number}")
        # In which an earlier version of the module is installed.
        if (update := "TBC_TEST_UPDATE_DB") in texts:
            without = account_template(run.databases, run.odoo, Step("Accounting"))
            variables[update] = run.database(without, f"update{number}")
        seconds = _plain(run, outcome, folder, variables, names=names)
    return outcome, seconds


def process_variables(run, database, *python_path):
    """Return the variables of a program that hires workers on ``database``.

    :param python_path: more folders to import from
    """
    odoo_args = run.odoo.command(database)[1:]
    return environment.odoo_variables(
        paths.ROOT / "tests",
        *python_path,
        TBC_TEST_DB=database,
        TBC_TEST_CONF=str(run.odoo.conf),
        TBC_TEST_PYTHON=str(environment.program("python")),
        TBC_TEST_ODOO_ARGS=" ".join(map(str, odoo_args)),
        **run.mark,
    )


def print_table(outcomes):
    """Print what came out, the last line as `N passed, N failed`; return the status."""
    print(f"\n{'ring':<10}{'passed':>8}{'failed':>8}{'skipped':>9}{'seconds':>9}")
    for one in outcomes:
        if one.left_out:
            print(f"{one.ring:<10}{'left out: ' + one.left_out:>34}")
            continue
        passed = "-" if one.ring == "lint" else one.passed
        print(
            f"{one.ring:<10}{passed:>8}{one.failed:>8}{one.skipped:>9}"
            f"{one.seconds:>9.1f}"
        )
    failed = sum(one.failed for one in outcomes)
    print(
        f"\n{sum(one.passed for one in outcomes)} passed, {failed} failed", flush=True
    )
    return 1 if failed else 0


def tags():
    """Return Odoo's test tags: ``TAGS``, or all tests of the module."""
    return os.environ.get("TAGS") or f"/{paths.MODULE}"
