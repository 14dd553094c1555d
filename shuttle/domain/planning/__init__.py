"""Planning: scenarios, requirements and their checks, passenger cost, simulation, uncertainty."""
