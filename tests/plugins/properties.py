"""How hard the property tests try.

`steady` is the same on every machine, `fuzz` looks for what nobody has thought of.
"""

from hypothesis import settings

settings.register_profile("steady", deadline=None, derandomize=True)
settings.register_profile("fuzz", deadline=None, max_examples=5_000, print_blob=True)
settings.load_profile("steady")
