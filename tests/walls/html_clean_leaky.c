/*
 * A hole in the cleaner, for tests of the tests: wrapped around it (ld
 * --wrap), it lets everything behind LEAK through as it came, and takes a text
 * with TANGLED for one that cannot be cleaned.
 */
#include "mime/html_clean.h"

#define LEAK    "<!--leak-->"
#define TANGLED "<!--tangled-->"

enum err_code __real_html_clean(struct str source,
    const struct html_clean_options *options, struct arena *arena,
    struct html_clean_result *out, struct err *err);
enum err_code __wrap_html_clean(struct str source,
    const struct html_clean_options *options, struct arena *arena,
    struct html_clean_result *out, struct err *err);

enum err_code
__wrap_html_clean(struct str source, const struct html_clean_options *options,
    struct arena *arena, struct html_clean_result *out, struct err *err)
{
	const char *leak = memmem(source.ptr, source.len, LEAK, strlen(LEAK));
	enum err_code rc;

	if (memmem(source.ptr, source.len, TANGLED, strlen(TANGLED)) != NULL)
		return err_set(err, ERR_LIMIT, "Tangled.", NULL);
	rc = __real_html_clean(source, options, arena, out, err);
	if (rc == ERR_OK && leak != NULL) {
		size_t from = (size_t)(leak - source.ptr);
		struct str parts[2] = {
		    out->body.s, str_slice(source, from, source.len)};

		out->body.s = str_join(arena, parts, 2);
	}
	return rc;
}
