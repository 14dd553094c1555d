"""What all of the domain stands on: service time, provenance of a value, errors and outcomes."""
