"""What changed in the portal's headers since last time: compared, recorded, reported."""
