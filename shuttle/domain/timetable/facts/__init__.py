"""Facts entered by planners: changes from a date, and the effect of a change on a centre."""
