"""Options that several commands share: a group is a dataclass, and a command asks for it as one parameter."""

from __future__ import annotations

import functools
import inspect
from collections.abc import Callable
from dataclasses import fields, is_dataclass
from typing import Any, Final, get_type_hints

_BY_NAME: Final = inspect.Parameter.KEYWORD_ONLY
"""How Typer gives arguments and options; their order is then free."""


def with_groups(command: Callable[..., None]) -> Callable[..., None]:
    """The command with each parameter that is a group spread out into the group's options."""
    hints = get_type_hints(command, include_extras=True)
    groups: dict[str, Any] = {name: hint for name, hint in hints.items() if is_dataclass(hint)}

    @functools.wraps(command)
    def spread(**given: Any) -> None:
        for name, group in groups.items():
            given[name] = group(**{field.name: given.pop(field.name) for field in fields(group)})
        command(**given)

    parameters: list[inspect.Parameter] = []
    for parameter in inspect.signature(command).parameters.values():
        name = parameter.name
        own = [parameter.replace(kind=_BY_NAME, annotation=hints[name])]
        parameters += _options(groups[name]) if name in groups else own
    spread.__signature__ = inspect.Signature(parameters)  # type: ignore[attr-defined]  # what inspect looks for
    spread.__annotations__ = {parameter.name: parameter.annotation for parameter in parameters}
    return spread


def _options(group: Any) -> list[inspect.Parameter]:
    hints = get_type_hints(group, include_extras=True)
    return [inspect.Parameter(f.name, _BY_NAME, default=f.default, annotation=hints[f.name]) for f in fields(group)]
