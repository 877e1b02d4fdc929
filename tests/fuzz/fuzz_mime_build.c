/*
 * Whatever stands in the fields and files of a draft: lines as mail has them,
 * the fields and parts we wrote and no more, and the same words and bytes when
 * it is read back. Fields are divided by 0xFF, which no text has.
 */
#include <sys/mman.h>
#include <unistd.h>

#include "base/buf.h"
#include "mime/mime.h"

#define LINE_BYTES_MAX 998u

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);
int LLVMFuzzerInitialize(int *argc, char ***argv);

static int64_t
read_bytes(void *ctx, uint64_t offset, void *buf, size_t len)
{
	const struct str *bytes = ctx;
	struct str rest = str_slice(*bytes, (size_t)offset, bytes->len);

	/* Pieces of odd sizes: nothing may depend on where they end. */
	len = len > 7 ? len - len / 3 : len;
	if (len > rest.len)
		len = rest.len;
	if (len > 0)
		memcpy(buf, rest.ptr, len);
	return (int64_t)len;
}

static struct str
built(struct arena *arena, const struct mime_draft *draft,
    struct mime_built *made)
{
	int fd = memfd_create("message", 0);
	struct err err = ERR_NONE;
	char *text = NULL;

	ensure(fd >= 0);
	ensure(mime_build(draft, fd, (uint64_t)4 << 20, made, &err) == ERR_OK);
	text = arena_alloc(arena, (size_t)made->bytes);
	ensure(text != NULL);
	ensure(pread(fd, text, (size_t)made->bytes, 0) == (ssize_t)made->bytes);
	(void)close(fd);
	return str_of(text, (size_t)made->bytes);
}

static void
check_wire(struct str message, bool is_8bit)
{
	size_t line = 0;

	ensure(str_ends(message, STR("\r\n")));
	for (size_t i = 0; i < message.len; i++) {
		char c = message.ptr[i];

		ensure(c != '\0' && (is_8bit || (unsigned char)c < 0x80));
		ensure(c != '\n' || (i > 0 && message.ptr[i - 1] == '\r'));
		ensure(c != '\r' ||
		       (i + 1 < message.len && message.ptr[i + 1] == '\n'));
		line = c == '\n' ? 0 : line + 1;
		ensure(line <= LINE_BYTES_MAX + 1);
	}
}

/* How often a field of that name stands in the header. */
static size_t
count_fields(struct str message, const char *name)
{
	size_t end = str_find(message, STR("\r\n\r\n"), 0);
	struct str head = str_slice(message, 0, end + 2);
	size_t count = 0;

	while (head.len > 0) {
		struct str line = str_cut(&head, '\n');

		count += str_starts_nocase(line, str_c(name));
	}
	return count;
}

/* Blanks may change where a text becomes one line. */
static struct str
words_of(struct arena *arena, struct str text)
{
	struct buf out;

	buf_init_arena(&out, arena, text.len + 1);
	for (size_t i = 0; i < text.len; i++)
		if ((unsigned char)text.ptr[i] > ' ')
			buf_add_byte(&out, text.ptr[i]);
	return buf_str(&out);
}

static void
check_header(struct arena *arena, const struct mime_draft *draft,
    const struct mime_header *header, struct str message)
{
	ensure(header->from.count == 1 && header->to.count == 1);
	ensure(header->bcc.count == 0 && header->cc.count == 0);
	ensure(
	    str_eq(header->to.list[0].address.s, draft->to.list[0].address.s));
	ensure(str_eq(words_of(arena, header->subject.s),
	    words_of(arena, draft->subject.s)));
	ensure(count_fields(message, "Bcc:") == 0);
	ensure(count_fields(message, "Subject:") <= 1);
	ensure(count_fields(message, "MIME-Version:") == 1);
	ensure(count_fields(message, "Content-Type:") == 1);
	ensure(count_fields(message, "Content-Disposition:") == 0);
}

static const struct mime_part *
check_file(struct arena *arena, const struct mime_part *part, struct str bytes)
{
	if (str_eq(part->type, STR("message")))
		return part;
	ensure(part->encoding == MIME_BASE64);
	ensure(str_eq(mime_decode_transfer(
	                  arena, MIME_BASE64, part->content, bytes.len + 10),
	    bytes));
	return part;
}

static void
check_body(struct arena *arena, const struct mime_draft *draft,
    const struct mime_part *root, struct str bytes)
{
	const struct mime_part *text = root;

	if (str_eq(text->subtype, STR("mixed"))) {
		ensure(text->part_count == 2);
		check_file(arena, &text->parts[1], bytes);
		text = &text->parts[0];
	}
	if (draft->html.len > 0) {
		const struct mime_part *html;

		ensure(str_eq(text->subtype, STR("alternative")));
		ensure(text->part_count == 2);
		html = &text->parts[1];
		text = &text->parts[0];
		if (str_eq(html->subtype, STR("related"))) {
			ensure(html->part_count == 2);
			check_file(arena, &html->parts[1], bytes);
			html = &html->parts[0];
		}
		ensure(str_eq(html->subtype, STR("html")));
		ensure(str_eq(
		    words_of(arena, mime_decode_transfer(arena, html->encoding,
		                        html->content, 4 << 20)),
		    words_of(arena, draft->html)));
	}
	ensure(str_eq(text->subtype, STR("plain")) && text->is_flowed);
}

static void
check(struct arena *arena, const struct mime_draft *draft, struct str bytes)
{
	struct mime_limits limits = mime_limits_default;
	struct mime_built made;
	struct str message = built(arena, draft, &made);
	struct mime_message read;
	struct err err = ERR_NONE;

	ensure(message.ptr != NULL && !made.needs_utf8);
	check_wire(message, made.is_8bit);
	limits.time_ms = 600000;
	ensure(mime_parse(message, &limits, arena, &read, &err) == ERR_OK);
	check_header(arena, draft, &read.header, message);
	check_body(arena, draft, read.root, bytes);
}

int
LLVMFuzzerInitialize(int *argc, char ***argv)
{
	(void)argc;
	(void)argv;
	mime_init();
	return 0;
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct arena *arena = arena_new((size_t)64 << 20);
	struct str rest = str_of((const char *)data, size);
	unsigned flags = size > 0 ? data[0] : 0;
	struct mime_address to = {{{NULL, 0}}, TEXT("ben@example.org")};
	struct mime_draft draft = {.to = {&to, 1}, .date_s = 1};
	struct str bytes;
	struct mime_draft_file file = {.read = read_bytes, .ctx = &bytes};

	if (size > 0 && size < 20000) {
		rest = str_slice(rest, 1, rest.len);
		draft.from = (struct mime_address){
		    text_from(arena, str_cut(&rest, '\xff')),
		    TEXT("anna@example.org")};
		to.name = text_from(arena, str_cut(&rest, '\xff'));
		draft.subject = text_from(arena, str_cut(&rest, '\xff'));
		draft.message_id = text_from(arena, str_cut(&rest, '\xff'));
		draft.organization = text_from(arena, str_cut(&rest, '\xff'));
		draft.compose_id = str_cut(&rest, '\xff');
		draft.body = text_from(arena, str_cut(&rest, '\xff'));
		draft.html = text_from(arena, str_cut(&rest, '\xff')).s;
		file.name = text_from(arena, str_cut(&rest, '\xff'));
		file.type = str_cut(&rest, '\xff');
		file.content_id = str_cut(&rest, '\xff');
		bytes = rest;
		file.is_message = (flags & 1) != 0;
		draft.is_7bit_only = (flags & 2) != 0;
		draft.files = &file;
		draft.file_count = (flags & 4) != 0 ? 1 : 0;
		draft.asks_receipt = (flags & 8) != 0;
		/* A byte order mark in front is no text: it does not come
		 * back. */
		if (str_find(draft.subject.s, STR("\xef\xbb\xbf"), 0) ==
		        draft.subject.s.len &&
		    str_find(draft.html, STR("\xef\xbb\xbf"), 0) ==
		        draft.html.len)
			check(arena, &draft, bytes);
	}
	arena_free(arena);
	return 0;
}
