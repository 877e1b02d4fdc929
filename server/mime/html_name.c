#include "mime/html_name.h"

#include "base/scan.h"

#define NAME_BYTES_MAX 64u
#define NAMES_MAX      20u

static const char name_bytes[] =
    "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-";

bool
html_name_add(struct buf *out, struct str name)
{
	struct scan scan = scan_of(name);

	(void)scan_while(&scan, name_bytes);
	if (!scan_end(&scan) || name.len == 0 || name.len > NAME_BYTES_MAX)
		return false;
	if (!str_starts(name, STR("m-"))) {
		if (name.len > NAME_BYTES_MAX - 2)
			return false;
		buf_add(out, STR("m-"));
	}
	buf_add(out, name);
	return true;
}

bool
html_name_add_list(struct buf *out, struct str names)
{
	struct scan scan = scan_of(names);
	size_t start = out->len;
	size_t count = 0;

	while (!scan_end(&scan) && count < NAMES_MAX) {
		size_t before = out->len;
		struct str name = scan_until(&scan, " \t\n\f\r");
		(void)scan_while(&scan, " \t\n\f\r");
		if (before > start)
			buf_add_byte(out, ' ');
		if (html_name_add(out, name))
			count++;
		else
			out->len = before;
	}
	return count > 0;
}
