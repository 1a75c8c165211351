"""The module under its own name, without its models: for tests that have no Odoo.

``tbc`` and ``bookkeeping`` are imported from here as Odoo imports them, as parts of one
package: the second needs the first.
"""

from pathlib import Path

__path__ = [str(Path(__file__).parents[2])]
