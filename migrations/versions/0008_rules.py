"""The detectors' rules: every threshold, as rows that all processes read.

Figures: `reference/market-statistics.md` sections 1 to 5, tuned on recorded prices. Sigma is
per minute, in log-odds; cents are of a dollar contract.
"""

import json

from alembic import op

revision = "0008"
down_revision = "0007"

VERSION = 1

BASELINE = {
    "half_life_minutes": 360,
    "warm_minutes": 120,
    "clip_sigmas": 6,
    "sigma_floor": 0.005,
    "narrow_cents": 4,
    "narrow_times": 2,
    "min_volumes": 120,
    "priors": {
        "pre_game": {"sigma": 0.022, "spread_cents": 2, "contracts": 1000},
        "in_play": {"sigma": 0.2, "spread_cents": 2, "contracts": 20000},
        "futures": {"sigma": 0.015, "spread_cents": 2, "contracts": 500},
        "release": {"sigma": 0.03, "spread_cents": 2, "contracts": 500},
        "continuous": {"sigma": 0.12, "spread_cents": 3, "contracts": 1000},
    },
}

_TIMING: dict[str, float] = {
    "min_baseline_minutes": 0,
    "quiet_after_open_s": 1200,
    "quiet_before_close_s": 0,
    "quiet_before_start_s": 0,
    "repeat_after_s": 1800,
    "repeat_strength": 1.5,
}
_LAST_HOUR: dict[str, float] = {"quiet_before_close_s": 3600}  # the result shows before the close

_MOVE: dict[str, object] = {
    "windows": [
        {"minutes": 5, "min_cents": 4, "sigmas": 5},
        {"minutes": 15, "min_cents": 5, "sigmas": 4},
        {"minutes": 60, "min_cents": 8, "sigmas": 3},
    ],
    "timing": _TIMING,
    "spreads": 2,
    "volume_quantile": 0.95,
    "min_contracts": 300,
    "min_prints": 2,
    "agreement": 0.6,
    "instant_strength": 2,
    "max_wait_s": 120,
    "min_depth_contracts": 50,
}

LINE_MOVE = {
    "policies": {
        "pre_game": _MOVE,
        "in_play": None,
        "futures": _MOVE,
        "release": _MOVE | {"timing": _TIMING | _LAST_HOUR},
        "continuous": _MOVE
        | {
            "windows": [{"minutes": 5, "min_cents": 25, "sigmas": 12}],
            "timing": _TIMING | _LAST_HOUR | {"min_baseline_minutes": 240},
            "min_contracts": 2000,
        },
    }
}

_SPIKE_TIMING = _TIMING | _LAST_HOUR | {"min_baseline_minutes": 120, "repeat_strength": 3}
_SPIKE: dict[str, object] = {
    "timing": _SPIKE_TIMING,
    "times": 5,
    "volume_quantile": 0.99,
    "min_usd": 10000,
    "max_cents": 3,
    "min_prints": 5,
}

VOLUME_SPIKE = {
    "policies": {
        "pre_game": _SPIKE | {"timing": _SPIKE_TIMING | {"quiet_before_start_s": 900}},
        "in_play": None,
        "futures": _SPIKE,
        "release": _SPIKE,
        "continuous": None,
    }
}

ROWS = {
    "baseline": (BASELINE, "how the habits of a market are learnt"),
    "line_move": (LINE_MOVE, "traded moves, by policy; null = not watched"),
    "volume_spike": (VOLUME_SPIKE, "heavy trading around an unmoved price, by policy"),
}


def upgrade() -> None:
    for name, (body, note) in ROWS.items():
        op.execute(
            "INSERT INTO alpha.rules (name, version, body, note) "
            f"VALUES ('{name}', {VERSION}, '{json.dumps(body)}'::jsonb, '{note}')"
        )


def downgrade() -> None:
    names = ", ".join(f"'{name}'" for name in ROWS)
    op.execute(f"DELETE FROM alpha.rules WHERE name IN ({names})")
