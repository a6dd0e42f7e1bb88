"""Reads the forms that owners send back: what they ticked and typed in a daily report.

Source: docs/how-to/read-forms-that-come-back.md.
"""
