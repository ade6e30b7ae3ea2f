"""Made-up Contracts Finder releases for the demo, the tests and the benchmark.

Everybody in them is invented: councils, departments, suppliers, officers, streets and towns.
What is real is what the pipeline resolves against: local-authority register codes (``GB-LAE-…``), postcode sectors that
lie wholly inside the authority named (the last two letters are drawn, so a postcode need not exist), CPV codes, region
names and procedure texts.
Company and charity numbers are drawn too; that one of them belongs to somebody in a register would be chance.

Shape, key order and value formats are those of the releases that ``/Published/Notices/OCDS/Search`` served in October
2022 and in January and March 2025, and the field's oddities occur at the rates counted in them: half-filled flags,
unstable party ids, amounts that mean nothing, several suppliers under one amount, edits of one notice, mojibake,
formulas and script in text, NUL and lone surrogates.

The same arguments give the same bytes on every machine; memory does not grow with the number of releases.

    python -m extractors.made_up --count 3000 --first 2026-09-01 --days 30 --out notices.jsonl.gz
"""

import argparse
import gzip
import json
import math
import re
import sys
from bisect import bisect
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from functools import cache
from itertools import accumulate
from pathlib import Path
from random import Random
from typing import IO, Any, NamedTuple
from zoneinfo import ZoneInfo

import msgspec
import zstandard

_packed, _unpacked = msgspec.json.Encoder().encode, msgspec.json.Decoder().decode

LONDON = ZoneInfo("Europe/London")
MARK = "(made up)"
"""Ends every title, so that no row of a published file can be taken for a real award."""

NOTICE_URL = "https://www.contractsfinder.service.gov.uk/Notice/"

# Shares of releases, awards or supplier entries, as counted in some 400 real releases of 2022 and 2025.
AWARD, TENDER = 0.565, 0.398  # of releases; the rest is planning
EDIT_OF_AWARD, EDIT_OF_TENDER = 0.08, 0.15  # of those: awardUpdate, tenderAmendment
EDIT_OF_RECENT = 0.60  # of edits: the notice edited is itself in this set
FURTHER_AWARD, AWARD_OF_RECENT_TENDER = (
    0.03,
    0.02,
)  # of new awards: another award (-2, -3, …) or the outcome of a tender
BY_COUNCIL = 0.55  # of releases: the buyer is a council with a register code
BIG_PROVIDER = 0.08  # of awards
SEVERAL_SUPPLIERS = 0.052  # of awards that are no framework
FRAMEWORK = 0.011  # of awards
ZERO_AMOUNT, PLACEHOLDER_AMOUNT, MEGA_AMOUNT = 0.042, 0.010, 0.004  # of awards
NAMELESS, PLACEHOLDER_NAME, SHARED_ID = 0.004, 0.008, 0.10  # of awards, of awards, of awards to several
KNOWN_NUMBER, GIVEN_NUMBER = 0.55, 0.59  # suppliers that have a number; entries of these that give it
LOCAL, REGIONAL = 0.32, 0.46  # of councils' supplier entries, big providers apart: same area; that or same region
LATE_AWARD_DATE = 0.014  # of awards: decided after publication
MOJIBAKE = 0.015  # of releases
CONTACT_IN_PROSE, NAME_IN_PROSE = 0.06, 0.30  # of releases; of these with the officer's name as well
ODDITY_EVERY = 191  # one release in so many carries hostile or broken text

RECENT = 400
"""How many notices of each kind are kept for a later edit or award: this bounds the memory."""


class Area(NamedTuple):
    """A real local authority as the made-up notices use it: register code, region, kind, sectors that lie inside it."""

    code: str
    region: str
    kind: str
    sectors: tuple[str, ...]


class Contacts(NamedTuple):
    """Every officer's name, e-mail address and telephone number (as written) that made-up releases can contain."""

    names: tuple[str, ...]
    emails: tuple[str, ...]
    telephones: tuple[str, ...]


class Buyer(NamedTuple):
    """A buyer and how it signs: ``area`` is its place in `AREAS`, ``officers`` places in the lists of contacts."""

    name: str
    noun: str
    scheme: str
    identifier: str
    area: int  # index in AREAS, or -1
    is_council: bool
    street: str
    locality: str
    postcode: str
    country: str
    url: str
    officers: tuple[int, ...]
    portal: str
    style: int


class Supplier(NamedTuple):
    """A supplier as it is; notices write it in many ways."""

    core: str
    form: str
    scheme: str
    number: str
    is_small: bool
    is_voluntary: bool
    trading_name: str
    street: str
    town: str
    postcode: str


class Subject(NamedTuple):
    """What is bought: a CPV code, and the trade (0–5) whose suppliers sell it."""

    code: str
    description: str
    category: str
    trade: int
    topics: tuple[str, ...]


_REGIONS = {
    "NE": "North East",
    "NW": "North West",
    "YH": "Yorkshire and the Humber",
    "EM": "East Midlands",
    "WM": "West Midlands",
    "EE": "East of England",
    "LO": "London",
    "SE": "South East",
    "SW": "South West",
    "SC": "Scotland",
    "WA": "Wales",
    "NI": "Northern Ireland",
}

# Register code, region, kind (as in the register of English authorities) and some postcode sectors wholly inside the
# authority, or for a county inside those of its districts that are not listed themselves. Checked against the ONS
# Postcode Directory of November 2025 (OGL v3): all 400 endings of every sector resolve to the authority.
_AREAS = """\
NET NE MD NE1 4,NE15 6,NE2 1,NE3 1,NE4 9,NE5 2,NE6 2
SND NE MD DH4 4,NE37 1,NE38 7,SR1 1,SR2 7,SR3 2,SR4 6,SR5 9
GAT NE MD NE10 9,NE11 0,NE16 4,NE21 5,NE39 2,NE40 4,NE8 1,NE9 6
DUR NE UA DH1 5,DH6 2,DH7 9,DL12 8,DL14 6,DL16 6,DL5 4,SR7 7
NBL NE UA NE23 9,NE24 3,NE61 2,NE62 5,NE63 9,NE65 0,NE66 2,TD15 2
MDB NE UA TS1 2,TS1 4,TS3 7,TS4 2,TS4 3,TS5 7,TS5 8
STT NE UA TS16 0,TS17 0,TS18 3,TS19 1,TS19 8,TS20 1,TS20 2,TS23 2
MAN NW MD M12 5,M13 0,M14 6,M18 8,M20 2,M22 7,M40 7
LIV NW MD L12 0,L18 1,L19 2,L2 2,L25 2,L3 9,L9 1
WRL NW MD CH43 9,CH46 6,CH49 4,CH62 7,CH63 9,L41 6,L43 9,L45 4
LAN NW CTY BB4 8,BB5 5,FY8 1,LA1 1,LA3 2,LA4 5,PR6 7,WN8 6
BUN NW NMD BB10 1,BB10 4,BB11 2,BB11 4,BB11 5,BB12 6,BB12 8
CBD NW UA CA1 2,CA12 5,CA13 0,CA14 1,CA2 5,CA22 2,CA28 8,CA3 9
BOL NW MD BL1 5,BL1 9,BL2 2,BL3 3,BL3 4,BL4 7,BL5 3,BL6 4
CHE NW UA CW1 1,CW11 0,CW12 4,CW5 5,SK10 9,SK11 7,SK9 7,WA16 8
PRE NW NMD PR1 3,PR1 4,PR1 8,PR2 0,PR2 3,PR2 4
LDS YH MD LS10 4,LS14 6,LS15 8,LS17 8,LS18 4,LS26 0,LS27 7,LS28 5
BRD YH MD BD1 9,BD10 8,BD15 7,BD16 1,BD20 6,BD21 4,BD6 3,LS29 8
DNC YH MD DN1 2,DN11 0,DN2 4,DN3 3,DN4 6,DN5 8,DN6 7,DN7 6
KHL YH UA HU1 3,HU3 1,HU4 6,HU5 3,HU6 7,HU7 3,HU8 0,HU9 9
ERY YH UA DN14 7,HU13 0,HU15 1,HU16 5,HU17 8,YO16 5,YO42 2
NYE YH UA BD23 1,DL7 8,HG1 9,HG3 2,HG4 1,HG5 0,YO7 1,YO8 9
YOR YH UA YO1 2,YO10 3,YO23 1,YO26 5,YO31 7,YO32 9
KIR YH MD BD19 4,HD1 9,HD2 1,HD3 4,HD5 8,HD7 2,HD8 9,WF14 9
LCE EM UA LE1 2,LE1 4,LE2 1,LE2 6,LE5 0,LE5 6
LEC EM CTY LE10 0,LE11 0,LE12 7,LE13 0,LE14 4,LE16 7,LE6 2,LE67 2
DER EM UA DE21 6,DE22 3,DE23 6,DE24 8
DBY EM CTY DE11 0,DE4 3,DE45 1,DE5 3,DE56 1,DE6 1,S40 4,SK17 6
LIN EM CTY LN11 0,LN8 3,NG31 7,NG34 8,PE10 9,PE11 1,PE12 9,PE24 5
LIC EM NMD LN1 1,LN1 3,LN2 1,LN2 5,LN5 5,LN5 7,LN5 8,LN6 7
NGM EM UA NG1 1,NG11 1,NG2 2,NG3 2,NG6 0,NG7 1,NG7 2,NG8 5
WNT EM UA NN1 4,NN11 5,NN12 7,NN2 8,NN3 1,NN4 0,NN5 6,NN7 4
BIR WM MD B13 9,B16 8,B2 2,B23 5,B29 6,B31 2,B72 1,B76 8
COV WM MD CV1 2,CV1 5,CV2 4,CV3 1,CV3 5,CV5 6,CV5 7,CV6 5
SAW WM MD B66 3,B67 7,B68 9,B69 1,B70 0,B71 3,DY4 0,WS10 0
WLL WM MD WS1 9,WS2 8,WS2 9,WS3 1,WS3 3,WS4 1,WS5 3,WS9 8
STS WM CTY DE13 0,ST16 3,ST17 9,WS11 2,WS12 5,WS13 8,WS14 9,WS7 8
WAR WM CTY CV21 9,CV22 7,CV32 4,CV33 0,CV34 5,CV36 4,CV37 9,CV8 2
NUN WM NMD CV10 8,CV11 4,CV11 5,CV11 9
HEF WM UA HR1 1,HR1 9,HR2 7,HR4 0,HR4 9,HR6 8,HR6 9,HR9 5
SHR WM UA SY1 9,SY11 2,SY13 1,SY2 5,SY3 8,SY4 5,SY8 1,WV16 6
SFK EE CTY CO10 0,IP14 5,IP16 4,IP17 1,IP33 3,IP5 7,NR32 4,NR33 8
IPS EE NMD IP1 1,IP1 2,IP1 3,IP3 0,IP3 9,IP4 1,IP4 2,IP4 4
NFK EE CTY IP22 3,IP25 6,NR17 1,NR18 0,NR19 1,NR7 7,NR8 6,PE30 4
ESS EE CTY CB11 3,CM1 9,CM14 4,CM2 6,CM3 5,CM8 1,SS15 5,SS4 1
COL EE NMD CO1 2,CO1 9,CO2 7,CO2 8,CO3 0,CO3 3,CO4 5,CO5 8
HRT EE CTY AL1 3,CM23 2,EN7 6,HP2 5,HP3 9,SG1 4,SG12 0,WD6 1
WAT EE NMD WD17 1,WD17 4,WD18 0,WD18 7,WD24 4,WD24 5
PTE EE UA PE1 1,PE1 5,PE2 8,PE3 9,PE4 6,PE5 7,PE6 7,PE7 8
LUT EE UA LU1 1,LU1 2,LU1 5,LU2 0,LU3 1,LU3 2,LU3 4,LU4 8
HAV LO LBO RM1 4,RM11 1,RM12 6,RM13 9,RM14 1,RM3 0,RM5 3,RM7 1
NWM LO LBO E12 6,E13 0,E13 8,E15 4,E20 1,E6 3,E6 4,E7 8
CMD LO LBO NW1 1,NW1 8,NW3 2,NW3 9,NW5 9,W1T 5
BNE LO LBO EN5 5,N12 8,N20 0,N3 1,NW2 9,NW4 4,NW7 1,NW9 5
HRY LO LBO N10 3,N17 6,N17 7,N17 8,N22 5,N22 6,N22 9
CRY LO LBO CR0 2,CR2 6,CR4 8,CR7 8,CR8 4,SE25 4,SE25 6
SWK LO LBO SE1 5,SE15 6,SE16 4,SE17 1,SE21 7,SE22 8,SE5 7
WSM LO LBO W1F 8,W1G 8,W1H 7,W1J 7,W1K 2,W1S 4,W1U 4,W1W 7
WSX SE CTY PO18 8,PO19 4,RH10 1,RH11 8,RH15 9,RH16 3,RH19 1
HOR SE NMD BN44 3,RH12 1,RH12 9,RH13 5,RH13 7,RH14 9,RH20 2,RH20 3
KEN SE CTY CT1 3,CT14 9,DA1 9,DA9 9,ME13 8,ME15 6,ME19 4,TN13 1
MDW SE UA ME1 1,ME2 2,ME2 4,ME3 9,ME4 4,ME5 7,ME7 1,ME8 9
HAM SE CTY BH24 1,BH25 5,GU35 0,RG22 4,RG24 0,RG27 8,SO41 9,SP10 3
BNH SE UA BN1 3,BN1 6,BN2 1,BN2 2,BN3 2,BN3 3,BN41 2
MIK SE UA MK10 1,MK12 5,MK14 6,MK2 2,MK3 7,MK4 4,MK6 2,MK7 7
RDG SE UA RG1 1,RG1 7,RG2 0,RG2 7,RG30 1,RG30 6,RG4 8
SRY SE CTY GU1 1,GU15 3,GU2 6,GU21 1,GU22 7,GU7 1,KT13 9,KT22 7
RUN SE NMD GU25 4,KT15 1,KT15 2,KT16 0,KT16 9,TW18 3,TW20 0,TW20 9
BST SW UA BS1 6,BS11 9,BS16 3,BS4 1,BS5 7,BS6 6,BS9 1
CON SW UA PL12 6,PL14 3,PL26 8,TR1 1,TR11 5,TR13 8,TR7 1,TR8 4
DEV SW CTY EX11 1,EX15 1,EX20 1,EX39 1,PL21 0,TQ12 6,TQ13 9,TQ9 5
EXE SW NMD EX1 1,EX1 2,EX1 9,EX2 4,EX2 5,EX4 1,EX4 4,EX4 6
PLY SW UA PL1 3,PL2 3,PL3 5,PL4 8,PL5 3,PL6 5,PL7 2,PL9 7
WIL SW UA BA13 3,SN12 6,SN13 9,SN14 0,SN15 3,SN16 9,SP1 3,SP4 7
SMT SW UA BA20 2,BA22 8,BA4 5,BA5 2,BA6 8,BS27 3,TA1 1,TA6 4
BAS SW UA BA1 0,BA1 2,BA2 3,BA2 6,BA3 3,BS31 1,BS39 5
GLG SC SCO G12 9,G13 1,G3 8,G4 0,G41 3
EDH SC SCO EH11 1,EH12 8,EH16 6,EH4 4,EH7 5
ABE SC SCO AB10 1,AB11 6,AB21 9
CRF WA WPA CF11 9,CF24 3,CF5 1
SWA WA WPA SA1 1,SA2 0,SA3 4,SA4 2,SA6 6
BFS NI NID BT12 5,BT12 7,BT4 2,BT5 5
DRS NI NID BT48 9,BT82 9
"""


def _areas() -> Iterator[Area]:
    for line in _AREAS.splitlines():
        code, region, kind, *sectors = line.replace(",", "|").replace(" ", "|", 3).split("|")
        yield Area(code, _REGIONS[region], kind, tuple(sectors))


AREAS: tuple[Area, ...] = tuple(_areas())
"""The real authorities in use, English ones first: those with a council among the buyers, then others for suppliers."""


def _cut(text: str) -> tuple[str, ...]:
    """Cut a list written as text at its bars, or at its blanks where it has none."""
    return tuple(text.split("|") if "|" in text else text.split())


def _rarely(rare: str, text: str) -> tuple[str, ...]:
    """Cut a list, and put beside it what some one draw in 250 brings.

    Real notices speak of consortia, and of what is reserved, a few times in a hundred texts.
    """
    words = _cut(text)
    return words * (250 // len(words)) + (rare,)


_COUNCILS = sum(area.region not in ("Scotland", "Wales", "Northern Ireland") for area in AREAS)

_HEADS = _cut(
    "Brask Dunver Eskel Fenmar Garrow Istle Jorvel Kelder Lorring Marrick Nesker Ostrey Pellow Quenner Ravens Scarn "
    "Thressel Ulver Vanter Wexel Yarrel Zennow Ambrel Corvel Drace Erris Hollin Tarrow Velm Winsel"
)
_TAILS = _cut("mere holt wick stow combe shaw ridge ford bury ley thorpe minster haven gate bourne field")
TOWNS = tuple(_HEADS[i % 30] + _TAILS[i * 7 % 16] for i in range(240))

_STREETS = tuple(
    f"{name} {kind}"
    for name in _cut(
        "Saltmarsh|Copperbeech|Old Ropewalk|Lanternhouse|Tannery|Weighbridge|Harebell|Nine Acre|Millrace|Cordwainer|"
        "Foundry|Larkspur|Quarryside|Osier Bed|Granary|Beacon|Fletcher|Sextant|Carding Mill|Turnpike"
    )
    for kind in _cut("Road|Street|Lane|Way|Court|Business Park|Trading Estate|Close")
)
_BUILDINGS = (
    "Unit {} ",
    "{} ",
    "{} ",
    "{} ",
    "Suite {}, The Old Dairy, ",
    "{} Compass House, ",
    "Floor {}, Meridian Yard, ",
    "Block {}, ",
    "{}A ",
    "Studio {}, Lime Kiln Works, ",
)

# Officers. Numbers are from the ranges that Ofcom keeps for drama, e-mail domains those kept for examples (RFC 2606).
_FIRST_NAMES = _cut(
    "Adaeze Benedikt Carys Dilnoza Emrys Fenella Gwilym Hyacinth Ishaan Jocasta Kamran Lowenna Morwenna Nkechi "
    "Ottoline Parminder Quentin Rosalba Sunniva Tarquin Umberto Venetia Wilhelmina Yannick"
)
_LAST_NAMES = _cut(
    "Arkwrightson Bellwether Cholmondry Dravenport Eddlestone Farnsbarn Gillyflower Hobblethwaite Inglebright "
    "Jellicorse Kettlewight Lamplugher Micklethorn Nightingwell Oddingsell Pennyfeather Quillstone Ramsbotter "
    "Satterwick Tolliverson Umpleberry Vavasourt Wigglesford Yelvertoft"
)
_MAIL_DOMAINS = ("example.org", "example.com", "example.net", "mail.example.org", "council.example", "health.example")
_OFFICERS = tuple(f"{first} {_LAST_NAMES[(i * 5 + j) % 24]}" for j in range(5) for i, first in enumerate(_FIRST_NAMES))
_EMAILS = tuple(
    f"{name.replace(' ', '.').lower() if i % 3 else name.replace(' ', '.')}@{_MAIL_DOMAINS[i % 6]}"
    for i, name in enumerate(_OFFICERS)
)
_TEAM_EMAILS = tuple(
    f"{team}.{head.lower()}@example.{'com' if i % 2 else 'org'}"
    for team in ("procurement", "tenders", "e-sourcing_team")
    for i, head in enumerate(_HEADS)
)
_TELEPHONES = tuple(
    form.format(100 + i * 7)
    for i, form in enumerate(
        (
            "020 7946 0{}",
            "02079460{}",
            "+44 20 7946 0{}",
            "+442079460{}",
            "01632 960{}",
            "(01632) 960 {}",
            "0113 496 0{}",
            "07700 900{}",
            "0161 496 0{}",
            "0808 157 0{}",
            "+44 (0)20 7946 0{}",
            "0191 498 0{}",
        )
        * 10
    )
)

# Buyers without an authority of their own.
_NATIONAL = _cut(
    "Department for Tidal and Harbour Affairs|Ministry of Civic Works|Office for Lighthouse Standards|"
    "Department for Rural Lighting|National Weights Agency|Canal Signals Authority|Commission for Municipal Clocks|"
    "Department for Weather Preparedness|Saltways Executive|Tidewater Safety Board|Agency for Public Orchards|"
    "Bridges Inspectorate|Footpath Regulation Authority (FRA)|Ministry of Granaries|National Bandstand Trust|"
    "Office of the Ferry Regulator"
)
_PORTALS = _cut(
    "QuillTender e-Tendering|BidHarbour eSourcing|TENDERMERE LIMITED|Supplyglade Portal|"
    "Partners in Purchasing Consortium (PIPCO)|Saltways Network eTendering Portal"
)
_LOCAL_BODIES = (
    "{} University Hospitals NHS Foundation Trust",
    "NHS {} Integrated Care Board",
    "{} Community Health NHS Trust",
    "UNIVERSITY OF {}",
    "{} Constabulary",
    "{} Fire & Rescue Service",
    "{} Homes Limited",
    "{} Academies Trust",
    "{} Parish Council",
    "{} Mental Health NHS Foundation Trust",
    "{} College",
    "{} Ambulance Service NHS Trust",
)
_COUNTRIES = ("England",) * 9 + ("United Kingdom",) * 5 + ("ENG", "ENG", "UK", "UK", "GB", "UNITED KINGDOM")

# Suppliers: coined words, trades, forms. The big ones win everywhere.
_STARTS = _cut(
    "Abr Belt Cald Dorv Elk Farr Grev Hesk Ilv Jarn Kest Lumb Mord Norv Orl Prax Quor Rendl Sarv Tolv Und Velm Wroth "
    "Yex Zarn Brin Crun Drel Fosk Glav"
)
_MIDDLES = _cut("a e i o u ae or an el iv")
_ENDS = _cut("dale mont wick ric stone quay lind thorn mark bridge more vale ston fold crest worth dyne ley ham combe")
_TRADES = (
    "Builders|Civil Engineering|Roofing|Construction|Surfacing|Joinery|Electrical Contractors|Heating & Plumbing|"
    "Groundworks|Property Maintenance",
    "Cleaning|Grounds Maintenance|Facilities|Waste Services|Security|Tree Care|Catering|Pest Control|Landscapes|"
    "Recycling & Skip Hire",
    "Care|Support Services|Homecare|Training|Children's Services|Healthcare|Learning|Care & Support|Therapies|"
    "Supported Living",
    "Consulting|Software|Systems|Legal|Associates|Research|Analytics|Architects|Surveyors|Design & Print",
    "Coaches|Taxis|Travel|Passenger Transport|Minibuses|Cars|Logistics|Coach & Minibus Hire|Private Hire|Transport",
    "Supplies|Furniture|Medical Supplies|Vehicles|Foods|Instruments|Office Products|Fruit & Veg|Uniforms|Diagnostics",
)
_VOLUNTARY = (
    ("{} Carers Trust", ""),
    ("{} Community Foundation", ""),
    ("{} Youth Alliance", "cic"),
    ("Friends of {}", ""),
    ("{} Advice Centre", "ltd"),
    ("{} Women's Refuge", "cio"),
    ("{} Recovery Partnership", "cic"),
    ("Age Well {}", "ltd"),
    ("{} Food Project", "cio"),
    ("{} Community Transport", "cic"),
)
_FORMS = {
    "ltd": ("Ltd", "Limited", "LTD", "Ltd.", "LIMITED", "Limited", "Ltd"),
    "plc": ("plc", "PLC", "Plc"),
    "llp": ("LLP", "L.L.P.", "LLP"),
    "cic": ("CIC", "C.I.C.", "Community Interest Company", "CIC"),
    "cio": ("CIO", "CIO", ""),
    "": ("",),
}
_BIG = (
    ("Ostravelle Facilities Group", "plc"),
    ("Quorvex Public Services", "ltd"),
    ("Kestrovane", "ltd"),
    ("Calderquay Infrastructure", "ltd"),
    ("Helmstrade", "plc"),
    ("Vantorel Care Group", "ltd"),
    ("Brindlemarch Construction", "ltd"),
    ("Norvexa Digital", "ltd"),
    ("Tolverine Environmental Services", "ltd"),
    ("Lumbrick & Harstone", "llp"),
    ("Zarnquist Rail and Coach (UK)", "ltd"),
    ("Prazemore Medical", "ltd"),
)
_PLACEHOLDER_NAMES = ("Various", "Not awarded", "NOT AWARDED TO SUPPLIER", "Various Suppliers", "No award made", "N/A")
_PLACEHOLDER_AMOUNTS: tuple[float, ...] = (0.01, 1, 1, 1_234_567_890, 999_999_999, 0.01, 1, 100)

# Real CPV codes: code|description|category|trade|topics. Trades: 0 works, 1 facilities and environment, 2 people,
# 3 professional and ICT, 4 transport, 5 goods.
SUBJECTS = tuple(
    Subject(code, description, category, int(trade), tuple(topics.split(";")))
    for code, description, category, trade, topics in (
        line.split("|")
        for line in """\
45000000|Construction work|works|0|building works;works to a community centre;alterations to a depot
45210000|Building construction work|works|0|a new library building;an extension to a primary school
45214200|Construction work for school buildings|works|0|classroom blocks;a school hall and kitchen
45233100|Construction work for highways, roads|works|0|junction improvements;a link road;cycle routes
45233141|Road-maintenance works|works|0|road resurfacing;pothole repairs;surface dressing
45261900|Roof repair and maintenance work|works|0|roof repairs;re-roofing of council homes
45310000|Electrical installation work|works|0|electrical rewiring;emergency lighting upgrades
45331000|Heating, ventilation and air-conditioning installation work|works|0|boiler replacements;heat pumps
45453100|Refurbishment work|works|0|refurbishment of void properties;kitchen and bathroom renewals
50000000|Repair and maintenance services|services|1|reactive repairs;planned maintenance of public buildings
50230000|Repair, maintenance and associated services related to roads and other equipment|services|1|street lighting
50750000|Lift-maintenance services|services|1|lift maintenance;maintenance of stairlifts and hoists
77000000|Agricultural, forestry, horticultural, aquacultural and apicultural services|services|1|woodland planting
77211500|Tree-maintenance services|services|1|tree surveys and tree works;highway tree maintenance
77340000|Tree pruning and hedge trimming|services|1|hedge cutting;verge maintenance
79710000|Security services|services|1|manned guarding;key holding and alarm response
90500000|Refuse and waste related services|services|1|household waste recycling centres;garden waste treatment
90650000|Asbestos removal services|services|1|asbestos surveys and removal
90700000|Environmental services|services|1|watercourse restoration;nature recovery work
90910000|Cleaning services|services|1|cleaning of offices and depots;school cleaning;window cleaning
55500000|Canteen and catering services|services|1|school meals;staff catering;a community meals service
80000000|Education and training services|services|2|alternative provision;adult learning courses;teacher training
80500000|Training services|services|2|leadership training;digital skills courses;apprenticeship training
80510000|Specialist training services|services|2|trauma-informed practice training;safeguarding courses
80561000|Health training services|services|2|first aid training;training for supervisors
85000000|Health and social work services|services|2|home care;a dementia navigation service;supported living
85100000|Health services|services|2|sexual health services;a community nursing service;health checks
85300000|Social work and related services|services|2|short breaks;an advocacy service;family support
85311300|Welfare services for children and young people|services|2|a youth service;residential care for children
85312000|Social work services without accommodation|services|2|a carers' service;domestic abuse support;befriending
85312400|Welfare services not delivered through residential institutions|services|2|floating support;a day service
85323000|Community health services|services|2|stop smoking support;weight management;drug and alcohol recovery
98000000|Other community, social and personal services|services|2|community development;warm spaces;a hardship scheme
75100000|Administration services|services|3|a revenues and benefits service;an enforcement service
75131000|Government services|services|3|an evaluation of a national programme;a grants administration service
48000000|Software package and information systems|goods|3|a case management system;a housing management system
66000000|Financial and insurance services|services|3|insurance cover;treasury management advice;banking services
71000000|Architectural, construction, engineering and inspection services|services|3|condition surveys;design services
71240000|Architectural, engineering and planning services|services|3|master planning;a local plan evidence base
71313100|Noise-control consultancy services|services|3|noise modelling;environmental monitoring advice
71315000|Building services|services|3|mechanical and electrical design;energy audits
71320000|Engineering design services|services|3|bridge design;flood scheme design
71541000|Construction project management services|services|3|project management;cost consultancy
72000000|IT services: consulting, software development, Internet and support|services|3|digital services;a data platform
72260000|Software-related services|services|3|software support;a licence renewal;website development
72300000|Data services|services|3|data collection;a survey of residents
73000000|Research and development services and related consultancy services|services|3|research into rural bus use
73200000|Research and development consultancy services|services|3|an evidence review;feasibility studies
79000000|Business services: law, marketing, consulting, recruitment, printing and security|services|3|mystery shopping
79100000|Legal services|services|3|legal advice;childcare law advocacy
79341400|Advertising campaign services|services|3|a recruitment campaign;a recycling campaign
79400000|Business and management consultancy and related services|services|3|organisational design;a savings review
79600000|Recruitment services|services|3|temporary agency staff;executive recruitment
92521000|Museum services|services|3|an exhibition;collections care
60000000|Transport services (excl. Waste transport)|services|4|home to school transport;local bus services
60120000|Taxi services|services|4|taxi journeys for pupils;patient transport by taxi
60170000|Hire of passenger transport vehicles with driver|services|4|coach hire;a minibus route
63000000|Supporting and auxiliary transport services; travel agencies services|services|4|parking services
09331000|Solar panels|goods|5|solar panels for public buildings
18100000|Occupational clothing, special workwear and accessories|goods|5|uniforms and protective clothing
32420000|Network equipment|goods|5|network switches;wireless access points
33696500|Laboratory reagents|goods|5|laboratory reagents;test kits
34100000|Motor vehicles|goods|5|electric vans;refuse collection vehicles;minibuses
38000000|Laboratory, optical and precision equipments (excl. glasses)|goods|5|a microscope;analytical instruments
39130000|Office furniture|goods|5|office furniture;classroom furniture
44110000|Construction materials|goods|5|timber and building materials;road salt
""".splitlines()
    )
)

# Procedure texts with their weights among award and tender releases, as counted in real releases.
_CALL_OFFS = ("Call-off from a framework agreement", "Call-off from a dynamic purchasing system")
_PROCEDURES: tuple[tuple[str | None, str, float, float], ...] = (
    ("selective", _CALL_OFFS[0], 21.2, 0.3),
    ("selective", _CALL_OFFS[1], 1.8, 1.2),
    (None, "Other - ", 12.5, 4.0),
    ("open", "Open procedure", 18.0, 41.0),
    (None, "Not specified", 8.0, 0.0),
    ("direct", "Direct award", 9.0, 0.2),
    ("limited", "Competitive quotation (below threshold)", 9.0, 4.0),
    ("open", "Open procedure (above threshold)", 7.0, 16.0),
    ("limited", "Negotiated procedure without prior publication (above threshold)", 2.2, 0.0),
    ("open", "Open procedure (below threshold)", 5.0, 25.0),
    ("direct", "Single tender action (below threshold)", 2.5, 0.2),
    (None, "Not applicable", 1.6, 1.2),
    ("selective", "Restricted procedure", 1.6, 1.5),
    ("selective", "Restricted procedure (above threshold)", 0.6, 3.5),
    ("selective", "Competitive procedure with negotiation (above threshold)", 0.9, 0.6),
    (None, "Other - renewal", 0.5, 0.0),
    (None, "Other - Restricted procedure, below threshold", 0.3, 0.3),
    (None, "Other - Direct Award", 0.5, 0.0),
    (None, "Other - Light touch regime", 0.4, 0.4),
    (None, "", 0.3, 0.8),
)
_EVERYWHERE = ("British Oversea Territories", "Channel Islands", "Europe", "Isle of Man", "Rest of the World")

# Words for titles and descriptions. Every sentence draws several short pieces, so that texts compress like real ones.
_TEENS = range(2, 40)
_SITES = tuple(start + middle + end for start in _STARTS for middle in _MIDDLES for end in _ENDS)
_SITE_KINDS = ("", "", "", "", "", "", " House", " Depot", " School", " Park", " Centre", " Hall", "", "", " Court", "")
_WORDS: dict[str, Sequence[str]] = {
    "V": _cut(
        "is seeking|wishes to appoint|invites bids from|intends to contract with|requires|is looking for|has appointed|"
        "seeks quotations from|is inviting expressions of interest from|proposes to engage|would like to hear from|"
        "plans to work with|has a need for|is procuring|will be contracting with|seeks to establish terms with"
    ),
    "Q": _cut(
        "an experienced|a suitably qualified|a reliable|a locally based|an innovative|a competent|a specialist|"
        "a single|an independent|a well established|an accredited|a small or medium-sized|a not-for-profit|"
        "a flexible|a responsive|a regional|a new|an additional|a replacement"
    ),
    "P": _rarely(
        "consortium",
        "provider|contractor|supplier|delivery partner|consultant|organisation|operator|agency|firm|team|"
        "training provider|key supplier|lead provider|practice|manufacturer",
    ),
    "O": _cut(
        "reduce waiting times|keep people independent at home|improve the condition of buildings|meet statutory duties|"
        "support residents|bring together partners|lower running costs|reduce carbon emissions|"
        "replace ageing equipment|respond to demand|widen choice for people|strengthen links between schools|"
        "protect vulnerable adults|prepare young people for work|extend opening hours|review arrangements|"
        "maintain safe access|prevent homelessness|encourage volunteering|cut energy use|"
        "raise attainment|improve accessibility|gather evidence|test new ways of working"
    ),
    "G": [
        f"{who} {where}"
        for who in _cut(
            "adults with learning disabilities|families on low incomes|older people|pupils with additional needs|"
            "tenants|carers|commuters|visitors|staff|young people leaving care|small businesses|veterans|"
            "people with long-term conditions|unaccompanied children|rough sleepers|library users"
        )
        for where in _cut(
            "in rural parishes|in the town centre|on housing estates|across the district|near the coast|at all sites|"
            "in the northern wards|in the southern localities"
        )
    ],
    "M": _cut(
        "must hold|should provide evidence of|will be asked to show|are expected to maintain|need to demonstrate|"
        "will be scored on|should describe|must submit|are asked to set out|shall have in place|need to budget for|"
        "will be required to supply"
    ),
    "E": [
        form.format(n)
        for form in _cut(
            "public liability insurance of £{}m|professional indemnity cover of £{}m|{} recent references|"
            "a method statement of up to {} pages|accounts for the last {} years|enhanced checks for {} named staff|"
            "a mobilisation plan of {} weeks|a price for each of {} lots|a fleet of at least {} vehicles|"
            "response times within {} hours|an apprenticeship for every {} employees|monthly reports on {} indicators"
        )
        for n in _TEENS
    ]
    + ["a social value offer worth 10 per cent", "a social value offer worth 20 per cent"],
    "D": [
        f"{preposition} {day} {month} {year}"
        for preposition in ("from", "by", "until", "before")
        for year in (2026, 2027, 2028, 2029)
        for month in ("January", "March", "April", "June", "July", "September", "October", "November")
        for day in (1, 3, 8, 14, 19, 27, 30)
    ],
    "N": [
        form.format(n * 37 % 9973)
        for form in ("about {:,} hours a year", "some {} journeys", "{} properties", "up to {} places", "£{:,} a month")
        for n in range(1, 260)
    ],
    "L": [
        f"{part} {n}"
        for part in _cut("Lot|Phase|Stage|Work package|Schedule|Annex|Appendix|Section|Route|Zone")
        for n in _TEENS
    ],
    "A": _rarely(
        "is reserved for",
        "covers|relates to|includes|provides for|is confined to|allows for|sets out|excludes|starts with|depends on|"
        "follows|replaces|extends",
    ),
    "C": _cut(
        "subject to funding|subject to satisfactory performance|with an option to extend|after a period of engagement|"
        "under the terms attached|following a short pilot|as part of a wider programme|in line with the strategy|"
        "with no guarantee of volume|at the buyer's discretion|unless stated otherwise|"
        "before the current contract ends|within the budget shown|in consultation with users|"
        "at no cost to residents|"
        "without a transfer of staff|once planning consent is given"
    ),
    "X": _cut(
        "plan manage clean survey monitor repair collect inspect design supply deliver install store evaluate "
        "promote host staff record review coordinate update replace train transport recycle audit map paint "
        "catalogue test agree adapt approve arrange assess book brief build buy calibrate check clear code "
        "combine compare copy cost cover cut date dig draft dry edit enter explain extend file fill fit fund "
        "gather grade guard hire insure issue join keep label lay lead lease let lift light link list load log "
        "make mark measure meet mend model move note notify offer open order pack patrol pay phase pilot plant "
        "post price print prove publish pump quote rate"
    ),
    "J": _cut(
        "annual basic broad busy central civic clear close cold common complex core costed daily deep direct "
        "double dry early easy eastern electric empty equal exact extra fair family fast final fine first flat "
        "fixed formal free fresh full future general good green heavy high hourly indoor initial inner joint key "
        "known large late leased legal light listed live local long low lower main major manual mapped minor "
        "mixed mobile modern monthly narrow natural new night normal northern older online open outdoor outer "
        "owned paid paper part past plain planned primary prior private proven public quarterly quick quiet rapid "
        "rare raw ready recent regular related remote safe seasonal secure senior shared short simple single "
        "site-based small social solid southern spare special standard steady steep strategic strong subject "
        "summer sunken technical temporary third tidal timely total trained trusted unused upper urban urgent "
        "useful usual vacant valid varied vital weekly western whole wide wild winter working written younger"
    ),
    "K": _cut(
        "access account action adviser alarm archive area asset barrier basin batch beach bench bid block board "
        "boiler bond booking border bridge brief budget building bus cabinet cable camera camp canal car care "
        "carer case ceiling census centre chair change channel charge child church claim class clinic coach coast "
        "code college community concert condition contract copy corridor cost course court cover crew crop "
        "culvert cycle dam data day deck deposit design desk diary diet district dock door drain drawing driver "
        "drop dust duty edge engine entry escort estate event exit factor farm fault fee fence ferry field file "
        "filter fire fleet flood floor food footpath form forum frame fuel fund garden gate goal grain grid "
        "ground group guard guide gully gym habit hall harbour hazard hearing heat hedge helpline hire hoist home "
        "hostel house hub index inquiry insert inspector job journal journey junction kerb key kiosk kitchen lamp "
        "land lane laptop lease ledger lesson level library lift lighting line link list load lock log loop lot "
        "machine mains manual map margin market mast meal meeting member memo meter mile module month museum name "
        "network night notice nurse nursery office officer oil orchard order outcome output oven pad page paper "
        "parcel park parking partner patch patient pause pavement pension permit phase phone pier pilot pipe "
        "pitch place plan plant plot pole policy pond pool post price print prize profile project pump pupil quay "
        "queue quota rail ramp range rate ratio record refuge region register relay rent report rescue resin "
        "resident result review risk river road roof room rota route rule salt sample scheme school score screen "
        "seat sector sensor session set sewer shed shelter shift shop sign signal site skill skip slope slot soil "
        "speaker spring stage stair stall station stock store storm street student study summary supply surface "
        "survey switch system table tank target task team tenant term test theatre ticket tile timber title "
        "toilet tool tour tower town track trade trail tram tree trench trial trip truck tunnel tutor unit user "
        "valley value van vault venue verge vessel visit vote walk wall ward waste water week weir well wheel "
        "window wing wire wood work workshop yard year zone"
    ),
    "H": _cut("and or for with near by before after under beside within without including except on at plus per via"),
    "Y": _cut(
        "weekly visits|outreach sessions|drop-in clinics|spare parts|site records|key documents|user groups|play areas|"
        "service standards|vehicle checks|asset data|footways|drainage channels|training materials|risk assessments|"
        "delivery rounds|meeting rooms|complaints|bookings|invoices|referrals|case files|cable routes|hedgerows|"
        "fire doors|handrails|water samples|exhibition panels|software licences|meal plans|route plans|night cover|"
        "escorts|uniform orders|survey returns|boundary walls|cycle stands|car parks|bus shelters|waiting areas"
    ),
    "W": TOWNS + tuple(_SITES[i * 7919 % 6000] + _SITE_KINDS[i % 16] for i in range(5000)),
}
_SENTENCES = tuple(
    (re.sub(r"\{\w\}", "%s", text), tuple(_WORDS[key] for key in re.findall(r"\{(\w)\}", text)))
    for text in (
        "Bidders {M} {E} and {E}.",
        "{L} {A} {N} in {W}, {C}.",
        "The service will {O} for {G}, in particular at {W} and {W}.",
        "The work is expected to run {D}, {C}.",
        "Demand is {N} in {W} and {N} in {W}.",
        "The {P} will {X} and {X} {Y} {H} {J} {K}s for {G}.",
        "{L}: {X} the {J} {K} {H} {K}, {X} each {K} {H} {J} {K} at {W}.",
        "At {W} the {P} will {X} the {J} {K}s, {X} any {K} {H} {K} and {X} the {K} {K} {D}.",
        "It is important to {X} {J} {K}s, {X} {J} {K} {K}s and {X} {K}s {H} the {J} {K}.",
        "Sites: {W}, {W}, {W} and {W}.",
        "Interested parties {M} {E} {D}.",
        "Bids from {Q} {P} near {W} are welcome for {L} ({N}).",
        "The {K} {K} {A} {J} {K}s, a {J} {K} {H} {K} and {K} {K}s {H} {J} {W}.",
        "All {J} {K}s {H} {K} {K}s shall {X}, {X} and {X} {J} {K}s {H} the {K}, {C}.",
        "A {J} {K} {H} {J} {K}s is {X}-ready when its {K}, {K} and {J} {K} {X}.",
        "Each {K} has one {J} {K}, a {K} {H} {J} {K} and {N}.",
        "Please {X} {K} {K} {H} {K} {K} and {X} your {J} {K} {K} {H} {W}.",
        "Where a {K} is {J} or {J}, {X} the {K} {H} its {J} {K}; {X} {K}s {H} {K}s.",
    )
)


def planted_contacts() -> Contacts:
    """List every contact detail that made-up releases can contain, as written there.

    E-mail addresses and numbers stand in contact points and now and then in titles and descriptions.
    A name stands in the release's own contact point, and now and then beside a number in its description too.
    """
    return Contacts(_OFFICERS, _EMAILS + _TEAM_EMAILS, _TELEPHONES)


def releases(count: int, first: date, days: int, seed: int = 1) -> Iterator[dict[str, Any]]:
    """Make up releases in the order of their publication.

    Args:
        count: how many.
        first: the first London calendar day of publication.
        days: how many days they spread over, most of them on weekdays.
        seed: another seed tells another story about the same buyers and suppliers.

    Yields:
        One release each, as Contracts Finder would serve it; the caller may change it.

    Raises:
        ValueError: when count is negative or days is not positive.
    """
    if count < 0 or days < 1:
        raise ValueError(f"Cannot make {count} releases over {days} days: ask for at least 0 over at least 1 day.")
    desk = Desk(Random(seed * 1_000_003 + 17), max(4, min(120, count // 1600)))  # noqa: S311 - must repeat, no secret
    for day, stamp in stamps(desk.rng, count, first, days):
        desk.number += 1
        desk.today = day
        yield _release(desk, stamp)


def lines(count: int, first: date, days: int, seed: int = 1) -> Iterator[bytes]:
    r"""Make up the same releases as compact JSON, one a line, each with its ``\n``; arguments as for `releases`."""
    for release in releases(count, first, days, seed):
        try:
            yield _packed(release) + b"\n"
        except UnicodeEncodeError:  # a lone surrogate, which only an escape can carry
            yield json.dumps(release, separators=(",", ":")).encode() + b"\n"


def write(path: Path, count: int, first: date, days: int, seed: int = 1) -> int:
    """Write made-up releases to a file, one a line; arguments as for `releases`, the rest as for `save`."""
    return save(path, lines(count, first, days, seed))


def save(path: Path, made: Iterable[bytes]) -> int:
    """Write lines to a file, compressed as its name ends (.jsonl, .jsonl.gz, .jsonl.zst).

    Returns:
        The number of bytes before compression.

    Raises:
        ValueError: when the name ends otherwise.
    """
    size = 0
    with _opened(path) as file:
        for line in made:
            file.write(line)
            size += len(line)
    return size


@contextmanager
def _opened(path: Path) -> Iterator[IO[bytes] | gzip.GzipFile]:
    if not path.name.endswith((".jsonl", ".jsonl.gz", ".jsonl.zst")):
        raise ValueError(f"Cannot write {path}: choose a name that ends in .jsonl, .jsonl.gz or .jsonl.zst.")
    with path.open("wb") as file:
        if path.suffix == ".gz":
            # No name and no time in the header: the same arguments must give the same bytes.
            with gzip.GzipFile(filename="", mode="wb", compresslevel=6, fileobj=file, mtime=0) as packed:
                yield packed
        elif path.suffix == ".zst":
            with zstandard.ZstdCompressor(level=3).stream_writer(file) as packed:
                yield packed
        else:
            yield file


@dataclass
class Desk:
    """What the making of one set keeps in hand: the random numbers, counters and some recent notices to edit."""

    rng: Random
    depth: int  # suppliers per area and trade
    number: int = 0
    today: date = date.min
    party: int = 310_000
    suppliers: dict[int, Supplier] = field(default_factory=dict)
    tenders: list[bytes] = field(default_factory=list)
    awards: list[bytes] = field(default_factory=list)


# When


def stamps(rng: Random, count: int, first: date, days: int) -> Iterator[tuple[date, str]]:
    """Spread times of publication over the days, as London wall-clock times with their offset, in order."""
    weights = [(1.04, 1.1, 1.08, 1.06, 0.92, 0.02, 0.012)[(first.weekday() + i) % 7] for i in range(days)]
    weights = [weight * (0.85 + 0.3 * rng.random()) for weight in weights]
    bounds = [round(count * share / sum(weights)) for share in accumulate(weights)]
    bounds[-1] = count
    for i, (start, end) in enumerate(zip([0, *bounds], bounds, strict=False)):
        day = first + timedelta(i)
        skips_an_hour = day_start(day.toordinal())[19:] < day_end(day.toordinal())[19:] == "Z"
        share = 0.0
        for left in range(end - start, 0, -1):
            # The next of `left` ordered uniform numbers, so that a busy day takes no memory.
            share = 1 - (1 - share) * rng.random() ** (1 / left)
            knot = bisect(_SHARE_OF_DAY, share) - 1
            low, high = _SHARE_OF_DAY[knot], _SHARE_OF_DAY[knot + 1]
            second = int((_HOURS[knot] + (_HOURS[knot + 1] - _HOURS[knot]) * (share - low) / (high - low)) * 3600)
            if skips_an_hour and 3600 <= second < 7200:
                second = 7200
            yield day, _stamp(day.toordinal(), min(second, 86_399))


_SHARE_OF_DAY = (0.0, 0.01, 0.05, 0.22, 0.50, 0.80, 0.94, 0.985, 1.0000001)
_HOURS = (0.0, 6.0, 8.0, 10.0, 13.0, 16.5, 18.0, 21.0, 24.0)


def _stamp(ordinal: int, second: int) -> str:
    clock = f"{second // 3600:02}:{second // 60 % 60:02}:{second % 60:02}"
    midnight, evening = day_start(ordinal), day_end(ordinal)
    offset = midnight[19:]
    if evening[19:] != offset and second >= 7200:
        offset = evening[19:]
    return f"{midnight[:11]}{clock}{offset}"


@cache
def day_start(ordinal: int) -> str:
    """Write the start of a London day, as the source writes a date."""
    return _iso(ordinal, time.min)


@cache
def day_end(ordinal: int) -> str:
    """Write the end of a London day, as the source writes a last date."""
    return _iso(ordinal, time(23, 59, 59))


def _iso(ordinal: int, clock: time) -> str:
    moment = datetime.combine(date.fromordinal(ordinal), clock, LONDON)
    return moment.isoformat().replace("+00:00", "Z")


# Who


@cache
def _buyers() -> tuple[tuple[Buyer, ...], tuple[float, ...], tuple[Buyer, ...], tuple[float, ...]]:
    """Invent the buyers: councils and others, each with the cumulative weights of how much they publish."""
    rng = Random(20)  # noqa: S311 - the same buyers every time, no secret
    councils = [_buyer(rng, i, *_council(i, area), i) for i, area in enumerate(AREAS[:_COUNCILS])]
    names = [(name, "Department" if "Department" in name else "Authority") for name in _NATIONAL]
    names += [(name, "Authority") for name in _PORTALS]
    for i, form in enumerate(_LOCAL_BODIES * 4):
        town = TOWNS[71 + i * 3]
        noun = "Trust" if "Trust" in form else "University" if "UNIV" in form else "Organisation"
        names.append((form.format(town.upper() if form.isupper() else town), noun))
    others = [_buyer(rng, 100 + i, name, noun, "", i % 7 - 1) for i, (name, noun) in enumerate(names)]
    return (
        tuple(councils),
        tuple(accumulate(1 / (3 + i * 7 % len(councils)) ** 0.6 for i in range(len(councils)))),
        tuple(others),
        tuple(accumulate(1 / (3 + i * 5 % len(others)) ** 0.7 for i in range(len(others)))),
    )


def _council(i: int, area: Area) -> tuple[str, str, str]:
    """Name a council after an invented place; return its name, what it calls itself and its register code."""
    town = TOWNS[i]
    forms = {
        "CTY": (f"{_HEADS[i * 7 % 30]}shire County Council",),
        "LBO": (f"London Borough of {town}", f"LONDON BOROUGH OF {town.upper()}"),
        "NMD": (f"{town} District Council", f"{town} Borough Council"),
        "MD": (f"{town} Metropolitan Borough Council", f"{town} City Council"),
        "UA": (f"{town} Council", f"{town} City Council", f"{town.upper()} COUNCIL"),
        "CC": (f"{town} Corporation",),
    }[area.kind]
    return forms[i % len(forms)], "Council", area.code


def _buyer(rng: Random, i: int, name: str, noun: str, code: str, style: int) -> Buyer:
    is_council = bool(code)
    area = i if is_council else rng.randrange(_COUNCILS)
    scheme, identifier = ("GB-LAE", code) if code else ("", str(20_000 + i * 997))
    if not code and i % 3 == 0:
        host = "sid4gov" if i % 2 else "supplierregistration"
        letters = "".join(rng.choices("ABCDEFGHKMNPQRSTUVWXYZabcdefghkmnpqrstuvwxyz23456789", k=8))
        scheme, identifier = "GB-SRS", f"{host}.cabinetoffice.gov.uk/{letters}"
    words = "".join(filter(str.isalpha, name.lower().removesuffix(" council")))
    return Buyer(
        name=name,
        noun=noun,
        scheme=scheme,
        identifier=identifier,
        area=area,
        is_council=is_council,
        street=f"{rng.choice(('Town Hall', 'Civic Centre', 'County House', 'Tithe House'))}, {rng.choice(_STREETS)}",
        locality=TOWNS[i % 240],
        postcode=_postcode(rng, area),
        country=rng.choice(_COUNTRIES),
        url=f"https://www.{words[:24]}.example/" if rng.random() < 0.4 else "",
        officers=tuple(rng.randrange(len(_OFFICERS)) for _ in range(3)),
        portal=f"https://{rng.choice(('procure', 'bids', 'etender', 'quilltender'))}.{words[:16]}.example/",
        style=style % 6,
    )


def _postcode(rng: Random, area: int) -> str:
    sectors = AREAS[area].sectors
    letters = "ABDEFGHJLNPQRSTUWXYZ"
    r = rng.random
    return f"{sectors[int(r() * len(sectors))]}{letters[int(r() * 20)]}{letters[int(r() * 20)]}"


def _supplier(area: int, trade: int, rank: int) -> Supplier:
    """Invent the supplier of this rank in an area's trade: always the same one."""
    index = (area * 6 + trade) * 1000 + rank
    rng = Random(index)  # noqa: S311 - the same supplier every time, no secret
    r = rng.random
    coined = pick(r, _STARTS) + pick(r, _MIDDLES) + pick(r, _ENDS)
    town = TOWNS[area] if r() < 0.6 else pick(r, TOWNS)
    is_voluntary = r() < (0.3 if trade == 2 else 0.03)
    word, kind = pick(r, _cut(_TRADES[trade])), r()
    if is_voluntary:
        core, form = _VOLUNTARY[int(r() * len(_VOLUNTARY))]
        core = core.format(town if r() < 0.7 else coined)
    elif kind < 0.50:
        core, form = f"{coined} {word}", "ltd"
    elif kind < 0.68:
        core, form = f"{town} {word}", "ltd"
    elif kind < 0.78:
        core, form = f"{coined} & {'Sons' if r() < 0.5 else pick(r, _STARTS) + pick(r, _ENDS)}", "ltd"
    elif kind < 0.84:
        core, form = f"{pick(r, _STARTS)}{pick(r, _ENDS)}'s {word}", ""
    elif kind < 0.87:
        core, form = f"{'ABCDEGHJKLMPRST'[int(r() * 15)]} {pick(r, _STARTS)}{pick(r, _ENDS)}", ""
    elif kind < 0.92:
        core, form = coined, "ltd"
    elif kind < 0.96:
        core, form = f"{coined} {word}", "llp"
    else:
        core, form = f"{coined} Group", "plc"
    number = 1_000_000 + index * 7_368_787 % 14_900_000
    scheme, written = "GB-COH", f"{number:08}"
    if form == "" or form == "cio":
        scheme, written = "GB-CHC", f"{200_000 + index * 7919 % 999_983}"
    elif form == "llp":
        written = f"OC{number % 1_000_000:06}"
    elif number % 23 == 0:
        written = f"SC{number % 1_000_000:06}"
    if r() > KNOWN_NUMBER or (form == "" and not is_voluntary):
        scheme = written = ""
    return Supplier(
        core=core,
        form=form,
        scheme=scheme,
        number=written,
        is_small=r() < (0.8 if form == "" else 0.45) and form != "plc",
        is_voluntary=is_voluntary,
        trading_name=f"{pick(r, _STARTS)}{pick(r, _ENDS)} {pick(r, _cut(_TRADES[trade]))}" if r() < 0.05 else "",
        street=pick(r, _BUILDINGS).format(1 + int(r() * 190)) + pick(r, _STREETS),
        town=town,
        postcode=_postcode(rng, area),
    )


@cache
def _big_providers() -> tuple[Supplier, ...]:
    rng = Random(30)  # noqa: S311 - the same providers every time, no secret
    return tuple(
        Supplier(
            core=core,
            form=form,
            scheme="GB-COH",
            number=f"{2_700_000 + i * 77_003:08}" if form != "llp" else f"OC{410_000 + i}",
            is_small=False,
            is_voluntary=False,
            trading_name="",
            street=f"{1 + i} Exchange Court",
            town=TOWNS[200 + i],
            postcode=_postcode(rng, 5 + i * 6 % _COUNCILS),
        )
        for i, (core, form) in enumerate(_BIG)
    )


def pick(r: Callable[[], float], values: Sequence[str]) -> str:
    """Draw one of some texts."""
    return values[int(r() * len(values))]


# What


def _release(desk: Desk, stamp: str) -> dict[str, Any]:
    r = desk.rng.random
    share, recent = r(), r()
    if share < AWARD:
        if recent < EDIT_OF_AWARD:
            # Else it was first published before this set begins.
            before = _take(desk, desk.awards) if desk.awards and r() < EDIT_OF_RECENT else None
            release = _award_edit(desk, stamp, before)
        elif recent < EDIT_OF_AWARD + FURTHER_AWARD and desk.awards:
            release = _award(desk, stamp, _take(desk, desk.awards))
        elif recent < EDIT_OF_AWARD + FURTHER_AWARD + AWARD_OF_RECENT_TENDER and desk.tenders:
            release = _award(desk, stamp, _take(desk, desk.tenders))
        else:
            release = _award(desk, stamp, None)
        if len(release["parties"]) < 9:
            _keep(desk, desk.awards, release)
    elif share < AWARD + TENDER:
        if recent < EDIT_OF_TENDER:
            before = _take(desk, desk.tenders) if desk.tenders and r() < EDIT_OF_RECENT else None
            release = _tender_edit(desk, stamp, before)
        else:
            release = _tender(desk, stamp)
        _keep(desk, desk.tenders, release)
    else:
        release = _planning(desk, stamp)
    if desk.number % ODDITY_EVERY == 0:
        _spoil(release, desk.number // ODDITY_EVERY)
    return release


def _take(desk: Desk, kept: list[bytes]) -> dict[str, Any]:
    """Take out a notice kept before: what follows from it is kept in its place, so that no number is given twice."""
    index = int(desk.rng.random() * len(kept))
    kept[index], kept[-1] = kept[-1], kept[index]
    release: dict[str, Any] = _unpacked(kept.pop())
    return release


def _keep(desk: Desk, kept: list[bytes], release: dict[str, Any]) -> None:
    """Keep a notice for a later edit, in place of one kept before when there are enough."""
    if len(kept) < RECENT:
        kept.append(_packed(release))
    else:
        kept[int(desk.rng.random() * RECENT)] = _packed(release)


def _frame(desk: Desk, stamp: str, tag: str, ocid: str | None, notice: str) -> tuple[dict[str, Any], str]:
    ocid = ocid or f"ocds-b5fd17-{_guid(desk)}"
    # The tail counts up, but not in the order of dates.
    tail = 900_000 + desk.number * 3 + int(desk.rng.random() * 40)
    return {
        "ocid": ocid,
        "id": f"{notice}-{tail}",
        "language": "en",
        "date": stamp,
        "tag": [tag],
        "initiationType": "tender",
    }, ocid


def _guid(desk: Desk) -> str:
    digits = f"{desk.rng.getrandbits(128):032x}"
    return (
        f"{digits[:8]}-{digits[8:12]}-4{digits[13:16]}-{'89ab'[int(digits[16], 16) & 3]}{digits[17:20]}-{digits[20:]}"
    )


def choose_buyer(desk: Desk) -> Buyer:
    """Choose who publishes: a council with a register code in a little over half of all notices."""
    councils, weights, others, other_weights = _buyers()
    r = desk.rng.random
    if r() < BY_COUNCIL:
        return councils[bisect(weights, r() * weights[-1])]
    return others[bisect(other_weights, r() * other_weights[-1])]


def _buyer_party(desk: Desk, buyer: Buyer) -> tuple[dict[str, Any], dict[str, str], str]:
    """Write the buyer as a party and as a reference; return the officer's number in the lists of contacts as well."""
    r = desk.rng.random
    name = buyer.name
    if buyer.is_council and (u := r()) < 0.12:
        name = name.upper() if u < 0.06 else f"{name} - {pick(r, _DEPARTMENTS)}"
    party_id = f"{buyer.scheme or 'GB-CFS'}-{buyer.identifier}"
    identifier = {"legalName": name}
    if buyer.scheme:
        identifier |= {"scheme": buyer.scheme, "id": buyer.identifier}
    officer = buyer.officers[int(r() * 3)]
    contact = {}
    if r() < 0.743:
        contact["name"] = _OFFICERS[officer]
    contact["email"] = _EMAILS[officer] if r() < 0.7 else _TEAM_EMAILS[officer % len(_TEAM_EMAILS)]
    if r() < 0.598:
        contact["telephone"] = _TELEPHONES[officer] if r() < 0.98 else "00"
    party: dict[str, Any] = {
        "id": party_id,
        "name": name,
        "identifier": identifier,
        "address": {
            "streetAddress": buyer.street,
            "locality": buyer.locality,
            "postalCode": buyer.postcode,
            "countryName": buyer.country,
        },
        "contactPoint": contact,
    }
    if buyer.url:
        party["details"] = {"url": buyer.url}
    party["roles"] = ["buyer"]
    return party, {"id": party_id, "name": name}, contact.get("name", "")


_DEPARTMENTS = ("Children's Services", "Passenger Transport", "Parks and Leisure", "Housing", "Adult Social Care")


def _tender_body(desk: Desk, buyer: Buyer, officer: str, kind: str) -> tuple[dict[str, Any], Subject]:
    """Write what all releases say about the procurement, without times and money."""
    r = desk.rng.random
    subject = SUBJECTS[int(r() ** 1.1 * len(SUBJECTS))]
    topic = pick(r, subject.topics)
    # The register codes are real, so that an authority's real name appears beside what is made up: every title says so.
    title = f"{procurement_title(r, topic, kind)} {MARK}"
    body: dict[str, Any] = {
        "id": reference_number(desk, buyer),
        "title": title,
        "description": _prose(r, buyer.noun, topic, buyer.portal if kind != "award" else ""),
    }
    if kind == "framework":
        body["description"] += " This is a framework agreement with several suppliers; its value is an estimate."
    if r() < CONTACT_IN_PROSE:
        body["description"] += contact_in_prose(r, officer)
        if r() < 0.03:
            body["title"] = f"{title} (contact {pick(r, _EMAILS)})"
    if r() < MOJIBAKE:
        body["description"] += pick(r, _GARBLED)
    body["classification"] = {"scheme": "CPV", "id": subject.code, "description": subject.description}
    if r() < (0.19 if kind == "award" else 0.40):
        body["additionalClassifications"] = [
            {"scheme": "CPV", "id": other.code, "description": other.description}
            for other in (SUBJECTS[int(r() * len(SUBJECTS))] for _ in range(1 + int(r() * r() * 12)))
        ]
    body["items"] = [{"id": "1", "deliveryAddresses": _delivery(r, buyer)}]
    body["suitability"] = {"sme": r() < 0.62, "vcse": r() < 0.24}
    if r() > (0.008 if kind != "planning" else 0.75):
        body["mainProcurementCategory"] = subject.category
    return body, subject


def procurement_title(r: Callable[[], float], topic: str, kind: str) -> str:
    """Write the title of a purchase, without the mark; kind is award, tender, planning or framework."""
    u = r()
    capital = topic[0].upper() + topic[1:]
    if kind == "framework":
        return f"Framework agreement for {topic}" if u < 0.6 else f"{capital} Framework {2024 + int(u * 10) % 5}"
    if u < 0.2:
        title = f"Provision of {topic}"
    elif u < 0.45:
        title = f"{capital} - {pick(r, TOWNS)}"
    elif u < 0.6:
        title = f"{pick(r, ('PRJ', 'C', 'ITT ', 'RFQ-', 'DN', 'Ref '))}{1000 + int(r() * 89_000)} {capital}"
    elif u < 0.75:
        title = f"{capital} {2025 + int(r() * 3)}-{2028 + int(r() * 4)}"
    elif u < 0.8:
        title = f"{pick(r, TOWNS)} {topic}".upper()
    else:
        title = f"{capital} for {pick(r, _WORDS['G'])}"
    return f"RFI - {title}" if kind == "planning" and u < 0.5 else title


def reference_number(desk: Desk, buyer: Buyer) -> str:
    """Draw a buyer's own reference, in the style of its portal."""
    r = desk.rng.random
    n, m = int(r() * 900_000) + 100_000, int(r() * 90_000_000) + 10_000_000
    prefix = "".join(filter(str.isupper, buyer.name.title()))[:4]
    style = buyer.style if r() < 0.8 else 0
    if style == 0:
        return f"tender_{n}/{m // 10}"
    if style == 1:
        return f"{prefix}001-DN{n}-{m}"
    if style == 2:
        return f"CF-{n}0D{n % 9}O000000rwimUAA"
    if style == 3:
        return f"IT-{n % 900}-{n % 70}-{prefix}/{m % 997}"
    return f"BIP{m}{n % 10}" if style == 4 else f"{n}-{m // 1000}"


def _prose(r: Callable[[], float], noun: str, topic: str, portal: str) -> str:
    """Describe the purchase: from one line to several pages, as buyers do."""
    first = f"The {noun} {pick(r, _WORDS['V'])} {pick(r, _WORDS['Q'])} {pick(r, _WORDS['P'])} for {topic}"
    parts = [first, f" in {pick(r, TOWNS)}." if r() < 0.6 else "."]
    add, size = parts.append, len(_SENTENCES)
    for _ in range(min(90, int(SENTENCES * math.exp(1.05 * (r() + r() + r() + r() - 2) * 1.73)))):
        add(_BREAKS[int(r() * 16)])
        text, pools = _SENTENCES[int(r() * size)]
        add(text % tuple([pool[int(r() * len(pool))] for pool in pools]))
    if portal and r() < 0.5:
        add(
            "\r\n\r\nAdditional information: \r\nAll bidders must register on the e-tendering portal and submit their "
            f"bids there before the deadline:\r\n\r\n{portal}register?advertId={int(r() * 1e9)}"
        )
    return "".join(parts)


def sentence(r: Callable[[], float]) -> str:
    """Make up one sentence such as descriptions are full of."""
    text, pools = _SENTENCES[int(r() * len(_SENTENCES))]
    return text % tuple([pool[int(r() * len(pool))] for pool in pools])


SENTENCES = 9.2
"""The median number of sentences of a description, which sets the mean size of a release."""

_BREAKS = (" ",) * 11 + ("\r\n", "\r\n\r\n", "\r\n-\t", "\r\n\u2022 ", "  ")
_GARBLED = (
    " Please read the buyerâ€™s â€œsite rulesâ€\x9d first.",
    "\r\nâ€¢ Access from KÃ¤ltmere House",
    " Budget: Â£ as published; opening hours 9â€“5.",
    "\r\nâ€¯Parking is limited",
)


def contact_in_prose(r: Callable[[], float], officer: str) -> str:
    """Write contact details into prose, the officer's own name included now and then."""
    email = pick(r, _EMAILS) if r() < 0.7 else pick(r, _TEAM_EMAILS)
    telephone = pick(r, _TELEPHONES)
    if officer and r() < NAME_IN_PROSE:
        return f"\r\nFor an informal discussion contact {officer} on {telephone} or {email}."
    return (
        f" Queries to {email} only.",
        f"\r\nTel: {telephone}\r\nEmail: {email}",
        f" Call {telephone} for site visits.",
        f" Please email ({email}) or telephone {telephone}, quoting the reference.",
    )[int(r() * 4)]


def _delivery(r: Callable[[], float], buyer: Buyer) -> list[dict[str, str]]:
    u = r()
    kingdom = {"countryName": "United Kingdom"}
    any_region = [{"countryName": country} for country in (*_EVERYWHERE, "United Kingdom")]
    home = AREAS[buyer.area].region
    if u < 0.08:
        return [{"postalCode": buyer.postcode}]
    if u < 0.29:
        return [{"postalCode": buyer.postcode}, *any_region]
    if u < 0.38:
        return any_region
    if u < 0.39:
        return [*any_region, *(dict(entry) for entry in any_region)]
    if u < 0.45:
        return [kingdom]
    if u < 0.47:
        return [{"postalCode": buyer.postcode}, kingdom]
    if u < 0.56:
        return [{"region": "England"} | kingdom]
    if u < 0.93:
        region = home if r() < 0.85 else pick(r, _REGION_NAMES)
        return [{"region": "Yorkshire and The Humber" if region[0] == "Y" and r() < 0.2 else region} | kingdom]
    if u < 0.96:
        return [{"postalCode": buyer.postcode}, {"region": home} | kingdom]
    return [{"region": region} | kingdom for region in _REGION_NAMES[: 2 + int(r() * 11)]]


_REGION_NAMES = tuple(_REGIONS.values())
_TENDER_KEYS = _cut(
    "id title description datePublished status classification additionalClassifications items minValue value "
    "procurementMethod procurementMethodDetails tenderPeriod contractPeriod communication suitability "
    "mainProcurementCategory documents"
)


def _ordered(tender: dict[str, Any]) -> dict[str, Any]:
    return {key: tender[key] for key in _TENDER_KEYS if key in tender}


def _procedure(r: Callable[[], float], weights: Sequence[float], tender: dict[str, Any]) -> None:
    method, details, *_ = _PROCEDURES[bisect(weights, r() * weights[-1])]
    if method:
        tender["procurementMethod"] = method
    tender["procurementMethodDetails"] = details


_AWARD_WEIGHTS = tuple(accumulate(row[2] for row in _PROCEDURES))
_TENDER_WEIGHTS = tuple(accumulate(row[3] for row in _PROCEDURES))


def _pounds(amount: float) -> dict[str, Any]:
    return {"amount": amount, "currency": "GBP"}


def _amount(desk: Desk) -> float:
    """Draw an amount: half of them below £95,000, a tenth above £1m; four in five whole pounds, mostly round."""
    r = desk.rng.random
    amount = min(desk.rng.lognormvariate(11.46, 1.8), 6e7)
    if r() < 0.22:
        return round(amount, 2) + (0.37 if amount == int(amount) else 0)
    step = 1 if amount < 5_000 or r() < 0.25 else 1000 if amount > 50_000 else 100
    return int(amount / step) * step or 500


def _period(desk: Desk, start: int) -> dict[str, str]:
    r = desk.rng.random
    u = r()
    years = 1 + int(r() * r() * 6)
    end = start + (int(365.25 * years) - 1 if u < 0.7 else 5 + int(r() * 700))
    stop = day_end(end)
    if u > 0.9975:
        stop = ("2122-03-31T23:59:59+01:00", "2099-12-31T23:59:59Z")[int(u * 1e6) % 2]
    begin = day_start(start)
    return {"startDate": begin if r() > 0.004 else begin.replace("T00", "T01"), "endDate": stop}


def _notice_document(number: int, kind: str, notice: str, published: str, modified: str = "") -> dict[str, str]:
    document = {
        "id": str(number),
        "documentType": kind,
        "description": _NOTICES[kind],
        "url": NOTICE_URL + notice,
        "datePublished": published,
    }
    if modified:
        document["dateModified"] = modified
    return document | {"format": "text/html", "language": "en"}


_NOTICES = {
    "awardNotice": "Awarded contract notice on Contracts Finder",
    "tenderNotice": "Opportunity notice on Contracts Finder",
    "marketEngagementNotice": "Early engagement notice on Contracts Finder",
    "plannedProcurementNotice": "Future opportunity notice on Contracts Finder",
}
_FORMATS = (
    "application/pdf",
    "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
    "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    "application/msword",
)


def _attachments(desk: Desk, buyer: Buyer, kinds: Sequence[str], likely: float) -> list[dict[str, str]]:
    """Write what a buyer attaches: files on the service itself and links to its portal."""
    r = desk.rng.random
    documents = []
    number = 2
    while r() < likely and number < 9:
        document = {"id": str(number)}
        if (u := r()) < 0.4:
            document["documentType"] = pick(r, kinds)
        if r() < 0.9:
            document["description"] = pick(r, _DOCUMENTS) if r() > 0.02 else f"Specification: ask {pick(r, _EMAILS)}"
        if u < 0.55:
            document |= {"url": f"{NOTICE_URL}Attachment/{_guid(desk)}", "format": _FORMATS[int(r() * r() * 4)]}
        else:
            document["url"] = f"{buyer.portal}advert/{int(r() * 1e8)}"
        documents.append(document)
        number += 1
    return documents


_DOCUMENTS = (
    "n/a",
    "User / Company",
    "Additional data",
    "Please follow this link to view the notice.",
    "Additional information on how to apply for this contract",
    "Advert",
    "Redacted Contract",
    "Link to eSourcing Portal",
    "Appendix C Specification",
)
_TENDER_DOCUMENTS = ("tenderNotice", "tenderNotice", "biddingDocuments", "technicalSpecifications", "Link")
_AWARD_DOCUMENTS = ("contractSigned", "contractSigned", "awardNotice", "contractDraft")


def _tender(desk: Desk, stamp: str) -> dict[str, Any]:
    r = desk.rng.random
    buyer, notice = choose_buyer(desk), _guid(desk)
    party, reference, officer = _buyer_party(desk, buyer)
    release, _ = _frame(desk, stamp, "tender", None, notice)
    tender, _ = _tender_body(desk, buyer, officer, "tender")
    today = desk.today.toordinal()
    deadline = today + 7 + int(r() * 40)
    tender["datePublished"], tender["status"] = stamp, "active"
    if r() < 0.64:
        amount = _amount(desk)
        tender["value"] = _pounds(amount)
        if r() < 0.23:
            tender["minValue"] = _pounds(int(amount * r()))
    _procedure(r, _TENDER_WEIGHTS, tender)
    ends = day_end(deadline)
    tender["tenderPeriod"] = {"endDate": ends if r() < 0.6 else ends.replace("23:59:59", "12:00:00")}
    tender["contractPeriod"] = _period(desk, deadline + 20 + int(r() * 90))
    tender["documents"] = [
        _notice_document(1, "tenderNotice", notice, stamp),
        *_attachments(desk, buyer, _TENDER_DOCUMENTS, 0.5),
    ]
    return release | {"tender": _ordered(tender), "parties": [party], "buyer": reference}


def _planning(desk: Desk, stamp: str) -> dict[str, Any]:
    r = desk.rng.random
    buyer, notice = choose_buyer(desk), _guid(desk)
    party, reference, officer = _buyer_party(desk, buyer)
    release, _ = _frame(desk, stamp, "planning", None, notice)
    tender, _ = _tender_body(desk, buyer, officer, "planning")
    today = desk.today.toordinal()
    planning: dict[str, Any] = {}
    if r() < 0.87:
        tender["status"] = "planning"
        release["title"] = tender["title"]
        planning["milestones"] = [
            {
                "id": "1",
                "title": "Engagement end date",
                "type": "engagement",
                "dueDate": day_end(today + 7 + int(r() * 40)),
            }
        ]
        planning["documents"] = [_notice_document(2, "marketEngagementNotice", notice, stamp)]
    else:
        tender["status"] = "planned"
        first_year = desk.today.year + 1
        planning["budget"] = {
            "budgetBreakdown": [
                {
                    "id": str(i + 1),
                    "description": f"{first_year + i}/{first_year + i + 1}",
                    "amount": _pounds(int(_amount(desk))),
                    "period": {
                        "startDate": day_start(date(first_year + i, 4, 1).toordinal()),
                        "endDate": day_end(date(first_year + i + 1, 3, 31).toordinal()),
                    },
                }
                for i in range(3)
            ]
        }
        planning["documents"] = [_notice_document(1, "plannedProcurementNotice", notice, stamp)]
        tender["communication"] = {"futureNoticeDate": day_end(today + 60 + int(r() * 200))}
    planning["documents"] += _attachments(desk, buyer, ("marketEngagementNotice",), 0.3)
    if r() < 0.12:
        tender["value"] = _pounds(_amount(desk))
    return release | {"planning": planning, "tender": _ordered(tender), "parties": [party], "buyer": reference}


def _award(desk: Desk, stamp: str, before: dict[str, Any] | None) -> dict[str, Any]:
    """Award a contract: of a procurement not seen here, or another one (or the outcome) of one seen before."""
    r = desk.rng.random
    notice = _guid(desk)
    today = desk.today.toordinal()
    is_framework = r() < FRAMEWORK
    is_big = r() < BIG_PROVIDER
    is_mega = r() < MEGA_AMOUNT
    buyer = choose_buyer(desk)
    party, reference, officer = _buyer_party(desk, buyer)
    decided = today - int(desk.rng.expovariate(0.04))
    if r() < LATE_AWARD_DATE:
        decided = today + 1 + int(r() * 20)
    body, subject = _tender_body(desk, buyer, officer, "framework" if is_framework else "award")
    if before is None:
        release, ocid = _frame(desk, stamp, "award", None, notice)
        number = 1 if r() < 0.85 else 2 + int(r() * r() * 13)
        tender = body
        _procedure(r, _AWARD_WEIGHTS, tender)
        if is_framework:
            tender["procurementMethod"] = "open"
            tender["procurementMethodDetails"] = "Open procedure (above threshold)"
        elif tender["procurementMethodDetails"] in _CALL_OFFS and r() < 0.4:
            tender["title"] += f" - Call-Off Contract {1 + int(r() * 9)}"
        if r() < 0.11:
            tender["datePublished"] = _stamp(decided - 60, int(30_000 + r() * 30_000))
        tender["tenderPeriod"] = {"endDate": day_end(decided - 5 - int(r() * 60))}
        if r() < 0.006:
            del tender["tenderPeriod"]
    else:
        # The procurement as it was told before, by the same buyer, with another notice.
        release, ocid = _frame(desk, stamp, "award", before["ocid"], notice)
        number = int(before["awards"][0]["id"].rsplit("-", 1)[1]) + 1 if "awards" in before else 1
        tender = before["tender"]
        tender.pop("documents", None)
        party, reference = before["parties"][0], before["buyer"]
        is_framework = False
    period = _period(desk, decided + int(r() * 45))
    tender["status"], tender["contractPeriod"] = "complete", period
    amount = _award_amount(desk, is_framework, is_mega)
    if before is None and r() < 0.82:
        tender["value"] = _pounds(amount if r() < 0.65 else int(amount * (0.8 + r() / 2)))
        if r() < 0.13:
            tender["minValue"] = _pounds(int(amount * r()))
    suppliers = _suppliers(desk, buyer, subject, is_framework, is_big or is_mega)
    award: dict[str, Any] = {
        "id": f"{ocid}-{number}",
        "status": "active",
        "date": day_start(decided) if r() > 0.0004 else "2044-05-01T00:00:00+01:00",
        "datePublished": stamp,
        "value": _pounds(amount),
        "suppliers": [{"id": entry["id"], "name": entry.get("name")} for entry in suppliers],
        "contractPeriod": dict(period),
    }
    if r() < 0.048:
        award["description"] = f"{pick(r, _WORDS['L'])}: {pick(r, _WORDS['Y'])} / {pick(r, _WORDS['Y'])}\r\nTotal"
    award["documents"] = [
        _notice_document(number, "awardNotice", notice, stamp),
        *_attachments(desk, buyer, _AWARD_DOCUMENTS, 0.32),
    ]
    release |= {"tender": _ordered(tender), "parties": [party, *suppliers], "buyer": reference, "awards": [award]}
    return release


def _award_amount(desk: Desk, is_framework: bool, is_mega: bool) -> float:
    r = desk.rng.random
    u = r()
    if is_framework:
        return int(4 * 10 ** (2 * r())) * 1_000_000
    if is_mega:
        return int(100 + 900 * r() ** 2) * 1_000_000 if r() < 0.85 else int(1_000 + 1_500 * r()) * 1_000_000
    if u < ZERO_AMOUNT:
        return 0
    if u < ZERO_AMOUNT + PLACEHOLDER_AMOUNT:
        return _PLACEHOLDER_AMOUNTS[int(r() * len(_PLACEHOLDER_AMOUNTS))]
    return _amount(desk)


def _suppliers(desk: Desk, buyer: Buyer, subject: Subject, is_framework: bool, is_big: bool) -> list[dict[str, Any]]:
    """Choose the winners and write them as parties."""
    r = desk.rng.random
    u, count = r(), 1
    if is_framework:
        count = 6 + int(r() * 30)
    elif u < NAMELESS:
        return [{"id": "GB-CFS-173", **_details(r, False, False), "roles": ["supplier"]}]
    elif u < NAMELESS + PLACEHOLDER_NAME:
        name = pick(r, _PLACEHOLDER_NAMES)
        desk.party += 1
        return [
            {
                "id": f"GB-CFS-{desk.party}",
                "name": name,
                "identifier": {"legalName": name},
                "address": {"streetAddress": pick(r, ("", "N/A", "null", "Various"))},
                **_details(r, False, False),
                "roles": ["supplier"],
            }
        ]
    elif u > 1 - SEVERAL_SUPPLIERS:
        v = r()
        count = 2 if v < 0.4 else 3 + int(r() * 3) if v < 0.6 else 6 + int(r() * 10) if v < 0.85 else 16 + int(r() * 20)
    parties = [_supplier_party(desk, supplier) for supplier in choose_suppliers(desk, buyer, subject, count, is_big)]
    if len(parties) > 1 and r() < SHARED_ID:
        parties[1]["id"] = parties[0]["id"]
        parties[1]["identifier"] = parties[0]["identifier"] | {"legalName": parties[1]["name"]}
    return parties


def choose_suppliers(desk: Desk, buyer: Buyer, subject: Subject, count: int, is_big: bool) -> list[Supplier]:
    """Choose so many winners for a buyer, all different: local ones often, one of the big providers where asked."""
    r = desk.rng.random
    chosen: dict[int, Supplier] = {}
    if is_big:
        rank = int(r() ** 1.7 * len(_BIG))
        chosen[-1 - rank] = _big_providers()[rank]
    while len(chosen) < count:
        area = _supplier_area(r, buyer)
        rank = int(desk.depth * r() ** 1.6)
        key = (area * 6 + subject.trade) * 1000 + rank
        if key in chosen:  # one that wins here only
            rank = desk.depth + int(r() * (1000 - desk.depth))
            key += rank - key % 1000
        chosen[key] = desk.suppliers.get(key) or _supplier(area, subject.trade, rank)
        if rank < desk.depth:
            desk.suppliers[key] = chosen[key]
    return list(chosen.values())


@cache
def _neighbours() -> dict[str, tuple[int, ...]]:
    return {region: tuple(i for i, area in enumerate(AREAS) if area.region == region) for region in _REGIONS.values()}


def _supplier_area(r: Callable[[], float], buyer: Buyer) -> int:
    """Choose where a supplier sits: for councils often in the own area or region, else anywhere, often in London."""
    u = r() if buyer.is_council else 1.0
    if u < LOCAL:
        return buyer.area
    nearby = _neighbours()[AREAS[buyer.area].region] if u < REGIONAL else _neighbours()["London"] if r() < 0.15 else ()
    return nearby[int(r() * len(nearby))] if nearby else int(r() * len(AREAS))


def _details(r: Callable[[], float], is_small: bool, is_voluntary: bool) -> dict[str, Any]:
    """Tick the boxes, or leave them: scale is absent in 16 % of entries, the VCSE flag in 31 %."""
    u = r()
    if u < 0.157:
        return {}
    if u < 0.281:
        return {"details": {"scale": "large"}}
    if u < 0.309:
        return {"details": {"scale": "sme"}}
    return {"details": {"scale": "sme" if is_small else "large", "vcse": r() < (0.2 if is_voluntary else 0.02)}}


def _supplier_party(desk: Desk, supplier: Supplier) -> dict[str, Any]:
    """Write a supplier as a buyer would: name, number and address each a little differently every time."""
    r = desk.rng.random
    name = written_name(r, supplier)
    identifier = {"legalName": name}
    if supplier.scheme and r() < GIVEN_NUMBER:
        number = _written_number(r, supplier.number)
        identifier |= {"scheme": supplier.scheme, "id": number}
        party_id = f"{supplier.scheme}-{number}"
    else:
        desk.party += 1 + int(r() * 4)
        party_id = f"GB-CFS-{desk.party}"
    return {
        "id": party_id,
        "name": name,
        "identifier": identifier,
        "address": {"streetAddress": _written_address(r, supplier)},
        **_details(r, supplier.is_small, supplier.is_voluntary),
        "roles": ["supplier"],
    }


def written_name(r: Callable[[], float], supplier: Supplier) -> str:
    """Write the name of a supplier as a buyer would: form, case and spelling vary."""
    forms = _FORMS[supplier.form]
    form = forms[int(r() * len(forms))] if r() < 0.45 else forms[0]
    name = f"{supplier.core} {form}" if form and r() > 0.06 else supplier.core
    if supplier.trading_name and r() < 0.4:
        name += f"{pick(r, (' T/A ', ' t/a ', ' trading as '))}{supplier.trading_name}"
    if (u := r()) < 0.15:
        name = name.upper() if u < 0.13 else name.lower()
    if "&" in name:
        name = name.replace("&", "&amp;") if (u := r()) < 0.2 else name.replace("&", "and") if u < 0.5 else name
    if "'" in name and r() < 0.25:
        name = name.replace("'", "&#039;")
    return name if r() > 0.03 else f"{name} " if r() < 0.6 else name.replace(" ", "  ", 1)


def _written_number(r: Callable[[], float], number: str) -> str:
    u = r()
    if u < 0.78:
        return number
    if u < 0.98:
        if number[0] == "0":
            return number.lstrip("0")
        return f"{number[:2].lower()}{number[2:]}" if number[0].isalpha() else number
    if u < 0.988:
        return pick(r, ("0", "0", "0", "00000000", "N/A", "TBC"))
    return pick(r, ("GB {}", "{}1", "HRB {}", "DX {}")).format(number) if u < 0.997 else str(int(1e8 + r() * 8e8))


def _written_address(r: Callable[[], float], supplier: Supplier) -> str:
    street, town, postcode = supplier.street, supplier.town, supplier.postcode
    u = r()
    if u < 0.10:
        return postcode
    if u < 0.66:
        return f"{street}, {town}, {postcode}"
    if u < 0.72:
        return f"{street}, {town}, United Kingdom, {postcode}"
    if u < 0.76:
        return f"{street}\n{town.upper()}\n{postcode}\nGB"
    if u < 0.80:
        return f"{street}\r\n{town}\r\n{postcode}\r\nUnited Kingdom"
    if u < 0.83:
        return f"{street}, {town}, {postcode} {postcode}"
    if u < 0.86:
        return f"{street} {town} {postcode.replace(' ', '')}"
    if u < 0.88:
        return f"{street}, {town}, {postcode.lower()}"
    if u < 0.89:
        return f"{street} | {town} | {postcode}"
    if u < 0.95:
        return f"{street}, {town}"
    if u < 0.953:
        return f"CafÃ© Yard, {street}, {town}, {postcode}"
    return pick(
        r, (town, "null", "", "Rue des Lilas 12, Bruxelles", f"{street}, {postcode.split()[0]}", "Co. Louth, Ireland")
    )


def _edited(desk: Desk, release: dict[str, Any], tag: str, stamp: str) -> dict[str, Any]:
    """Publish a notice again: same notice, later date, higher tail."""
    notice, tail = release["id"].rsplit("-", 1)
    release["id"] = f"{notice}-{max(int(tail) + 1, 900_000 + desk.number * 3)}"
    release["date"], release["tag"] = stamp, [tag]
    return release


def _tender_edit(desk: Desk, stamp: str, release: dict[str, Any] | None) -> dict[str, Any]:
    r = desk.rng.random
    today = desk.today.toordinal()
    if release is None:
        release = _tender(desk, stamp)
        published = _stamp(today - 2 - int(r() * 30), int(30_000 + r() * 30_000))
        release["tender"]["datePublished"] = release["tender"]["documents"][0]["datePublished"] = published
    release = _edited(desk, release, "tenderAmendment", stamp)
    tender = release["tender"]
    document = tender["documents"][0]
    tender["documents"][0] = _notice_document(
        int(document["id"]), "tenderNotice", document["url"].removeprefix(NOTICE_URL), document["datePublished"], stamp
    )
    if r() < 0.6:
        tender["tenderPeriod"] = {"endDate": day_end(today + 7 + int(r() * 21))}
    if r() < 0.5:
        tender["description"] += f"\r\n\r\nUpdate: {pick(r, _WORDS['Y'])} added, {pick(r, _WORDS['C'])}."
    if "value" in tender and r() < 0.15:
        tender["value"]["amount"] = _amount(desk)
    return release


def _award_edit(desk: Desk, stamp: str, release: dict[str, Any] | None) -> dict[str, Any]:
    r = desk.rng.random
    today = desk.today.toordinal()
    if release is None:
        release = _award(desk, stamp, None)
        published = _stamp(today - 2 - int(desk.rng.expovariate(0.01)), int(30_000 + r() * 30_000))
        award = release["awards"][0]
        award["datePublished"] = award["documents"][0]["datePublished"] = published
        if award["date"] > published:
            award["date"] = day_start(date.fromisoformat(published[:10]).toordinal() - 3)
    release = _edited(desk, release, "awardUpdate", stamp)
    award = release["awards"][0]
    document = award["documents"][0]
    award["documents"][0] = _notice_document(
        int(document["id"]), "awardNotice", document["url"].removeprefix(NOTICE_URL), document["datePublished"], stamp
    )
    if (u := r()) < 0.35:
        award["value"]["amount"] = _amount(desk)
    elif u < 0.7:
        award["contractPeriod"]["endDate"] = day_end(today + 365 + int(r() * 1000))
    else:
        release["tender"]["description"] += f"\r\n{pick(r, _WORDS['L'])} {pick(r, _WORDS['A'])} {pick(r, _WORDS['Y'])}."
    return release


# Hostile and broken text: harmless here, and what a careless reader of the data would trip over.
HOSTILE_NAMES = (
    '=HYPERLINK("https://winner.example/","Click here") Ltd',
    "Velmfold'); DROP TABLE award;-- Ltd",
    '"><img src=x onerror=alert(1)> Cleaning Ltd',
    "+Plus Homecare Ltd",
    "@Homefold Learning",
    "-Tech Systems Ltd",
    "</script><script>alert('noticeboard')</script> Ltd",
    "\uff1dSUM(A1:A9) Supplies Ltd",
)
HOSTILE_TITLES = (
    "=cmd|' /C calc'!A0",
    "<script>alert('noticeboard')</script> Grounds maintenance",
    "'; drop table procurement; --",
    "../../etc/passwd\x00 cleaning",
    "Signage \ud83d and wayfinding",
    "Right\u202eot left signage",
    "\tTabbed title \u200b",
)


def _spoil(release: dict[str, Any], turn: int) -> None:
    """Put the next piece of hostile or broken text into a release: its first supplier's name, or else its title."""
    if "awards" in release and "name" in release["parties"][1]:
        name = HOSTILE_NAMES[turn % len(HOSTILE_NAMES)]
        supplier = release["parties"][1]
        supplier["name"] = supplier["identifier"]["legalName"] = name
        release["awards"][0]["suppliers"][0]["name"] = name
    else:
        release["tender"]["title"] = HOSTILE_TITLES[turn % len(HOSTILE_TITLES)]
        release["tender"]["description"] += "\x00" if turn % 2 else "\udc00"


def command(
    name: str, service: str, made: Callable[[int, date, int, int], Iterable[bytes]], arguments: Sequence[str] | None
) -> int:
    """Run the command line of a module that makes up releases: how many, from when, over how many days, to which file.

    Args:
        name: the module, as Python is asked to run it.
        service: the official service whose releases are made up.
        made: makes so many lines for a first day, a number of days and a seed.
        arguments: the words after the command; None takes those of the process.

    Returns:
        0; a wrong argument ends the process with its explanation.
    """
    parser = argparse.ArgumentParser(prog=f"python -m {name}", description=f"Make up {service} releases.")
    parser.add_argument("--count", type=int, default=3000, help="how many releases")
    parser.add_argument("--first", type=date.fromisoformat, default=date(2026, 9, 1), help="first day of publication")
    parser.add_argument("--days", type=int, default=30, help="how many days")
    parser.add_argument("--seed", type=int, default=1, help="another number makes other releases")
    parser.add_argument("--out", type=Path, required=True, help="a file: .jsonl, .jsonl.gz or .jsonl.zst")
    chosen = parser.parse_args(arguments)
    try:
        size = save(chosen.out, made(chosen.count, chosen.first, chosen.days, chosen.seed))
    except ValueError as error:
        parser.error(str(error))
    sys.stdout.write(f"{chosen.count} releases, {size:,} bytes before compression: {chosen.out}\n")
    return 0


if __name__ == "__main__":
    raise SystemExit(command("extractors.made_up", "Contracts Finder", lines, None))
