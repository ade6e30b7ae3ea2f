"""Take contact details out of a release before anything is written to disk.

Three things happen, in this order, to every release as served:

1. Contact points are removed, wherever they stand and whatever they hold: ``contactPoint``,
   ``additionalContactPoints``, a key such as ``email``, ``telephone`` or ``faxNumber`` outside one, lists of natural
   persons (``persones``), and who controls an organisation (``control``).
2. The personal names that those contact points held are masked in the prose of the same release, and so is the name of
   a party that is there as a contact point only (``processContactPoint``, ``reviewContactPoint``), where it is a
   person's.
3. E-mail addresses and telephone numbers are masked in prose.

**What is prose.** Every text is, unless its key names an identifier, a reference, a code or a date (left alone), an
address of a page (only e-mail addresses and ``mailto:`` or ``tel:`` links are masked) or a postal address (only e-mail
addresses and numbers that cannot be anything but a telephone: after "Tel", "Phone", "Fax" and the like, or +44).

**What is an e-mail address.** ``local@domain.tld``, also with ``%40``, and with ``[at]`` or a space beside the ``@``
where the domain ends as addresses of UK bodies do. ``Care@Home`` has no domain and stays.

**What is a telephone number in prose.** A run of digits, with spaces, brackets, dots or hyphens between them, that is

- +44 or 0044 with nine or ten digits, ``(0)`` allowed; or ``+`` and eight to fifteen digits of another country;
- or eleven digits in a UK range (01, 02, 03, 07, 080, 084, 087) in a grouping in which UK numbers are written
  (``020 7946 0000``, ``01632 960123``, ``0808 157 0123``), or ten digits such as ``01632 96012`` and ``0800 111 111``.
  Without a gap (``02079460000``) or with hyphens alone it must stand by itself, and not after "ref", "contract no" or
  the like: then it is a reference;
- or any six to fifteen digits straight after "Tel", "Telephone", "Mobile", "Fax", "Helpline" and the like; after
  "call", "ring" or "T:" only if they begin with 0 or + or stand in groups that are not years.

An extension behind a masked number goes with it. Everything else stays: sums of money, dates, years, CPV codes,
company numbers, contract references, postcodes and addresses of pages.

Ranges: https://www.ofcom.org.uk/phones-and-broadband/phone-numbers/numbering-data (National Telephone Numbering Plan).

A personal name in prose is also masked where it stands between a word such as "contact" and a masked number or address.
What this does not find: any other name that no contact point of the same release holds; a first name alone.
"""

import hashlib
import json
import re
from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, Final

import msgspec

EMAIL_REMOVED: Final = "[e-mail removed]"
TELEPHONE_REMOVED: Final = "[telephone removed]"
NAME_REMOVED: Final = "[name removed]"

DEEPEST: Final = 200
"""Levels of nesting that are read: real releases have 10."""


class Unreadable(Exception):
    """Raised by ``clean`` when a release is not JSON in UTF-8, or nested too deeply; it never holds the body."""

    def __init__(self, body: bytes, reason: str) -> None:
        """Keep the hash and length of the body, and the reason."""
        self.sha256 = hashlib.sha256(body).hexdigest()
        self.length = len(body)
        self.reason = reason
        super().__init__(
            f"A release of {self.length} bytes (SHA-256 {self.sha256}) cannot be read: {reason}. "
            "Set it aside with these facts and go on; ask the service for it again later."
        )


@dataclass(frozen=True, slots=True)
class Cleaned:
    """A release without contact details, as one line of JSON without its line end, and what was taken out."""

    line: bytes
    contacts_removed: int
    emails_masked: int
    telephones_masked: int
    names_masked: int


def clean(body: bytes) -> Cleaned:
    """Take the contact details out of one release.

    The order of keys and the text of every number but a plain integer are kept, integers to the last digit, and NUL
    and lone surrogates as escapes. Of a repeated key the last value counts, as for every JSON reader. ``NaN`` and
    ``Infinity``, which are not JSON, become text. Cleaning a cleaned line changes nothing.

    Args:
        body: One release as served, JSON in UTF-8.

    Raises:
        Unreadable: The body is not JSON, not UTF-8, or nested more than ``DEEPEST`` levels deep.
    """
    try:
        release = _parse(body)
        slots = _Slots()
        box = [release]
        _walk(box, _PROSE, slots, 0)
    except RecursionError:
        raise Unreadable(body, f"it is nested more than {DEEPEST} levels deep") from None
    except UnicodeDecodeError as error:
        # The message of the error itself holds the bytes around the fault.
        raise Unreadable(body, f"it is not UTF-8: byte {error.start} of its text") from None
    except ValueError as error:
        raise Unreadable(body, f"it is not JSON: {_place(error)}") from None
    names = _names_to_mask(slots)
    emails = telephones = masked_names = 0
    for holder, key, kind in slots.texts:
        text = holder[key]
        if kind == _URL:
            new = _mask_url(text)
        else:
            new = text
            if kind == _PROSE and names:
                if _SIGN_OF_EMAIL.search(new):  # first, since jane.smith@example.gov.uk holds a name too
                    new = _without_emails(new)
                for name in names:
                    new = name.sub(NAME_REMOVED, new)
            new = _mask(new, _guarded_number if kind == _ADDRESS else _prose_number)
        if new is not text:
            holder[key] = new
            emails += new.count(EMAIL_REMOVED) - text.count(EMAIL_REMOVED)
            telephones += new.count(TELEPHONE_REMOVED) - text.count(TELEPHONE_REMOVED)
            masked_names += new.count(NAME_REMOVED) - text.count(NAME_REMOVED)
    try:
        line = msgspec.json.encode(box[0])
    except UnicodeEncodeError:
        line = _write(box[0]).encode()
    return Cleaned(line, slots.removed, emails, telephones, masked_names)


# --- reading and writing JSON without losing a digit


def _raw(number: str) -> msgspec.Raw:
    return msgspec.Raw(number.encode())


_decoder = msgspec.json.Decoder(float_hook=_raw)


def _parse(body: bytes) -> object:
    try:
        return _decoder.decode(body)
    except (msgspec.MsgspecError, UnicodeDecodeError):
        # Lone surrogates, raw control characters, a byte-order mark, NaN and integers of more than 4,300 digits occur
        # or may occur; the standard library reads them all.
        return json.loads(
            body.decode("utf-8-sig"),
            strict=False,
            parse_float=_raw,
            parse_int=lambda digits: int(digits) if len(digits) < 19 else _raw(digits),
            parse_constant=str,
        )


def _place(error: ValueError) -> str:
    if isinstance(error, json.JSONDecodeError):
        return f"{error.msg} at character {error.pos}"
    return "it cannot be parsed"


def _write(value: object) -> str:
    """Write JSON that holds lone surrogates, which msgspec refuses."""
    if isinstance(value, dict):
        return "{" + ",".join(f"{json.dumps(key)}:{_write(item)}" for key, item in value.items()) + "}"
    if isinstance(value, list):
        return "[" + ",".join(map(_write, value)) + "]"
    if isinstance(value, msgspec.Raw):
        return bytes(value).decode()
    return json.dumps(value)


# --- what each key holds

_PROSE, _NAME, _ADDRESS, _URL, _KEPT, _REMOVED, _CONTACT = range(7)

_CONTACTS = {"contact", "contacts", "contactdetails", "contactinformation", "contactperson", "contactname"}
_CONTACT_FIELDS = {
    "email", "emails", "emailaddress", "contactemail", "telephone", "telephonenumber", "contacttelephone", "phone",
    "phonenumber", "contactphone", "mobile", "mobilenumber", "fax", "faxnumber",
}  # fmt: skip
# ``control`` says in words who controls an organisation, people among them:
# https://github.com/cabinetoffice/ocds_uk_extension
_PERSONS = {"persones", "persons", "beneficialowners", "control"}
_ADDRESSES = {"streetaddress", "locality", "region", "postalcode", "country", "countryname", "address"}
_URLS = {"url", "uri", "href", "buyerprofile", "publicationpolicy", "license"}
_NAMES = {"name", "legalname"}
_KEPT_KEYS = {
    "id", "ids", "ocid", "uid", "scheme", "code", "version", "currency", "language", "languages", "tag", "status",
    "type", "format", "documenttype", "noticetype", "roles", "role", "scale", "weight", "measure", "releasetag",
    "initiationtype", "procurementmethod", "mainprocurementcategory", "submissionmethod", "variantpolicy",
    "relatedlot", "relatedlots", "relateditem", "relateditems", "relatedbid", "identifier", "reference", "references",
    "date", "datepublished", "datemodified", "datesigned", "amount", "amountgross",
}  # fmt: skip
_ID_OR_DATE = re.compile(r"(?:[a-z](?:ID|Id|Identifier)s?|_ids?|[a-z]Dates?|[a-z]DateSent|_date|Reference)\Z")
_URL_KEY = re.compile(r"(?:Ur[il]|UR[IL])s?\Z")


def _kind(key: str) -> int:
    plain = re.sub(r"[^a-z]", "", key.lower())
    if "contactpoint" in plain or plain in _CONTACTS:
        return _CONTACT
    if plain in _CONTACT_FIELDS or plain in _PERSONS:
        return _REMOVED
    if plain in _NAMES:
        return _NAME
    if plain in _ADDRESSES:
        return _ADDRESS
    if plain in _URLS or _URL_KEY.search(key):
        return _URL
    if plain in _KEPT_KEYS or _ID_OR_DATE.search(key):
        return _KEPT
    return _PROSE


class _Kinds(dict[str, int]):
    """The kinds of the keys seen so far: a few hundred; a flood of made-up keys is not remembered."""

    def __missing__(self, key: str) -> int:
        kind = _kind(key)
        if len(self) < 5_000:
            self[key] = kind
        return kind


_kinds = _Kinds()


class _Slots:
    """The places of one release that may need masking, and the names found on the way."""

    __slots__ = ("contact_names", "is_contact", "organisations", "removed", "texts")

    def __init__(self) -> None:
        self.texts: list[tuple[Any, Any, int]] = []
        self.contact_names: list[str] = []
        self.organisations: list[str] = []
        self.is_contact = False  # inside a party that is a contact point only
        self.removed = 0


def _walk(node: dict[str, object] | list[object], kind: int, slots: _Slots, depth: int) -> None:
    """Remove contact points from a dict or list, and note the places of its texts.

    Raises:
        RecursionError: It is nested more than ``DEEPEST`` levels deep.
    """
    if depth > DEEPEST + 1:
        raise RecursionError
    texts = slots.texts
    if isinstance(node, list):
        for at, value in enumerate(node):
            if isinstance(value, str):
                if kind != _KEPT and len(value) > 5:
                    texts.append((node, at, kind))
            elif isinstance(value, (dict, list)):
                _walk(value, kind, slots, depth + 1)
        return
    dropped = None
    was_contact = slots.is_contact
    slots.is_contact = was_contact or _is_contact_only(node.get("roles"))
    for key, value in node.items():
        kind = _kinds[key]
        if kind >= _REMOVED:
            if dropped is None:
                dropped = []
            dropped.append(key)
            if kind == _CONTACT:
                _gather_names(value, slots, depth)
        elif isinstance(value, str):
            if kind == _NAME:
                if slots.is_contact:
                    kind = _PROSE
                    slots.contact_names.append(value)
                else:
                    slots.organisations.append(value)
            if kind != _KEPT and len(value) > 5:
                texts.append((node, key, kind))
        elif isinstance(value, (dict, list)):
            _walk(value, kind, slots, depth + 1)
    slots.is_contact = was_contact
    if dropped is not None:
        slots.removed += len(dropped)
        for key in dropped:
            del node[key]


def _is_contact_only(roles: object) -> bool:
    """Tell whether every role of a party is that of a contact point."""
    return isinstance(roles, list) and bool(roles) and all("contactpoint" in str(role).lower() for role in roles)


def _gather_names(contact: object, slots: _Slots, depth: int) -> None:
    if depth > DEEPEST + 1:
        raise RecursionError
    if isinstance(contact, str):
        slots.contact_names.append(contact)
    elif isinstance(contact, list):
        for item in contact:
            _gather_names(item, slots, depth + 1)
    elif isinstance(contact, dict):
        for key, value in contact.items():
            if "name" in key.lower():
                _gather_names(value, slots, depth + 1)


# --- personal names

_TITLE = r"(?:mr|mrs|ms|miss|mx|dr|prof|professor|sir|dame|cllr|councillor|rev|lt|capt|captain|major|col|sgt)"
_TITLES = re.compile(rf"^(?:{_TITLE}\b\.?\s*)+", re.IGNORECASE)
_NAME_WORD = re.compile(r"[^\W\d_](?:[^\W\d_]|['\u2019`.\-])*\Z")
_NAME_PARTS = re.compile(r"\s*(?:[/&;|\n\r(),:]|\s[\-\u2013\u2014]\s|\band\b|\bor\b|\bc/o\b)\s*", re.IGNORECASE)
_NOT_A_NAME = frozenset(
    """
    academies academy accounts ad address admin administration administrator adult adults advice advisor
    agency agent agreements aid all ambulance an and applicable architect area arts asset assets assistant at
    authority bidder bidders bidding bids board body borough branch britain british broadcasting budget
    building buildings bursar business buyer buyers buying by care careers category central centre ceo cfo
    chief children childrens civil client clients clinical college combined commercial commission commissioner
    commissioning commissions communication communications communities community company compliance
    construction consultancy consultant consultants contact contract contracting contractor contracts
    coordinator corporate corporation cost council county crown culture curriculum customer data defence
    delivery department dept deputy desk development digital director directorate disability district division
    due early eastern economic economy education electrical email emergency employment energy engagement
    engineering english enquire enquiries enquiry environment environmental esourcing estate estates
    etendering europe evaluation events executive external facilities families family finance financial fire
    fleet for forestry foundation framework frameworks freelance freephone from fund funding general
    governance government governor grants group growth headteacher health healthcare help helpdesk heritage
    highway highways homes hospital hospitals housing hr hub human ict improvement in inclusion industrial
    info information infrastructure innovation inspectorate integrated intelligence intend internal
    international investment it job jobs joint junior justice lead leader leadership learning legal leisure
    library licensing life lighting limited local logistics ltd main maintenance management manager maritime
    marketing media medical medicine mental metropolitan midlands minister ministry mobility multiquote museum
    national network networks new nhs none northern not number nursing of office officer officers on online
    operations opportunities organisation pa partner partners partnership people personnel phone plan planning
    plc please police policy port portal practice primary prime principal prison proactis probation
    procontract procure procurement procurements product production professional programme programmes project
    projects property public purchase purchaser purchasing quality quotation quotations rail receptionist
    recruitment refer regeneration regional register registered registrar regulation regulatory repairs
    representative rescue research resources retail revenue risk road roads safety sales school schools
    science sciences scotland scottish secondary secretariat secretary section security see senior service
    services shared site social society software solicitor solution solutions southern specialist sport sports
    staff state stock store stores strategic strategy studies supplier suppliers supplies supply support
    surveying surveyor sustainability sustainable system systems tbc teacher team teams technical technology
    telecoms telephone tender tenderer tendering tenders the to town trading traffic training transformation
    transport travel treasury trust trustees uk unit university unknown urban user valuation value vehicle
    vehicles venue via voluntary waste water web website welfare wellbeing welsh western workforce workplace
    works years yorkshire youth
    """.split()  # noqa: SIM905  a list of words reads better as text
)


@lru_cache(maxsize=2048)
def _personal_names(written: str) -> tuple[tuple[str, ...], ...]:
    """Find the personal names in a contact's name: two to five words of letters, none of them an office's."""
    found = []
    for part in _NAME_PARTS.split(written[:200]):
        words = tuple(_TITLES.sub("", part.strip()).split())
        if (
            2 <= len(words) <= 5
            and all(_NAME_WORD.match(word) for word in words)
            and len(words[-1].strip(".")) > 1
            and not any(word.strip(".").lower() in _NOT_A_NAME for word in words if len(word.strip(".")) > 1)
        ):
            found.append(words)
    if (pair := re.fullmatch(r"\s*([^\W\d_][\w'\u2019\-]+)\s*,\s*([^\W\d_][\w'\u2019\-]+)\s*", written)) and not any(
        word.lower() in _NOT_A_NAME for word in pair.groups()
    ):
        found.append((pair[2], pair[1]))
    return tuple(found)


@lru_cache(maxsize=2048)
def _name_pattern(words: tuple[str, ...]) -> re.Pattern[str]:
    """Match a personal name in prose: in full, first and last, "Last, First", title and last, initial and last."""
    first, last = re.escape(words[0]), re.escape(words[-1])
    gap = r"[\s\u00a0.]+"
    written = [
        gap.join(re.escape(word.rstrip(".")) for word in words),
        rf"{first}{gap}(?:\w\.?{gap})?{last}",
        rf"{last}\s*,\s*{first}",
        rf"{_TITLE}\.?\s*{last}",
    ]
    capital = re.escape(words[-1][:1].upper() + words[-1][1:])
    written.append(rf"(?-i:{re.escape(words[0][0].upper())}\.\s?{capital})")
    return re.compile(rf"(?<!\w)(?:{_TITLE}\.?\s+)?(?:{'|'.join(written)})(?!\w)", re.IGNORECASE)


def _names_to_mask(slots: _Slots) -> list[re.Pattern[str]]:
    """Return the patterns of the contact points' personal names that are worth trying on this release's prose."""
    if not slots.contact_names:
        return []
    names = {words for written in slots.contact_names for words in _personal_names(written)}
    if not names:
        return []
    # The last word stands in every way of writing a name: most releases need no search beyond this.
    prose = "\n".join(holder[key] for holder, key, kind in slots.texts if kind == _PROSE).lower()
    names = {words for words in names if words[-1].lower() in prose}
    organisations = [f" {' '.join(name.lower().split())} " for name in slots.organisations]
    return [
        _name_pattern(words)
        for words in sorted(names, key=lambda words: (-len(words), words))
        if not any(f" {' '.join(words).lower()} " in organisation for organisation in organisations)
    ]


_INTRODUCED = re.compile(
    r"""
    (?P<cue>\b(?:[Cc]ontact(?:s|ing)?|CONTACT|[Aa]ttention|[Aa]ttn|ATTN|[Ff][Aa][Oo]|[Ss]peak(?:ing)?\ (?:to|with)
        |[Aa]sk\ for|[Cc]all|[Ee]-?mail|[Nn]ame|[Oo]fficer|[Ll]ead|[Tt]o)\b[\s.:=\-\u2013(]{1,5}(?:is\ |to\ )?)
    (?:(?:Mr|Mrs|Ms|Miss|Mx|Dr|Prof|Cllr)\b\.?\ ?)?
    (?P<name>[A-Z][\w'\u2019\-]+(?:[ \u00a0]{1,2}[A-Z][\w'\u2019\-]*\.?){1,2})
    (?=[\s,:;(\-\u2013<]{0,5}
        (?:(?:on|at|by|via|or|with|e-?mail|tel|telephone|phone|mobile|mob|t|m|e)\b[\s.:,;(\-\u2013<]{0,4}){0,3}
        \[(?:e-mail|telephone)\ removed\])
    """,
    re.VERBOSE,
)

# --- e-mail addresses and telephone numbers

_AT = r"(?:@|%40|&\#0?64;|\uff20)"
_LOCAL = r"[\w.!#$'\u2019*+^~\-]"
_TLD = r"(?:uk|com|org|net|eu|scot|wales|cymru|london|ie|io|info|biz|co|gov)"
_EMAIL = re.compile(
    rf"""
    (?:mailto:\s*)?
    (?<!{_LOCAL}){_LOCAL}{{1,200}}+                                   # bounded and possessive: no quadratic search
    (?:
        {_AT}(?:[\w\-]{{1,63}}\.){{1,12}}[^\W\d_]{{2,24}}
      | \s?(?:{_AT}|[\[({{]\s?at\s?[\])}}])\s?(?:[\w\-]{{1,63}}\.){{1,12}}{_TLD}(?!\w)
    )
    """,
    re.VERBOSE | re.IGNORECASE,
)
# Each begins with fixed characters, which makes looking for them several times faster than the searches they spare.
_SIGN_OF_EMAIL = re.compile(r"@|\uff20|%40|&#0?64|\[\s?[aA][tT]|\(\s?[aA][tT]|\{\s?[aA][tT]")


def _without_emails(text: str) -> str:
    """Mask the addresses in a text; one that touches another only shows once that one is gone."""
    while (masked := _EMAIL.sub(EMAIL_REMOVED, text)) != text:
        text = masked
    return text


_CONTACT_LINK = re.compile(r"\s*(mailto|tel|sms|callto|fax|skype)\s*:", re.IGNORECASE)

_GAP = r"(?:[ \u00a0\u2000-\u200b\u202f.\-\u2010-\u2015\u2212()\u00c2]|&nbsp;|&\#160;){0,4}"
_SIGN_OF_NUMBER = re.compile(rf"[0-9](?:{_GAP}[0-9]){{5}}")
_RUN = re.compile(
    rf"(?P<digits>[+(]{{0,3}}[0-9](?:{_GAP}[0-9]){{5,59}})"
    r"(?P<tail>(?:/[0-9]{3,6}(?![\d/]))?(?:[ ,;]{0,3}\(?(?:extension|extn?|x)[.: ]{0,3}[0-9]{1,6}\)?)?)",
    re.IGNORECASE,
)
_EDGE = r"(?<![0-9])(?<![0-9][.\-/])"
_ABROAD = re.compile(
    rf"""
    \(?(?:\+|{_EDGE}00){_GAP}44{_GAP}(?:\(0\)|0)?(?:{_GAP}[0-9]){{9,10}}(?![0-9])
  | \(?\+{_GAP}[1-9](?:{_GAP}[0-9]){{7,14}}(?![0-9])
  | {_EDGE}00(?:353|3[1-49]|4[1-9])\ (?:{_GAP}[0-9]){{8,10}}(?![0-9])
    """,
    re.VERBOSE,
)
_UK = re.compile(
    rf"""
    {_EDGE}(?:\(0\){_GAP}|\(?0)(?:1[1-9]|2[03489]|3[03457]|7[0-9]|8[047])(?:{_GAP}[0-9]){{8}}(?![0-9])
  | {_EDGE}\(?(?:01[2-9][0-9]{{2}}\)?{_GAP}[0-9]{{5}}|0[58]00{_GAP}[0-9]{{3}}{_GAP}[0-9]{{3}})(?![0-9])
    """,
    re.VERBOSE,
)
_GROUPINGS = frozenset({
    (11,), (3, 8), (3, 4, 4), (3, 3, 5), (3, 5, 3), (3, 2, 2, 2, 2), (3, 4, 2, 2), (4, 7), (4, 3, 4), (4, 4, 3),
    (4, 3, 2, 2), (4, 2, 2, 3), (4, 2, 5), (5, 6), (5, 3, 3), (5, 2, 4), (5, 4, 2), (5, 2, 2, 2), (6, 5), (6, 3, 2),
    (6, 2, 3), (5, 5), (4, 3, 3),
})  # fmt: skip
_CUE = re.compile(
    r"(?:\b|(?<=rn))(?:tel(?:ephone|e)?s?|phones?|ph|mob(?:ile)?|cell|fax|facsimile|freephone|minicom|textphone|"
    r"switchboard|helpline|helpdesk|hotline|landline|whatsapp|ddi|contact\s(?=n))"
    r"\.?(?:\s?(?:number|num|no)s?)?[\s.:=\-\u2013#()]{0,6}(?:(?:is|on|at|us\son)[\s:]{1,3})?\Z",
    re.IGNORECASE,
)
_WEAK_CUE = re.compile(
    r"(?:\b(?:call|calling|ring|ringing|dial|dialling)(?:\s(?:us|me|them))?(?:\son)?|\b[tmf](?=[:.]))[\s:.\-]{1,4}\Z",
    re.IGNORECASE,
)
_REFERENCE_CUE = re.compile(
    r"\b(?:ref(?:erence)?s?|id|contract|notice|order|po|project|tender|lot|code|account|acct|invoice|"
    r"case|batch|uprn|urn|mpan|mprn|isbn|company|charity|reg(?:istration)?|version|part|serial|item)"
    r"(?:\s?(?:number|num|no|id|code|ref(?:erence)?)s?)?[\s.:=\-#(]{0,4}\Z",
    re.IGNORECASE,
)
_GROUP = re.compile(r"[0-9]+")
_SPACE = re.compile(r"[ \u00a0\u2000-\u200a\u202f&]")
_DATES = re.compile(r"(?:[0-9]{1,2}[.\-][0-9]{1,2}[.\-][0-9]{2,4}|(?:19|20)[0-9]{2}-[0-9]{2}-[0-9]{2})(?![0-9])")
_HOURS = re.compile(r"[0-2][0-9][0-5][0-9][ \-\u2010-\u2015]{1,3}[0-2][0-9][0-5][0-9]")
_YEARS = re.compile(r"(?:(?:19|20)[0-9]{2}[ .\-\u2010-\u2015]{1,3}){1,4}(?:19|20)[0-9]{2}(?![0-9])")


def _mask(text: str, number: Callable[[re.Match[str]], str]) -> str:
    """Mask until nothing is left to mask, so that masking twice is masking once; the same object if nothing is."""
    while True:
        new = text
        if _SIGN_OF_EMAIL.search(new):
            new = _without_emails(new)
        if _SIGN_OF_NUMBER.search(new):
            new = _RUN.sub(number, new)
        if " removed]" in new:
            new = _INTRODUCED.sub(_introduced, new)
        if new == text:
            return text
        text = new


def _mask_url(text: str) -> str:
    if link := _CONTACT_LINK.match(text):
        return EMAIL_REMOVED if link[1].lower() == "mailto" else TELEPHONE_REMOVED
    if "@" in text or "%40" in text:
        return _without_emails(text)
    return text


def _introduced(match: re.Match[str]) -> str:
    """Mask a name before a masked number or address, unless it is an office's."""
    words = re.split(r"[\s\u00a0]+", match["name"])
    return match[0] if any(word.lower() in _NOT_A_NAME for word in words) else match["cue"] + NAME_REMOVED


def _before(run: re.Match[str]) -> str:
    return run.string[max(0, run.start() - 40) : run.start()]


def _in_url(run: re.Match[str]) -> bool:
    """Say whether the run of digits stands inside the address of a page."""
    before = run.string[max(0, run.start() - 400) : run.start()]
    if before[-1:].strip() == "":
        return False
    word = before.split()[-1]
    return "://" in word or word.lower().lstrip("(<[\"'").startswith("www.")


def _cued(run: re.Match[str], before: str) -> bool:
    """Say whether the words before a run of digits announce a telephone number."""
    digits = run["digits"]
    if _DATES.match(digits) or _YEARS.fullmatch(digits) or _HOURS.fullmatch(digits):
        return False
    if _CUE.search(before):
        return True
    groups = _GROUP.findall(digits)
    return bool(_WEAK_CUE.search(before)) and (
        (digits.lstrip("(")[0] in "0+" and len(groups[0]) > 2 and len("".join(groups)) >= 7)
        or (len(groups) > 1 and min(map(len, groups)) > 2 and not _YEARS.match(digits))
    )


def _mask_leading(run: re.Match[str]) -> str:
    """Mask the telephone number at the start of a run of digits, and in the rest whatever is one by its shape."""
    digits = run["digits"]
    shape = _ABROAD.match(digits) or _UK.match(digits)
    end = shape.end() if shape else 0
    if not shape:
        counted = 0
        for group in _GROUP.finditer(digits):
            if counted and counted + len(group[0]) > 15:
                break
            counted += len(group[0])
            end = group.end()
    if end == len(digits):
        return TELEPHONE_REMOVED
    return TELEPHONE_REMOVED + _shaped(digits[end:], " ", "") + run["tail"]


def _shaped(digits: str, before: str, after: str) -> str:
    """Mask what is a telephone number by its shape alone in a run of digits, given the words beside it."""
    last = before[-1:]
    embedded = last != "" and (last.isalnum() or last in "_/#£$€@=&%-")
    of_a_code = last != "" and (last.isdigit() or last.isupper() or last in "_#£$€")
    referred = embedded or _REFERENCE_CUE.search(before) is not None

    def decide(match: re.Match[str]) -> str:
        written = match[0]
        bracketed = written.startswith("(")
        grouping = tuple(len(group) for group in _GROUP.findall(written))
        if grouping not in _GROUPINGS and not written.startswith("(0)"):
            return written
        spaced = bracketed or _SPACE.search(written) is not None
        if match.start() == 0 and (of_a_code if spaced else referred):
            return written
        if match.end() == len(digits) and not spaced and (after.isalnum() or after == "_"):
            return written
        return TELEPHONE_REMOVED

    if "+" in digits or "00" in digits:
        digits = _ABROAD.sub(TELEPHONE_REMOVED, digits)
    return _UK.sub(decide, digits)


def _prose_number(run: re.Match[str]) -> str:
    """Mask the telephone numbers in a run of digits in prose."""
    before = _before(run)
    if _in_url(run):
        return run[0]
    if _cued(run, before):
        return _mask_leading(run)
    digits = run["digits"]
    new = _shaped(digits, before, run.string[run.end("digits") : run.end("digits") + 1] if not run["tail"] else "")
    if new == digits:
        return run[0]
    return new if new.endswith(TELEPHONE_REMOVED) else new + run["tail"]


def _guarded_number(run: re.Match[str]) -> str:
    """Mask the telephone numbers in a run of digits in a postal address: announced by a word, or +44."""
    if _CUE.search(_before(run)) or run["digits"].lstrip("(").startswith("+44"):
        return _mask_leading(run)
    return run[0]
