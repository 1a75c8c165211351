"""Odoo's command lines: install, test, run a script, open a shell, serve."""

import re
import string
import subprocess
import time
import urllib.request

from . import environment, odoo_source, paths, postgres, processes
from .odoo_log import read_log
from .progress import Failure

SERVER_WAIT_SECONDS = 180


class Odoo:
    """Odoo as this run uses it: its configuration file and its processes.

    :param run: the run that owns the processes and the configuration file
    """

    def __init__(self, run):
        self.run = run
        self.port = processes.free_port()
        self.conf = run.folder / "odoo.conf"
        # Folders of more Python modules.
        self.python_path = ()

    def write_conf(self, addons_folders=(), **more):
        """Write the configuration file.

        :param addons_folders: more folders of Odoo's modules
        :param more: further options
        """
        template = (paths.DEVEL / "odoo.conf").read_text(encoding="utf-8")
        addons = [paths.addons_folder(), *addons_folders]
        checkout = odoo_source.source_folder() / "addons"
        if any(checkout.glob("*/__manifest__.py")):
            addons.insert(0, checkout)
        text = string.Template(template).substitute(
            addons_path=",".join(map(str, addons)),
            data_dir=paths.DATA,
            db_host=self.run.cluster.socket,
            db_port=postgres.PORT,
            db_user=postgres.ROLE,
            http_port=self.port,
            gevent_port=processes.free_port(),
            screenshots=paths.LOGS / "screenshots",
        )
        text += "".join(f"{name} = {value}\n" for name, value in more.items())
        self.conf.write_text(text, encoding="utf-8")

    def variables(self):
        """Return the environment variables of an Odoo process."""
        # The fake bank lives in `tests`.
        return environment.odoo_variables(
            paths.ROOT / "tests", *self.python_path, **self.run.mark
        )

    def command(self, database, *options):
        """Return Odoo's command line for ``database``."""
        odoo = [environment.program("python"), "-m", "odoo"]
        return [*odoo, "-c", self.conf, "-d", database, *options]

    def start(self, args, **options):
        """Start ``args`` with Odoo's variables; the run ends it at the latest."""
        return self.run.start(args, env=self.variables(), cwd=paths.CACHE, **options)

    def follow(self, args, log_name, on_line=None):
        """Run ``args`` to the end, its output in a log.

        :return: exit status, path of the log
        """
        log_path = self.run.log(log_name)
        with open(log_path, "w", encoding="utf-8") as log:
            process = self.start(
                args,
                stdout=subprocess.PIPE,
                stderr=subprocess.STDOUT,
                text=True,
                errors="replace",
            )
            for line in process.stdout:
                log.write(line)
                if on_line:
                    on_line(line.rstrip("\n"))
            status = process.wait()
        processes.stop(process)
        return status, log_path

    def install(self, database, modules, step, *, update=False, strict=False):
        """Install (or update) ``modules``; an error in the log is a failure.

        :param strict: so is a warning that is not one of Odoo's own
        """
        args = self.command(
            database,
            *("-u" if update else "-i", ",".join(modules)),
            *("--stop-after-init", "--no-http"),
        )

        def on_line(line):
            if match := re.search(r"Loading module (\w+) \((\d+)/(\d+)\)", line):
                step.detail("installing {}, {} of {}".format(*match.groups()))

        self._must_succeed(args, f"install-{modules[-1]}", on_line, strict)

    def script(self, database, script, *arguments):
        """Run ``main(env, *arguments)`` of ``script``, out of sight."""
        self._must_succeed(
            self.script_command(database, script, *arguments), f"script-{script.stem}"
        )

    def script_command(self, database, script, *arguments):
        """Return the command that runs ``main(env, *arguments)`` of ``script``."""
        runner = paths.DEVEL / "tbcdev" / "in_odoo.py"
        python = environment.program("python")
        return [python, runner, script, database, self.conf, *arguments]

    def _must_succeed(self, args, log_name, on_line=None, strict=False):
        status, log = self.follow(args, log_name, on_line)
        text = log.read_text(encoding="utf-8")
        wrong = re.search(r"(?m)^[-\d]+ [\d:,]+ \d+ (ERROR|CRITICAL) ", text)
        wrong = wrong or (strict and read_log(text).wrong)
        if status or wrong:
            raise Failure(
                f"Odoo failed (status {status}), see {paths.shown(log)}:\n"
                + _last_trouble(text)
            )

    def serve(self, database, *options):
        """Start the HTTP server and return its process, once it answers."""
        own = ["--db-filter", f"^{database}$", "--max-cron-threads", "1", *options]
        log_path = self.run.log("server")
        with open(log_path, "w", encoding="utf-8") as log:
            args = self.command(database, *own)
            process = self.start(args, stdout=log, stderr=log)
        deadline = time.monotonic() + SERVER_WAIT_SECONDS
        while not self._answers():
            if process.poll() is not None or time.monotonic() > deadline:
                raise Failure(
                    f"Odoo does not answer, see {paths.shown(log_path)}:\n"
                    + _last_trouble(log_path.read_text(encoding="utf-8"))
                )
            time.sleep(0.3)
        return process

    def _answers(self):
        local = urllib.request.build_opener(urllib.request.ProxyHandler({}))
        try:
            with local.open(f"{self.url}/web/login", timeout=60):
                return True
        except OSError:
            return False

    @property
    def url(self):
        """The address of the HTTP server."""
        return f"http://127.0.0.1:{self.port}"


def _last_trouble(text):
    """Return the end of a log, from its last record that is no information."""
    records = re.split(r"(?m)^(?=\d{4}-\d\d-\d\d \d\d:)", text)
    for record in reversed(records):
        if re.match(r"\S+ \S+ \d+ (WARNING|ERROR|CRITICAL) ", record):
            return record[-4000:]
    return text[-2000:]
