#ifndef MIME_HTML_BUDGET_H
#define MIME_HTML_BUDGET_H
/*
 * Within mime/: how much of HTML a parser with so much memory can take, told
 * from its tags alone, so that it is not tried in vain.
 */
#include "base/str.h"

/*
 * The length of the beginning of `source` (all of it, for all honest mail)
 * whose tree takes about `max_bytes`, has no element of a thousand attributes,
 * and no nesting that only an attack has: those cost the square of it.
 * The end is before a "<".
 */
size_t html_budget_fit(struct str source, size_t max_bytes);

#endif
