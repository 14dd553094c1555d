"""The model: the problem of a day type, its variables, constraints, costs and cuts as a linear program."""
