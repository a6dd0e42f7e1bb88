"""The weekly, monthly and combined pages as values, decided before they are drawn."""
