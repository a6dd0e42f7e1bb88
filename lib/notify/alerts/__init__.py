"""Notifies people that a unit has finally failed, and that it works again."""
