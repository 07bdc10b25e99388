"""What an alert means for everybody who holds its markets, and their devices' deliveries."""

from bench.contest import Path
from bench.pipeline.fan_out import prepare_fan_out

FAN_OUT = Path("fan_out", "people/s", 45, None, prepare_fan_out)
