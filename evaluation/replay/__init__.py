"""`alpha replay`: a recording through the real pipeline, on a virtual clock, in one process."""
