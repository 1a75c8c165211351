"""What holds for each name that we add to Odoo's own models, and for each list."""

from lxml import etree

from odoo.fields import Field
from odoo.tests import TransactionCase, tagged

# Odoo writes these into every model class.
WRITTEN_BY_PYTHON = {"pool"}


def module_of(cls):
    """The module that a class is written in; Odoo's own base classes have none."""
    words = cls.__module__.split(".")
    return words[2] if words[:2] == ["odoo", "addons"] else None


def names_of(cls):
    """The names of the fields, methods, constraints and indexes of one class."""
    return {
        name
        for name, value in vars(cls).items()
        if not (name.startswith("__") or name in WRITTEN_BY_PYTHON)
        if callable(value) or isinstance(value, (Field, property, classmethod))
    }


@tagged("post_install", "-at_install")
class TestNames(TransactionCase):
    def test_names_on_the_models_of_others_are_marked(self):
        """Each overrides something of theirs, or has ``tbc_`` in its name."""
        module = self.env.ref("base.module_account_tbc_bank")
        # What another one than these has too would be there by chance.
        below = module.upstream_dependencies(exclude_states=("uninstallable",))
        below = {None, "base", *below.mapped("name")}
        seen, unmarked = 0, set()
        for model_name, model in self.registry.items():
            theirs = [base for base in model.__mro__[1:] if module_of(base) in below]
            ours = [base for base in model.__mro__ if module_of(base) == module.name]
            if model_name.startswith(("tbc.", f"report.{module.name}.")):
                continue
            for name in {name for base in ours for name in names_of(base)}:
                seen += 1
                overrides = any(name in vars(base) for base in theirs)
                if "tbc_" not in name and not overrides:
                    unmarked.add((model_name, name))
        self.assertGreater(seen, 50)
        self.assertEqual(unmarked, set())

    def test_every_list_is_searched_by_what_is_typed(self):
        """Without a field to search, typed words open Odoo's own filter editor."""
        actions = self.env["ir.actions.act_window"].search(
            [("res_model", "=like", "tbc.%"), ("view_mode", "=like", "list%")]
        )
        self.assertGreater(len(actions), 10)
        for action in actions:
            view_id = action.search_view_id.id
            arch = self.env[action.res_model].get_view(view_id, "search")["arch"]
            with self.subTest(action.res_model):
                self.assertTrue(etree.fromstring(arch).xpath("//field"))

    def test_every_list_says_when_a_search_finds_nothing(self):
        """Odoo's own says what it says without a search: "Nothing is left to match"."""
        views = self.env["ir.ui.view"].search(
            [
                ("model", "=like", "tbc.%"),
                ("type", "in", ("list", "kanban")),
                ("mode", "=", "primary"),
            ]
        )
        self.assertGreater(len(views), 20)
        for view in views:
            with self.subTest(view.xml_id):
                self.assertEqual(
                    etree.fromstring(view.arch).get("js_class"), f"tbc_{view.type}"
                )
