"""Billing budgets of an account, named by the service; projects are read back by number."""

from support.recorder.service import Service, merged, without_defaults

service = Service("billingbudgets", api="billingbudgets.googleapis.com")
BUDGET = "billingAccounts/*/budgets/*"


def settled(call, budget):
    chosen = {"creditTypesTreatment": "INCLUDE_ALL_CREDITS", "calendarPeriod": "MONTH"}
    chosen |= budget.get("budgetFilter", {})
    by_id, by_number = f"projects/{call.world.project}", f"projects/{call.world.number}"
    if "projects" in chosen:
        chosen["projects"] = [by_number if one == by_id else one for one in chosen["projects"]]
    rules = [{"spendBasis": "CURRENT_SPEND", **rule} for rule in budget.get("thresholdRules", [])]
    filled = {"ownershipScope": "ALL_USERS", **budget, "budgetFilter": chosen}
    return without_defaults(filled) | {
        "thresholdRules": rules,
        "etag": f"e{next(call.world.counter)}",
    }


@service.on("POST", "v1/{parent=billingAccounts/*}/budgets")
def create_budget(call):
    name = f"{call['parent']}/budgets/b-{next(call.world.counter)}"
    return call.create(name, settled(call, {**call.body, "name": name}))


@service.on("GET", "v1/{parent=billingAccounts/*}/budgets")
def list_budgets(call):
    return {"budgets": call.children(call["parent"], "budgets")}


@service.on("GET", f"v1/{{name={BUDGET}}}")
def get_budget(call):
    return call.get(call["name"])


@service.on("PATCH", f"v1/{{name={BUDGET}}}")
def update_budget(call):
    old = call.get(call["name"])
    changed = settled(call, merged(old, call.body, call.query.get("updateMask")))
    call.things[call["name"]] = changed
    return changed


@service.on("DELETE", f"v1/{{name={BUDGET}}}")
def delete_budget(call):
    call.delete(call["name"])
    return {}
