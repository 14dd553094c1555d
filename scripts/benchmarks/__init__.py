"""Benchmarks: a module a subject, each with NAME, a docstring that names its baseline, and `run(rounds) -> list[Row]`.

A figure of a shared machine swings by a third from minute to minute; the ratio to a baseline that is measured in turn with
it does not. So a subject measures both in every round, in changing order, and gives medians of the rounds.
"""
