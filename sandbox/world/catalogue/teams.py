"""Teams, players of single sports and rosters: `CODE Name` per entry."""

from functools import lru_cache

from sandbox.world.catalogue.tables import split_table
from sandbox.world.noise import key_of, natural

NBA = """ATL Atlanta|BOS Boston|BKN Brooklyn|CHA Charlotte|CHI Chicago|CLE Cleveland|DAL Dallas|
DEN Denver|DET Detroit|GSW Golden State|HOU Houston|IND Indiana|LAC Los Angeles C|
LAL Los Angeles L|MEM Memphis|MIA Miami|MIL Milwaukee|MIN Minnesota|NOP New Orleans|NYK New York|
OKC Oklahoma City|ORL Orlando|PHI Philadelphia|PHX Phoenix|POR Portland|SAC Sacramento|
SAS San Antonio|TOR Toronto|UTA Utah|WAS Washington"""
NFL = """ARI Arizona|ATL Atlanta|BAL Baltimore|BUF Buffalo|CAR Carolina|CHI Chicago|
CIN Cincinnati|CLE Cleveland|DAL Dallas|DEN Denver|DET Detroit|GB Green Bay|HOU Houston|
IND Indianapolis|JAC Jacksonville|KC Kansas City|LV Las Vegas|LAC Los Angeles C|LA Los Angeles R|
MIA Miami|MIN Minnesota|NE New England|NO New Orleans|NYG New York G|NYJ New York J|
PHI Philadelphia|PIT Pittsburgh|SF San Francisco|SEA Seattle|TB Tampa Bay|TEN Tennessee|
WAS Washington"""
MLB = """AZ Arizona|ATH A's|ATL Atlanta|BAL Baltimore|BOS Boston|CHC Chicago C|CWS Chicago WS|
CIN Cincinnati|CLE Cleveland|COL Colorado|DET Detroit|HOU Houston|KC Kansas City|
LAA Los Angeles A|LAD Los Angeles D|MIA Miami|MIL Milwaukee|MIN Minnesota|NYM New York M|
NYY New York Y|PHI Philadelphia|PIT Pittsburgh|SD San Diego|SF San Francisco|SEA Seattle|
STL St. Louis|TB Tampa Bay|TEX Texas|TOR Toronto|WSH Washington"""
NHL = """ANA Anaheim|BOS Boston|BUF Buffalo|CGY Calgary|CAR Carolina|CHI Chicago|COL Colorado|
CBJ Columbus|DAL Dallas|DET Detroit|EDM Edmonton|FLA Florida|LAK Los Angeles|MIN Minnesota|
MTL Montréal|NSH Nashville|NJD New Jersey|NYI New York I|NYR New York R|OTT Ottawa|
PHI Philadelphia|PIT Pittsburgh|SJS San Jose|SEA Seattle|STL St. Louis|TBL Tampa Bay|TOR Toronto|
UTA Utah|VAN Vancouver|VGK Vegas|WSH Washington|WPG Winnipeg"""
WNBA = """ATL Atlanta|CHI Chicago|CONN Connecticut|DAL Dallas|GS Golden State|IND Indiana|
LV Las Vegas|LA Los Angeles|MIN Minnesota|NY New York|PHX Phoenix|PDX Portland|SEA Seattle|
TOR Toronto|WSH Washington|ATX Austin"""
NCAAF = """ALA Alabama|ARK Arkansas|AUB Auburn|BAY Baylor|BSU Boise St.|BYU BYU|CLEM Clemson|
COLO Colorado|DUKE Duke|FLA Florida|FSU Florida St.|UGA Georgia|GT Georgia Tech|ILL Illinois|
IND Indiana|IOWA Iowa|ISU Iowa St.|KU Kansas|KSU Kansas St.|UK Kentucky|LSU LSU|LOU Louisville|
MD Maryland|MIA Miami (FL)|MICH Michigan|MSU Michigan St.|MINN Minnesota|MISS Ole Miss|
MIZ Missouri|NEB Nebraska|NCST NC State|UNC North Carolina|ND Notre Dame|OSU Ohio St.|OU Oklahoma|
OKST Oklahoma St.|ORE Oregon|PSU Penn St.|PITT Pittsburgh|SCAR South Carolina|SMU SMU|
STAN Stanford|TENN Tennessee|TEX Texas|TXAM Texas A&M|TCU TCU|TTU Texas Tech|TULN Tulane|
UCLA UCLA|USC USC|UTAH Utah|UVA Virginia|VT Virginia Tech|WASH Washington|WVU West Virginia|
WIS Wisconsin"""
NCAAMB = """ARIZ Arizona|ARK Arkansas|AUB Auburn|BAY Baylor|BYU BYU|CIN Cincinnati|CLEM Clemson|
CONN UConn|CREI Creighton|DAY Dayton|DUKE Duke|FLA Florida|GONZ Gonzaga|UGA Georgia|HOU Houston|
ILL Illinois|IND Indiana|IOWA Iowa|ISU Iowa St.|KU Kansas|UK Kentucky|LOU Louisville|
MARQ Marquette|MD Maryland|MEM Memphis|MICH Michigan|MSU Michigan St.|MISS Ole Miss|MIZ Missouri|
NEB Nebraska|UNC North Carolina|ORE Oregon|PROV Providence|PUR Purdue|SDSU San Diego St.|
STJ St. John's|SMC Saint Mary's|TENN Tennessee|TEX Texas|TXAM Texas A&M|TTU Texas Tech|UCLA UCLA|
USU Utah St.|VCU VCU|NOVA Villanova|UVA Virginia|WASH Washington|WIS Wisconsin|XAV Xavier|
YALE Yale"""
EPL = """ARS Arsenal|AVL Aston Villa|BOU Bournemouth|BRE Brentford|BHA Brighton|BUR Burnley|
CFC Chelsea|CRY Crystal Palace|EVE Everton|FUL Fulham|LEE Leeds United|LFC Liverpool|
MCI Manchester City|MUN Manchester United|NEW Newcastle|NFO Nottingham Forest|SUN Sunderland|
TOT Tottenham|WHU West Ham|WOL Wolverhampton"""
LALIGA = """ALA Alavés|ATH Athletic Club|ATM Atlético Madrid|BAR Barcelona|BET Real Betis|
CEL Celta Vigo|ELC Elche|ESP Espanyol|GET Getafe|GIR Girona|LEV Levante|MLL Mallorca|OSA Osasuna|
OVI Oviedo|RAY Rayo Vallecano|RMA Real Madrid|RSO Real Sociedad|SEV Sevilla|VAL Valencia|
VIL Villarreal"""
BUNDESLIGA = """FCA Augsburg|BVB Borussia Dortmund|BMG Mönchengladbach|BRE Werder Bremen|
FCB Bayern Munich|FRA Frankfurt|FRE Freiburg|HSV Hamburg|HDH Heidenheim|TSG Hoffenheim|KOE Köln|
RBL Leipzig|LEV Leverkusen|M05 Mainz|STP St. Pauli|VFB Stuttgart|UNB Union Berlin|WOB Wolfsburg"""
SERIEA = """ATA Atalanta|BOL Bologna|CAG Cagliari|COM Como|CRE Cremonese|FIO Fiorentina|GEN Genoa|
INT Inter|JUV Juventus|LAZ Lazio|LEC Lecce|MIL Milan|NAP Napoli|PAR Parma|PIS Pisa|ROM Roma|
SAS Sassuolo|TOR Torino|UDI Udinese|VER Verona"""
LIGUE1 = """ANG Angers|AUX Auxerre|BRE Brest|HAC Le Havre|LEN Lens|LIL Lille|LOR Lorient|LYO Lyon|
MAR Marseille|MET Metz|MON Monaco|NAN Nantes|NIC Nice|PAR Paris FC|PSG Paris SG|REN Rennes|
STR Strasbourg|TOU Toulouse"""
MLS = """ATL Atlanta|ATX Austin|CLT Charlotte|CHI Chicago|CIN Cincinnati|COL Colorado|
CLB Columbus|DAL Dallas|DC D.C.|HOU Houston|SKC Kansas City|LAG Los Angeles G|LAFC Los Angeles F|
MIA Miami|MIN Minnesota|MTL Montréal|NSH Nashville|NE New England|NYC New York C|NYRB New York R|
ORL Orlando|PHI Philadelphia|POR Portland|RSL Salt Lake|SD San Diego FC|SJ San Jose|SEA Seattle|
STL St. Louis|TOR Toronto|VAN Vancouver"""
BRASILEIRO = """CAM Atlético Mineiro|BAH Bahia|BOT Botafogo|COR Corinthians|CFC Coritiba|
CRU Cruzeiro|FLA Flamengo|FLU Fluminense|GRE Grêmio|INT Internacional|MIR Mirassol|PAL Palmeiras|
REM Remo|SAN Santos|SAO São Paulo|VAS Vasco|VIT Vitória|CAP Athletico|CHA Chapecoense|
BRG Bragantino"""
LIGAMX = """AME América|ATS Atlas|CAZ Cruz Azul|CHV Guadalajara|JUA Juárez|LEO León|MAZ Mazatlán|
MTY Monterrey|NEC Necaxa|PAC Pachuca|PUE Puebla|PUM Pumas|QRO Querétaro|SLU San Luis|
SAN Santos Laguna|TIG Tigres|TIJ Tijuana|TOL Toluca"""
CFL = """BC British Columbia Lions|CGY Calgary Stampeders|EDM Edmonton Elks|
HAM Hamilton Tiger-Cats|MTL Montreal Alouettes|OTT Ottawa Redblacks|SSK Saskatchewan Roughriders|
TOR Toronto Argonauts|WPG Winnipeg Blue Bombers|HFX Halifax Schooners"""
NPB = """CHU Chunichi|HAN Hanshin|HIR Hiroshima|DEN Yokohama|YAK Yakult|YOM Yomiuri|
CHI Chiba Lotte|FUK Fukuoka|NIP Nippon-Ham|ORX Orix|RAK Rakuten|SEI Seibu"""
KBO = """DOO Doosan|HAN Hanwha|KIA Kia|KIW Kiwoom|KT KT|LG LG|LOT Lotte|NC NC|SAM Samsung|
SSG SSG"""
ATP = """ALC Carlos Alcaraz|SIN Jannik Sinner|ZVE Alexander Zverev|DJO Novak Djokovic|
FRI Taylor Fritz|SHE Ben Shelton|DRA Jack Draper|MUS Lorenzo Musetti|DEM Alex de Minaur|
RUN Holger Rune|AUG Felix Auger-Aliassime|MED Daniil Medvedev|RUU Casper Ruud|PAU Tommy Paul|
KHA Karen Khachanov|RUB Andrey Rublev|TIA Frances Tiafoe|MEN Jakub Menšík|FON João Fonseca|
LEH Jiří Lehečka|HUM Ugo Humbert|BUB Alexander Bublik|TSI Stefanos Tsitsipas|COB Flavio Cobolli|
CER Francisco Cerúndolo|MAC Tomáš Macháč"""
WTA = """SAB Aryna Sabalenka|SWI Iga Świątek|GAU Coco Gauff|PEG Jessica Pegula|RYB Elena Rybakina|
AND Mirra Andreeva|KEY Madison Keys|ANI Amanda Anisimova|PAO Jasmine Paolini|ZHE Qinwen Zheng|
NAV Emma Navarro|SVI Elina Svitolina|MUC Karolína Muchová|NOS Naomi Osaka|BEN Belinda Bencic|
ALE Ekaterina Alexandrova|TAU Clara Tauson|NOV Linda Nosková|MBO Victoria Mboko|
EAL Alexandra Eala|KAS Daria Kasatkina|RAD Emma Raducanu|KOS Marta Kostyuk|LYS Eva Lys"""
UFC = """TOP Ilia Topuria|ASP Tom Aspinall|MAK Islam Makhachev|PER Alex Pereira|
DDP Dricus du Plessis|MER Merab Dvalishvili|PAN Alexandre Pantoja|VOL Alexander Volkanovski|
CHI Khamzat Chimaev|GAN Ciryl Gane|ANK Magomed Ankalaev|OLI Charles Oliveira|GAE Justin Gaethje|
PIM Paddy Pimblett|YAN Petr Yan|OMA Sean O'Malley|HOL Max Holloway|TSA Arman Tsarukyan|
MOR Brandon Moreno|EDW Leon Edwards"""
CS2 = """VIT Vitality|SPI Spirit|MOU MOUZ|FAL Falcons|NAV Natus Vincere|G2 G2|FAZ FaZe|AUR Aurora|
MNG MongolZ|FUR FURIA|LIQ Liquid|AST Astralis|HER HEROIC|VP Virtus.pro|3DM 3DMAX|PAI paiN"""
LOL = """T1 T1|GEN Gen.G|HLE Hanwha Life|KT KT Rolster|BLG Bilibili|AL Anyone's Legend|
TES Top Esports|IG Invictus|G2 G2|FNC Fnatic|MKOI Movistar KOI|FLY FlyQuest|C9 Cloud9|
CFO CTBC Flying Oyster|PSG PSG Talon|DK Dplus"""

_FIRST = """Marcus|Devin|Andre|Tyler|Jalen|Malik|Owen|Caleb|Isaiah|Trent|Luka|Mateo|Nico|Elias|
Jonah|Rashad|Cole|Amari|Desmond|Keon|Wyatt|Darius|Leon|Silas|Theo|Xavier|Bruno|Oscar|Milo|Gideon|
Hugo|Rafael"""
_LAST = """Ellery|Marsh|Okafor|Delgado|Whitlock|Bryce|Sutter|Hale|Ventura|Moreau|Kessler|Albright|
Ramsey|Tolliver|Quist|Harmon|Castille|Fontaine|Dragic-Hall|Osei|Brandt|Navarro-Ruiz|Pike|
Lindqvist|Abara|Corwin|Mercer|Vance|Thorne|Iversen|Baptiste|Sandoval|Yates|Kowal|Prentice|Rourke|
Salazar|Tremaine|Underhill|Waller"""


_FIRST_NAMES, _LAST_NAMES = split_table(_FIRST), split_table(_LAST)


@lru_cache(maxsize=4_096)
def roster(league: str, code: str, size: int) -> tuple[tuple[str, str], ...]:
    """Return invented players of a team as (ticker part, name), without repeats."""
    key = key_of("roster", league, code)
    players: dict[str, str] = {}
    index = 0
    while len(players) < size:
        first = _FIRST_NAMES[natural(key, index) % len(_FIRST_NAMES)]
        last = _LAST_NAMES[natural(key ^ 11, index) % len(_LAST_NAMES)]
        letters = "".join(letter for letter in last.upper() if letter.isalpha())
        number = 1 + natural(key ^ 13, index) % 55
        players.setdefault(f"{code}{first[0]}{letters}{number}", f"{first} {last}")
        index += 1
    return tuple(players.items())
