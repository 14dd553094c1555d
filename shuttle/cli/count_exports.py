"""`shuttle export boardings`: exact counts as files, each export a line in the record of acts."""

from shuttle.cli.common import TERMINAL
from shuttle.cli.exports import Asked
from shuttle.feeds.boardings_csv import boardings_csv
from shuttle.services.count_exports import take_counts
from shuttle.services.house import House
from shuttle.settings import Settings


def write_boardings(house: House, _settings: Settings, asked: Asked) -> bytes:
    """All that was ever counted unless dates are given."""
    return boardings_csv(take_counts(house, TERMINAL, asked.first, asked.last, "boardings")).encode()
