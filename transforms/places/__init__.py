"""Places: postcodes and names to areas, and what "local" means.

A supplier's place is the local authority of the postcode in its address; Contracts Finder publishes the address as one
free-text line, Find a Tender's parts are joined to one by the caller.
A buyer's place is its own area, where it is a council or a combined authority: by its register code, else by its name.
Precision goes before recall: a name that is not unmistakably one authority's is no authority's.

The boundaries are those of the ONS Postcode Directory of November 2025.
A postcode is checked by its outward code only: one that was never issued gets the authority of its neighbour.
"""

from transforms.places.addresses import locate
from transforms.places.areas import COUNCILS, DEPENDENCIES, areas
from transforms.places.buyers import buyers, name_buyers
from transforms.places.local import place

__all__ = ["COUNCILS", "DEPENDENCIES", "areas", "buyers", "locate", "name_buyers", "place"]
