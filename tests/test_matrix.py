"""Everybody tries everything that RPC can reach, and gets no secret by it.

Models and methods are found in the registry, so that a new one is tried by itself.
"""

import base64
import contextlib
import inspect
import logging
import os
import warnings
from unittest.mock import patch

from odoo import models
from odoo.addons.account_tbc_bank.services.connecting import (
    TOKENS,
)
from odoo.exceptions import AccessError
from odoo.fields import Command
from odoo.service.model import get_public_method
from odoo.tests import new_test_user, tagged
from odoo.tools import mute_logger

from ..tbc.sealed import opened
from .session import identity
from .transfer_shared import SharedTransferCase

_logger = logging.getLogger(__name__)

MODULE = "account_tbc_bank"
CLIENT, SECRET = "Cl13nt-in-the-matrix", "S3cret-in-the-matrix"
# A word of the company that others may not read.
OURS = "Ours alone Ltd"
# What everybody tries first, also on Odoo's own models.
USUAL = {
    *("read", "search_read", "web_read", "web_search_read", "name_search"),
    *("export_data", "formatted_read_group", "onchange", "copy_data", "fields_get"),
    *("create", "write", "copy", "unlink"),
}
# These are no questions: they only give records another environment.
LEFT_OUT = {"browse", "with_env", "env", "pool", "get_views", "get_view"}


@tagged("post_install", "-at_install")
class TestMatrix(SharedTransferCase):
    @classmethod
    def _make_users(cls):
        result = super()._make_users()
        other = cls.env["res.company"].create({"name": "Other LLC"})
        cls.former = cls._make_user("former", "base.group_user")
        cls.other_director = cls._make_user(
            "other_director",
            "account_tbc_bank.group_tbc_administrator,account.group_account_manager",
            other,
        )
        cls.people = {
            "administrator": cls.administrator,
            "accountant": cls.accountant,
            "statements": cls.clerk,
            "transfers": cls.payer,
            "plain user": cls._make_user("plain", "base.group_user"),
            "portal": new_test_user(cls.env, "tbc_door", groups="base.group_portal"),
            "public": cls.env.ref("base.public_user"),
            "other company": cls.other_director,
            "former": cls.former,
        }
        cls.strangers = ("portal", "public", "other company")
        return result

    def set_up_once(self):
        super().set_up_once()
        integration = self.integration
        # Somebody has been the integration user before.
        integration.user_id = self.former
        integration.with_user(self.former).set_credentials("old", "old")
        integration.user_id = self.director
        integration.with_user(self.director).set_credentials(CLIENT, SECRET)
        self.credential = integration.sudo().credential_ids
        integration.state = "connected"
        vendor = self.make_vendor(
            OURS, "GE41TB7849963286076183", vat="204567892", company_id=self.company.id
        )
        self.payment = self.register(self.make_bill(77.0, vendor))
        self.payment.action_tbc_queue()
        self.order = self.order(self.payment)
        with identity(self.director):
            self.reveal = (
                self.env["tbc.credential.reveal"]
                .with_user(self.director)
                .create({"integration_id": integration.id})
            )
        self.dialog = (
            self.env["tbc.transfer.initiate"]
            .with_user(self.director)
            .create({"order_ids": [Command.set(self.order.ids)]})
        )

    def setUp(self):
        super().setUp()
        pair = base64.b64encode(f"{CLIENT}:{SECRET}".encode()).decode()
        self.secrets = [CLIENT, SECRET, pair, os.environ["TBC_BIS_ENCRYPTION_KEY"]]
        self.secrets += [self.credential[n] for n in ("client_id_sealed",)]
        self.secrets += [self.credential[n] for n in ("client_secret_sealed",)]
        self.paths, self.asked, self.leaks = 0, 0, []
        # What is tried is undone, so these are the same for each path.
        self.known = {name: self.targets(name) for name in self.reachable()}

    def test_everybody_tries_everything(self):
        calls = [
            (name, method)
            for name, methods in self.reachable().items()
            for method in methods
        ]
        self.assertGreater(len(calls), 500)
        quiet = warnings.catch_warnings(action="ignore")
        with mute_logger("odoo"), quiet, self.counted():
            for role, user in self.people.items():
                allowed = {"allowed_company_ids": user.company_ids.ids}
                env = self.env(
                    user=user, su=False, context={**self.env.context, **allowed}
                )
                with identity(user), self.env.cr.savepoint(flush=False) as savepoint:
                    for name, method in calls:
                        self.attempt(role, env, name, method, savepoint)
        sentence = f"{self.paths} paths, {len(self.leaks)} leaks"
        _logger.info("Result: access to everything by everybody: %s", sentence)
        self.assertFalse(self.leaks, sentence)

    def test_each_model_of_ours_is_bounded_by_company(self):
        """By a rule for everybody: by its company, or as one's own dialog."""
        for name in self.own_models():
            model = self.env[name]
            if model._abstract:
                continue
            domains = (
                self.env["ir.rule"]
                .search([("model_id.model", "=", name), ("groups", "=", False)])
                .mapped("domain_force")
            )
            bounded = [d for d in domains if "company_ids" in d or "create_uid" in d]
            self.assertTrue(bounded, f"{name} has no rule for its company")

    # --- what there is to try -----------------------------------------------------------

    def own_models(self):
        return [
            name
            for name, model in self.env.registry.items()
            if model._original_module == MODULE
        ]

    def extended_models(self):
        """``{model: names of what our own classes of it define}``."""
        found = {}
        for name, model in self.env.registry.items():
            own = [c for c in model.mro() if c.__module__.startswith(self.package())]
            if own and model._original_module != MODULE:
                found[name] = {member for c in own for member in vars(c)}
        return found

    def package(self):
        return f"odoo.addons.{MODULE}."

    def reachable(self):
        """``{model: [method]}``: all of ours; of Odoo's models what everybody tries
        first, and what we define there."""
        methods = {
            name: sorted(n for n in dir(self.env[name]) if self.is_public(name, n))
            for name in self.own_models()
        }
        for name, defined in self.extended_models().items():
            names = {n for n in defined | USUAL if self.is_public(name, n)}
            methods[name] = sorted(names)
        return methods

    def is_public(self, model, name):
        if name.startswith("_") or name in LEFT_OUT:
            return False
        try:
            method = get_public_method(self.env[model], name)
        except (AccessError, AttributeError):
            return False
        return inspect.isroutine(method)

    # --- trying -------------------------------------------------------------------------

    def attempt(self, role, env, name, method, savepoint):
        self.paths += 1
        before = self.asked
        try:
            target = env[name].browse(self.known[name])
            arguments = self.arguments(getattr(target, method))
            result = getattr(target, method)(**arguments)
            told = self.shown(result)
        except Exception as error:  # whatever it is, it must not tell
            told = f"{error!r} {error}"
        finally:
            # What has asked the database nothing has written nothing to it.
            self.flush()
            if self.asked != before:
                self.look_for_effects(role, name, method)
                savepoint.rollback()
            self.env.invalidate_all(flush=False)
        self.look_at(role, name, method, told)

    def targets(self, name):
        known = {
            "tbc.credential": self.credential,
            "tbc.integration": self.integration,
            "tbc.account": self.account,
            "tbc.transfer": self.order,
            "tbc.credential.reveal": self.reveal,
            "tbc.transfer.initiate": self.dialog,
            "account.payment": self.payment,
            "account.journal": self.account.journal_id,
            "res.users": self.director,
            "res.partner": self.payment.partner_id,
            "res.partner.bank": self.payment.partner_bank_id,
            "account.move": self.payment.move_id,
        }
        if name in known:
            return known[name].ids
        model = self.env[name]
        return [] if model._abstract else model.sudo().search([], limit=1).ids

    def arguments(self, method):
        """Something plausible for each argument that has to be given."""
        given = {}
        for parameter in inspect.signature(method).parameters.values():
            kinds = (parameter.VAR_POSITIONAL, parameter.VAR_KEYWORD)
            is_wanted = parameter.name in ("fields", "field_names", "domain")
            if parameter.kind not in kinds and (
                parameter.default is parameter.empty or is_wanted
            ):
                given[parameter.name] = self.plausible(parameter.name, method)
        return given

    def plausible(self, name, method):
        model = method.__self__
        sealed = [n for n in model._fields if "sealed" in n or "seal" in n]
        readable = [n for n in model._fields if n not in sealed][:40]
        values = {
            "domain": [],
            "fields": (sealed or readable),
            "field_names": (sealed or readable),
            "allfields": None,
            "fnames": sealed or readable,
            "specification": {n: {} for n in sealed or readable},
            "fields_spec": {n: {} for n in sealed or readable},
            "groupby": (sealed or readable)[:1],
            "aggregates": ["__count"],
            "vals": {"name": "x", "user_id": self.people["plain user"].id},
            "values": {"name": "x", "user_id": self.people["plain user"].id},
            "vals_list": [{"integration_id": self.integration.id, "name": "x"}],
            "client_id": "x",
            "client_secret": "y",
            "ids": self.integration.ids,
            "name": "x",
        }
        return values.get(name, [])

    def shown(self, result):
        """What a caller sees of a result, and of what it points to."""
        if isinstance(result, models.BaseModel):
            if not result or result._name not in self.env:
                return ""
            names = [n for n in result._fields if not result._fields[n].automatic]
            return repr(result.read(names, load=None)) if result.ids else ""
        if isinstance(result, dict) and result.get("res_id"):
            found = self.env[result["res_model"]].with_env(self.env)
            return repr(result) + repr(found.browse(result["res_id"]).ids)
        return repr(result)

    # --- what may not be seen or done -------------------------------------------------

    def look_at(self, role, name, method, told):
        tokens = [opened(token.hidden[0]) for token in TOKENS._tokens.values()]
        if any(secret in told for secret in [*self.secrets, *tokens]):
            self.leaks.append((role, name, method, "a secret"))
        if role in self.strangers and OURS in told:
            self.leaks.append((role, name, method, "a name of ours"))

    def flush(self):
        """Write what the attempt has left to be written."""
        # What fails leaves a broken transaction, or nothing.
        with contextlib.suppress(Exception):
            self.env.flush_all()

    @contextlib.contextmanager
    def counted(self):
        """Count what the database is asked, what it refuses too."""
        cursor = type(self.env.cr)
        execute = cursor.execute

        def counting(cr, *args, **options):
            self.asked += 1
            return execute(cr, *args, **options)

        with patch.object(cursor, "execute", counting):
            yield

    def look_for_effects(self, role, name, method):
        """Nobody but the integration user lets an order go, or enters what seals."""
        try:
            self.env.cr.execute(
                "SELECT initiated_by_id, initiation_seal, state, CASE"
                " WHEN tbc_credential.id IS NULL THEN 'erased'"
                " ELSE client_secret_sealed END FROM (SELECT 1) one"
                " LEFT JOIN tbc_transfer ON tbc_transfer.id = %s"
                " LEFT JOIN tbc_credential ON tbc_credential.id = %s",
                [self.order.id, self.credential.id],
            )
        except Exception:  # the attempt has broken its transaction: it did nothing
            return
        [(initiator, seal, state, sealed)] = self.env.cr.fetchall()
        if initiator or seal or state not in ("queued", "draft", "cancelled"):
            self.leaks.append((role, name, method, f"an order: {state}"))
        if sealed not in ("erased", self.secrets[-1]):
            self.leaks.append((role, name, method, "other credentials"))
