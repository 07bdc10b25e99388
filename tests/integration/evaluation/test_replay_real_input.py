"""Replays of what was really recorded; the figures are printed by `alpha replay`."""

import asyncio
from pathlib import Path

from evaluation.convert.run import convert
from tests.integration.evaluation.playing import Play

_FRAMES = 6_000  # of the socket's; a part is enough to tell whether it is the same each time


def shorten(folder: Path, lines: int) -> None:
    """Keep the first lines of a recording."""
    frames = folder / "frames.jsonl"
    kept = frames.read_bytes().splitlines(keepends=True)[:lines]
    frames.write_bytes(b"".join(kept))


async def test_the_bitcoin_socket_is_the_same_each_time(
    tmp_path: Path, shared_data: Path, play: Play
) -> None:
    source = shared_data / "kalshi" / "ws" / "ticker_kxbtc15m_2026-05-11_12.jsonl.gz"
    convert(source, tmp_path / "btc")
    shorten(tmp_path / "btc", _FRAMES)
    folder = tmp_path / "btc"
    first, second = await asyncio.gather(play(folder, hash_seed=1), play(folder, hash_seed=2))
    assert first.output == second.output
    assert first.found["ticks"] == _FRAMES
    assert first.found["refused"] == 0


async def test_the_game_snapshots_print_a_move_and_are_the_same_each_time(
    tmp_path: Path, shared_data: Path, play: Play
) -> None:
    source = shared_data / "sports" / "kalshi_price_snapshots_2025-10-26.csv.gz"
    convert(source, tmp_path / "snapshots")
    folder = tmp_path / "snapshots"
    first, second = await asyncio.gather(play(folder, hash_seed=1), play(folder, hash_seed=2))
    assert first.output == second.output
    assert first.found["ticks"] == 2_346
    moved = {one["market"] for one in first.found["decisions"] if one["outcome"] == "alerted"}
    assert moved == {"KXNBAGAME-25OCT26LALSAC-SAC", "KXNBAGAME-25OCT27PORLAL-POR"}
