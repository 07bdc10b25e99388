"""Due deliveries to the gateway and back: claimed, rendered, sent, acknowledged."""

from bench.contest import Path
from bench.pipeline.push_send import prepare_push_send

PUSH_SEND = Path("push_send", "pushes/s", 7, None, prepare_push_send)
