#include "page/page_part.h"

#include "base/num.h"
#include "base/tr.h"
#include "page/page_image.h"
#include "page/pages.h"

#define PART_HOLD_BYTES ((size_t)256 << 10)

/* Size after decoding, as people will find it on their disk. */
static uint64_t
part_decoded_bytes(const struct mime_part *part)
{
	if (part->encoding != MIME_BASE64)
		return part->bytes;
	/* 76 letters and CRLF carry 57 bytes (RFC 2045, 6.8). */
	return part->bytes / 78 * 57 + part->bytes % 78 * 3 / 4;
}

static bool
part_is_message(const struct mime_part *part)
{
	return str_eq(part->type, STR("message")) &&
	       (str_eq(part->subtype, STR("rfc822")) ||
	           str_eq(part->subtype, STR("global")));
}

/* Nobody named it: what its sender says of it, else what kind it is. */
static struct text
part_name(const struct mime_part *part, const struct mime_type *type)
{
	static const struct {
		const char *type;
		struct text words;
	} kinds[] = {
	    {"image", {{"picture", 7}}},
	    {"audio", {{"sound", 5}}},
	    {"video", {{"video", 5}}},
	    {"text", {{"text", 4}}},
	};

	if (!text_is_empty(part->name))
		return part->name;
	if (!text_is_empty(part->description))
		return part->description;
	/* "attachment.png" tells enough. */
	if (type->extension[0] != '\0')
		return part->name;
	for (size_t i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++)
		if (str_eq(part->type, str_c(kinds[i].type)))
			return kinds[i].words;
	return tr_text("unnamed file");
}

struct page_file
page_file_of(
    struct arena *arena, const struct mail_id *id, const struct mime_part *part)
{
	const struct mime_type *type = mime_type_of(part);

	if (part_is_message(part) && text_is_empty(part->name))
		return page_file_of_message(arena, id, part, part->message);
	return (struct page_file){
	    .id = *id,
	    .part = part,
	    .type = type,
	    .name = mime_name_file(arena, part_name(part, type), type),
	    .bytes = part_decoded_bytes(part),
	    .is_exact = part->encoding == MIME_IDENTITY,
	};
}

struct page_file
page_file_of_inner(struct arena *arena, const struct mail_id *id,
    const struct page_bundle *bundle, size_t index)
{
	const struct mime_inner *inner = &bundle->inners.list[index];
	const struct mime_type *type =
	    mime_type_named(inner->type, inner->name.s);

	return (struct page_file){
	    .id = *id,
	    .part = bundle->part,
	    .has_inner = true,
	    .inner = index,
	    .type = type,
	    .name = mime_name_file(arena, inner->name, type),
	    .bytes = inner->bytes,
	    .is_exact = true,
	    .container = bundle->bytes,
	};
}

struct page_file
page_file_of_message(struct arena *arena, const struct mail_id *id,
    const struct mime_part *part, const struct mime_header *header)
{
	struct text subject = header != NULL ? header->subject : TEXT("");

	return (struct page_file){
	    .id = *id,
	    .part = part,
	    .type = mime_type_named(STR("message/rfc822"), STR("")),
	    .name = mime_name_message(arena, subject),
	    .bytes = part != NULL ? part_decoded_bytes(part) : 0,
	    .is_exact = false,
	};
}

enum err_code
/* NOLINTNEXTLINE(readability-function-size): a contract of the header */
page_file_bundle(struct request *req, const struct mail_id *id,
    const struct mime_part *part, size_t max_bytes, struct page_bundle *out,
    struct err *err)
{
	struct mail mail = page_mail(req);
	enum err_code rc;

	*out = (struct page_bundle){.part = part};
	rc = mail_part_bytes(&mail, id, part, max_bytes, &out->bytes, err);
	if (rc == ERR_OK)
		rc = mime_inner_list(
		    part, out->bytes, req->arena, &out->inners, err);
	return rc;
}

enum err_code
page_file_read_inner(
    struct request *req, struct page_file *file, struct err *err)
{
	enum err_code rc;

	if (!file->has_inner || file->has_content)
		return ERR_OK;
	rc = mime_inner_read(file->part, file->container, file->inner,
	    req->arena, &file->content, err);
	file->bytes = file->content.len;
	file->has_content = rc == ERR_OK;
	return rc;
}

static enum err_code
part_find_inner(struct request *req, struct str number, struct page_file *file,
    struct err *err)
{
	struct mail mail = page_mail(req);
	struct page_bundle bundle;
	uint32_t index = 0;
	enum err_code rc = num_u32(number, 0, UINT32_MAX, &index, err);

	if (rc == ERR_OK)
		rc = page_file_bundle(req, &file->id, file->part,
		    mail_limits(&mail).parse_bytes, &bundle, err);
	if (rc != ERR_OK)
		return rc;
	if (index >= bundle.inners.count)
		return err_set(err, ERR_NOT_FOUND,
		    "This message has no such attachment.", NULL);
	*file = page_file_of_inner(req->arena, &file->id, &bundle, index);
	return page_file_read_inner(req, file, err);
}

enum err_code
page_file_find(struct request *req, struct page_file *out, struct err *err)
{
	struct mail mail = page_mail(req);
	struct str inner = request_query(req, "inner");
	const struct mime_part *part = NULL;
	struct mail_message message;
	struct mail_id id;
	enum err_code rc = page_message_id(req, &id, err);

	if (rc == ERR_OK)
		rc = mail_message(&mail, &id, 0, &message, NULL, err);
	if (rc != ERR_OK)
		return rc;
	id.uid_validity = message.uid_validity;
	part = mime_part_find(message.root, request_query(req, "part"));
	if (part == NULL)
		return err_set(err, ERR_NOT_FOUND,
		    "This message has no such attachment.", NULL);
	*out = page_file_of(req->arena, &id, part);
	return inner.len > 0 ? part_find_inner(req, inner, out, err) : ERR_OK;
}

struct view_url
page_file_url(struct request *req, const char *path,
    const struct page_file *file, bool is_inline)
{
	struct str none = {NULL, 0};
	struct view_url_param params[] = {
	    {"folder", file->id.folder.s},
	    {"uid", page_u64(req->arena, file->id.uid)},
	    {"v", page_u64(req->arena, file->id.uid_validity)},
	    {"part", file->part != NULL ? file->part->section : none},
	    {"inner",
	        file->has_inner ? page_u64(req->arena, file->inner) : none},
	    {"inline", is_inline ? STR("1") : none},
	    {NULL, {0}},
	};

	return view_url_local(req->arena, path, params);
}

struct view_url
page_part_url(struct request *req, const struct mail_id *id,
    const struct mime_part *part, bool is_inline)
{
	struct page_file file = {.id = *id, .part = part};

	return page_file_url(req, "/part", &file, is_inline);
}

enum err_code
page_file_hold(struct request *req, struct page_file *file, struct err *err)
{
	struct mail mail = page_mail(req);
	enum err_code rc;

	if (file->has_content || file->part == NULL ||
	    file->part->bytes > PART_HOLD_BYTES)
		return ERR_OK;
	rc = mail_part_bytes(
	    &mail, &file->id, file->part, PART_HOLD_BYTES, &file->content, err);
	file->has_content = rc == ERR_OK;
	return rc;
}

enum err_code
page_file_size(
    struct request *req, struct page_file *file, uint64_t *out, struct err *err)
{
	struct mail mail = page_mail(req);

	*out = UINT64_MAX;
	if (file->has_content) {
		*out = file->content.len;
		return ERR_OK;
	}
	if (file->part == NULL)
		return ERR_OK;
	return mail_part_size(&mail, &file->id, file->part, out, err);
}

/* Counts, and remembers that nobody wants more. */
struct part_counted {
	mime_sink_fn *sink;
	void *ctx;
	uint64_t bytes;
	bool is_stopped;
};

static bool
part_counted_sink(void *ctx, struct str bytes)
{
	struct part_counted *counted = ctx;

	counted->bytes += bytes.len;
	counted->is_stopped = !counted->sink(counted->ctx, bytes);
	return !counted->is_stopped;
}

/*
 * Base64 that is damaged in its middle decodes to less than its size says.
 * The answer was announced by then: zeros behind it are better than none.
 */
static void
part_fill(struct part_counted *counted, uint64_t total)
{
	static const char zeros[4096];

	while (!counted->is_stopped && total != UINT64_MAX &&
	       counted->bytes < total) {
		uint64_t rest = total - counted->bytes;
		size_t len =
		    rest < sizeof(zeros) ? (size_t)rest : sizeof(zeros);

		(void)part_counted_sink(counted, str_of(zeros, len));
	}
}

enum err_code
/* NOLINTNEXTLINE(readability-function-size): a contract of the header */
page_file_stream(struct request *req, const struct page_file *file,
    uint64_t total, mime_sink_fn *sink, void *ctx, struct err *err)
{
	struct part_counted counted = {.sink = sink, .ctx = ctx};
	struct mail mail = page_mail(req);
	enum err_code rc;

	if (file->has_content) {
		(void)sink(ctx, file->content);
		return ERR_OK;
	}
	rc = mail_part_stream(
	    &mail, &file->id, file->part, part_counted_sink, &counted, err);
	if (rc == ERR_OK)
		part_fill(&counted, total);
	return rc;
}

/* ---- the beginning ---- */
struct part_first {
	struct buf bytes;
	size_t max_bytes;
};

static bool
part_first_sink(void *ctx, struct str bytes)
{
	struct part_first *first = ctx;
	size_t room = first->max_bytes - first->bytes.len;

	buf_add(&first->bytes, str_slice(bytes, 0, room));
	return first->bytes.len < first->max_bytes;
}

enum err_code
page_file_first(struct request *req, const struct page_file *file,
    size_t max_bytes, struct str *out, struct err *err)
{
	struct part_first first = {.max_bytes = max_bytes};
	enum err_code rc;

	buf_init_arena(&first.bytes, req->arena, max_bytes);
	rc = page_file_stream(
	    req, file, UINT64_MAX, part_first_sink, &first, err);
	return rc == ERR_OK ? buf_end(&first.bytes, out, err) : rc;
}

enum err_code
page_part(struct request *req, struct response *res, struct err *err)
{
	struct page_file file = {0};
	bool is_inline = request_query(req, "inline").len > 0;
	enum err_code rc = page_file_find(req, &file, err);

	if (rc != ERR_OK)
		return rc;
	return page_file_send(req, res, &file,
	    is_inline ? PAGE_FILE_INLINE : PAGE_FILE_DOWNLOAD, err);
}
