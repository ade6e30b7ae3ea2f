"""Places: postcodes and names to areas, and what "local" means.

A supplier's place is the local authority of the postcode in its address; Contracts Finder publishes the address as one
free-text line, Find a Tender's parts are joined to one by the caller, with the region beside it.
Without a complete postcode the place is its office by register, or what half a postcode, a region, a town or a country
tells; each place says what it rests on, and never more than that tells.
A buyer's place is its own area, where it is a council or a combined, police or fire authority: by what a person
decided, else by a code in the notice, else by its name.
Precision goes before recall: a name that is not unmistakably one authority's is no authority's.

The boundaries are those of the ONS Postcode Directory of November 2025, or of a newer one that was loaded.
A postcode is checked by its outward code only: one that was never issued gets the authority of its neighbour.
"""

from transforms.places.addresses import OFFICES, OWN, PLACE, locate
from transforms.places.areas import COUNCILS, DEPENDENCIES, Directory, areas, leaves, neighbours, region_code, shipped
from transforms.places.buyers import KINDS, NOT_BUYERS, buyers, decidable, for_end_users, name_buyers, unaddressed
from transforms.places.local import NATIONAL_REGIONS, place, site

__all__ = [
    "COUNCILS",
    "DEPENDENCIES",
    "KINDS",
    "NATIONAL_REGIONS",
    "NOT_BUYERS",
    "OFFICES",
    "OWN",
    "PLACE",
    "Directory",
    "areas",
    "buyers",
    "decidable",
    "for_end_users",
    "leaves",
    "locate",
    "name_buyers",
    "neighbours",
    "place",
    "region_code",
    "shipped",
    "site",
    "unaddressed",
]
