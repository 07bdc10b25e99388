"""Questions as data: champions and awards, the Fed, politics, companies, culture."""

from __future__ import annotations

from sandbox.world.catalogue.choices import Option, Question
from sandbox.world.catalogue.fixtures import target_id
from sandbox.world.catalogue.leagues import LEAGUES, League
from sandbox.world.catalogue.tables import coded
from sandbox.world.catalogue.teams import roster
from sandbox.world.model import Series
from sandbox.world.noise import uuid_of

_STATES = """AL Alabama|AK Alaska|AZ Arizona|AR Arkansas|CA California|CO Colorado|CT Connecticut|
DE Delaware|FL Florida|GA Georgia|HI Hawaii|ID Idaho|IL Illinois|IN Indiana|IA Iowa|KS Kansas|
KY Kentucky|LA Louisiana|ME Maine|MD Maryland|MA Massachusetts|MI Michigan|MN Minnesota|
MS Mississippi|MO Missouri|MT Montana|NE Nebraska|NV Nevada|NH New Hampshire|NJ New Jersey|
NM New Mexico|NY New York|NC North Carolina|ND North Dakota|OH Ohio|OK Oklahoma|OR Oregon|
PA Pennsylvania|RI Rhode Island|SC South Carolina|SD South Dakota|TN Tennessee|TX Texas|UT Utah|
VT Vermont|VA Virginia|WA Washington|WV West Virginia|WI Wisconsin|WY Wyoming"""
_COMPANIES = """AAPL Apple|MSFT Microsoft|NVDA Nvidia|AMZN Amazon|META Meta|GOOG Alphabet|
TSLA Tesla|NFLX Netflix|AMD AMD|INTC Intel|ORCL Oracle|CRM Salesforce|DIS Disney|NKE Nike|
SBUX Starbucks|UBER Uber|ABNB Airbnb|COIN Coinbase|PLTR Palantir|SPOT Spotify|WMT Walmart|
COST Costco|TGT Target|BA Boeing|GM General Motors|F Ford|JPM JPMorgan|GS Goldman Sachs|V Visa|
MA Mastercard"""
_COUNTRIES = """FR France|DE Germany|UK United Kingdom|IT Italy|ES Spain|BR Brazil|MX Mexico|
JP Japan|KR South Korea|IN India|AU Australia|CA Canada|AR Argentina|CL Chile|CO Colombia|PE Peru|
PL Poland|SE Sweden|NL Netherlands|PT Portugal"""
# ticker, title, category, period in days
_PLAIN = (
    ("KXGOVSHUT", "Will the US government shut down before {when}?", "Politics", 120),
    (
        "KXSPACEXMARS",
        "Will a crewed ship leave for Mars before {when}?",
        "Science and Technology",
        720,
    ),
    ("KXAGI", "Will a lab announce general AI before {when}?", "Science and Technology", 540),
    ("KXRECESSION", "Will a US recession be declared before {when}?", "Economics", 365),
    (
        "KXHURRICANE",
        "Will a major hurricane make landfall before {when}?",
        "Climate and Weather",
        90,
    ),
    ("KXEARTHQUAKE", "Will California see a magnitude 7 earthquake before {when}?", "World", 365),
    ("KXNEWPOPE", "Will there be a new Pope before {when}?", "World", 720),
    ("KXTIKTOK", "Will TikTok change owners before {when}?", "Companies", 180),
)
_FED = (
    ("H0", "Fed maintains rate"),
    ("C25", "Cut 25bps"),
    ("C26", "Cut >25bps"),
    ("H25", "Hike 25bps"),
    ("H26", "Hike >25bps"),
)
_PARTIES = (("R", "Republican"), ("D", "Democratic"), ("O", "Another party"))


def _plain(ticker: str, title: str, category: str, frequency: str = "one_off") -> Series:
    return Series(ticker, title.split("{")[0].strip(), category, frequency, None, (("News", ""),))


def champion_question(league: League) -> Question:
    """Ask who wins a league this season."""
    series = Series(
        f"KX{league.code}", league.champion, "Sports", "annual", (league.sport,), league.sources
    )
    options = tuple(
        Option(code, name, {league.target: target_id(league, code)}) for code, name in league.teams
    )
    return Question(
        series,
        "{year} " + league.champion,
        options,
        365,
        metadata={"competition": league.competition, "competition_scope": "Future"},
        strike="structured",
        code="year",
    )


def award_question(league: League) -> Question:
    """Ask who wins the season's award."""
    key = f"{league.sport.lower()}_player"
    players = [roster(league.code, code, 2)[0] for code, _ in league.teams]
    options = tuple(
        Option(part, name, {key: uuid_of("target", key, league.code, part)})
        for part, name in players
    )
    series = Series(
        f"KX{league.code}MVP", league.award, "Sports", "annual", (league.sport,), league.sources
    )
    return Question(
        series,
        "{year} " + league.award,
        options,
        365,
        metadata={"competition": league.competition, "competition_scope": "Awards"},
        strike="structured",
        code="year",
    )


def fed_question() -> Question:
    """Ask what the Fed decides at its next meeting."""
    series = Series(
        "KXFEDDECISION", "Fed decision", "Economics", "custom", ("Fed",),
        (("Federal Reserve", "https://www.federalreserve.gov"),),
    )  # fmt: skip
    options = tuple(Option(code, name) for code, name in _FED)
    return Question(series, "Fed decision in {when}?", options, 45, early=False)


def champion_questions() -> list[Question]:
    """Return every league's championship and award."""
    questions = [champion_question(league) for league in LEAGUES if league.champion]
    return questions + [award_question(league) for league in LEAGUES if league.award]


def plain_questions() -> list[Question]:
    """Return yes/no questions of the day."""
    return [
        Question(_plain(ticker, title, category), title, (Option("", "Yes"),), days)
        for ticker, title, category, days in _PLAIN
    ]


def election_questions() -> list[Question]:
    """Return who wins the offices of every state and country."""
    questions = []
    parties = tuple(Option(code, name) for code, name in _PARTIES)
    for office, word in (
        ("SENATE", "Senate seat"),
        ("GOV", "governorship"),
        ("HOUSE", "House vote"),
    ):
        for code, name in coded(_STATES):
            title = f"Which party wins the {name} {word} in {{year}}?"
            series = _plain(f"{office}{code}", f"{name} {word}", "Elections", "custom")
            questions.append(Question(series, title, parties, 720, code="year"))
    for code, name in coded(_COUNTRIES):
        options = tuple(Option(f"P{number}", f"{name} party {number}") for number in range(1, 13))
        series = _plain(f"KX{code}ELECTION", f"{name} election", "Elections", "custom")
        questions.append(Question(series, f"Who leads {name} after {{when}}?", options, 360))
    return questions


def company_questions() -> list[Question]:
    """Return what companies say and report."""
    words = ("AI", "Tariff", "Layoff", "Robot", "Dividend", "Buyback", "Inflation", "Agent",
             "Capacity", "Demand", "China", "Energy", "Guidance", "Margin", "Cloud")  # fmt: skip
    questions = []
    for code, name in coded(_COMPANIES):
        said = tuple(Option(word.upper(), word) for word in words)
        series = _plain(
            f"KXEARNINGSMENTION{code}", f"{name} earnings call", "Mentions", "quarterly"
        )
        title = f"What will {name} say during its {{when}} earnings call?"
        questions.append(Question(series, title, said, 91, exclusive=False))
        series = _plain(f"KX{code}CEO", f"{name} chief executive", "Companies")
        title = f"Will {name} name a new chief executive before {{when}}?"
        questions.append(Question(series, title, (Option("", "Yes"),), 180))
    return questions
