#include "base/codec.h"
#include "base/num.h"
#include "page/page_compose.h"

#define COMPOSE_ID_BYTES 16

static const char *const compose_kinds[] = {
    [COMPOSE_NEW] = "new",
    [COMPOSE_REPLY] = "reply",
    [COMPOSE_FORWARD] = "forward",
    [COMPOSE_DRAFT] = "draft",
    [COMPOSE_AGAIN] = "again",
    [COMPOSE_BUILT] = "built",
};

static const char *const compose_priorities[] = {
    [MIME_PRIORITY_NORMAL] = "normal",
    [MIME_PRIORITY_HIGH] = "high",
    [MIME_PRIORITY_LOW] = "low",
};

const char *
compose_kind_name(enum compose_kind kind)
{
	return compose_kinds[kind];
}

enum compose_kind
compose_kind_of(struct str name)
{
	if (str_eq(name, STR("reply")))
		return COMPOSE_REPLY;
	if (str_eq(name, STR("forward")))
		return COMPOSE_FORWARD;
	if (str_eq(name, STR("draft")))
		return COMPOSE_DRAFT;
	if (str_eq(name, STR("again")))
		return COMPOSE_AGAIN;
	if (str_eq(name, STR("built")))
		return COMPOSE_BUILT;
	return COMPOSE_NEW;
}

const char *
compose_priority_name(enum mime_priority priority)
{
	return compose_priorities[priority];
}

enum mime_priority
compose_priority_of(struct str name)
{
	if (str_eq(name, STR("high")))
		return MIME_PRIORITY_HIGH;
	if (str_eq(name, STR("low")))
		return MIME_PRIORITY_LOW;
	return MIME_PRIORITY_NORMAL;
}

bool
compose_id_is_valid(struct str id)
{
	if (id.len != COMPOSE_ID_LETTERS)
		return false;
	for (size_t i = 0; i < id.len; i++) {
		char c = id.ptr[i];

		if (!((c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
		        (c >= '0' && c <= '9') || c == '-' || c == '_'))
			return false;
	}
	return true;
}

struct str
compose_id_new(struct arena *arena)
{
	unsigned char bytes[COMPOSE_ID_BYTES];
	struct buf id;

	secret_fill_random(bytes, sizeof(bytes));
	buf_init_arena(&id, arena, 64);
	codec_base64url_encode(&id, str_of((const char *)bytes, sizeof(bytes)));
	return buf_str(&id);
}

/* One line a field: "to=percent-encoded". */
static void
compose_add(struct buf *out, const char *name, struct str value)
{
	buf_add_c(out, name);
	buf_add_byte(out, '=');
	buf_add_percent(out, value);
	buf_add_byte(out, '\n');
}

struct str
compose_pack(struct arena *arena, const struct compose *compose)
{
	struct buf out;

	/* Percent-encoding may take three bytes for one. */
	buf_init_arena(&out, arena, LIMIT_FIELD_BYTES * 4);
	compose_add(&out, "to", compose->to.s);
	compose_add(&out, "cc", compose->cc.s);
	compose_add(&out, "bcc", compose->bcc.s);
	compose_add(&out, "subject", compose->subject.s);
	compose_add(&out, "body", compose->body.s);
	compose_add(&out, "in_reply_to", compose->in_reply_to.s);
	compose_add(&out, "references", compose->references.s);
	compose_add(&out, "source_folder", compose->source_folder.s);
	compose_add(&out, "source_uid", page_u64(arena, compose->source_uid));
	compose_add(
	    &out, "source_validity", page_u64(arena, compose->source_validity));
	compose_add(&out, "kind", str_c(compose_kind_name(compose->kind)));
	compose_add(&out, "html", compose->html.s);
	compose_add(&out, "identity", compose->identity);
	compose_add(
	    &out, "priority", str_c(compose_priority_name(compose->priority)));
	compose_add(
	    &out, "receipt", compose->asks_receipt ? STR("1") : STR(""));
	compose_add(&out, "dsn", compose->asks_dsn ? STR("1") : STR(""));
	compose_add(&out, "send_at", compose->send_at.s);
	compose_add(&out, "window", compose->window);
	return out.failed == ERR_OK ? buf_str(&out) : str_of(NULL, 0);
}

static void
compose_set(struct compose *compose, struct str name, struct text value)
{
	struct {
		const char *name;
		struct text *to;
	} texts[] = {
	    {"to", &compose->to},
	    {"cc", &compose->cc},
	    {"bcc", &compose->bcc},
	    {"subject", &compose->subject},
	    {"body", &compose->body},
	    {"in_reply_to", &compose->in_reply_to},
	    {"references", &compose->references},
	    {"source_folder", &compose->source_folder},
	    {"html", &compose->html},
	    {"send_at", &compose->send_at},
	};

	for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++)
		if (str_eq(name, str_c(texts[i].name)))
			*texts[i].to = value;
	if (str_eq(name, STR("source_uid")))
		err_ignore(num_u32(
		    value.s, 0, UINT32_MAX, &compose->source_uid, NULL));
	else if (str_eq(name, STR("source_validity")))
		err_ignore(num_u32(
		    value.s, 0, UINT32_MAX, &compose->source_validity, NULL));
	else if (str_eq(name, STR("kind")))
		compose->kind = compose_kind_of(value.s);
	else if (str_eq(name, STR("identity")))
		compose->identity = value.s;
	else if (str_eq(name, STR("window")))
		compose->window = value.s;
	else if (str_eq(name, STR("priority")))
		compose->priority = compose_priority_of(value.s);
	else if (str_eq(name, STR("receipt")))
		compose->asks_receipt = value.s.len > 0;
	else if (str_eq(name, STR("dsn")))
		compose->asks_dsn = value.s.len > 0;
}

enum err_code
compose_unpack(
    struct str bytes, struct arena *arena, struct compose *out, struct err *err)
{
	while (bytes.len > 0) {
		struct str line = str_cut(&bytes, '\n');
		struct str name = str_cut(&line, '=');
		struct buf value;

		buf_init_arena(&value, arena, LIMIT_FIELD_BYTES);
		codec_percent_decode(&value, line, false);
		if (value.failed != ERR_OK)
			return err_set(err, ERR_INTERNAL,
			    "This draft cannot be read.", "compose_unpack");
		compose_set(out, name, text_from(arena, buf_str(&value)));
	}
	/* What found no room must not look like an empty field. */
	if (arena_failed(arena))
		return err_set(err, ERR_NO_MEMORY,
		    "The server is out of memory.", "compose_unpack");
	return ERR_OK;
}
