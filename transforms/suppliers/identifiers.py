"""Clean the identifiers that notices give for suppliers, without ever guessing.

An identifier is a scheme of org-id.guide (``GB-COH``, ``GB-CHC`` …) and a number that a buyer typed.
Most are right, one in nine has lost its leading zeros, and some are VAT numbers, words or noughts.
Only ``ok`` and ``repaired`` may say who a supplier is; every other status leaves the name to speak.

Known limits, measured on the awards of 2022: a six-digit company number is padded with noughts, and about one in
eight of those is an Irish company, or a partnership that has lost its ``OC``.
A charity number of seven digits written as a company number cannot be told from a company number without a register;
nor can ``SC005336``, which is the form of an old Scottish company and of a Scottish charity.
"""

import re
import unicodedata
from collections.abc import Callable
from typing import Literal, NamedTuple

Status = Literal["ok", "repaired", "ambiguous", "out_of_range", "junk", "other_scheme"]
"""What became of an identifier."""

USABLE: tuple[Status, ...] = ("ok", "repaired")
"""The statuses under which an identifier says who the supplier is."""


class Identifier(NamedTuple):
    """An identifier as cleaned: ``org_id`` is null unless the status is ok or repaired, ``reason`` unless it is ok."""

    org_id: str | None
    status: Status
    reason: str | None


LONGEST_IDENTIFIER = 200
"""Characters beyond which nothing is an identifier."""

HIGHEST_COMPANY = 19_999_999
"""Numbers of England and Wales stood below 17.5 million in 2026 and grow by under a million a year."""

LOWEST_CHARITY, HIGHEST_CHARITY = 200_000, 1_299_999
"""The Charity Commission's numbers began at 200000 and stood near 1.22 million in 2026."""

HIGHEST_SCOTTISH_CHARITY = 99_999
"""OSCR's numbers stood near SC054000 in 2026; a larger number with SC is a company's."""

LOWEST_PROVIDER, HIGHEST_PROVIDER = 10_000_000, 10_099_999
"""The UK Register of Learning Providers gives numbers of eight digits that begin with 100."""

# The registrar's prefixes: https://www.gov.uk/government/publications/uniform-resource-identifiers-uri-customer-guide
_COMPANY_PREFIXES = (
    "AC|BR|CE|CS|EN|ES|FC|FE|GE|GN|GS|IC|LP|NA|NC|NF|NI|NL|NO|NP|NR|NV|NZ|"
    "OC|OE|PC|R0|RC|RS|SA|SC|SE|SF|SG|SI|SL|SO|SP|SR|SZ|ZC|IP"
)
_PREFIXED = re.compile(rf"({_COMPANY_PREFIXES})([0-9O]*[0-9])([A-Z]{{0,3}})")
_PREFIX_LAST = re.compile(r"(\d{5,7})(SC|NI|OC|SO|NC)")
_SOCIETIES = frozenset({"IP", "SP", "NP", "NO", "NV", "RS"})
_MISTYPED = re.compile(r"(0C|S0|N1|1P)(?!0+R?$)(\d{6}|\d{5}R)")
_PREFIX_MEANT = {"0C": "OC", "S0": "SO", "N1": "NI", "1P": "IP"}
_NOUGHTS_AS_LETTERS = re.compile(r"(?=.{7,8}$)O{0,2}\d[\dO]*\d")
_FOREIGN = re.compile(
    r"(?:HRB|HRA|HE|IE|CHE|KVK|SIREN|SIRET|RCS[A-Z]{0,12}|ABN|ACN|EIN|CVR|KRS|NIP|CIF|NIF|FN|KBO|BCE|UEN|CIN)\d+[A-Z]*"
    r"|[A-HJNP-SUVW]\d{7}[0-9A-J]"
    r"|(?:AT|BE|BG|CY|CZ|DE|DK|EE|EL|ES|FI|FR|HR|HU|IT|LT|LU|LV|MT|NL|PL|PT|RO|SE|SI|SK)[0-9A-Z]\d{7,11}[0-9A-Z]{0,2}"
)
_WORDS_BEFORE = re.compile(
    r"\b(?:COMPAN(?:Y|IES)|CHARITY|REGISTERED|REGISTRATION|REG|CRN|DUNS|D-U-N-S|VAT|UKPRN)\b[^0-9]*?(?=\d|[A-Z]{2,3}\d)"
)
_LABEL = re.compile(r"\b(?:COMPAN(?:Y|IES)|CHARITY|CRN|DUNS|D-U-N-S|VAT|UKPRN)\b")
# "NO" is also the prefix of old societies of Northern Ireland, which have six digits and no full stop.
_NUMBER_SIGN = re.compile(r"(?:N(?:O|UM|UMBER)\s?[.:#]+|NUM(?:BER)?\b|#)\s*(?=\S*\d)|NO\s?(?=\d{7,8}$)")
_PLACE_BEHIND = re.compile(
    r"[\s,(]*\b(?:REGISTERED\s)?(?:IN\s)?(?:ENGLAND|SCOTLAND|WALES|NORTHERN\sIRELAND|UNITED\sKINGDOM|UK)"
    r"(?:\s?(?:AND|&)\s?WALES)?\s?\)?$"
)
_LABELS = {
    "CHARITY": ({"GB-CHC", "GB-SC", "GB-NIC"}, "a charity number"),
    "COMPANY": ({"GB-COH"}, "a company number"),
    "COMPANIES": ({"GB-COH"}, "a company number"),
    "CRN": ({"GB-COH"}, "a company number"),
    "VAT": ({"GB-VAT"}, "a VAT number"),
    "DUNS": ({"XI-DUNS"}, "a DUNS number"),
    "D-U-N-S": ({"XI-DUNS"}, "a DUNS number"),
    "UKPRN": ({"GB-UKPRN"}, "a provider reference number"),
}
_DECIMAL = re.compile(r"(\d{4,12})\.0{1,2}")
_ROUNDED = re.compile(r"\d(?:[.,]\d+)?E\+?\d{1,2}")
_NUMBERS = re.compile(r"[A-Z]{0,3}\d[\dO]{4,}[A-Z]{0,3}(?![\dA-Z])")
_ONE_DIGIT = re.compile(r"([1-9])\1{5,}")
_COUNTED = frozenset({"GB-COH", "GB-CHC", "GB-SC", "GB-NIC", "GB-VAT", "GB-UKPRN", "XI-DUNS"})
_ORG_ID = re.compile(r"([A-Z]{2,3}[-_ ][A-Z]{2,8})[-_ :/]+(\S.*)", re.DOTALL)
_COMPANY_PAGE = re.compile(r"HTTPS?://\S*?/COMPAN(?:Y|IES)/(?:GB/)?([A-Z0-9]{6,8})(?:[/?#].*)?")
_BLANKS = " \t\r\n\u00a0\u200b\u200c\u200d\u2060\ufeff"
_SEPARATORS = re.compile(r"[\s.,:/\\_'\"#()-]+")
_ENTERED_NOTHING = frozenset({"NA", "NIL", "NONE", "NULL", "NO", "NOTAPPLICABLE", "NOTKNOWN", "TBC", "TBA", "UNKNOWN"})

_SCHEME_NAMES = {
    "COH": "GB-COH",
    "COMPANIESHOUSE": "GB-COH",
    "COMPANYNUMBER": "GB-COH",
    "CHC": "GB-CHC",
    "CHARITY": "GB-CHC",
    "CHARITYCOMMISSION": "GB-CHC",
    "CHARITIESCOMMISSION": "GB-CHC",
    "CHARITYNUMBER": "GB-CHC",
    "REGISTEREDCHARITY": "GB-CHC",
    "COMPANIESHOUSENUMBER": "GB-COH",
    "CRN": "GB-COH",
    "OSCR": "GB-SC",
    "CCNI": "GB-NIC",
    "MPR": "GB-MPR",
    "NHS": "GB-NHS",
    "ODS": "GB-NHS",
    "VATNUMBER": "GB-VAT",
    "PPON": "GB-PPON",
    "VAT": "GB-VAT",
    "UKPRN": "GB-UKPRN",
    "DUNS": "XI-DUNS",
    "DUNSNUMBER": "XI-DUNS",
    "DNB": "XI-DUNS",
    "LEI": "XI-LEI",
}


def clean(scheme: str, raw: str) -> Identifier:
    """Return what an identifier as written says.

    ``scheme`` is as written, such as ``GB-COH``, or empty; ``raw`` is what the buyer typed, with or without the scheme
    in front. Spaces around it, and the scheme in front, are no repair. Never raises.
    """
    code = _scheme(scheme)
    if len(raw) > LONGEST_IDENTIFIER:
        return Identifier(None, "junk", "Too long for an identifier.")
    typed = unicodedata.normalize("NFKC", raw).strip(_BLANKS)
    written = typed.upper()
    if code and written.startswith(code + "-"):
        written = written[len(code) + 1 :]
        typed = typed[len(code) + 1 :]
    bare = _SEPARATORS.sub("", written)
    if not bare:
        return Identifier(None, "junk", "Nothing is written.")
    if code in ("GB-CFS", "GB-FTS"):
        return Identifier(None, "other_scheme", "The service's own number, minted anew for each notice.")
    if bare in _ENTERED_NOTHING:
        return Identifier(None, "junk", f"'{typed}' is no number.")
    if not bare.strip("0"):
        return Identifier(None, "junk", "Only noughts are written.")
    if not bare.isascii():
        return Identifier(None, "junk", "It holds letters that no register uses.")
    stated = _ORG_ID.fullmatch(written)
    if stated and (other := _scheme(stated[1])) in _RULES and other != code:
        if not code:
            return clean(other, typed)
        return Identifier(None, "other_scheme", f"It carries the prefix of another register, {other}.")
    if not code:
        return Identifier(None, "ambiguous", "The notice does not say which register the number belongs to.")
    rule = _RULES.get(code)
    if rule is None:
        return _pass_through(code, written)
    if code != "GB-NHS" and not any(letter.isdigit() for letter in bare):
        return Identifier(None, "junk", f"'{typed[:40]}' holds no number.")
    found = _counted(code, written, rule) if code in _COUNTED else rule(_SEPARATORS.sub("", written))
    if found.status == "ok" and found.org_id != f"{code}-{typed}":
        return found._replace(status="repaired", reason="Spaces, punctuation, words or small letters were set right.")
    return found


def org_id(text: str) -> Identifier:
    """Return what a user's own identifier says: an org-id such as ``GB-COH-01234567``, or a bare company number.

    The address of a company's page at Companies House, and a bare procurement number, are understood as well.
    A bare number is taken for a company's, as the column promises; a charity number needs its ``GB-CHC-`` in front.
    Never raises.
    """
    written = unicodedata.normalize("NFKC", text[:LONGEST_IDENTIFIER]).strip(_BLANKS + "'\"").upper()
    if match := _COMPANY_PAGE.fullmatch(written):
        return clean("GB-COH", match[1])
    if match := _ORG_ID.fullmatch(written):
        return clean(match[1], match[2])
    if re.fullmatch(r"P[A-Z]{3}[- ]?\d{4}[- ]?[A-Z]{4}", written):
        return clean("GB-PPON", written)
    return clean("GB-COH", text)


def is_vat_number(digits: str) -> bool:
    """Tell whether nine digits pass the check of a UK VAT number (modulus 97, plain or with 55 added).

    https://www.gov.uk/hmrc-internal-manuals/vat-registration
    """
    if len(digits) not in (9, 12) or not (digits.isascii() and digits.isdigit()):
        return False
    total = sum(int(digit) * weight for digit, weight in zip(digits[:7], range(8, 1, -1), strict=True)) + int(
        digits[7:9]
    )
    return total > 0 and (total % 97 == 0 or (total + 55) % 97 == 0)


def _scheme(scheme: str) -> str:
    code = scheme.strip().upper().replace("_", "-").replace(" ", "-")
    return _SCHEME_NAMES.get(re.sub(r"[^A-Z]", "", code), code)


def _counted(code: str, written: str, rule: Callable[[str], Identifier]) -> Identifier:
    """Clean what is written for a register whose numbers are mostly digits: labels, spreadsheets, several numbers."""
    if decimal := _DECIMAL.fullmatch(written):
        found = _one(code, decimal[1], rule)
        return (
            found._replace(status="repaired", reason="A spreadsheet wrote it as a decimal.") if found.org_id else found
        )
    if _ROUNDED.fullmatch(written):
        return Identifier(None, "junk", "A spreadsheet has rounded the number; its last digits are lost.")
    numbers = _NUMBERS.findall(written)
    if len(numbers) > 1:
        whole = {found.org_id for found in (rule(number) for number in numbers) if found.status == "ok"}
        if len(whole) == 1:
            return Identifier(
                whole.pop(), "repaired", "Several numbers are written; one alone has this register's form."
            )
        return Identifier(None, "ambiguous", "Several numbers are written, and it cannot be told which is meant.")
    meant = [_LABELS[label] for label in _LABEL.findall(written)] if written[:1].isalpha() else []
    if meant and not any(code in schemes for schemes, _ in meant):
        return Identifier(None, "other_scheme", f"It is labelled as {meant[0][1]}.")
    return _one(code, written, rule)


def _one(code: str, written: str, rule: Callable[[str], Identifier]) -> Identifier:
    """Clean one number with the words around it."""
    if written[:1].isalpha():
        written = _WORDS_BEFORE.sub("", written, count=1)
    if match := _NUMBER_SIGN.match(written):
        written = written[match.end() :]
    if written[-1:].isalpha() or written.endswith(")"):
        written = _PLACE_BEHIND.sub("", written)
    bare = _SEPARATORS.sub("", written)
    if not bare.strip("0"):
        return Identifier(None, "junk", "Only noughts are written.")
    if code == "GB-CHC":
        return _charity_written(written)
    if _ONE_DIGIT.fullmatch(bare):
        return Identifier(None, "ambiguous", "One digit repeated: it may only fill the field.")
    return rule(bare)


def _digits(text: str) -> bool:
    return text.isascii() and text.isdigit()


def _company(bare: str) -> Identifier:
    """Clean a company number: eight digits, or two letters and six."""
    if _digits(bare):
        return _company_digits(bare)
    if _NOUGHTS_AS_LETTERS.fullmatch(bare):
        found = _company_digits(bare.replace("O", "0"))
        return found._replace(status="repaired", reason="The letter O stood for a nought.") if found.org_id else found
    if mistyped := _MISTYPED.fullmatch(bare):
        org_id = f"GB-COH-{_PREFIX_MEANT[mistyped[1]]}{mistyped[2]}"
        return Identifier(org_id, "repaired", f"The prefix {_PREFIX_MEANT[mistyped[1]]} was mistyped as {mistyped[1]}.")
    if re.fullmatch(r"(?!0+R)\d{4,5}R", bare):
        org_id = f"GB-COH-IP{bare[:-1].zfill(5)}R"
        return Identifier(org_id, "repaired", "A registered society's number; the register writes IP in front.")
    if last := _PREFIX_LAST.fullmatch(bare):
        moved = _company_prefixed(last[2], last[1], "")
        if moved.org_id:
            return moved._replace(status="repaired", reason=f"The letters {last[2]} stood behind the number.")
        return moved
    if re.fullmatch(r"DX\d+[A-Z]*", bare):
        return Identifier(None, "junk", "It looks like an address of the document exchange.")
    if re.fullmatch(r"X[A-Z]\d{4,6}", bare):
        return Identifier(None, "other_scheme", "It looks like a charity reference of HM Revenue and Customs.")
    if re.fullmatch(r"P[A-Z]{3}\d{4}[A-Z]{4}", bare):
        return Identifier(None, "other_scheme", "It has the form of a procurement organisation number.")
    if (match := _PREFIXED.fullmatch(bare)) and len(bare) < 10:
        found = _company_prefixed(match[1], match[2].replace("O", "0"), match[3])
        if "O" in match[2] and found.org_id:
            return found._replace(status="repaired", reason="The letter O stood for a nought.")
        return found
    if re.fullmatch(r"GB\d{9}(\d{3})?", bare) and is_vat_number(bare[2:]):
        return Identifier(None, "other_scheme", "A VAT number, by its check digits.")
    if re.fullmatch(r"(?:GB|UK)\d{8}", bare):
        if bare[2] == "0":
            found = _company_digits(bare[2:])
            reason = "The country's letters stood in front."
            return found._replace(status="repaired", reason=reason) if found.org_id else found
        return Identifier(
            None, "ambiguous", "Eight digits after the country's letters: a company's or a cut VAT number."
        )
    if re.fullmatch(r"NIC\d{6}", bare):
        return Identifier(None, "other_scheme", "A charity number of Northern Ireland.")
    if _FOREIGN.fullmatch(bare):
        return Identifier(None, "other_scheme", "It looks like the number of a foreign register.")
    if re.fullmatch(r"\d{5,8}[A-Z]", bare):
        return Identifier(None, "ambiguous", "Digits and one letter: a prefix may have been lost.")
    return Identifier(None, "junk", "It has not the shape of a company number.")


def _company_digits(digits: str) -> Identifier:
    number = digits.lstrip("0")
    if not number:
        return Identifier(None, "junk", "Only noughts are written.")
    if len(digits) == 8:
        if int(digits) > HIGHEST_COMPANY:
            return Identifier(None, "out_of_range", "No company number is so high.")
        return Identifier(f"GB-COH-{digits}", "ok", None)
    if len(digits) > 8:
        if digits.startswith("00") and 6 <= len(number) <= 8 and int(number) <= HIGHEST_COMPANY:
            return Identifier(f"GB-COH-{number.zfill(8)}", "repaired", "Surplus leading noughts were taken away.")
        if not digits.startswith("0") and is_vat_number(digits):
            return Identifier(None, "other_scheme", "A VAT number, by its check digits.")
        if len(digits) == 9 and digits.startswith("0"):
            return Identifier(None, "ambiguous", "Nine digits: one too many, and it cannot be told which.")
        return Identifier(None, "out_of_range", f"{len(digits)} digits; a company number has eight.")
    if len(number) < 6:
        return Identifier(None, "ambiguous", f"{len(digits)} digits: too few to tell what was meant.")
    return Identifier(f"GB-COH-{digits.zfill(8)}", "repaired", "Lost leading noughts were put back.")


def _company_prefixed(prefix: str, digits: str, tail: str) -> Identifier:
    if tail and prefix not in _SOCIETIES and not (len(tail) == 1 and len(digits) == 5):
        return Identifier(None, "junk", "It has not the shape of a company number.")
    room = 6 - len(tail)
    if not digits.strip("0"):
        return Identifier(None, "junk", "Only noughts are written.")
    if len(digits) == room:
        return Identifier(f"GB-COH-{prefix}{digits}{tail}", "ok", None)
    if len(digits) > room:
        number = digits.lstrip("0").zfill(room)
        if len(number) == room:
            return Identifier(f"GB-COH-{prefix}{number}{tail}", "repaired", "Surplus leading noughts were taken away.")
        return Identifier(None, "ambiguous", f"{len(digits)} digits after {prefix}: one or more too many.")
    if not tail and prefix in _SOCIETIES:
        return Identifier(
            None, "ambiguous", f"{len(digits)} digits after {prefix}: a closing letter may have been lost."
        )
    if len(digits) < 3:
        return Identifier(None, "ambiguous", f"{len(digits)} digits after {prefix}: too few to tell what was meant.")
    return Identifier(f"GB-COH-{prefix}{digits.zfill(room)}{tail}", "repaired", "Lost leading noughts were put back.")


def _charity(bare: str) -> Identifier:
    if not _digits(bare):
        if re.fullmatch(r"X[A-Z]\d{4,6}", bare):
            return Identifier(None, "other_scheme", "It looks like a charity reference of HM Revenue and Customs.")
        if re.fullmatch(r"SC\d{5,6}|NIC\d{6}", bare):
            return Identifier(
                None, "other_scheme", "A Scottish or Northern Irish number, not one of England and Wales."
            )
        if _PREFIXED.fullmatch(bare) or re.fullmatch(r"\d{4,5}R", bare):
            return Identifier(None, "other_scheme", "A number of Companies House or the mutuals register.")
        return Identifier(None, "junk", "It has not the shape of a charity number.")
    number = bare.lstrip("0")
    if len(bare) == 8 and int(number) > HIGHEST_CHARITY:
        return Identifier(None, "other_scheme", "Eight digits: the length of a company number.")
    if not LOWEST_CHARITY <= int(number) <= HIGHEST_CHARITY:
        return Identifier(None, "out_of_range", "No charity of England and Wales has this number.")
    if number != bare:
        return Identifier(f"GB-CHC-{number}", "repaired", "Leading noughts were taken away.")
    return Identifier(f"GB-CHC-{number}", "ok", None)


def _charity_written(written: str) -> Identifier:
    """Clean a charity number that may carry the suffix of a linked charity, where ``-0`` is the main one."""
    linked = re.fullmatch(r"(\d{6,7}) ?[-/.] ?(\d{1,3})", written)
    if linked is None:
        return _charity(_SEPARATORS.sub("", written))
    main = _charity(linked[1])
    if not main.org_id:
        return main
    if not int(linked[2]):
        return main._replace(status="repaired", reason="The suffix for the main charity was set aside.")
    return Identifier(f"{main.org_id}-{int(linked[2])}", "ok", None)


def _scottish_charity(bare: str) -> Identifier:
    bare = re.sub(r"^SCO(?=\d)", "SC0", bare)
    if re.fullmatch(r"CS\d{6}", bare):
        return Identifier(None, "other_scheme", "A number of Companies House, for a Scottish incorporated charity.")
    match = re.fullmatch(r"(SC)?0*(\d{1,6})", bare)
    if not match or len(bare.removeprefix("SC")) > 6:
        return Identifier(None, "junk", "It has not the shape of a Scottish charity number.")
    if int(match[2]) > HIGHEST_SCOTTISH_CHARITY:
        return Identifier(None, "out_of_range", "No Scottish charity has so high a number.")
    org_id = f"GB-SC-SC{match[2].zfill(6)}"
    if org_id == f"GB-SC-{bare}":
        return Identifier(org_id, "ok", None)
    if len(bare.removeprefix("SC")) < 5:
        return Identifier(None, "ambiguous", "Too few digits to tell what was meant.")
    return Identifier(org_id, "repaired", "Lost letters or noughts were put back.")


def _northern_irish_charity(bare: str) -> Identifier:
    match = re.fullmatch(r"(NIC)?(1\d{5})", bare)
    if not match:
        return Identifier(None, "junk", "It has not the shape of a Northern Irish charity number.")
    return Identifier(f"GB-NIC-{match[2]}", "ok", None)


def _mutual(bare: str) -> Identifier:
    """Clean a society's number, as the Financial Conduct Authority writes it: ``22981R``, ``7654``."""
    match = re.fullmatch(r"(IP|SP|NP|NO|RS)?0*([1-9]\d{0,6})([A-Z]{0,3})", bare)
    if not match:
        return Identifier(None, "junk", "It has not the shape of a mutual society's number.")
    org_id = f"GB-MPR-{match[2]}{match[3]}"
    if match[1]:
        return Identifier(
            org_id, "repaired", f"Companies House writes {match[1]} in front; the mutuals register does not."
        )
    if org_id != f"GB-MPR-{bare}":
        return Identifier(org_id, "repaired", "Leading noughts were taken away.")
    return Identifier(org_id, "ok", None)


def _procurement_number(bare: str) -> Identifier:
    if match := re.fullmatch(r"(?:PPON)?(P[A-Z]{3})(\d{4})([A-Z]{4})", bare):
        return Identifier(f"GB-PPON-{match[1]}-{match[2]}-{match[3]}", "ok", None)
    return Identifier(None, "junk", "It has not the shape of a procurement organisation number.")


def _vat(bare: str) -> Identifier:
    digits = re.sub(r"^(?:GB|XI)", "", bare)
    if not re.fullmatch(r"\d{9}(?:\d{3})?", digits):
        return Identifier(None, "junk", "It has not the shape of a VAT number: nine digits, or twelve for a branch.")
    if is_vat_number(digits):
        return Identifier(f"GB-VAT-{digits[:9]}", "ok", None)
    return Identifier(None, "junk", "The check digits of the VAT number do not agree.")


def _provider(bare: str) -> Identifier:
    if not re.fullmatch(r"\d{8}", bare):
        return Identifier(None, "junk", "It has not the shape of a UK provider reference number: eight digits.")
    if not LOWEST_PROVIDER < int(bare) <= HIGHEST_PROVIDER:
        return Identifier(None, "out_of_range", "UK provider reference numbers begin with 100.")
    return Identifier(f"GB-UKPRN-{bare}", "ok", None)


def _health(bare: str) -> Identifier:
    """Clean a code of the NHS Organisation Data Service: three letters or digits for a trust, up to eight elsewhere."""
    if bare in ("NHS", "TRUST", "THE", "ODS") or not re.fullmatch(r"[A-Z0-9]{3}|(?=.*\d)[A-Z0-9]{4,8}", bare):
        return Identifier(None, "junk", "It has not the shape of an NHS organisation code.")
    return Identifier(f"GB-NHS-{bare}", "ok", None)


def _duns(bare: str) -> Identifier:
    if re.fullmatch(r"\d{7,8}", bare):
        return Identifier(
            None, "ambiguous", "A DUNS number has nine digits: a nought may be lost, or it is another number."
        )
    if not re.fullmatch(r"\d{9}", bare):
        return Identifier(None, "junk", "It has not the shape of a DUNS number: nine digits.")
    if bare in ("123456789", "987654321"):
        return Identifier(None, "junk", "Digits in a row only fill the field.")
    return Identifier(f"XI-DUNS-{bare}", "ok", None)


def _legal_entity(bare: str) -> Identifier:
    """Clean a legal entity identifier: twenty letters and digits, modulus 97 of ISO 17442 (https://www.gleif.org/)."""
    if not re.fullmatch(r"[A-Z0-9]{18}\d{2}", bare):
        return Identifier(None, "junk", "It has not the shape of a legal entity identifier.")
    if int("".join(str(int(letter, 36)) for letter in bare)) % 97 != 1:
        return Identifier(None, "junk", "The check digits of the legal entity identifier do not agree.")
    return Identifier(f"XI-LEI-{bare}", "ok", None)


def _pass_through(code: str, written: str) -> Identifier:
    """Keep the number of any other register as it is written, when it looks like one."""
    value = re.sub(r"\s+", "", written)
    if not re.fullmatch(r"[A-Z]{2,3}-[A-Z0-9_-]{2,20}", code):
        return Identifier(None, "other_scheme", "The register is not known.")
    if not re.fullmatch(r"[A-Z0-9][A-Z0-9./:_-]{1,59}", value):
        return Identifier(None, "junk", "It has not the shape of an identifier.")
    return Identifier(f"{code}-{value}", "ok", None)


_RULES: dict[str, Callable[[str], Identifier]] = {
    "GB-COH": _company,
    "GB-CHC": _charity,
    "GB-SC": _scottish_charity,
    "GB-NIC": _northern_irish_charity,
    "GB-MPR": _mutual,
    "GB-PPON": _procurement_number,
    "GB-VAT": _vat,
    "GB-UKPRN": _provider,
    "GB-NHS": _health,
    "XI-DUNS": _duns,
    "XI-LEI": _legal_entity,
}
