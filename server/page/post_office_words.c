#include "base/codec.h"
#include "base/num.h"
#include "base/tr.h"
#include "page/post_office.h"

/* One line a field: "name=percent-encoded", as compositions are kept. */
static void
post_add(struct buf *out, const char *name, struct str value)
{
	buf_add_c(out, name);
	buf_add_byte(out, '=');
	buf_add_percent(out, value);
	buf_add_byte(out, '\n');
}

static void
post_add_flag(struct buf *out, const char *name, bool is_set)
{
	if (is_set)
		post_add(out, name, STR("1"));
}

struct str
post_envelope_pack(struct arena *arena, const struct post_envelope *envelope)
{
	struct buf out;

	buf_init_arena(&out, arena, LIMIT_FIELD_BYTES);
	post_add(&out, "subject", envelope->subject.s);
	post_add(&out, "from", envelope->from);
	for (size_t i = 0; i < envelope->count; i++)
		post_add(&out, "recipient", envelope->recipients[i]);
	post_add_flag(&out, "8bit", envelope->is_8bit);
	post_add_flag(&out, "utf8", envelope->is_utf8);
	post_add_flag(&out, "dsn", envelope->asks_dsn);
	post_add_flag(&out, "kept", envelope->server_keeps_sent);
	post_add(&out, "language", envelope->language);
	post_add(&out, "kind", str_c(compose_kind_name(envelope->kind)));
	post_add(&out, "folder", envelope->source_folder.s);
	post_add(&out, "uid", page_u64(arena, envelope->source_uid));
	post_add(&out, "validity", page_u64(arena, envelope->source_validity));
	return out.failed == ERR_OK ? buf_str(&out) : str_of(NULL, 0);
}

static void
post_envelope_set(
    struct post_envelope *envelope, struct str name, struct text value)
{
	struct {
		const char *name;
		bool *flag;
	} flags[] = {{"8bit", &envelope->is_8bit}, {"utf8", &envelope->is_utf8},
	    {"dsn", &envelope->asks_dsn},
	    {"kept", &envelope->server_keeps_sent}};

	for (size_t i = 0; i < sizeof(flags) / sizeof(flags[0]); i++)
		if (str_eq(name, str_c(flags[i].name)))
			*flags[i].flag = true;
	if (str_eq(name, STR("subject")))
		envelope->subject = value;
	else if (str_eq(name, STR("from")))
		envelope->from = value.s;
	else if (str_eq(name, STR("language")))
		envelope->language = value.s;
	else if (str_eq(name, STR("kind")))
		envelope->kind = compose_kind_of(value.s);
	else if (str_eq(name, STR("folder")))
		envelope->source_folder = value;
	else if (str_eq(name, STR("uid")))
		err_ignore(num_u32(
		    value.s, 0, UINT32_MAX, &envelope->source_uid, NULL));
	else if (str_eq(name, STR("validity")))
		err_ignore(num_u32(
		    value.s, 0, UINT32_MAX, &envelope->source_validity, NULL));
}

enum err_code
post_envelope_unpack(struct str bytes, struct arena *arena,
    struct post_envelope *out, struct err *err)
{
	size_t capacity = 0;

	*out = (struct post_envelope){.count = 0};
	while (bytes.len > 0) {
		struct str line = str_cut(&bytes, '\n');
		struct str name = str_cut(&line, '=');
		struct buf value;

		buf_init_arena(&value, arena, LIMIT_FIELD_BYTES);
		codec_percent_decode(&value, line, false);
		if (!str_eq(name, STR("recipient"))) {
			post_envelope_set(
			    out, name, text_from(arena, buf_str(&value)));
			continue;
		}
		out->recipients = arena_grow(arena, out->recipients, out->count,
		    &capacity, sizeof(*out->recipients));
		if (out->recipients == NULL)
			break;
		out->recipients[out->count++] = buf_str(&value);
	}
	if (arena_failed(arena))
		return err_set(err, ERR_NO_MEMORY,
		    "The server is out of memory.", "post_envelope_unpack");
	if (out->count == 0 || out->from.len == 0)
		return err_set(err, ERR_INTERNAL,
		    "This message cannot be read any more.",
		    "post_envelope_unpack");
	return ERR_OK;
}

/* The words, and a line for each address. */
struct str
post_return_pack(struct arena *arena, const struct post_return *back)
{
	struct buf out;

	buf_init_arena(&out, arena, LIMIT_FIELD_BYTES);
	buf_add(&out, text_line(arena, back->words.s).s);
	for (size_t i = 0; i < back->refused_count; i++) {
		buf_add_byte(&out, '\n');
		buf_add(&out, text_line(arena, back->refused[i].s).s);
	}
	return out.failed == ERR_OK ? buf_str(&out) : back->words.s;
}

void
post_return_unpack(
    struct str result, struct arena *arena, struct post_return *out)
{
	size_t capacity = 0;

	*out = (struct post_return){
	    .words = text_line(arena, str_cut(&result, '\n'))};
	while (result.len > 0) {
		struct str line = str_cut(&result, '\n');

		out->refused = arena_grow(arena, out->refused,
		    out->refused_count, &capacity, sizeof(*out->refused));
		if (out->refused == NULL) {
			out->refused_count = 0;
			return;
		}
		out->refused[out->refused_count++] = text_line(arena, line);
	}
}

struct text
post_words_shown(struct arena *arena, struct str words)
{
	const char *found = tr_find(str_dup_c(arena, words));

	return text_line(arena, found == NULL ? words : str_c(found));
}

/* ---- retries ------------------------------------------------------------- */

int64_t
post_wait_ms(uint32_t tries)
{
	static const int64_t minutes[] = {1, 1, 5, 15, 60};
	size_t last = sizeof(minutes) / sizeof(minutes[0]) - 1;

	return minutes[tries < last ? tries : last] * 60000;
}

bool
post_is_over(uint32_t tries, int64_t retry_for_ms)
{
	int64_t waited_ms = 0;

	for (uint32_t i = 1; i <= tries; i++) {
		waited_ms += post_wait_ms(i);
		if (waited_ms > retry_for_ms)
			return true;
	}
	return false;
}
