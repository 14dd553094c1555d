"""Pages of the served places: opening hours with their effects, and the other facts of the network."""
