"""How long it takes to put pseudonyms in the place of identifiers."""
