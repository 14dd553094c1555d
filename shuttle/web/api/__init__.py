"""The JSON API under /api/v1: JSON in, JSON or a problem document out."""
