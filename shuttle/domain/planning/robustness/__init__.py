"""Robustness of a proposal: intervals over drawn days, regret, and sensitivity to assumptions."""
