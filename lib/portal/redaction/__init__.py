"""Texts of the portal without anything that may be personal data. Pure."""
