"""Values that all other subjects use: service time, provenance, errors, job outcomes."""
