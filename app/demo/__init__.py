"""A believable call, invented: everything here is fictitious and comes from a fixed seed.

Only content is made here, by pure functions that know no database and no web: `experts` and `dossiers` in the format of
the import, `people` for the accounts, `comments` and `cases` for what people write along the way. Organisations are
invented, addresses end in `.example`. A business number passes its check digit and may therefore belong to a real firm
by chance; it means nothing here.

The words live in data: `vocabulary/fNN.toml` (one file a sub-field: topics and product ideas), `phrases/*.toml`.
"""
