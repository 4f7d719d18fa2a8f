"""How far an organisation has drifted from the files that manage its rows."""

from __future__ import annotations

from typing import TYPE_CHECKING

from blueprints import managing
from blueprints.applying import Order, forbidden, prepare
from blueprints.keeping import kept_in
from blueprints.mistakes import Mistaken
from blueprints.planning import Plan
from blueprints.standing import bodies, standing
from organisations import managed

if TYPE_CHECKING:
    from blueprints.models import Blueprint
    from blueprints.standing import Standing
    from organisations.access import Access


def order_of(blueprint: Blueprint, *, prune: bool = False) -> Order:
    """Return the order that would apply a kept file again, as it was applied last; its secrets stay as they are."""
    return Order(
        texts=blueprint.texts,
        answers=blueprint.answers,
        prune=prune,
        file=blueprint.name,
        locked=blueprint.is_locked,
    )


def drift(access: Access, blueprint: Blueprint, *, there: Standing | None = None) -> Plan:
    """Return what applying the file again would do: nothing while the organisation is as the file says.

    It is the same for everybody, whoever may apply the file. `there` is what is there, where that is read already. A
    file that cannot be read any more, since its form has changed, answers with its mistakes.
    """
    try:
        prepared = prepare(access, order_of(blueprint), there=there)
    except Mistaken as error:
        return Plan(mistakes=error.mistakes)
    plan, unwanted = prepared.plan, [*forbidden(access, prepared.plan)]
    plan.mistakes = [mistake for mistake in plan.mistakes if mistake not in unwanted]
    plan.missing_secrets = []  # nothing is applied, so nobody is asked
    return plan


def as_it_is_now(access: Access, blueprint: Blueprint) -> dict[str, str]:
    """Return the files with what they manage as it is now; comments and short forms stay. Raises Mistaken."""
    there, known = standing(access), managing.marks(access)
    own = {
        section: {
            name: found.body
            for name, found in rows.items()
            if (mark := known[section].get(found.pk)) and mark.file == blueprint.name
        }
        for section, rows in there.items()
    }
    return kept_in(blueprint.texts, own, blueprint.answers, known=bodies(there))


def lock(access: Access, blueprint: Blueprint, *, locked: bool) -> None:
    """Let only the file change what it describes, or anybody."""
    blueprint.is_locked = locked
    blueprint.save(update_fields=["is_locked"])
    managed.set_lock(access.organisation, blueprint.name, locked)


def forget(access: Access, blueprint: Blueprint) -> None:
    """Let go of a file; what it described stays, and belongs to nobody's file."""
    managed.release(access.organisation, file=blueprint.name)
    blueprint.delete()
