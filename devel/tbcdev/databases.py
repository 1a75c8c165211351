"""Databases with their file stores: templates, copies, and what dead runs left.

A template's name holds a hash of all that went into it, and it gets that name when it
is whole. So a template that exists is a good one.
"""

import contextlib
import os
import shutil

from . import environment, odoo_source, paths
from .progress import exclusive


class Databases:
    """The databases of the private cluster."""

    def __init__(self, cluster):
        self.cluster = cluster

    def names(self, prefix=""):
        """Return the names of the databases that begin with ``prefix``."""
        rows = self.cluster.query("SELECT datname FROM pg_database")
        return sorted(name for [name] in rows if name.startswith(prefix))

    def copy(self, source, target):
        """Copy database ``source`` with its file store."""
        self.drop(target)
        if _filestore(source).exists():
            # Odoo never changes a stored file: a link is as good as a copy.
            shutil.copytree(
                _filestore(source), _filestore(target), copy_function=os.link
            )
        self.cluster.query_patiently(f'CREATE DATABASE "{target}" TEMPLATE "{source}"')

    def drop(self, name):
        """Drop database ``name`` and its file store, if they exist."""
        self.cluster.query_patiently(f'DROP DATABASE IF EXISTS "{name}" WITH (FORCE)')
        shutil.rmtree(_filestore(name), ignore_errors=True)

    def rename(self, old, new):
        """Give database ``old`` and its file store the name ``new``."""
        shutil.rmtree(_filestore(new), ignore_errors=True)
        if _filestore(old).exists():
            _filestore(old).rename(_filestore(new))
        self.cluster.query_patiently(f'ALTER DATABASE "{old}" RENAME TO "{new}"')

    def template(self, name, family, make, *, keep=0):
        """Return template ``name``; ``make(database name)`` makes it when missing.

        :param family: beginning of the names that this template replaces
        :param keep: how many of those replaced stay, the newest
        """
        with exclusive(f"template-{family}", "a template database"):
            if name not in self.names(name):
                part = f"part_{name}"
                self.drop(part)
                make(part)
                self.rename(part, name)
                replaced = [old for old in self.by_age(family) if old != name]
                for old in replaced[: max(0, len(replaced) - keep)]:
                    self.drop(old)
        return name

    def by_age(self, prefix):
        """Return the names that begin with ``prefix``, the oldest database first."""
        rows = self.cluster.query("SELECT datname FROM pg_database ORDER BY oid")
        return [name for [name] in rows if name.startswith(prefix)]


def _filestore(name):
    return paths.DATA / "filestore" / name


def account_template(databases, odoo, step):
    """Return the template with the modules that ours depends on."""
    depends = paths.module_depends()
    version = paths.digest(odoo_source.version(), environment.requirements())
    name = f"account_{paths.digest(version, *depends)}"

    def make(part):
        empty = "TEMPLATE template0 ENCODING 'UTF8' LC_COLLATE 'C' LC_CTYPE 'C.UTF-8'"
        databases.cluster.query(f'CREATE DATABASE "{part}" {empty}')
        odoo.install(part, ["base", *depends], step)
        _prepare_assets(odoo, part, step)

    # Clones with other requirements have their own: none takes it from another.
    return databases.template(name, "account_", make, keep=3)


def module_template(databases, odoo, step):
    """Return the template with our module and its demo data, for this clone."""
    account = account_template(databases, odoo, step)
    family = f"module_{paths.REPOSITORY}_"
    name = f"{family}{paths.digest(account, paths.module_digest())}"

    def make(part):
        databases.copy(account, part)
        want_demo(databases.cluster, part)
        odoo.install(part, [paths.MODULE], step)
        _prepare_assets(odoo, part, step)

    return databases.template(name, family, make)


def tests_template(databases, odoo, step):
    """Return the template of the tests: our module, their company and its people."""
    account = account_template(databases, odoo, step)
    script = paths.ROOT / "tests" / "company.py"
    family = f"tests_{paths.REPOSITORY}_"
    parts = (account, paths.module_digest(), script.read_text(encoding="utf-8"))
    name = f"{family}{paths.digest(*parts)}"

    def make(part):
        databases.copy(account, part)
        want_demo(databases.cluster, part)  # so that the demo data cannot rot
        odoo.install(part, [paths.MODULE], step, strict=True)
        odoo.script(part, script)
        _prepare_assets(odoo, part, step)
        leave_tables_alone(databases.cluster, part)

    return databases.template(name, family, make)


def leave_tables_alone(cluster, name):
    """Keep PostgreSQL's own vacuum away from the tables of the database.

    Tests undo what they write. Once vacuum has found a table empty, each query takes
    the thousands of rows of a test for one, and some need minutes.
    """
    cluster.query(
        "DO $$ DECLARE one regclass; BEGIN"
        " FOR one IN SELECT oid FROM pg_class"
        " WHERE relkind = 'r' AND relnamespace = 'public'::regnamespace"
        " AND reloptions IS NULL"
        " LOOP EXECUTE format("
        "'ALTER TABLE %s SET (autovacuum_enabled = false)', one); END LOOP; END $$",
        database=name,
    )


def want_demo(cluster, name):
    """Make Odoo load our module's demo data when it is installed in ``name``.

    Odoo loads a module's demo data when all modules below it have theirs. Those of
    `account` are an American company with sample invoices: only in our way. So the
    modules below are only marked.
    """
    cluster.query("UPDATE ir_module_module SET demo = true", database=name)


def _prepare_assets(odoo, name, step):
    step.detail("styles and scripts for the browser")
    odoo.script(name, paths.DEVEL / "tbcdev" / "prepare_assets.py")


def drop_of_dead_runs(databases, living):
    """Drop the run databases whose run is not one of ``living``."""
    for name in databases.names("run_"):
        if name.split("_")[1] not in living:
            databases.drop(name)
    if len(living) == 1:  # nobody else is making a template
        for name in databases.names("part_"):
            databases.drop(name)
    with contextlib.suppress(FileNotFoundError):
        known = set(databases.names())
        for folder in (paths.DATA / "filestore").iterdir():
            if folder.name.startswith("run_") and folder.name not in known:
                shutil.rmtree(folder, ignore_errors=True)
