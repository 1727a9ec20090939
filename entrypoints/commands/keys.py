"""`comptoir keys`: make a key to the API, see which there are, and take one back."""

from collections.abc import Sequence
from typing import Annotated, Final

from cyclopts import App, Parameter
from rich.text import Text

from adapters.api_keys.api_key import (
    ID_RULE,
    ApiKey,
    Scope,
    is_key_id,
    new_id,
    new_secret,
    sha256_of,
)
from adapters.api_keys.key_file import KeyExists, KeyFile
from adapters.api_keys.written import NOTE_CHARS_MAX, text_of, to_wire
from domain.errors import InvalidValue
from entrypoints import exit_codes
from entrypoints.commands.durations import duration_s
from entrypoints.commands.endings import not_found
from entrypoints.commands.key_file import key_file
from entrypoints.commands.look import note as remark
from entrypoints.commands.parameters import Json, flag
from entrypoints.commands.session import Here, Session
from entrypoints.commands.views import keys as views
from entrypoints.commands.wording import plain

YEARS_100_S: Final = 3_155_760_000.0
app = App(
    name="keys",
    help="Make a key to the API, see which there are, and take one back.",
    help_epilogue=exit_codes.HINT,
)

Id = Annotated[str, Parameter(name="ID", help="Id of a key.")]
NewId = Annotated[
    str | None, Parameter(name="ID", help="What the key is called, in logs too; one is made up by default.")
]
Scopes = Annotated[
    list[Scope],
    Parameter(name="--scope", negative="", help="What it opens; repeat it for more than one."),
]
Note = Annotated[str, Parameter(name="--note", help="Whose it is, or what for.")]
Expires = Annotated[
    str | None, Parameter(name="--expires", help="How long it opens anything: 12h, 90d; for ever by default.")
]
PrintHash = Annotated[bool, flag("--print-hash", "Write no file; show what goes into API_KEYS instead.")]


@app.command
def create(
    id: NewId = None,
    /,
    *,
    scope: Scopes,
    note: Note = "",
    expires: Expires = None,
    print_hash: PrintHash = False,
    json: Json = False,
    here: Here,
) -> None:
    """Make a key and show it, this once: only its hash is kept, in API_KEYS_FILE."""
    secret, key = _made(here.now_s(), id, scope, note, expires, lasting=print_hash)
    if not print_hash:
        with key_file(here.settings) as file:
            _add(file, key)
    wire: dict[str, object] = {"key": secret} | to_wire(key)
    if print_hash:
        wire["api_keys"] = text_of(key)
    here.answer(wire, lambda: views.opening(key), as_json=json)
    if not json:
        _show_whole(here, secret, "this is the key; it is shown this once and kept nowhere")
        if print_hash:
            _show_whole(here, text_of(key), "this goes into API_KEYS, with a ; between it and others")


@app.command(name="list")
def list_all(*, json: Json = False, here: Here) -> None:
    """List the keys in API_KEYS_FILE; of no key more is known than its hash."""
    with key_file(here.settings) as file:
        keys = file.read()
    wire = {"keys": [to_wire(key) for key in keys]}
    here.answer(wire, lambda: views.listed(keys, here.now_s()), as_json=json)


@app.command
def revoke(id: Id, /, *, json: Json = False, here: Here) -> None:
    """Take a key back: a second later it opens nothing. Its id stays, and is never used again."""
    now_s = here.now_s()
    with key_file(here.settings) as file:
        key = file.revoke(id, now_s)
    if key is None:
        raise not_found(f"key {plain(id)}")
    changed = key.revoked_at_s == now_s
    said = "✓ revoked" if changed else "● had been revoked before"
    here.answer(
        to_wire(key) | {"changed": changed},
        lambda: Text.assemble(said, " ", (key.id, "bold cyan")),
        as_json=json,
    )


def _made(
    now_s: float, id: str | None, scopes: Sequence[Scope], note: str, expires: str | None, *, lasting: bool
) -> tuple[str, ApiKey]:
    named = new_id() if id is None else id
    if not is_key_id(named):
        raise InvalidValue("ID", ID_RULE)
    if len(note) > NOTE_CHARS_MAX or not note.isprintable():
        raise InvalidValue("--note", f"must be at most {NOTE_CHARS_MAX} printable characters")
    if lasting and (note or expires):
        raise InvalidValue("--print-hash", "has no room for --note and --expires; a file has")
    secret = new_secret(named)
    key = ApiKey(
        id=named,
        sha256=sha256_of(secret),
        scopes=frozenset(scopes),
        created_at_s=now_s,
        note=note,
        expires_at_s=None if expires is None else now_s + _lasting_s(expires),
    )
    return secret, key


def _lasting_s(expires: str) -> float:
    lasting_s = duration_s(expires, "--expires")
    if not 0 < lasting_s <= YEARS_100_S:
        raise InvalidValue("--expires", "must be more than nothing, and at most 100 years")
    return lasting_s


def _add(file: KeyFile, key: ApiKey) -> None:
    try:
        file.add(key)
    except KeyExists:
        raise InvalidValue("ID", f"must be new, and there is or was a key {key.id}") from None


def _show_whole(here: Session, text: str, about: str) -> None:
    """On a line of its own and never cut, however narrow the screen: it will be copied."""
    here.console.print()
    here.console.print(Text(text, "bold"), soft_wrap=True)
    here.console.print(remark(about))
