"""What can be checked in seconds, side by side: lint of what changed, types, pure."""

import json
import subprocess
import time

from . import environment, paths

SECONDS = 120


def check(run):
    """Run the three checks at once, print what they say; return the exit status."""
    started = time.monotonic()
    result = run.folder / "pure.json"
    checks = {"lint": _lint(run), "types": _types(run), "pure": _pure(run, result)}
    failed = [name for name, check in checks.items() if _tell(name, *check, started)]
    counts = json.loads(result.read_text("utf-8")) if result.exists() else {}
    others = [name for name in failed if name != "pure"]
    tests = counts.get("failed") or int("pure" in failed)
    print(
        f"\n{counts.get('passed', 0)} passed, {tests + len(others)} failed", flush=True
    )
    return 1 if failed else 0


def changed_files():
    """The files that are not committed as they are, else those of the last commit."""
    git = ["git", "-c", f"safe.directory={paths.ROOT}"]
    lists = ["diff --name-only HEAD", "ls-files --others --exclude-standard"]
    found = [name for words in lists for name in _lines([*git, *words.split()])]
    found = found or _lines([*git, "show", "--name-only", "--format=", "HEAD"])
    return [name for name in found if (paths.ROOT / name).is_file()]


def _lines(args):
    done = subprocess.run(
        args, cwd=paths.ROOT, capture_output=True, text=True, check=True
    )
    return done.stdout.splitlines()


def _lint(run):
    # The hooks that look at everything: one is slow, one runs by itself here.
    variables = environment.lint_variables(SKIP="pylint-odoo,types", **run.mark)
    hooks = [environment.program("pre-commit"), "run", "--files", *changed_files()]
    return _start(run, "lint", hooks, variables)


def _types(run):
    program = [environment.program("python"), paths.DEVEL / "run.py", "types"]
    return _start(run, "types", program, environment.variables(**run.mark))


def _pure(run, result):
    folders = (paths.ROOT, paths.ROOT / "tests")
    runner = paths.DEVEL / "tbcdev" / "plain_tests.py"
    tests = [environment.program("python"), runner, paths.ROOT / "tests/unit", result]
    variables = environment.variables(*folders, **run.mark)
    return _start(run, "pure", tests, variables)


def _start(run, name, args, variables):
    log = run.folder / f"{name}.txt"
    with log.open("w", encoding="utf-8") as file:
        output = {"stdout": file, "stderr": subprocess.STDOUT}
        return run.start(args, cwd=paths.ROOT, env=variables, **output), log


def _tell(name, process, log, started):
    """Wait for a check; print its seconds, and all it said if it failed."""
    try:
        status = process.wait(SECONDS)
    except subprocess.TimeoutExpired:
        status = f"longer than {SECONDS} seconds"
    if status:
        print(f"\n=== {name}: {status}\n{log.read_text('utf-8')}", flush=True)
    seconds = time.monotonic() - started
    print(f"{name:<7}{'failed' if status else 'ok':<8}{seconds:>5.1f} s", flush=True)
    return status
