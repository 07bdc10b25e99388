"""Leagues as data: who plays, how often, how games end, which markets are offered."""

from dataclasses import dataclass

from sandbox.world.catalogue import teams
from sandbox.world.catalogue.tables import coded

_ESPN = ("ESPN", "https://www.espn.com")
_FOX = ("Fox Sports", "https://www.foxsports.com")


def _league_site(url: str) -> tuple[str, str]:
    return ("the Governing League", url)


@dataclass(frozen=True, slots=True)
class Prop:
    """A player statistic with its typical mean and the steps above it that are offered."""

    suffix: str
    word: str
    mean: float
    steps: tuple[int, ...]


@dataclass(frozen=True, slots=True, eq=False)
class League:
    """One competition.

    `margin_sd`, `total`, `total_sd` are in points; `every_days` is how often a team plays and
    `lead_days` how long before the start its markets are listed.
    """

    code: str
    competition: str
    sport: str
    noun: str
    target: str  # key of the structured target in custom_strike
    teams: tuple[tuple[str, str], ...]
    sources: tuple[tuple[str, str], ...]
    unit: str = "points"
    margin_sd: float = 0.0  # 0: no spread and no total
    total: float = 0.0
    total_sd: float = 0.0
    spreads: tuple[float, ...] = ()
    total_steps: tuple[float, ...] = ()
    ties: bool = False
    kind: str = "GAME"
    minutes: int = 170
    starts: tuple[int, ...] = (1140,)  # Eastern minutes after midnight
    every_days: int = 2
    lead_days: int = 3
    clock_in_ticker: bool = False
    timer_s: int = 120
    props: tuple[Prop, ...] = ()
    halves: bool = False
    champion: str = ""
    award: str = ""
    milestone: str = ""


_TEN_SPREADS = (1.5, 3.5, 6.5, 9.5, 14.5)
_SIX = (1.5, 2.5, 3.5)
_BASKET_TOTALS = (-17.0, -12.0, -9.0, -6.0, -3.0, 0.0, 3.0, 6.0, 9.0, 12.0, 17.0)
_FOOT_TOTALS = (-14.0, -10.0, -7.0, -4.0, -2.0, 0.0, 2.0, 4.0, 7.0, 10.0, 14.0)
_GOAL_TOTALS = (-1.0, 0.0, 1.0, 2.0, 3.0)
_RUN_TOTALS = (-4.0, -3.0, -2.0, -1.0, 0.0, 1.0, 2.0, 3.0, 4.0)

_BASKET_PROPS = (
    Prop("PTS", "points", 18, (-5, 0, 5)),
    Prop("REB", "rebounds", 6, (-2, 0, 2)),
    Prop("AST", "assists", 5, (-2, 0, 2)),
    Prop("3PT", "three-pointers", 2, (-1, 0, 1)),
)
_FOOT_PROPS = (
    Prop("ANYTD", "touchdowns", 0.5, (1, 2)),
    Prop("PASSYDS", "passing yards", 225, (-50, 0, 50)),
    Prop("RSHYDS", "rushing yards", 55, (-20, 0, 20)),
    Prop("RECYDS", "receiving yards", 50, (-20, 0, 20)),
)
_BALL_PROPS = (
    Prop("HR", "home runs", 0.3, (1, 2)),
    Prop("KS", "strikeouts", 5, (-1, 0, 2)),
    Prop("HIT", "hits", 1.1, (0, 1)),
)
_ICE_PROPS = (Prop("GOAL", "goals", 0.4, (1, 2)), Prop("SOG", "shots on goal", 2.6, (-1, 0, 1)))
_SOCCER_PROPS = (Prop("GOAL", "goals", 0.4, (1, 2)),)


def _soccer(code: str, name: str, table: str, url: str, hour: int) -> League:
    return League(
        code, name, "Soccer", f"{name} soccer game", "soccer_team", coded(table),
        (_league_site(url), _ESPN), unit="goals", margin_sd=1.75, total=2.7, total_sd=1.65,
        spreads=_SIX, total_steps=_GOAL_TOTALS, ties=True, minutes=115,
        starts=(hour * 60, hour * 60 + 150), every_days=6, lead_days=9, props=_SOCCER_PROPS,
        champion=f"{name} winner", milestone="soccer_game",
    )  # fmt: skip


def _duel(code: str, name: str, sport: str, target: str, table: str, **more: int) -> League:
    return League(
        code, name, sport, f"{name} match", target, coded(table), (_ESPN,),
        kind="MATCH", minutes=more.get("minutes", 120), every_days=more.get("every_days", 2),
        lead_days=more.get("lead_days", 2), starts=(660, 780, 900),
    )  # fmt: skip


def _esport(code: str, name: str, table: str) -> League:
    return League(
        code, name, "Esports", f"{name} series", "esports_team", coded(table),
        (("Liquipedia", "https://liquipedia.net"),), minutes=150, every_days=2, lead_days=3,
        starts=(480, 660, 840), champion=f"{name} world champion",
    )  # fmt: skip


LEAGUES: tuple[League, ...] = (
    League(
        "NBA", "Pro Basketball (M)", "Basketball", "Pro Basketball game", "basketball_team",
        coded(teams.NBA), (_league_site("https://www.nba.com"), _ESPN),
        margin_sd=12.5, total=227.5, total_sd=18, spreads=_TEN_SPREADS, total_steps=_BASKET_TOTALS,
        minutes=150, starts=(1140, 1170, 1200, 1320), props=_BASKET_PROPS, halves=True,
        champion="Pro Basketball Champion", award="Pro Basketball MVP", milestone="basketball_game",
        timer_s=300,
    ),
    League(
        "NFL", "Pro Football", "Football", "Pro Football game", "football_team",
        coded(teams.NFL), (_league_site("https://www.nfl.com/"),),
        margin_sd=13, total=45.5, total_sd=13, spreads=_TEN_SPREADS, total_steps=_FOOT_TOTALS,
        minutes=190, starts=(780, 985, 1220), every_days=7, lead_days=11, props=_FOOT_PROPS,
        halves=True, champion="Pro Football Champion", award="Pro Football MVP",
        milestone="football_game", timer_s=60,
    ),
    League(
        "NHL", "Pro Hockey", "Hockey", "Pro Hockey game", "hockey_team",
        coded(teams.NHL), (_league_site("https://www.nhl.com"), _ESPN), unit="goals",
        margin_sd=2.5, total=6.5, total_sd=2.3, spreads=_SIX, total_steps=_GOAL_TOTALS,
        minutes=155, starts=(1140, 1200, 1320), props=_ICE_PROPS,
        champion="Pro Hockey Champion", award="Pro Hockey MVP", milestone="hockey_match",
    ),
    League(
        "NCAAF", "College Football", "Football", "college football game", "football_team",
        coded(teams.NCAAF), (_FOX, _ESPN), margin_sd=16, total=54.5, total_sd=15,
        spreads=_TEN_SPREADS, total_steps=_FOOT_TOTALS, minutes=205,
        starts=(720, 930, 1170), every_days=7, lead_days=11, halves=True,
        champion="College Football Champion", award="College Football Heisman winner",
        milestone="football_game", timer_s=300,
    ),
    League(
        "NCAAMB", "College Basketball (M)", "Basketball", "college basketball game",
        "basketball_team", coded(teams.NCAAMB), (_FOX, _ESPN), margin_sd=11.5,
        total=146.5, total_sd=17, spreads=_TEN_SPREADS, total_steps=_BASKET_TOTALS, minutes=130,
        starts=(1110, 1140, 1260), every_days=3, lead_days=3, halves=True,
        champion="College Basketball Champion", milestone="basketball_game",
    ),
    League(
        "MLB", "Pro Baseball", "Baseball", "professional baseball game", "baseball_team",
        coded(teams.MLB), (("MLB", "https://www.mlb.com/"),), unit="runs",
        margin_sd=4.3, total=8.5, total_sd=4.3, spreads=_SIX, total_steps=_RUN_TOTALS,
        minutes=165, starts=(785, 1145, 1180, 1300), every_days=1, lead_days=2,
        clock_in_ticker=True, props=_BALL_PROPS, champion="Pro Baseball Champion",
        award="Pro Baseball MVP", milestone="baseball_game",
    ),
    _soccer("EPL", "English Premier League", teams.EPL, "https://www.premierleague.com", 10),
    _duel("ATP", "ATP", "Tennis", "tennis_competitor", teams.ATP),
    League(
        "WNBA", "Pro Basketball (W)", "Basketball", "women's Pro Basketball game",
        "basketball_team", coded(teams.WNBA),
        (_league_site("https://www.wnba.com/"), _ESPN), margin_sd=12, total=163.5, total_sd=16,
        spreads=_TEN_SPREADS, total_steps=_BASKET_TOTALS, minutes=125, starts=(1140, 1260),
        every_days=3, lead_days=3, props=_BASKET_PROPS, champion="Women's Pro Basketball Champion",
        milestone="basketball_game", timer_s=90,
    ),
    _soccer("LALIGA", "La Liga", teams.LALIGA, "https://www.laliga.com", 12),
    _esport("CS2", "Counter-Strike 2", teams.CS2),
    _duel("WTA", "WTA", "Tennis", "tennis_competitor", teams.WTA),
    _soccer("BUNDESLIGA", "Bundesliga", teams.BUNDESLIGA, "https://www.bundesliga.com", 9),
    _soccer("SERIEA", "Serie A", teams.SERIEA, "https://www.legaseriea.it", 11),
    _soccer("LIGUE1", "Ligue 1", teams.LIGUE1, "https://www.ligue1.com", 13),
    _soccer("MLS", "MLS", teams.MLS, "https://www.mlssoccer.com", 19),
    _duel("UFC", "UFC", "UFC", "ufc_competitor", teams.UFC, every_days=7, lead_days=12),
    _esport("LOL", "League of Legends", teams.LOL),
    _soccer("BRASILEIRO", "Brasileiro Série A", teams.BRASILEIRO, "https://www.cbf.com.br", 17),
    _soccer("LIGAMX", "Liga MX", teams.LIGAMX, "https://ligamx.net", 21),
    League(
        "CFL", "CFL", "Football", "CFL football game", "football_team",
        coded(teams.CFL), (_league_site("https://www.cfl.ca"),), margin_sd=13,
        total=49.5, total_sd=13, spreads=_TEN_SPREADS, total_steps=_FOOT_TOTALS, minutes=180,
        every_days=7, lead_days=8, champion="CFL Champion", milestone="football_game",
    ),
    League(
        "NPB", "Nippon Professional Baseball", "Baseball", "NPB baseball game", "baseball_team",
        coded(teams.NPB), (("NPB", "https://npb.jp"),), unit="runs", minutes=190,
        starts=(300, 320), every_days=1, lead_days=2, ties=True,
    ),
    League(
        "KBO", "KBO", "Baseball", "KBO baseball game", "baseball_team",
        coded(teams.KBO), (("KBO", "https://www.koreabaseball.com"),), unit="runs",
        minutes=190, starts=(330,), every_days=1, lead_days=2, ties=True,
    ),
)  # fmt: skip
