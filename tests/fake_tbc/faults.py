"""The faults that were ordered and wait for their request."""

from dataclasses import dataclass, field, replace

from .misbehaviour import FAULTS, LATER_PAGES_ONLY, NEEDED_OPTIONS, ONLY_ON


@dataclass(slots=True, kw_only=True)
class Fault:
    """One order: the fault ``name``, ``on`` which route, for how many ``times``
    (``None``: until cleared), after how many good answers (``after``), with which
    ``options``; any fault takes the option ``account``, (IBAN, currency): then only that
    one's questions meet it.
    """

    name: str
    on: str = "any"
    times: int | None = 1
    after: int = 0
    options: dict = field(default_factory=dict)

    def meets(self, route_name, call):
        """Whether it is about this request."""
        if self.on not in ("any", route_name):
            return False
        account = self.options.get("account")
        if account and tuple(account) != _account_of(call):
            return False
        if route_name not in ONLY_ON.get(self.name, (route_name,)):
            return False
        return self.name not in LATER_PAGES_ONLY or _is_later_page(call)

    def spoil(self, bank, call, truly):
        """The answer it makes."""
        options = {n: value for n, value in self.options.items() if n != "account"}
        return FAULTS[self.name][0](bank, call, truly, **options)


class Faults:
    """The faults that wait. One request meets one of them at most, the first ordered
    first.
    """

    def __init__(self, lock):
        self._lock, self._waiting = lock, []

    def add(self, fault):
        """Put one more in the queue.
        :raise ValueError: when its name, or an option, does not exist, or its route
            cannot have it.
        """
        if fault.name not in FAULTS:
            raise ValueError(
                f"no such fault: {fault.name}; there are {', '.join(FAULTS)}"
            )
        _check(fault)
        with self._lock:
            self._waiting.append(fault)

    def clear(self):
        """Forget them all."""
        with self._lock:
            self._waiting.clear()

    def waiting(self):
        """Copies of those that still wait."""
        with self._lock:
            return [replace(fault) for fault in self._waiting]

    def take(self, route_name, call):
        """The fault for this request, or ``None``."""
        with self._lock:
            for fault in [one for one in self._waiting if one.meets(route_name, call)]:
                if fault.after > 0:
                    fault.after -= 1
                    continue
                if fault.times is not None:
                    fault.times -= 1
                    if fault.times <= 0:
                        self._waiting.remove(fault)
                return fault
        return None


def _account_of(call):
    return call.query.get("AccountNumber"), call.query.get("AccountCurrencyCode")


def _is_later_page(call):
    index = call.query.get("PageIndex", "")
    return index.isdigit() and int(index) > 0


def _check(fault):
    routes = {"any", *ONLY_ON.get(fault.name, {fault.on})}
    unknown = set(fault.options) - FAULTS[fault.name][1] - {"account"}
    missing = NEEDED_OPTIONS.get(fault.name, set()) - set(fault.options)
    if fault.times is not None and fault.times < 1:
        raise ValueError("times is at least 1, or None")
    if fault.on not in routes:
        raise ValueError(f"fault {fault.name} cannot happen on {fault.on}")
    for sentence, names in (("has no", unknown), ("needs", missing)):
        if names:
            told = ", ".join(sorted(names))
            raise ValueError(f"fault {fault.name} {sentence} option {told}")
