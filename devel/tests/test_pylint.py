"""pylint-odoo finds the manifest, or a part of its rules would be silent."""

import os
import shutil
import subprocess
import sys
import tempfile
import unittest
from pathlib import Path

from tbcdev import paths

MANIFEST = '{"name": "A", "version": "19.0.1.0.0", "license": "LGPL-3"}\n'
BODY = 'from odoo import models\n\n\nclass {name}(models.Model):\n    _inherit = "{model}"\n'
RULE = "consider-merging-classes-inherited"


class TestPylint(unittest.TestCase):
    def run_on(self, **models):
        """What is said of a repository whose root is a module with these files."""
        with tempfile.TemporaryDirectory() as folder:
            root = Path(folder, "a-clone")
            (root / "models").mkdir(parents=True)
            (root / ".git").mkdir()
            shutil.copy(paths.ROOT / ".pylintrc", root)
            (root / "__manifest__.py").write_text(MANIFEST, encoding="utf-8")
            (root / "__init__.py").write_text("from . import models\n", "utf-8")
            names = "".join(f"from . import {name}\n" for name in models)
            (root / "models" / "__init__.py").write_text(names, encoding="utf-8")
            for name, model in models.items():
                text = BODY.format(name=name.title(), model=model)
                (root / "models" / f"{name}.py").write_text(text, encoding="utf-8")
            program = [sys.executable, paths.DEVEL / "run.py", "pylint-odoo"]
            return subprocess.run(
                [*program, f"--enable={RULE}"],
                env={**os.environ, "TBC_ROOT": str(root)},
                capture_output=True,
                text=True,
            ).stdout

    def test_a_second_class_body_of_a_model(self):
        told = self.run_on(one="res.partner", other="res.partner")
        self.assertIn(RULE, told)
        self.assertIn(f"{paths.MODULE}/models/one.py", told)

    def test_the_manifest_itself(self):
        told = self.run_on(one="res.partner", other="res.users")
        self.assertNotIn(RULE, told)
        self.assertIn('manifest-required-key), ] Missing required key "author"', told)
