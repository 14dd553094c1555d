"""Pages of ridership: figures, charts and trials."""
