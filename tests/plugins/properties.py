"""How hard the property tests try.

`steady` is the same on every machine, `quick` is a quarter of it for `make check`, `fuzz` looks for what nobody has thought of.
"""

from hypothesis import settings

settings.register_profile("steady", deadline=None, derandomize=True)
settings.register_profile("quick", deadline=None, derandomize=True, max_examples=25)
settings.register_profile("fuzz", deadline=None, max_examples=5_000, print_blob=True)
settings.load_profile("steady")
