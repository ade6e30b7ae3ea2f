"""What things mean: pure functions, frames in and frames out."""

RULES_VERSION = "3"
"""Version of the rules and reference data: where it changes, a rebuild brings older awards in line."""
