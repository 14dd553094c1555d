"""`shuttle new FOLDER`: commented schedule files for another town, to be edited and checked."""

from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated

import typer

from shuttle.cli.common import our_words
from shuttle.domain.basics.errors import Refused, Unavailable
from shuttle.feeds.new_folder import new_files
from shuttle.settings import read_settings

app = typer.Typer()


@app.command()
def new(
    folder: Annotated[Path, typer.Argument(help="A folder that does not exist yet, or is empty")],
) -> None:
    """Write commented schedule files for another town; `shuttle check FOLDER` reads them."""
    settings = read_settings()
    words = our_words(settings)
    if folder.exists() and (not folder.is_dir() or any(folder.iterdir())):
        raise Refused("folder-in-use", f"{folder} holds something", given=folder, allowed="a new or empty folder")
    today = datetime.now(UTC).astimezone(settings.zone).date()
    try:
        for name, text in new_files(today, words.say).items():
            path = folder / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text, encoding="utf-8")
    except OSError as error:
        raise Unavailable("file-not-written", f"{folder} cannot be written: {error.strerror}", given=folder) from None
    print(words.say("new.done", folder=folder))
