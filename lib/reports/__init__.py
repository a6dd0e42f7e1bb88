"""Reports: from what is stored about a store and a day or period to one checked PDF and its row.

`daily.build_daily` and `period.build_period` are imported from their modules, and nothing is here:
a process that only draws pages comes through this package, too, and needs no database library.
"""
