/*
 * What somebody types into the search field: it is read, written as search
 * criteria, and those must be well formed whatever was typed. A value that is
 * put together by us must be read as that value.
 */
#include "mail/imap_search.h"

#include "base/limits.h"
#include "base/scan.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len);

#define FUZZ_BYTES 500u

static void
check_text(struct text text)
{
	ensure(str_is_utf8(text.s));
	ensure(!str_has_line_break(text.s));
}

/* Every term has what its kind needs. */
static size_t
check_term(const struct mail_term *term, unsigned depth)
{
	size_t count = 1;

	ensure(depth < 40);
	check_text(term->text);
	if (term->kind >= MAIL_TERM_WHOLE && term->kind <= MAIL_TERM_BODY)
		ensure(term->text.s.len > 0);
	if (term->kind == MAIL_TERM_ANY_OF)
		ensure(term->first != NULL && term->first->next != NULL);
	for (const struct mail_term *at = term->first; at != NULL;
	     at = at->next)
		count += check_term(at, depth + 1);
	ensure(count <= FUZZ_BYTES * 2);
	return count;
}

/*
 * Criteria: brackets pair, strings end, literals are as long as they say; no
 * line ends but behind a literal's length.
 */
static void
check_criteria(struct str line)
{
	struct scan scan = scan_of(line);
	unsigned depth = 0;

	while (!scan_end(&scan)) {
		int byte = scan_next(&scan);
		uint64_t size = 0;

		ensure(byte != '\r' && byte != '\n' && byte != 0);
		if (byte == '"') {
			while ((byte = scan_next(&scan)) != '"') {
				ensure(byte >= 0x20 && byte < 0x7F);
				if (byte == '\\')
					(void)scan_next(&scan);
			}
		} else if (byte == '{') {
			ensure(scan_u64(&scan, FUZZ_BYTES * 4, &size));
			ensure(scan_str(&scan, STR("+}\r\n")));
			ensure(scan_take(&scan, size).len == size);
		} else if (byte == '(') {
			depth++;
		} else if (byte == ')') {
			ensure(depth-- > 0);
		} else {
			ensure(byte >= 0x20 && byte < 0x7F);
		}
	}
	ensure(depth == 0);
}

static void
check_written(const struct mail_search *search, enum imap_search_stage stage)
{
	static const uint32_t uids[] = {1, 2, 7};
	struct imap_search what = {
	    .search = search, .stage = stage, .attached = uids};
	struct imap_writer writer;
	struct str line = {0};

	if (stage == IMAP_SEARCH_EXACT)
		what.attached_count = 3;
	imap_writer_init(&writer, 1, SIZE_MAX);
	imap_search_charset(&writer, search);
	imap_search_write(&writer, &what);
	ensure(buf_end(&writer.out, &line, NULL) == ERR_OK);
	ensure(line.len > 1 && line.ptr[0] == ' ');
	check_criteria(line);
	imap_writer_end(&writer);
}

/* subject:"what was typed" finds just that. */
static void
check_added(
    struct arena *arena, struct text typed, const struct mail_search_how *how)
{
	const struct mail_search *search;
	struct buf out;
	struct str line;

	if (str_find_byte(typed.s, '"', 0) < typed.s.len ||
	    text_is_empty(typed))
		return;
	buf_init_arena(&out, arena, FUZZ_BYTES * 4);
	mail_search_add(&out, "subject", typed);
	ensure(buf_end(&out, &line, NULL) == ERR_OK);
	search = mail_search_parse(arena, (struct text){line}, how);
	ensure(search != NULL && search->hint_count == 0);
	ensure(search->all.first != NULL && search->all.first->next == NULL);
	ensure(search->all.first->kind == MAIL_TERM_SUBJECT);
	ensure(str_eq(search->all.first->text.s, typed.s));
}

int
LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len)
{
	struct arena *arena = arena_new(4 << 20);
	struct mail_search_how how = {.today = 20000};
	const struct mail_search *search;
	struct text typed;

	if (arena == NULL || len > FUZZ_BYTES) {
		arena_free(arena);
		return 0;
	}
	typed = text_line(arena, str_of((const char *)bytes, len));
	search = mail_search_parse(arena, typed, &how);
	ensure(search != NULL);
	(void)check_term(&search->all, 0);
	for (size_t i = 0; i < search->hint_count; i++)
		check_text(search->hints[i].part);
	for (size_t i = 0; i < search->place_count; i++)
		check_text(search->places[i].name);
	for (int i = IMAP_SEARCH_MAYBE; i <= IMAP_SEARCH_EXACT; i++)
		check_written(search, (enum imap_search_stage)i);
	check_added(arena, typed, &how);
	arena_free(arena);
	return 0;
}
