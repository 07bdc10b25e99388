"""Use cases that routes, workers, pipeline and the command line share."""
