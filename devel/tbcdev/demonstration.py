"""`make demo`, `make bench`, `make prove-…`: scripts on a fresh database."""

import os
import re
import shlex
import subprocess

from . import environment, paths, rings, setup
from .databases import module_template
from .progress import Failure
from .run import Run

PICTURES = paths.ROOT / "static" / "description"
BANK_WAIT_LINES = 50
# A year of one IBAN in three currencies; the seed makes every run the same. A statement
# line costs Odoo about 40 ms: this is what leaves a second run under a minute.
FAKE_BANK = "--mode ledger --seed 7 --days 365 --per-day 1"


def demo():
    """Show the main job in a real Odoo with a fake bank; SERVE=0 ends after it."""
    with Run() as run:
        database, status = _demonstrate(run)
        if status or os.environ.get("SERVE") == "0":
            return status
        server = run.odoo.serve(database)
        print(f"\nOdoo is at {run.odoo.url} until you press Ctrl-C.", flush=True)
        try:
            status = server.wait()
        except KeyboardInterrupt:
            print("\nStopping…", flush=True)
            return 0
        raise Failure(f"Odoo's server ended by itself (status {status}).")


def _demonstrate(run):
    """Return the database in which the demonstration went on, and its exit status."""
    steps, database = _fresh_database(run, more_steps=3)
    with steps.step("Fake TBC bank") as step:
        bank_url = _start_fake_bank(run)
        step.detail(bank_url)
    run.odoo.write_conf(tbc_bis_sandbox_url=bank_url)
    print(f"The fake bank listens on {bank_url}\n", flush=True)
    return database, _show_script(run, database, paths.DEVEL / "demo.py", bank_url)


def pictures():
    """Take the pictures of README, guides and store page, of the demonstration."""
    with Run() as run:
        database, status = _demonstrate(run)
        if status:
            return status
        scenes_path = run.folder / "scenes.json"
        run.odoo.script(database, paths.DEVEL / "pictures.py", str(scenes_path))
        run.odoo.serve(database, "--max-cron-threads", "0")
        python, camera = environment.program("python"), paths.DEVEL / "camera.py"
        args = [python, camera, run.odoo.url, scenes_path, PICTURES]
        return run.odoo.start(args).wait()


def bench():
    """Measure what must stay fast, each row beside its goal; GROW=300000 for long."""
    with Run() as run:
        steps, database = _fresh_database(run, more_steps=3)
        with steps.step("Fresh database for the matching") as step:
            template = module_template(run.databases, run.odoo, step)
            other = run.database(template, "matching")
        for sizes, script, on in (
            ("LINES", "bench.py", database),
            ("MATCH_LINES", "matching.py", other),
        ):
            if os.environ.get(sizes) == "0":
                continue
            status = _show_script(run, on, paths.DEVEL / "bench" / script)
            if status:
                return status
        return 0


def prove_transfers():
    """Send N transfers through a bank at its worst, kill workers; SEED=… repeats."""
    with Run() as run:
        _steps, database = _fresh_database(run, more_steps=2)
        script = paths.DEVEL / "prove_transfers.py"
        folder = paths.ROOT / "tests" / "process"
        return run.start(
            [environment.program("python"), script],
            env=rings.process_variables(run, database, folder),
            cwd=paths.ROOT,
        ).wait()


def prove_books():
    """Sync and match a year of N transactions, compare with the truth; SEED=…"""
    with Run() as run:
        _steps, database = _fresh_database(run, more_steps=2)
        return _show_script(run, database, paths.DEVEL / "prove_books.py")


def _fresh_database(run, more_steps):
    """Return the steps, and a new database with the module and its demo data."""
    steps, _template = setup.prepare(run, more_steps)
    with steps.step("Template database with this module") as step:
        template = module_template(run.databases, run.odoo, step)
    with steps.step("Fresh database"):
        database = run.database(template, "demo")
    return steps, database


def _start_fake_bank(run):
    """Start the fake bank on a free port and return its address, once it listens."""
    log_path = run.log("fake-bank")
    log = open(log_path, "w", encoding="utf-8")  # noqa: SIM115 -- the bank's
    variables = environment.variables(paths.ROOT / "tests", **run.mark)
    python = environment.program("python")
    wanted = shlex.split(f"{FAKE_BANK} {os.environ.get('BANK', '')}")
    args = [python, "-m", "fake_tbc", *wanted]
    bank = run.start(
        args,
        env=variables,
        cwd=run.folder,
        stdout=subprocess.PIPE,
        stderr=log,
        text=True,
    )
    for _number in range(BANK_WAIT_LINES):
        line = bank.stdout.readline()
        if match := re.search(r"listening on (http://\S+)", line):
            return match[1]
        if not line:
            break
    tail = log_path.read_text(encoding="utf-8")[-2000:]
    raise Failure(f"The fake bank does not start:\n{tail}")


def _show_script(run, database, script, *arguments):
    """Run ``script`` in Odoo with its output on the screen; return its status."""
    args = run.odoo.script_command(database, script, *arguments)
    log_path = run.log(script.stem)
    with open(log_path, "w", encoding="utf-8") as log:
        status = run.odoo.start(args, stderr=log).wait()
    if status:
        print(f"{script.name} ended with status {status}; see {paths.shown(log_path)}")
    return status
