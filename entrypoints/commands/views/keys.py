"""What is shown of keys to the API."""

from collections.abc import Sequence

from rich.console import RenderableType
from rich.text import Text

from adapters.api_keys.api_key import ApiKey, in_order
from entrypoints.commands.look import heading, note, table, titled
from entrypoints.commands.wording import date_and_time, plain


def opening(key: ApiKey) -> RenderableType:
    rows: list[tuple[str, RenderableType]] = [("opens", _scopes(key))]
    if key.expires_at_s is not None:
        rows.append(("until", date_and_time(key.expires_at_s)))
    return titled(heading("key", key.id), rows)


def listed(keys: Sequence[ApiKey], now_s: float) -> RenderableType:
    if not keys:
        return note("there are no keys; make one with: comptoir keys create --scope read")
    made = table("key", "opens", "created", "state", "note", whole=("created",))
    for key in keys:
        made.add_row(
            Text(key.id, "bold cyan"),
            _scopes(key),
            "" if key.created_at_s is None else date_and_time(key.created_at_s),
            _state(key, now_s),
            plain(key.note),
        )
    return made


def _state(key: ApiKey, now_s: float) -> Text:
    match key.refused_for(now_s):
        case None if key.expires_at_s is not None:
            return Text(f"until {date_and_time(key.expires_at_s)}", "yellow")
        case None:
            return Text("valid", "green")
        case reason:
            return Text(reason, "red")


def _scopes(key: ApiKey) -> str:
    return " ".join(in_order(key.scopes))
