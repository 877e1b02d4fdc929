/*
 * A wall taken away, for tests: linked in front of the cleaner, it lets
 * everything through.
 */
#include "mime/html_clean.h"

enum err_code
html_clean(struct str source, const struct html_clean_options *options,
    struct arena *arena, struct html_clean_result *out, struct err *err)
{
	(void)options;
	(void)arena;
	(void)err;
	*out = (struct html_clean_result){.body = {source},
	    .colours = HTML_KEEP_COLOURS};
	return ERR_OK;
}
