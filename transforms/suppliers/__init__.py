"""Who really won: identifiers, names and the suppliers they lead to."""
