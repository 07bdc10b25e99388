"""What can go wrong on this machine, said in one sentence."""


class LocalError(RuntimeError):
    """A local service cannot run; the text is one sentence that says what to do."""
