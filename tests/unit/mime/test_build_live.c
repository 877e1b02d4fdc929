/*
 * Builds what test_building.py asks for, for other parsers to read. Input:
 * "name=percent-encoded" lines, one message up to an empty line. Without
 * input files it has nothing to do.
 *
 *   out=PATH from=A from_name=N to=A to_name=N cc=A bcc=A reply_to=A subject=
 *   body= html= organization= message_id= in_reply_to= references= compose=
 *   version= priority=1 receipt=1 bcc_too=1
 *   file_name= file_type= file_cid= file_message=1 file=BYTES (ends the file)
 *
 * After each: "BYTES HEAD 8BIT UTF8", or "! words".
 */
#include <fcntl.h>
#include <unistd.h>

#include "base/codec.h"
#include "base/num.h"
#include "mime_test.h"

#define MOST 20u

struct wanted {
	struct arena *arena;
	struct mime_draft draft;
	struct mime_address to[MOST], cc[MOST], bcc[MOST], reply_to[MOST];
	struct mime_draft_file files[MOST];
	struct str bytes[MOST];
	char *out;
};

static int64_t
read_bytes(void *ctx, uint64_t offset, void *buf, size_t len)
{
	const struct str *bytes = ctx;
	struct str rest = str_slice(*bytes, (size_t)offset, bytes->len);

	if (len > rest.len)
		len = rest.len;
	if (len > 0)
		memcpy(buf, rest.ptr, len);
	return (int64_t)len;
}

static struct str
decoded(struct arena *arena, struct str value)
{
	struct buf out;

	buf_init_arena(&out, arena, value.len + 1);
	codec_percent_decode(&out, value, false);
	assert_int_equal(out.failed, ERR_OK);
	return buf_str(&out);
}

/* "to" begins an address, "to_name" is of the one that follows. */
static bool
set_address(struct wanted *wanted, struct str name, struct text value)
{
	struct {
		const char *name;
		struct mime_addresses *list;
		struct mime_address *room;
	} lists[] = {{"to", &wanted->draft.to, wanted->to},
	    {"cc", &wanted->draft.cc, wanted->cc},
	    {"bcc", &wanted->draft.bcc, wanted->bcc},
	    {"reply_to", &wanted->draft.reply_to, wanted->reply_to}};

	for (size_t i = 0; i < 4; i++) {
		struct mime_addresses *list = lists[i].list;
		struct str rest = name;

		if (!str_starts(name, str_c(lists[i].name)))
			continue;
		rest = str_slice(name, strlen(lists[i].name), name.len);
		list->list = lists[i].room;
		assert_true(list->count < MOST);
		if (str_eq(rest, STR("_name")))
			list->list[list->count].name = value;
		else if (rest.len == 0)
			list->list[list->count++].address = value;
		else
			continue;
		return true;
	}
	return false;
}

static bool
set_file(struct wanted *wanted, struct str name, struct str value)
{
	struct mime_draft_file *file;

	if (!str_starts(name, STR("file")))
		return false;
	wanted->draft.files = wanted->files;
	assert_true(wanted->draft.file_count < MOST);
	file = &wanted->files[wanted->draft.file_count];
	if (str_eq(name, STR("file_name")))
		file->name = text_from(wanted->arena, value);
	else if (str_eq(name, STR("file_type")))
		file->type = value;
	else if (str_eq(name, STR("file_cid")))
		file->content_id = value;
	else if (str_eq(name, STR("file_message")))
		file->is_message = true;
	if (name.len > 4)
		return true;
	wanted->bytes[wanted->draft.file_count] = value;
	file->ctx = &wanted->bytes[wanted->draft.file_count++];
	file->read = read_bytes;
	file->bytes = value.len;
	return true;
}

static void
set_field(struct wanted *wanted, struct str name, struct str value)
{
	struct mime_draft *draft = &wanted->draft;
	struct text text = text_from(wanted->arena, value);
	struct {
		const char *name;
		struct text *to;
	} texts[] = {{"from", &draft->from.address},
	    {"from_name", &draft->from.name}, {"subject", &draft->subject},
	    {"body", &draft->body}, {"organization", &draft->organization},
	    {"message_id", &draft->message_id},
	    {"in_reply_to", &draft->in_reply_to},
	    {"references", &draft->references}};

	for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++)
		if (str_eq(name, str_c(texts[i].name)))
			*texts[i].to = text;
	if (str_eq(name, STR("html")))
		draft->html = text.s;
	else if (str_eq(name, STR("compose")))
		draft->compose_id = value;
	else if (str_eq(name, STR("version")))
		assert_int_equal(
		    num_u64(value, 0, UINT32_MAX, &draft->version, NULL),
		    ERR_OK);
	else if (str_eq(name, STR("priority")))
		draft->priority = MIME_PRIORITY_HIGH;
	else if (str_eq(name, STR("receipt")))
		draft->asks_receipt = true;
	else if (str_eq(name, STR("bcc_too")))
		draft->write_bcc = true;
	else if (str_eq(name, STR("out")))
		wanted->out = str_dup_c(wanted->arena, value);
}

static void
build(struct wanted *wanted)
{
	struct mime_built made = {0};
	struct err err = ERR_NONE;
	int fd = open(wanted->out, O_WRONLY | O_CREAT | O_TRUNC, 0600);

	assert_true(fd >= 0);
	wanted->draft.date_s = 1709210096;
	if (mime_build(&wanted->draft, fd, (uint64_t)1 << 30, &made, &err) ==
	    ERR_OK)
		(void)printf("%llu %llu %d %d\n",
		    (unsigned long long)made.bytes,
		    (unsigned long long)made.head_bytes, made.is_8bit,
		    made.needs_utf8);
	else
		(void)printf("! %s\n", err.message);
	(void)close(fd);
}

static void
test_drive(void **state)
{
	struct wanted *wanted = calloc(1, sizeof(*wanted));
	char *line = NULL;
	size_t room = 0;
	ssize_t len = 0;

	(void)state;
	assert_non_null(wanted);
	while (getenv("BUILD_LIVE") != NULL &&
	       (len = getline(&line, &room, stdin)) > 0) {
		struct str rest = str_trim(str_of(line, (size_t)len));
		struct str name;
		struct str value;

		if (wanted->arena == NULL)
			wanted->arena = arena_new(TEST_ARENA_BYTES);
		if (rest.len == 0) {
			build(wanted);
			arena_free(wanted->arena);
			*wanted = (struct wanted){0};
			continue;
		}
		name = str_dup(wanted->arena, str_cut(&rest, '='));
		value = decoded(wanted->arena, rest);
		if (!set_address(
		        wanted, name, text_from(wanted->arena, value)) &&
		    !set_file(wanted, name, value))
			set_field(wanted, name, value);
	}
	free(line);
	arena_free(wanted->arena);
	free(wanted);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {cmocka_unit_test(test_drive)};

	mime_init();
	return cmocka_run_group_tests(tests, NULL, NULL);
}
