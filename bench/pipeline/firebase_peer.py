"""The peer: firebase-admin, in an interpreter that has it.

Run as a file, with nothing of ours to import: `BASE_URL KEY_FILE MESSAGES_FILE FUNCTION`; prints
the seconds from the first message to the last answer. Messages are made before the clock starts.
"""

import asyncio
import json
import sys
import warnings
from pathlib import Path
from time import perf_counter
from typing import Any

import firebase_admin
from firebase_admin import credentials, messaging

_MOST = 500  # messages that one call takes


def _to_message(push: Any) -> Any:
    """Make the message that the gateway's log shows."""
    aps = push["aps"]
    return messaging.Message(
        token=push["address"],
        data=push["data"],
        android=messaging.AndroidConfig(priority="high", ttl=600, collapse_key=push["collapse_id"]),
        apns=messaging.APNSConfig(
            headers=push["headers"],
            payload=messaging.APNSPayload(
                aps=messaging.Aps(
                    alert=messaging.ApsAlert(push["title"], push["body"]),
                    sound=aps["sound"],
                    category=aps["category"],
                    thread_id=aps["thread-id"],
                    mutable_content=True,
                    custom_data={"interruption-level": aps["interruption-level"]},
                )
            ),
        ),
    )


def _send_each(batches: list[list[Any]]) -> int:
    return sum(messaging.send_each(batch).success_count for batch in batches)


async def _send_each_async(batches: list[list[Any]]) -> int:
    answers = [await messaging.send_each_async(batch) for batch in batches]
    return sum(answer.success_count for answer in answers)


def main(base: str, key_file: str, messages_file: str, function: str) -> None:
    """Send every message, as many in one call as the library takes."""
    warnings.simplefilter("ignore")  # `token` is about to be called `fid`
    messaging._MessagingService.FCM_URL = f"{base}/v1/projects/{{0}}/messages:send"
    firebase_admin.initialize_app(credentials.Certificate(key_file))
    messages = [_to_message(push) for push in json.loads(Path(messages_file).read_bytes())]
    batches = [messages[first : first + _MOST] for first in range(0, len(messages), _MOST)]
    began_s = perf_counter()
    if function == "send_each_async":
        accepted = asyncio.run(_send_each_async(batches))
    else:
        accepted = _send_each(batches)
    seconds = perf_counter() - began_s
    sys.stdout.write(json.dumps({"seconds": seconds, "accepted": accepted}))


if __name__ == "__main__":
    main(*sys.argv[1:])
