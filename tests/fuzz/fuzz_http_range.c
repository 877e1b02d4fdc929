/*
 * A browser's Range and If-Range over bodies of any size: what is sent lies
 * within the body.
 */
#include <stdint.h>

#include "http/http_range.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len);

static void
check(struct str range, struct str if_range, uint64_t total)
{
	struct str tag = STR("\"tag\"");
	struct http_range it = http_range_parse(range, if_range, tag, total);
	struct http_range again;
	char words[80];

	switch (it.kind) {
	case HTTP_RANGE_WHOLE:
		ensure(it.first == 0 && it.bytes == total);
		return;
	case HTTP_RANGE_NONE:
		ensure(it.bytes == 0);
		return;
	case HTTP_RANGE_PART:
		break;
	}
	ensure(it.first < total);
	ensure(it.bytes > 0 && it.bytes <= total - it.first);
	ensure(if_range.ptr == NULL || str_eq(str_trim(if_range), tag));
	/* Asked for by what was sent, it is the same. */
	(void)snprintf(words, sizeof(words), "bytes=%llu-%llu",
	    (unsigned long long)it.first,
	    (unsigned long long)(it.first + it.bytes - 1));
	again = http_range_parse(str_c(words), (struct str){0}, tag, total);
	ensure(again.kind == HTTP_RANGE_PART && again.first == it.first &&
	       again.bytes == it.bytes);
}

/* The first line is Range, what follows, if anything, If-Range. */
int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
	static const uint64_t totals[] = {
	    0, 1, 10, 1000, UINT32_MAX, INT64_MAX};
	struct str rest = str_of((const char *)data, len);
	struct str range = str_cut(&rest, '\n');
	struct str if_range = rest.len > 0 ? rest : (struct str){0};

	for (size_t i = 0; i < sizeof(totals) / sizeof(totals[0]); i++)
		check(range, if_range, totals[i]);
	return 0;
}
