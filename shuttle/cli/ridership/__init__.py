"""Commands on ridership: counts, reports, releases, retention and the roll-up."""
