"""All rings at once: the long ones in shares, on all processors."""

import os
import threading

from . import jobs, rings, shares
from .databases import tests_template
from .progress import Failure, Step, exclusive


class Crew:
    """Makes the jobs of the chosen rings, and one outcome for each ring."""

    def __init__(self, run, chosen):
        self.run = run
        self.chosen = [ring for ring in rings.ALL_RINGS if ring in chosen]
        self.seconds = {}
        self.jobs = []
        self._lock = threading.Lock()
        self._made = self._failure = None

    def work(self):
        """Run the rings; return their outcomes."""
        if {"odoo", "process"}.intersection(self.chosen):
            # First of all: the long ones wait for it.
            self._add("template", 10**6, self._make_template)
        for ring in self.chosen:
            getattr(self, f"_{ring}")()
        done = jobs.work_off(self.jobs)
        if self.seconds:
            with exclusive("test-seconds", "the seconds of the tests"):
                shares.remember(self.seconds)
        return self._merge([outcome for outcome in done if outcome])

    def _add(self, ring, seconds, do, *arguments, name=None):
        self.jobs.append(
            jobs.Job(
                name or ring,
                seconds,
                lambda: do(self.run, *arguments),
                lambda _told: rings.Outcome(ring, failed=1),
            )
        )

    def _make_template(self, _run):
        self._template()

    def _template(self):
        """Return the template of the tests; whoever comes first makes it."""
        with self._lock:
            if self._failure:
                raise self._failure
            if not self._made:
                step = Step("Template database of the tests")
                try:
                    self._made = tests_template(self.run.databases, self.run.odoo, step)
                except Failure as failure:
                    self._failure = failure
                    raise
                step.close("done")
            return self._made

    def _lint(self):
        # Second of all: it needs as long as the template does, for which the others wait.
        self._add("lint", 10**5, rings.lint)

    def _tools(self):
        self._add("tools", 1, rings.tools)

    def _pure(self):
        self._add("pure", 40, rings.pure)

    def _odoo(self):
        if os.environ.get("TAGS"):
            self._add("odoo", 60, self._odoo_share, 1, rings.tags())
            return
        classes = shares.odoo_classes()
        parts = shares.split(classes, 2 * jobs.workers())
        for number, wanted in enumerate(shares.tags(parts), 1):
            long = sum(classes[name] for name in parts[number - 1])
            name = f"odoo {number}"
            self._add("odoo", long, self._odoo_share, number, wanted, name=name)

    def _odoo_share(self, run, number, wanted):
        database = run.database(self._template(), f"test{number}")
        outcome, seconds = rings.odoo_share(run, number, database, wanted)
        self.seconds.update(seconds)
        return outcome

    def _process(self):
        files = shares.process_files()
        for number, names in enumerate(shares.split(files, 2 * jobs.workers()), 1):
            long = sum(files[name] for name in names)
            name = f"process {number}"
            self._add("process", long, self._process_share, number, names, name=name)

    def _process_share(self, run, number, names):
        outcome, seconds = rings.process_share(run, self._template(), number, names)
        self.seconds.update(seconds)
        return outcome

    def _merge(self, done):
        merged = []
        for ring in ("template", *self.chosen):
            ours = [outcome for outcome in done if outcome.ring == ring]
            if ours:
                counts = ("passed", "failed", "skipped", "seconds")
                sums = {name: sum(vars(one)[name] for one in ours) for name in counts}
                merged.append(rings.Outcome(ring, **sums))
        return merged
