"""Benchmarks: one module per subject, each with NAME, a docstring that names its baseline, and `run(rounds) -> list[Row]`.

Figures of a shared machine vary by a third from minute to minute; the ratio to a baseline measured in turn does not. So a subject
measures both in every round, in alternating order, and gives medians of the rounds.
"""
