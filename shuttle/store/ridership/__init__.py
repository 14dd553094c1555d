"""Rows of ridership: counts, the writer, the roll-up, passings, releases, trials and retention."""
