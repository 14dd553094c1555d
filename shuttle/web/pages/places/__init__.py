"""Pages of the places that the bus serves: opening hours and what they mean, and the other facts of the network."""
