"""What a person sees who opens an action: its domain, and the filters that are on."""

from lxml import etree

from odoo.fields import Domain
from odoo.tools.safe_eval import datetime, safe_eval

PREFIX = "search_default_"


def shown(records, action):
    """The records that an action opens for the user of ``records``, of its model."""
    model = records.env[action["res_model"]]
    domain = action.get("domain") or []
    domain = safe_eval(domain) if isinstance(domain, str) else domain
    return model.search(Domain(domain) & _filters(model, action))


def _filters(model, action):
    """Filters side by side are a choice; all else narrows it down."""
    context = action.get("context") or {}
    context = safe_eval(context) if isinstance(context, str) else context
    wanted = {
        key.removeprefix(PREFIX): value
        for key, value in context.items()
        if key.startswith(PREFIX) and value
    }
    view_id = (action.get("search_view_id") or [False])[0]
    arch = etree.fromstring(model.get_view(view_id, "search")["arch"])
    values = {"uid": model.env.uid, "context_today": datetime.date.today}
    found, group = [], []
    for node in arch.iter("field", "filter", "separator"):
        if node.tag != "filter":
            found, group = [*found, group], []
        name = node.get("name")
        if name not in wanted:
            continue
        value = wanted.pop(name)
        if node.tag == "field":
            found.append([Domain(name, "=", value)])
        else:
            group.append(Domain(safe_eval(node.get("domain"), values)))
    if wanted:
        raise AssertionError(f"{model._name} has no filter for {wanted}")
    return Domain.AND(Domain.OR(one) for one in [*found, group] if one)
