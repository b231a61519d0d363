"""Suites that ship: a folder each."""
