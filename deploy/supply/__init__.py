"""Licences, known vulnerabilities, and the list of everything in the image."""
