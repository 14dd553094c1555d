"""Riders: how many people went where, week by week, from the counts."""
