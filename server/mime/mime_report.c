#include "mime/mime_report.h"

#include "base/scan.h"
#include "mime/mime_field.h"

#define REPORT_BYTES ((size_t)256 << 10) /* looked at */
#define VALUE_BYTES  ((size_t)2000)      /* of one field */
#define BLOCKS_MAX   2000u

/* A field's value on one line, as text. */
static struct text
value_text(struct arena *arena, struct str value)
{
	struct text text =
	    mime_decode_text(arena, str_slice(value, 0, VALUE_BYTES));

	return text_line(arena, text.s);
}

/* "rfc822; a@b", "dns; mx.b", "smtp; 550 no": what follows the type. */
static struct text
typed_text(struct arena *arena, struct str value)
{
	size_t semicolon = str_find_byte(value, ';', 0);

	if (semicolon < value.len && semicolon < 40)
		value = str_slice(value, semicolon + 1, value.len);
	return value_text(arena, str_trim(value));
}

static struct text
address_text(struct arena *arena, struct str value)
{
	struct text text = typed_text(arena, value);
	struct str s = text.s;

	if (str_starts(s, STR("<")) && str_ends(s, STR(">")))
		s = str_slice(s, 1, s.len - 1);
	return (struct text){str_trim(s)};
}

static bool
field_is(const struct mime_field *field, const char *name)
{
	return str_eq_nocase(field->name, str_c(name));
}

/* ---- delivery ---- */

struct delivery {
	struct arena *arena;
	struct mime_delivery *out;
	struct mime_report_recipient *now; /* NULL: none begun */
	bool has_final;
	bool has_original;
	bool has_action;
	size_t capacity;
};

static enum mime_action
action_of(struct str value)
{
	static const struct {
		const char *word;
		enum mime_action action;
	} words[] = {
	    {"failed", MIME_ACTION_FAILED},
	    {"failure", MIME_ACTION_FAILED},
	    {"delayed", MIME_ACTION_DELAYED},
	    {"delivered", MIME_ACTION_DELIVERED},
	    {"relayed", MIME_ACTION_RELAYED},
	    {"expanded", MIME_ACTION_EXPANDED},
	};
	struct scan scan = scan_of(str_trim(value));
	struct str word = scan_until(&scan, " \t;(,\r\n");

	for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++) {
		if (str_eq_nocase(word, str_c(words[i].word)))
			return words[i].action;
	}
	return MIME_ACTION_UNKNOWN;
}

/* "5.1.1", with whatever comment behind it. */
static void
read_status(struct str value, unsigned out[3])
{
	struct scan scan = scan_of(str_trim(value));
	uint64_t number[3] = {0, 0, 0};

	for (size_t i = 0; i < 3; i++) {
		if (i > 0 && !scan_byte(&scan, '.'))
			return;
		if (!scan_u64(&scan, 999, &number[i]))
			return;
	}
	for (size_t i = 0; i < 3; i++)
		out[i] = (unsigned)number[i];
}

static void
begin_recipient(struct delivery *in)
{
	struct mime_delivery *out = in->out;

	in->now = NULL;
	in->has_final = in->has_original = in->has_action = false;
	if (out->count >= MIME_REPORT_RECIPIENTS_MAX) {
		out->is_cut = true;
		return;
	}
	out->list = arena_grow(in->arena, out->list, out->count, &in->capacity,
	    sizeof(out->list[0]));
	if (out->list == NULL) {
		out->count = 0;
		return;
	}
	in->now = &out->list[out->count];
	*in->now = (struct mime_report_recipient){0};
	out->count++;
}

/*
 * Blocks are not always apart: a second recipient begins a new one. Postfix
 * names the original one behind the final one.
 */
static void
take_recipient(struct delivery *in, const struct mime_field *field)
{
	bool is_final = field_is(field, "Final-Recipient");
	struct text address = address_text(in->arena, field->value);

	if (in->now == NULL || in->has_action ||
	    (is_final ? in->has_final : in->has_original))
		begin_recipient(in);
	if (in->now == NULL)
		return;
	if (is_final || text_is_empty(in->now->address))
		in->now->address = address;
	in->has_final |= is_final;
	in->has_original |= !is_final;
}

static void
take_delivery_field(struct delivery *in, const struct mime_field *field)
{
	struct mime_report_recipient *now = in->now;
	int offset = 0;

	if (field_is(field, "Final-Recipient") ||
	    field_is(field, "Original-Recipient"))
		take_recipient(in, field);
	else if (field_is(field, "Reporting-MTA"))
		in->out->reporter = typed_text(in->arena, field->value);
	else if (now == NULL && field_is(field, "Action"))
		begin_recipient(in);
	now = in->now;
	if (now == NULL)
		return;
	if (field_is(field, "Action")) {
		now->action = action_of(field->value);
		in->has_action = true;
	} else if (field_is(field, "Status"))
		read_status(field->value, now->status);
	else if (field_is(field, "Diagnostic-Code"))
		now->diagnostic = typed_text(in->arena, field->value);
	else if (field_is(field, "Remote-MTA"))
		now->server = typed_text(in->arena, field->value);
	else if (field_is(field, "Will-Retry-Until"))
		now->retry_until_s = mime_parse_date(
		    str_slice(field->value, 0, VALUE_BYTES), &offset);
}

enum err_code
mime_report_delivery(struct str bytes, struct arena *arena,
    struct mime_delivery *out, struct err *err)
{
	struct str rest = str_slice(bytes, 0, REPORT_BYTES);
	struct delivery in = {.arena = arena, .out = out};
	struct mime_field field;

	*out = (struct mime_delivery){.is_cut = bytes.len > REPORT_BYTES};
	for (unsigned blocks = 0; rest.len > 0 && blocks < BLOCKS_MAX;
	     blocks++) {
		while (mime_field_next(&rest, &field))
			take_delivery_field(&in, &field);
		in.now = NULL;
	}
	if (arena_failed(arena))
		return err_set(err, ERR_NO_MEMORY,
		    "This report is too large to be shown.", "mime: report");
	return ERR_OK;
}

/* ---- reading ---- */

/* "manual-action/MDN-sent-manually; displayed/error" */
static void
read_disposition(struct str value, struct mime_receipt *out)
{
	static const struct {
		const char *word;
		enum mime_receipt_kind kind;
	} words[] = {
	    {"displayed", MIME_RECEIPT_DISPLAYED},
	    {"read", MIME_RECEIPT_DISPLAYED},
	    {"deleted", MIME_RECEIPT_DELETED},
	    {"dispatched", MIME_RECEIPT_DISPATCHED},
	    {"processed", MIME_RECEIPT_PROCESSED},
	    {"denied", MIME_RECEIPT_DENIED},
	    {"failed", MIME_RECEIPT_FAILED},
	};
	size_t semicolon = str_find_byte(value, ';', 0);
	struct str mode = str_slice(value, 0, semicolon);
	struct scan scan =
	    scan_of(str_trim(str_slice(value, semicolon + 1, value.len)));
	struct str word = scan_until(&scan, " \t/;,\r\n");

	out->is_automatic =
	    str_find_nocase(mode, STR("automatically"), 0) < mode.len;
	for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++) {
		if (str_eq_nocase(word, str_c(words[i].word)))
			out->kind = words[i].kind;
	}
}

enum err_code
mime_report_receipt(struct str bytes, struct arena *arena,
    struct mime_receipt *out, struct err *err)
{
	/* Empty lines in front end nothing. */
	struct str rest = str_trim(str_slice(bytes, 0, REPORT_BYTES));
	struct mime_field field;

	*out = (struct mime_receipt){0};
	while (mime_field_next(&rest, &field)) {
		if (field_is(&field, "Disposition"))
			read_disposition(field.value, out);
		else if (field_is(&field, "Final-Recipient") ||
		         (field_is(&field, "Original-Recipient") &&
		             text_is_empty(out->recipient)))
			out->recipient = address_text(arena, field.value);
		else if (field_is(&field, "Error") ||
		         field_is(&field, "Failure"))
			out->error = value_text(arena, field.value);
	}
	if (arena_failed(arena))
		return err_set(err, ERR_NO_MEMORY,
		    "This report is too large to be shown.", "mime: receipt");
	return ERR_OK;
}

/* ---- complaints ---- */

enum err_code
mime_report_feedback(struct str bytes, struct arena *arena,
    struct mime_feedback *out, struct err *err)
{
	/* Empty lines in front end nothing. */
	struct str rest = str_trim(str_slice(bytes, 0, REPORT_BYTES));
	struct mime_field field;

	*out = (struct mime_feedback){0};
	while (mime_field_next(&rest, &field)) {
		struct text *to =
		    field_is(&field, "Feedback-Type")        ? &out->kind
		    : field_is(&field, "User-Agent")         ? &out->reporter
		    : field_is(&field, "Source-IP")          ? &out->source_ip
		    : field_is(&field, "Original-Mail-From") ? &out->sender
		    : field_is(&field, "Reported-Domain")    ? &out->domain
		                                             : NULL;
		if (to != NULL)
			*to = address_text(arena, field.value);
	}
	if (arena_failed(arena))
		return err_set(err, ERR_NO_MEMORY,
		    "This report is too large to be shown.", "mime: feedback");
	return ERR_OK;
}
