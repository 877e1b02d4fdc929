#include "mime/mime_build_body.h"

#include "base/codec.h"
#include "mime/mime_attach.h"
#include "mime/mime_encode.h"
#include "mime/mime_flow.h"

/*
 * multipart/mixed                    with attachments
 *   multipart/alternative            with HTML
 *     text/plain; format=flowed
 *     multipart/related              with pictures in it
 *       text/html
 *       image/…
 *   the attachments
 *
 * The text is format=flowed (RFC 3676), 7-bit when it is ASCII and
 * quoted-printable when not. HTML is always quoted-printable: its lines are
 * as long as they like.
 */

#define BOUNDARY_TRIES 8u

enum level {
	LEVEL_MIXED,
	LEVEL_ALTERNATIVE,
	LEVEL_RELATED
};

struct body {
	struct mime_out *out;
	const struct mime_draft *draft;
	struct mime_attach *files; /* draft->file_count of them */
	size_t related_count;
	char boundary[MIME_BOUNDARY_BYTES + 1]; /* its last letter: the level */
};

/* ---- boundaries ---- */

/*
 * "=_" cannot come out of base64 or quoted-printable (RFC 2045, 6.7). The
 * rest follows from the message, so that the same message is written alike;
 * FNV-1a, twice: distinct, not secret.
 */
static void
set_boundary(struct body *body, unsigned number)
{
	uint64_t hash[2] = {14695981039346656037u, 1099511628211u * 31u};
	struct str id = body->draft->message_id.s;
	struct buf hex;

	for (size_t i = 0; i <= id.len; i++) {
		uint64_t c = i < id.len ? (unsigned char)id.ptr[i] : number;
		for (size_t k = 0; k < 2; k++)
			hash[k] = (hash[k] ^ (c + k * 7)) * 1099511628211u;
	}
	buf_init(&hex, MIME_BOUNDARY_BYTES + 1);
	buf_add(&hex, STR("=_"));
	codec_hex_encode(&hex, str_of((const char *)hash, sizeof(hash)));
	buf_add_byte(&hex, 'a');
	ensure(hex.failed == ERR_OK && hex.len == MIME_BOUNDARY_BYTES);
	memcpy(body->boundary, hex.ptr, MIME_BOUNDARY_BYTES);
	body->boundary[MIME_BOUNDARY_BYTES] = '\0';
	buf_free(&hex);
}

static struct str
boundary_of(struct body *body, enum level level)
{
	body->boundary[MIME_BOUNDARY_BYTES - 1] = (char)('a' + (int)level);
	return str_of(body->boundary, MIME_BOUNDARY_BYTES);
}

/* All but the level's letter. */
static struct str
boundary_stem(const struct body *body)
{
	return str_of(body->boundary, MIME_BOUNDARY_BYTES - 1);
}

/* Only what goes unencoded can have it: plain text and messages. */
static bool
has_boundary(const struct body *body)
{
	struct str text = body->draft->body.s;

	if (str_find(text, boundary_stem(body), 0) < text.len)
		return true;
	for (size_t i = 0; i < body->draft->file_count; i++) {
		if (body->files[i].has_boundary)
			return true;
	}
	return false;
}

static void
look_at_files(struct body *body)
{
	const struct mime_draft *draft = body->draft;

	body->related_count = 0;
	for (size_t i = 0; i < draft->file_count; i++) {
		body->files[i] = mime_attach_look(
		    draft, &draft->files[i], boundary_stem(body));
		body->related_count += body->files[i].is_related;
	}
}

static void
choose_boundary(struct body *body)
{
	for (unsigned number = 0; number < BOUNDARY_TRIES; number++) {
		set_boundary(body, number);
		look_at_files(body);
		if (!has_boundary(body))
			return;
	}
	if (body->out->failed == ERR_OK)
		body->out->failed = err_set(body->out->err, ERR_INTERNAL,
		    "The message could not be put together.",
		    "mime: no boundary");
}

static void
add_boundary(struct body *body, enum level level, const char *end)
{
	mime_out_add(body->out, STR("\r\n--"));
	mime_out_add(body->out, boundary_of(body, level));
	mime_out_add_c(body->out, end);
}

static void
begin_multipart(struct body *body, enum level level, const char *type)
{
	mime_out_add(body->out, STR("Content-Type: multipart/"));
	mime_out_add_c(body->out, type);
	mime_out_add(body->out, STR(";\r\n boundary=\""));
	mime_out_add(body->out, boundary_of(body, level));
	mime_out_add(body->out, STR("\"\r\n"));
	/* RFC 2045, 6.4: what holds 8-bit parts says so. */
	if (level == LEVEL_MIXED) {
		for (size_t i = 0; i < body->draft->file_count; i++) {
			if (!body->files[i].is_8bit)
				continue;
			mime_out_add(body->out,
			    STR("Content-Transfer-Encoding: 8bit\r\n"));
			body->out->is_8bit = true;
			break;
		}
	}
	add_boundary(body, level, "\r\n");
}

static void
end_multipart(struct body *body, enum level level)
{
	add_boundary(body, level, "--\r\n");
}

/* ---- text ---- */

static bool
is_ascii(struct str s)
{
	for (size_t i = 0; i < s.len; i++) {
		if ((unsigned char)s.ptr[i] >= 0x7f)
			return false;
	}
	return true;
}

static bool
write_plain_line(void *ctx, struct str line)
{
	struct mime_out *out = ctx;

	mime_out_add(out, line);
	mime_out_add(out, STR("\r\n"));
	return out->failed == ERR_OK;
}

static bool
write_qp_line(void *ctx, struct str line)
{
	struct mime_out *out = ctx;

	mime_encode_qp_line(out, line);
	return out->failed == ERR_OK;
}

static void
add_plain(struct body *body)
{
	struct mime_out *out = body->out;
	struct text text = body->draft->body;
	bool is_plain = is_ascii(text.s);

	mime_out_add(out,
	    STR("Content-Type: text/plain; charset=utf-8; format=flowed\r\n"
	        "Content-Transfer-Encoding: "));
	mime_out_add_c(
	    out, is_plain ? "7bit\r\n\r\n" : "quoted-printable\r\n\r\n");
	(void)mime_flow_write(
	    text, is_plain ? write_plain_line : write_qp_line, out);
}

static void
add_html(struct body *body)
{
	struct mime_out *out = body->out;
	struct str rest = body->draft->html;

	mime_out_add(out, STR("Content-Type: text/html; charset=utf-8\r\n"
	                      "Content-Transfer-Encoding: "
	                      "quoted-printable\r\n\r\n"));
	while (rest.len > 0 && out->failed == ERR_OK)
		mime_encode_qp_line(out, str_cut(&rest, '\n'));
}

static void
add_files(struct body *body, enum level level)
{
	for (size_t i = 0; i < body->draft->file_count; i++) {
		if (body->files[i].is_related != (level == LEVEL_RELATED))
			continue;
		add_boundary(body, level, "\r\n");
		if (body->files[i].file->left_out_at != NULL)
			*body->files[i].file->left_out_at = body->out->total;
		else
			mime_attach_add(body->out, &body->files[i]);
	}
}

static void
add_related(struct body *body)
{
	if (body->related_count == 0) {
		add_html(body);
		return;
	}
	begin_multipart(body, LEVEL_RELATED, "related; type=\"text/html\"");
	add_html(body);
	add_files(body, LEVEL_RELATED);
	end_multipart(body, LEVEL_RELATED);
}

static void
add_text(struct body *body)
{
	if (body->draft->html.len == 0) {
		add_plain(body);
		return;
	}
	/* RFC 2046, 5.1.4: the plainest first. */
	begin_multipart(body, LEVEL_ALTERNATIVE, "alternative");
	add_plain(body);
	add_boundary(body, LEVEL_ALTERNATIVE, "\r\n");
	add_related(body);
	end_multipart(body, LEVEL_ALTERNATIVE);
}

void
mime_build_body(struct mime_out *out, const struct mime_draft *draft)
{
	struct body body = {.out = out, .draft = draft};

	body.files = calloc(draft->file_count + 1, sizeof(*body.files));
	if (body.files == NULL) {
		out->failed =
		    err_set(out->err, ERR_NO_MEMORY, NULL, "mime: files");
		return;
	}
	choose_boundary(&body);
	if (draft->file_count > body.related_count) {
		begin_multipart(&body, LEVEL_MIXED, "mixed");
		add_text(&body);
		add_files(&body, LEVEL_MIXED);
		end_multipart(&body, LEVEL_MIXED);
	} else {
		add_text(&body);
	}
	free(body.files);
}
