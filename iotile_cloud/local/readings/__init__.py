"""Readings as numbers in time: which ones, of when, in which unit, and how they come in."""
