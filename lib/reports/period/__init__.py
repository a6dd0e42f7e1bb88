"""The weekly, monthly and combined pages as values: all that they show, decided before they are drawn."""
