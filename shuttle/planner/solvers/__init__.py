"""The solvers: CP-SAT and HiGHS on the same program, and the optimum that both prove."""
