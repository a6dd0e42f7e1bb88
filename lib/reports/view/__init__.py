"""View: what every report shows alike: numbers, charts as values, the two lists, the advice."""
