#include "base/num.h"
#include "remote.h"

/* RFC 6797, 6.1: directives, each with a value at most, quoted or not. */
static void
read_hsts(struct str value, struct remote_http *out)
{
	while (value.ptr != NULL && value.len > 0) {
		struct str rest = str_cut(&value, ';');
		struct str name = str_trim(str_cut(&rest, '='));
		struct str number = str_trim(rest);
		struct err ignored = ERR_NONE;
		uint64_t age = 0;

		if (str_starts(number, STR("\"")) && number.len >= 2)
			number = str_slice(number, 1, number.len - 1);
		if (str_eq_nocase(name, STR("max-age"))) {
			out->has_hsts = num_u64(number, 0, INT64_MAX, &age,
			                    &ignored) == ERR_OK;
			out->hsts_age_s = (int64_t)age;
		} else if (str_eq_nocase(name, STR("includeSubDomains"))) {
			out->has_subdomains = true;
		} else if (str_eq_nocase(name, STR("preload"))) {
			out->has_preload = true;
		}
	}
	/* An age of 0 takes it back. */
	out->has_hsts = out->has_hsts && out->hsts_age_s > 0;
}

void
remote_http_read(struct str bytes, struct remote_http *out)
{
	bool is_seen = false;

	*out =
	    (struct remote_http){.is_http = str_starts(bytes, STR("HTTP/1."))};
	while (out->is_http && bytes.ptr != NULL && bytes.len > 0) {
		struct str line = str_trim(str_cut(&bytes, '\n'));
		struct str name = str_cut(&line, ':');
		if (name.len == 0)
			return;
		/* The first one counts (RFC 6797, 8.1). */
		if (str_eq_nocase(name, STR("Strict-Transport-Security")) &&
		    !is_seen) {
			is_seen = true;
			read_hsts(line, out);
		}
	}
}
