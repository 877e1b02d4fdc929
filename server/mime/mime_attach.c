#include "mime/mime_attach.h"

#include "base/codec.h"
#include "mime/mime_encode.h"

/*
 * Files are base64, except attached messages, for which RFC 2046, 5.2.1
 * forbids it.
 */

#define BASE64_LINE_BYTES    57u /* make 76 letters */
#define READ_LINES           48u
#define READ_BYTES           ((size_t)BASE64_LINE_BYTES * READ_LINES)
#define MAIL_LINE_BYTES_MAX  998u
#define CONTENT_ID_BYTES_MAX 200u

/* A whole piece, unless the file ends; -1 on error. */
static int64_t
read_piece(
    const struct mime_draft_file *file, uint64_t offset, char *room, size_t len)
{
	size_t have = 0;

	while (have < len) {
		int64_t count = file->read(
		    file->ctx, offset + have, room + have, len - have);
		if (count < 0 || (size_t)count > len - have)
			return -1;
		if (count == 0)
			break;
		have += (size_t)count;
	}
	return (int64_t)have;
}

static void
fail_reading(struct mime_out *out)
{
	if (out->failed == ERR_OK)
		out->failed = err_set(out->err, ERR_INTERNAL,
		    "An attachment could not be read.", "mime: attachment");
}

static const char letters[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmn"
                              "opqrstuvwxyz0123456789+/";

/* Two letters for every 12 bits: half the steps of one for every 6. */
struct letter_pairs {
	char pair[1u << 12][2];
};

static void
fill_pairs(struct letter_pairs *pairs)
{
	for (unsigned i = 0; i < 1u << 12; i++) {
		pairs->pair[i][0] = letters[i >> 6];
		pairs->pair[i][1] = letters[i & 63];
	}
}

/* One line of base64 with its CRLF; the bytes it took in `out`. */
static size_t
encode_line(const struct letter_pairs *pairs, struct str bytes, char *out)
{
	const unsigned char *in = (const unsigned char *)bytes.ptr;
	size_t len = 0;
	size_t i = 0;

	for (; i + 3 <= bytes.len; i += 3, len += 4) {
		memcpy(out + len, pairs->pair[in[i] << 4 | in[i + 1] >> 4], 2);
		memcpy(out + len + 2,
		    pairs->pair[(in[i + 1] & 15) << 8 | in[i + 2]], 2);
	}
	if (i < bytes.len) {
		unsigned next = i + 1 < bytes.len ? in[i + 1] : 0;

		out[len++] = letters[in[i] >> 2];
		out[len++] = letters[(in[i] & 3u) << 4 | next >> 4];
		out[len++] =
		    (char)(i + 1 < bytes.len ? letters[(next & 15) << 2] : '=');
		out[len++] = '=';
	}
	out[len++] = '\r';
	out[len++] = '\n';
	return len;
}

/* Not codec_base64_encode: 25 MB are half a million lines. */
static void
add_base64(struct mime_out *out, const struct mime_draft_file *file)
{
	char room[READ_BYTES];
	char lines[READ_LINES * (76 + 2)];
	struct letter_pairs pairs;
	uint64_t offset = 0;
	int64_t count = 1;

	fill_pairs(&pairs);
	while (count > 0 && out->failed == ERR_OK) {
		size_t len = 0;

		count = read_piece(file, offset, room, sizeof(room));
		if (count < 0) {
			fail_reading(out);
			return;
		}
		offset += (uint64_t)count;
		for (size_t at = 0; at < (size_t)count; at += BASE64_LINE_BYTES)
			len += encode_line(&pairs,
			    str_slice(str_of(room, (size_t)count), at,
			        at + BASE64_LINE_BYTES),
			    lines + len);
		mime_out_add(out, str_of(lines, len));
	}
}

bool
mime_attach_is_token(struct str s)
{
	for (size_t i = 0; i < s.len; i++) {
		char c = s.ptr[i];
		if (!((c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
		        (c >= '0' && c <= '9') || c == '-' || c == '.' ||
		        c == '+' || c == '_'))
			return false;
	}
	return s.len > 0 && s.len <= 100;
}

/* What stands in an attached message, byte by byte. */
struct message_look {
	struct str boundary;
	size_t line, matched;
	char last;
	bool is_unfit; /* lines past 998 bytes, NUL, CR alone */
	bool is_8bit;
	bool has_boundary;
};

static void
look_at_byte(struct message_look *look, char c)
{
	look->line = c == '\n' ? 0 : look->line + 1;
	look->is_unfit = look->is_unfit || c == '\0' ||
	                 look->line > MAIL_LINE_BYTES_MAX + 1 ||
	                 (look->line > MAIL_LINE_BYTES_MAX && c != '\r') ||
	                 (look->last == '\r' && c != '\n');
	look->is_8bit = look->is_8bit || (unsigned char)c >= 0x80;
	look->last = c;
	/* Its first letter is nowhere else in it: no other way back. */
	if (c != look->boundary.ptr[look->matched])
		look->matched = 0;
	if (c == look->boundary.ptr[look->matched])
		look->matched++;
	if (look->matched < look->boundary.len)
		return;
	look->has_boundary = true;
	look->matched = 0;
}

/* May it go as it is? */
static struct message_look
look_at_message(const struct mime_draft_file *file, struct str boundary)
{
	struct message_look look = {.boundary = boundary};
	char room[4096];
	uint64_t offset = 0;
	int64_t count = 1;

	while (count > 0 && !look.is_unfit) {
		count = read_piece(file, offset, room, sizeof(room));
		if (count < 0)
			look.is_unfit = true;
		for (int64_t i = 0; i < count; i++)
			look_at_byte(&look, room[i]);
		offset += count > 0 ? (uint64_t)count : 0;
	}
	look.is_unfit = look.is_unfit || look.last == '\r';
	return look;
}

/* RFC 2392: what stands between < and >, of letters that a URL has plain. */
static bool
is_content_id(struct str id)
{
	for (size_t i = 0; i < id.len; i++) {
		char c = id.ptr[i];
		if (!mime_attach_is_token(str_of(&c, 1)) && c != '@' &&
		    c != '$' && c != '!' && c != '*')
			return false;
	}
	return id.len > 0 && id.len <= CONTENT_ID_BYTES_MAX;
}

static bool
is_named(struct str html, struct str content_id)
{
	char url[CONTENT_ID_BYTES_MAX + 8];
	int len = snprintf(url, sizeof(url), "cid:%.*s", STR_ARG(content_id));

	return len > 0 &&
	       str_find_nocase(html, str_of(url, (size_t)len), 0) < html.len;
}

struct mime_attach
mime_attach_look(const struct mime_draft *draft,
    const struct mime_draft_file *file, struct str boundary)
{
	struct mime_attach attach = {.file = file};
	struct message_look look;

	attach.is_related = is_content_id(file->content_id) &&
	                    is_named(draft->html, file->content_id);
	if (attach.is_related ||
	    !(file->is_message ||
	        str_eq_nocase(file->type, STR("message/rfc822"))))
		return attach;
	look = look_at_message(file, boundary);
	attach.is_message =
	    !look.is_unfit && !(look.is_8bit && draft->is_7bit_only);
	attach.is_8bit = attach.is_message && look.is_8bit;
	attach.has_boundary = attach.is_message && look.has_boundary;
	return attach;
}

/* With CRLF at the end of each line, whatever the file has. */
static void
add_message(struct mime_out *out, const struct mime_draft_file *file)
{
	char room[4096];
	uint64_t offset = 0;
	int64_t count = 1;

	while (count > 0 && out->failed == ERR_OK) {
		size_t from = 0;
		count = read_piece(file, offset, room, sizeof(room));
		if (count < 0) {
			fail_reading(out);
			return;
		}
		offset += (uint64_t)count;
		for (size_t i = 0; i < (size_t)count; i++) {
			if (room[i] != '\r' && room[i] != '\n')
				continue;
			mime_out_add(out, str_of(room + from, i - from));
			if (room[i] == '\n')
				mime_out_add(out, STR("\r\n"));
			from = i + 1;
		}
		mime_out_add(out, str_of(room + from, (size_t)count - from));
	}
}

/* A type that needs no more than base64 and its name to be right. */
static struct str
safe_type(struct str type)
{
	struct str rest = type;
	struct str whole = str_trim(str_cut(&rest, ';'));
	struct str first = {NULL, 0};

	rest = whole;
	first = str_cut(&rest, '/');
	if (!mime_attach_is_token(first) || !mime_attach_is_token(rest) ||
	    str_eq_nocase(first, STR("multipart")) ||
	    str_eq_nocase(first, STR("message")))
		return STR("application/octet-stream");
	return whole;
}

/* A message that goes as a file is known by its name. */
static void
add_name(struct mime_out *out, const struct mime_draft_file *file)
{
	struct str name = file->name.s;
	bool lacks_end = file->is_message && !str_ends(name, STR(".eml"));
	struct buf whole;

	if (name.len == 0 && !file->is_message)
		return;
	buf_init(&whole, name.len + 16);
	buf_add(&whole, name.len == 0 ? STR("message") : name);
	if (lacks_end)
		buf_add(&whole, STR(".eml"));
	mime_encode_param(out, "filename", (struct text){buf_str(&whole)});
	buf_free(&whole);
}

static void
add_file_header(struct mime_out *out, const struct mime_attach *attach,
    struct str type, const char *encoding)
{
	const struct mime_draft_file *file = attach->file;

	mime_out_add(out, STR("Content-Type: "));
	mime_out_add(out, type);
	if (attach->is_related) {
		mime_out_add(out, STR("\r\nContent-ID: <"));
		mime_out_add(out, file->content_id);
		mime_out_add(out, STR(">"));
	}
	mime_out_add(out, STR("\r\nContent-Disposition: "));
	mime_out_add_c(out, attach->is_related ? "inline" : "attachment");
	add_name(out, file);
	mime_out_add(out, STR("\r\nContent-Transfer-Encoding: "));
	mime_out_add_c(out, encoding);
	mime_out_add(out, STR("\r\n\r\n"));
}

void
mime_attach_add(struct mime_out *out, const struct mime_attach *attach)
{
	if (attach->is_message) {
		add_file_header(out, attach, STR("message/rfc822"),
		    attach->is_8bit ? "8bit" : "7bit");
		add_message(out, attach->file);
		return;
	}
	add_file_header(out, attach, safe_type(attach->file->type), "base64");
	add_base64(out, attach->file);
}
