"""The catalogues of translations: gathered from the code, kept as `.po`, compiled to `.mo`, with Babel alone."""
