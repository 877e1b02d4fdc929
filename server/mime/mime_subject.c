#include "base/scan.h"
#include "mime/mime.h"

/*
 * "Re:" and its sisters in the languages people write mail in, with counters
 * ("Re[2]:", "Re^2:") and the full-width colon.
 */
static const char *const reply_words[] = {"re", "aw", "antw", "sv", "vs", "odp",
    "ynt", "rif", "res", "回复", "答复", "回覆", "Ответ"};
static const char *const forward_words[] = {
    "fwd", "fw", "wg", "tr", "rv", "enc", "doorst", "vb", "转发", "轉寄"};

static bool
scan_colon(struct scan *scan)
{
	struct scan at = *scan;
	uint64_t number = 0;

	if (scan_byte(&at, '[') || scan_byte(&at, '(') || scan_byte(&at, '^')) {
		if (!scan_u64(&at, 9999, &number))
			return false;
		if (!scan_byte(&at, ']'))
			(void)scan_byte(&at, ')');
	}
	scan_blank(&at);
	if (!scan_byte(&at, ':') && !scan_str(&at, STR("：")))
		return false;
	scan_blank(&at);
	*scan = at;
	return true;
}

static bool
scan_prefix(struct scan *scan, const char *const *words, size_t count)
{
	for (size_t i = 0; i < count; i++) {
		struct scan at = *scan;
		if (scan_str_nocase(&at, str_c(words[i])) && scan_colon(&at)) {
			*scan = at;
			return true;
		}
	}
	return false;
}

static struct text
with_prefix(struct arena *arena, const char *prefix, struct str subject)
{
	return (struct text){
	    str_join(arena, (struct str[]){str_c(prefix), subject}, 2)};
}

struct text
mime_reply_subject(struct arena *arena, struct text subject)
{
	struct scan scan = scan_of(str_trim(subject.s));

	while (scan_prefix(
	    &scan, reply_words, sizeof(reply_words) / sizeof(reply_words[0])))
		;
	return with_prefix(arena, "Re: ", scan_rest(&scan));
}

struct text
mime_forward_subject(struct arena *arena, struct text subject)
{
	struct scan scan = scan_of(str_trim(subject.s));

	while (scan_prefix(&scan, forward_words,
	    sizeof(forward_words) / sizeof(forward_words[0])))
		;
	return with_prefix(arena, "Fwd: ", scan_rest(&scan));
}
