"""Facts that several services know, each in one home: exports, pipelines, mail states, limits."""
