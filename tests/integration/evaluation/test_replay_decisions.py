"""A recording through the real pipeline: what is decided, who is told, the same each time."""

import asyncio
import json
from datetime import timedelta
from pathlib import Path

from evaluation.recording.shapes import AnswerLine, SignalLine, to_millis
from tests.integration.evaluation.playing import Play
from tests.integration.evaluation.recordings import (
    BEGAN_AT,
    EVENT,
    RIVAL,
    SUBJECT,
    begin,
    catalogue,
    finish,
    market_row,
    people,
    play_calm,
    play_jump,
)


def make_game(folder: Path) -> Path:
    """Record a calm game that jumps, with its catalogue and somebody who holds it."""
    tape = begin(folder)
    tape.writer.write_catalogue(catalogue())
    (folder / "people.json").write_text(json.dumps(people()))
    play_calm(tape)
    play_jump(tape)
    return finish(tape)


async def test_a_jump_becomes_one_push_for_who_holds_it(tmp_path: Path, play: Play) -> None:
    played = await play(make_game(tmp_path / "game"))
    alerted = [one for one in played.found["decisions"] if one["outcome"] == "alerted"]
    assert [(one["market"], one["kind"], one["policy"]) for one in alerted] == [
        (SUBJECT, "line_move", "pre_game")
    ]
    assert alerted[0]["tier"] == "unexplained"
    (told,) = alerted[0]["told"]
    assert (told["name"], told["is_holder"], told["outcome"]) == ("Ana", True, "accepted")
    assert "Boston" in told["title"]
    assert "position is up" in told["body"]
    assert played.found["pushes"] == 1
    assert played.found["lines"]["frames"]["unreadable"] == 0


async def test_the_log_is_the_same_each_time(tmp_path: Path, play: Play) -> None:
    folder = make_game(tmp_path / "game")
    first, second = await asyncio.gather(play(folder, hash_seed=1), play(folder, hash_seed=20_000))
    assert first.lines
    assert first.output == second.output


async def test_without_catalogue_and_people_tickers_and_followers_are_made(
    tmp_path: Path, play: Play
) -> None:
    tape = begin(tmp_path / "bare")
    play_calm(tape)
    play_jump(tape)
    played = await play(finish(tape))
    assert played.found["markets"] == 2
    alerted = [one for one in played.found["decisions"] if one["outcome"] == "alerted"]
    names = {told["name"] for one in alerted for told in one["told"]}
    assert f"follower of {SUBJECT}" in names


async def test_a_jump_behind_a_gap_is_no_news(tmp_path: Path, play: Play) -> None:
    tape = begin(tmp_path / "gap")
    tape.writer.write_catalogue(catalogue())
    play_calm(tape)
    tape.wait(180)  # nobody listened
    for _ in range(60):
        tape.tick(SUBJECT, 65, contracts=3)
        tape.wait(1)
    played = await play(finish(tape))
    assert played.found["decisions"] == []


async def test_a_second_subscription_is_a_gap(tmp_path: Path, play: Play) -> None:
    tape = begin(tmp_path / "reconnected")
    tape.writer.write_catalogue(catalogue())
    play_calm(tape)
    for _ in range(2):
        for sid, channel in enumerate(("market_lifecycle_v2", "trade", "ticker"), start=1):
            tape.frame({"type": "subscribed", "id": sid, "msg": {"channel": channel, "sid": sid}})
    for _ in range(25):
        tape.tick(SUBJECT, 65, contracts=400)
        tape.wait(1)
    played = await play(finish(tape))
    assert played.found["decisions"] == []


async def test_what_cannot_be_read_costs_itself(tmp_path: Path, play: Play) -> None:
    folder = make_game(tmp_path / "game")
    at_ms = to_millis(BEGAN_AT)
    with (folder / "frames.jsonl").open("a") as file:
        file.write('garbage\n{"at_ms":7000000000000,"exchange":"kalshi","frame":{}}\n')
        for exchange, frame in (("kalshi", "[]"), ("polymarket", "{}"), ("kalshi", '"<html>"')):
            file.write(f'{{"at_ms":{at_ms},"exchange":"{exchange}","frame":{frame}}}\n')
        file.write('{"at_ms":')
    clean, played = await asyncio.gather(play(make_game(tmp_path / "clean")), play(folder))
    assert played.lines == clean.lines
    assert played.found["lines"]["frames"]["unreadable"] == 2
    assert played.found["unread"] == {
        "frames of polymarket": 1,
        "frames that are neither object nor text": 1,
    }
    assert (played.found["backwards"], played.found["outside"]) == (3, 1)


async def test_answers_and_facts_are_applied_at_their_time(tmp_path: Path, play: Play) -> None:
    tape = begin(tmp_path / "answers")
    tape.writer.write_catalogue(catalogue() | {"events": [], "series": []})
    event = {"event_ticker": EVENT, "series_ticker": "KXNBAGAME", "title": "Boston at New York"}
    markets = [market_row(SUBJECT, "Boston"), market_row(RIVAL, "New York"), {"ticker": 1}]
    body = json.dumps({"events": [event | {"markets": markets}], "cursor": ""})
    at_ms = to_millis(BEGAN_AT + timedelta(minutes=1))
    for url, text in (("http://x/events", body), ("http://x/events", "<html>"), ("http://x/", "")):
        tape.writer.add_answer(AnswerLine(at_ms, "kalshi", "GET", url, 200, {}, text))
    for kind in ("injury", "gossip"):
        at = BEGAN_AT + timedelta(minutes=2)
        tape.writer.add_signal(SignalLine("espn", kind, kind, at, at))
    play_calm(tape, 300)
    played = await play(finish(tape))
    assert (played.found["markets"], played.found["rejects"]) == (2, 1)
    assert list(played.found["unread"].values()) == [1]
    assert "gossip" in next(iter(played.found["unread"]))
