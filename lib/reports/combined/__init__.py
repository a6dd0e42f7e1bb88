"""The page of all stores together as a value: which store needs a call, and why."""
