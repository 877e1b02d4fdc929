#include "mime/mime_tnef.h"

#include "base/buf.h"
#include "base/limits.h"

#define TNEF_SIGNATURE 0x223e9f78u
#define ATTRIBUTES_MAX 4000u
#define VALUES_MAX     4096u /* of one property that has many */
#define TEXTS_MAX      2000u /* decoded, of all files and the message */

/* Attributes by their number; the type in the upper half is not needed. */
enum attribute {
	ATT_BODY = 0x800c,
	ATT_ATTACH_DATA = 0x800f,
	ATT_ATTACH_TITLE = 0x8010,
	ATT_ATTACH_REND = 0x9002, /* begins a file */
	ATT_PROPERTIES = 0x9003,
	ATT_ATTACHMENT = 0x9005, /* properties of a file */
	ATT_CODE_PAGE = 0x9007
};

enum property {
	PR_BODY = 0x1000,
	PR_RTF = 0x1009,
	PR_HTML = 0x1013,
	PR_DISPLAY_NAME = 0x3001,
	PR_ATTACH_DATA = 0x3701,
	PR_ATTACH_NAME = 0x3704,
	PR_ATTACH_LONG_NAME = 0x3707,
	PR_ATTACH_TYPE = 0x370e,
	PR_INTERNET_CODE_PAGE = 0x3fde
};

enum value_type {
	VALUE_INT16 = 0x02,
	VALUE_OBJECT = 0x0d,
	VALUE_STRING8 = 0x1e,
	VALUE_UNICODE = 0x1f,
	VALUE_BINARY = 0x102,
	VALUE_MANY = 0x1000
};

/* How good a name is: a longer one goes before a short one. */
enum name_rank {
	NAME_NONE,
	NAME_DISPLAY,
	NAME_TITLE, /* 8.3 */
	NAME_SHORT,
	NAME_LONG
};

/* A cursor; once it ran past the end, it has failed. */
struct input {
	struct str in;
	size_t at;
	bool failed;
};

struct reader {
	struct arena *arena;
	struct tnef *out;
	size_t capacity;
	enum name_rank name_rank; /* of the last file */
	struct str charset;       /* of 8-bit texts */
	uint32_t html_code_page;  /* 0: none said */
	unsigned decoded;         /* texts so far: a flood ends somewhere */
};

static struct str
take(struct input *input, size_t len)
{
	struct str piece;

	if (input->failed || len > input->in.len - input->at) {
		input->failed = true;
		return (struct str){0};
	}
	piece = str_slice(input->in, input->at, input->at + len);
	input->at += len;
	return piece;
}

static uint32_t
take_number(struct input *input, size_t len)
{
	struct str piece = take(input, len);
	uint32_t number = 0;

	for (size_t i = piece.len; i > 0; i--)
		number = number << 8 | (unsigned char)piece.ptr[i - 1];
	return number;
}

/* ---- texts ---- */

/* "windows-1252" and so on, from a number of Windows. */
static struct str
code_page_label(struct arena *arena, uint32_t code_page)
{
	switch (code_page) {
	case 65001:
		return STR("utf-8");
	case 20127:
		return STR("us-ascii");
	case 932:
		return STR("shift_jis");
	case 936:
	case 54936:
		return STR("gb18030");
	case 949:
		return STR("euc-kr");
	case 950:
		return STR("big5");
	case 20866:
		return STR("koi8-r");
	case 50220:
	case 50221:
	case 50222:
		return STR("iso-2022-jp");
	default:
		break;
	}
	if (code_page >= 28591 && code_page <= 28605)
		return str_printf(arena, "iso-8859-%u", code_page - 28590);
	if (code_page >= 1250 && code_page <= 1258)
		return str_printf(arena, "windows-%u", code_page);
	return (struct str){0};
}

static struct str
without_nul(struct str s)
{
	return str_slice(s, 0, str_find_byte(s, '\0', 0));
}

static struct text
decoded(struct reader *in, struct str bytes, bool is_unicode)
{
	if (in->decoded >= TEXTS_MAX)
		return (struct text){0};
	in->decoded++;
	if (!is_unicode)
		return mime_decode_charset(
		    in->arena, in->charset, without_nul(bytes));
	while (bytes.len >= 2 && bytes.ptr[bytes.len - 1] == '\0' &&
	       bytes.ptr[bytes.len - 2] == '\0')
		bytes.len -= 2;
	return mime_decode_charset(in->arena, STR("utf-16le"), bytes);
}

/* ---- files ---- */

static struct tnef_file *
last_file(struct reader *in)
{
	return in->out->file_count == 0
	           ? NULL
	           : &in->out->files[in->out->file_count - 1];
}

static void
begin_file(struct reader *in)
{
	struct tnef *out = in->out;

	in->name_rank = NAME_NONE;
	if (out->file_count >= TNEF_FILES_MAX) {
		out->is_broken = true;
		return;
	}
	out->files = arena_grow(in->arena, out->files, out->file_count,
	    &in->capacity, sizeof(out->files[0]));
	if (out->files == NULL) {
		out->file_count = 0;
		return;
	}
	out->files[out->file_count] = (struct tnef_file){0};
	out->file_count++;
}

static void
name_file(struct reader *in, struct text name, enum name_rank rank)
{
	struct tnef_file *file = last_file(in);

	if (file == NULL || rank <= in->name_rank || text_is_empty(name))
		return;
	file->name = mime_decode_name(in->arena, name.s);
	in->name_rank = rank;
}

/* ---- MAPI properties ---- */

struct value {
	uint32_t id;
	uint32_t type;
	struct str bytes; /* of the first, where there are many */
};

static size_t
fixed_bytes(uint32_t type)
{
	switch (type) {
	case 0x05: /* double, currency, times, 64-bit */
	case 0x06:
	case 0x07:
	case 0x14:
	case 0x40:
		return 8;
	case 0x48: /* GUID */
		return 16;
	default:
		return 4; /* smaller ones are padded */
	}
}

static bool
is_long(uint32_t type)
{
	return type == VALUE_OBJECT || type == VALUE_STRING8 ||
	       type == VALUE_UNICODE || type == VALUE_BINARY;
}

static struct str
take_padded(struct input *input, size_t len)
{
	struct str piece = take(input, len);

	if (len % 4 != 0 && input->in.len - input->at >= 4 - len % 4)
		(void)take(input, 4 - len % 4);
	else if (len % 4 != 0)
		input->at = input->in.len;
	return piece;
}

/* Names beyond 0x8000 stand behind their number; nobody here needs them. */
static void
skip_name(struct input *input)
{
	(void)take(input, 16);
	if (take_number(input, 4) == 0)
		(void)take(input, 4);
	else
		(void)take_padded(input, take_number(input, 4));
}

static bool
take_property(struct input *input, struct value *out)
{
	uint32_t type = take_number(input, 2);
	uint32_t count = 1;

	*out = (struct value){.type = type & 0xfffu};
	out->id = take_number(input, 2);
	if (out->id >= 0x8000)
		skip_name(input);
	if ((type & VALUE_MANY) != 0 || is_long(out->type))
		count = take_number(input, 4);
	if (count > VALUES_MAX)
		input->failed = true;
	for (uint32_t i = 0; i < count && !input->failed; i++) {
		struct str bytes =
		    is_long(out->type)
		        ? take_padded(input, take_number(input, 4))
		        : take(input, fixed_bytes(out->type));
		if (i == 0)
			out->bytes = bytes;
	}
	return !input->failed;
}

static uint32_t
value_number(const struct value *value)
{
	struct input input = {.in = value->bytes};

	return take_number(&input, 4);
}

static struct text
value_text(struct reader *in, const struct value *value)
{
	return decoded(in, value->bytes, value->type == VALUE_UNICODE);
}

static void
take_message_value(struct reader *in, const struct value *value)
{
	struct tnef *out = in->out;
	bool is_text =
	    value->type == VALUE_STRING8 || value->type == VALUE_UNICODE;

	if (value->id == PR_BODY && is_text) {
		out->text = value_text(in, value);
	} else if (value->id == PR_HTML && value->type == VALUE_BINARY) {
		out->html = value->bytes;
	} else if (value->id == PR_HTML && is_text) {
		out->html = value_text(in, value).s;
		out->html_charset = STR("utf-8");
	} else if (value->id == PR_RTF && value->type == VALUE_BINARY) {
		out->rtf = value->bytes;
	} else if (value->id == PR_INTERNET_CODE_PAGE) {
		in->html_code_page = value_number(value);
	}
}

static void
take_file_value(struct reader *in, const struct value *value)
{
	struct tnef_file *file = last_file(in);

	if (file == NULL)
		return;
	if (value->id == PR_ATTACH_LONG_NAME)
		name_file(in, value_text(in, value), NAME_LONG);
	else if (value->id == PR_ATTACH_NAME)
		name_file(in, value_text(in, value), NAME_SHORT);
	else if (value->id == PR_DISPLAY_NAME)
		name_file(in, value_text(in, value), NAME_DISPLAY);
	else if (value->id == PR_ATTACH_TYPE)
		file->type = str_lower(
		    in->arena, text_line(in->arena, value_text(in, value).s).s);
	else if (value->id == PR_ATTACH_DATA && value->type == VALUE_BINARY)
		file->bytes = value->bytes;
	else if (value->id == PR_ATTACH_DATA && value->type == VALUE_OBJECT &&
	         value->bytes.len > 16)
		/* Behind the class of the object: a message is TNEF again. */
		file->bytes = str_slice(value->bytes, 16, value->bytes.len);
}

static void
take_properties(struct reader *in, struct str bytes, bool is_file)
{
	struct input input = {.in = bytes};
	uint32_t count = take_number(&input, 4);
	struct value value;

	for (uint32_t i = 0; i < count && take_property(&input, &value); i++) {
		if (is_file)
			take_file_value(in, &value);
		else
			take_message_value(in, &value);
	}
	in->out->is_broken |= input.failed;
}

/* ---- attributes ---- */

static void
take_attribute(struct reader *in, uint32_t id, struct str data)
{
	struct tnef_file *file = last_file(in);
	struct input input = {.in = data};

	if (id == ATT_CODE_PAGE)
		in->charset =
		    code_page_label(in->arena, take_number(&input, 4));
	else if (id == ATT_BODY && text_is_empty(in->out->text))
		in->out->text = decoded(in, data, false);
	else if (id == ATT_PROPERTIES)
		take_properties(in, data, false);
	else if (id == ATT_ATTACH_REND)
		begin_file(in);
	else if (id == ATT_ATTACH_TITLE)
		name_file(in, decoded(in, data, false), NAME_TITLE);
	else if (id == ATT_ATTACH_DATA && file != NULL)
		file->bytes = data;
	else if (id == ATT_ATTACHMENT)
		take_properties(in, data, true);
}

bool
tnef_parse(struct str bytes, struct arena *arena, struct tnef *out)
{
	struct reader in = {.arena = arena, .out = out};
	struct input input = {.in = bytes};

	*out = (struct tnef){0};
	if (take_number(&input, 4) != TNEF_SIGNATURE)
		return false;
	(void)take_number(&input, 2);
	for (unsigned i = 0; input.at < bytes.len && !input.failed; i++) {
		uint32_t id;
		struct str data;

		(void)take_number(&input, 1); /* of the message, of a file */
		id = take_number(&input, 4) & 0xffffu;
		data = take(&input, take_number(&input, 4));
		(void)take_number(
		    &input, 2); /* a checksum: broken ones are read */
		if (i >= ATTRIBUTES_MAX)
			input.failed = true;
		if (!input.failed)
			take_attribute(&in, id, data);
	}
	out->is_broken |= input.failed;
	if (out->html_charset.len == 0)
		out->html_charset = code_page_label(arena, in.html_code_page);
	return true;
}
