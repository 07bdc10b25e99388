"""The error of a start-up option that cannot be used."""


class OptionError(ValueError):
    """An option fits neither the world nor its prices; the text says which and why."""
