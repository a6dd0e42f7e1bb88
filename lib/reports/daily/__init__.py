"""The daily page as a value: all that it shows, decided before it is drawn."""
