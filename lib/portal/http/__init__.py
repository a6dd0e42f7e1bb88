"""HTTP at the TMS site: requests with retries and time limits, and what a reply is."""
