#include "mime/mime_attach.h"

#include "base/codec.h"
#include "mime/mime_encode.h"

/*
 * Files are base64, except attached messages, for which RFC 2046, 5.2.1
 * forbids it.
 */

#define BASE64_LINE_BYTES   57u /* make 76 letters */
#define READ_BYTES          ((size_t)BASE64_LINE_BYTES * 144)
#define MAIL_LINE_BYTES_MAX 998u

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

static void
add_base64(struct mime_out *out, const struct mime_draft_file *file)
{
	char room[READ_BYTES];
	uint64_t offset = 0;
	int64_t count = 1;

	while (count > 0 && out->failed == ERR_OK) {
		count = read_piece(file, offset, room, sizeof(room));
		if (count < 0) {
			fail_reading(out);
			return;
		}
		offset += (uint64_t)count;
		for (size_t at = 0; at < (size_t)count;
		     at += BASE64_LINE_BYTES) {
			struct buf line;
			buf_init(&line, 128);
			codec_base64_encode(
			    &line, str_slice(str_of(room, (size_t)count), at,
			               at + BASE64_LINE_BYTES));
			buf_add(&line, STR("\r\n"));
			mime_out_add(out, buf_str(&line));
			buf_free(&line);
		}
	}
}

struct message_look {
	bool is_short; /* no line past 998 bytes, no NUL */
	bool is_seven_bit;
};

/* May an attached message go as it is? */
static struct message_look
/* NOLINTNEXTLINE(readability-function-cognitive-complexity): one pass */
look_at_message(const struct mime_draft_file *file)
{
	struct message_look look = {.is_short = true, .is_seven_bit = true};
	char room[4096];
	uint64_t offset = 0;
	size_t line = 0;
	int64_t count = 1;

	while (count > 0 && look.is_short) {
		count = read_piece(file, offset, room, sizeof(room));
		if (count < 0)
			look.is_short = false;
		for (int64_t i = 0; i < count; i++) {
			line = room[i] == '\n' ? 0 : line + 1;
			if (line > MAIL_LINE_BYTES_MAX || room[i] == '\0')
				look.is_short = false;
			if ((unsigned char)room[i] >= 0x80)
				look.is_seven_bit = false;
		}
		offset += count > 0 ? (uint64_t)count : 0;
	}
	return look;
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

/* A type that needs no more than base64 and its name to be right. */
static struct str
safe_type(struct str type)
{
	struct str rest = type;
	struct str first = str_cut(&rest, '/');

	if (!mime_attach_is_token(first) || !mime_attach_is_token(rest) ||
	    str_eq_nocase(first, STR("multipart")) ||
	    str_eq_nocase(first, STR("message")))
		return STR("application/octet-stream");
	return type;
}

static void
add_file_header(struct mime_out *out, const struct mime_draft_file *file,
    struct str type, const char *encoding)
{
	mime_out_add(out, STR("Content-Type: "));
	mime_out_add(out, type);
	mime_out_add(out, STR("\r\nContent-Disposition: attachment"));
	if (!text_is_empty(file->name))
		mime_encode_param(out, "filename", file->name);
	mime_out_add(out, STR("\r\nContent-Transfer-Encoding: "));
	mime_out_add_c(out, encoding);
	mime_out_add(out, STR("\r\n\r\n"));
}

void
mime_attach_add(struct mime_out *out, const struct mime_draft_file *file)
{
	struct message_look look = {0};

	if (str_eq_nocase(file->type, STR("message/rfc822")))
		look = look_at_message(file);
	if (look.is_short) {
		add_file_header(out, file, STR("message/rfc822"),
		    look.is_seven_bit ? "7bit" : "8bit");
		add_message(out, file);
		return;
	}
	add_file_header(out, file, safe_type(file->type), "base64");
	add_base64(out, file);
}
