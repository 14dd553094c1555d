"""Roadmaps: reading, solving and answering them."""
