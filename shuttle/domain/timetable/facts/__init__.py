"""Facts entered by planners: changes from a date, the effect of a change on a centre, and pictures of stops."""
