"""Acts on ridership: counts, passings, figures, releases, reports, trials and retention."""
