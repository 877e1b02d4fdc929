#include "mime/mime_auth.h"

#include "base/scan.h"
#include "mime/mime_field.h"

/*
 * Authentication-Results, as RFC 8601, 2.2 has it:
 *
 *   payload  = [CFWS] authserv-id [ CFWS version ]
 *              ( [CFWS] ";" [CFWS] "none" / 1*resinfo )
 *   resinfo  = [CFWS] ";" method "=" result [ "reason" "=" value ] *propspec
 *   method   = keyword [ "/" version ]
 *   propspec = ptype "." property "=" value
 *
 * Where a field may stand to be believed. Each server puts its trace on top
 * of what it received, so what stands above the Received field of the server
 * that took the message from outside was written by our own servers. Postfix
 * with milters and policy services, Exim, Sendmail and the large providers
 * all put their results there. What stands below came with the message. The
 * final delivery (LMTP) and a content filter that gives a message back to the
 * same machine add Received fields of their own on top: these are passed
 * over. Without any Received no server of ours has seen the message.
 */
#define HOPS_MAX       8u
#define FIELDS_MAX     2000u
#define RESULTS_MAX    100u
#define PROPS_MAX      50u
#define VALUE_BYTES    ((size_t)16 << 10)
#define NAME_MAX_BYTES 255u

struct result {
	struct str method; /* without version */
	struct str word;
	struct str mail_from, helo, header_d, header_i, header_from;
};

struct reader {
	const struct mime_header *header;
	struct arena *arena;
	struct mime_auth *out;
	/* A higher field has spoken of the method: it counts, others do not. */
	bool has_spf, has_dkim, has_dmarc;
};

/* ---- words ---- */

/* Blanks and comments, nested by a counter. */
static void
skip_cfws(struct scan *scan)
{
	size_t depth = 0;

	while (!scan_end(scan)) {
		int byte = scan_peek(scan);
		if (byte == '\\' && depth > 0)
			(void)scan_next(scan);
		else if (byte == '(')
			depth++;
		else if (byte == ')' && depth > 0)
			depth--;
		else if (depth == 0 && byte != ' ' && byte != '\t' &&
		         byte != '\r' && byte != '\n')
			return;
		(void)scan_next(scan);
	}
}

/* A token or what stands between quotes (as it is), and blanks after it. */
static struct str
read_value(struct scan *scan)
{
	struct str value;

	skip_cfws(scan);
	if (scan_byte(scan, '"')) {
		value = scan_until(scan, "\"");
		(void)scan_byte(scan, '"');
	} else {
		value = scan_until(scan, " \t\r\n;=()\"");
	}
	skip_cfws(scan);
	return value;
}

static bool
is_domain(struct str s)
{
	if (s.len == 0 || s.len > NAME_MAX_BYTES || !str_is_utf8(s))
		return false;
	for (size_t i = 0; i < s.len; i++) {
		unsigned char c = (unsigned char)s.ptr[i];
		bool is_ok = (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') ||
		             (c >= 'A' && c <= 'Z') || c == '.' || c == '-' ||
		             c == '_' || c >= 0x80;
		if (!is_ok)
			return false;
	}
	return true;
}

/* What stands behind the last "@", in lower case; empty: no domain. */
static struct text
domain_of(struct arena *arena, struct str address)
{
	size_t at = 0;

	for (size_t i = 0; i < address.len; i++) {
		if (address.ptr[i] == '@')
			at = i + 1;
	}
	address = str_slice(address, at, address.len);
	if (!is_domain(address))
		return TEXT("");
	return text_line(arena, str_lower(arena, address));
}

/* Is `domain` the same as `parent`, or below it? Not of a bare "com". */
static bool
is_within(struct str domain, struct str parent)
{
	if (parent.len == 0 || str_find_byte(parent, '.', 0) == parent.len)
		return false;
	if (domain.len == parent.len)
		return str_eq_nocase(domain, parent);
	return domain.len > parent.len &&
	       domain.ptr[domain.len - parent.len - 1] == '.' &&
	       str_eq_nocase(
	           str_slice(domain, domain.len - parent.len, domain.len),
	           parent);
}

static enum mime_auth_result
result_of(struct str word)
{
	static const struct {
		const char *word;
		enum mime_auth_result result;
	} words[] = {
	    {"pass", MIME_AUTH_PASS},
	    {"none", MIME_AUTH_NONE},
	    {"fail", MIME_AUTH_FAIL},
	    {"hardfail", MIME_AUTH_FAIL},
	    {"softfail", MIME_AUTH_FAIL},
	    {"policy", MIME_AUTH_FAIL},
	    {"permerror", MIME_AUTH_FAIL},
	    {"neutral", MIME_AUTH_UNSURE},
	    {"temperror", MIME_AUTH_UNSURE},
	};

	for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++) {
		if (str_eq_nocase(word, str_c(words[i].word)))
			return words[i].result;
	}
	return MIME_AUTH_UNKNOWN;
}

/* ---- one field ---- */

static void
keep_property(struct result *out, struct str name, struct str value)
{
	const struct {
		struct str name;
		struct str *value;
	} known[] = {
	    {STR("smtp.mailfrom"), &out->mail_from},
	    {STR("smtp.helo"), &out->helo},
	    {STR("header.d"), &out->header_d},
	    {STR("header.i"), &out->header_i},
	    {STR("header.from"), &out->header_from},
	};

	for (size_t i = 0; i < sizeof(known) / sizeof(known[0]); i++) {
		if (str_eq_nocase(name, known[i].name) &&
		    known[i].value->len == 0)
			*known[i].value = value;
	}
}

/* Reads up to the next ";". False: no method with a result stood there. */
static bool
read_result(struct scan *scan, struct result *out)
{
	struct str method = read_value(scan);
	bool is_result = scan_byte(scan, '=');

	*out = (struct result){.method = str_cut(&method, '/')};
	if (is_result)
		out->word = read_value(scan);
	for (unsigned i = 0;
	     i < PROPS_MAX && !scan_end(scan) && scan_peek(scan) != ';'; i++) {
		struct str name = read_value(scan);
		if (scan_byte(scan, '='))
			keep_property(out, name, read_value(scan));
		else if (name.len == 0)
			(void)scan_next(scan);
	}
	(void)scan_until_byte(scan, ';');
	return is_result && out->method.len > 0;
}

static struct str
from_domain(const struct reader *reader)
{
	const struct mime_addresses *from = &reader->header->from;

	if (from->count != 1)
		return (struct str){0};
	return domain_of(reader->arena, from->list[0].address.s).s;
}

static int
rank_of(enum mime_auth_result result)
{
	static const int ranks[] = {
	    [MIME_AUTH_UNKNOWN] = 0,
	    [MIME_AUTH_NONE] = 1,
	    [MIME_AUTH_UNSURE] = 2,
	    [MIME_AUTH_FAIL] = 3,
	    [MIME_AUTH_PASS] = 4,
	};

	return ranks[result];
}

/* Of several signatures one that passed counts, best one of the sender. */
static void
take_dkim(struct reader *reader, const struct result *result)
{
	struct mime_auth *out = reader->out;
	enum mime_auth_result word = result_of(result->word);
	struct text domain = domain_of(reader->arena,
	    result->header_d.len > 0 ? result->header_d : result->header_i);
	bool is_aligned =
	    word == MIME_AUTH_PASS && is_within(from_domain(reader), domain.s);

	if (rank_of(word) < rank_of(out->dkim) ||
	    (word == out->dkim && !(is_aligned && !out->is_dkim_aligned)))
		return;
	out->dkim = word;
	out->is_dkim_aligned = is_aligned;
	out->dkim_domain = word == MIME_AUTH_PASS ? domain : (struct text){{0}};
}

static void
take_spf(struct reader *reader, const struct result *result)
{
	struct mime_auth *out = reader->out;

	out->spf = result_of(result->word);
	out->spf_domain = domain_of(reader->arena, result->mail_from);
	if (out->spf_domain.s.len == 0)
		out->spf_domain = domain_of(reader->arena, result->helo);
}

static bool
is_ascii(struct str s)
{
	for (size_t i = 0; i < s.len; i++) {
		if ((unsigned char)s.ptr[i] >= 0x80)
			return false;
	}
	return true;
}

/*
 * DMARC speaks of From. A word on another domain means that our server read
 * From in another way than we do, which nobody does by chance: it is none on
 * this sender, and a "pass" must not help them. (Names that are not ASCII have
 * two forms; they are left alone.)
 */
static void
take_dmarc(struct reader *reader, const struct result *result)
{
	struct mime_auth *out = reader->out;
	struct text domain = domain_of(reader->arena, result->header_from);
	struct str from = from_domain(reader);

	if (domain.s.len > 0 && !is_within(from, domain.s) &&
	    !is_within(domain.s, from)) {
		if (is_ascii(from) && is_ascii(domain.s))
			out->dmarc = MIME_AUTH_FAIL;
		return;
	}
	out->dmarc = result_of(result->word);
	out->dmarc_domain = domain;
}

/* `is_new`: no higher field has spoken of DKIM. */
static void
take_result(struct reader *reader, const struct result *result, bool is_new)
{
	if (str_eq_nocase(result->method, STR("spf"))) {
		if (!reader->has_spf)
			take_spf(reader, result);
		reader->has_spf = true;
	} else if (str_eq_nocase(result->method, STR("dmarc"))) {
		if (!reader->has_dmarc)
			take_dmarc(reader, result);
		reader->has_dmarc = true;
	} else if (str_eq_nocase(result->method, STR("dkim"))) {
		if (is_new)
			take_dkim(reader, result);
		reader->has_dkim = true;
	}
}

static void
read_results(struct reader *reader, struct scan *scan)
{
	bool is_new = !reader->has_dkim;
	struct result result;

	for (unsigned i = 0; i < RESULTS_MAX && scan_byte(scan, ';'); i++) {
		if (read_result(scan, &result))
			take_result(reader, &result, is_new);
	}
}

static bool
is_ours(struct str id, const struct str *ids, size_t id_count)
{
	for (size_t i = 0; i < id_count; i++) {
		if (ids[i].len > 0 && str_eq_nocase(id, ids[i]))
			return true;
	}
	return false;
}

/* ---- which servers have had the message ---- */

/*
 * The word after the first `keyword` of a Received field; comments before it
 * are passed over. The scan stays behind it.
 */
static struct str
received_word(struct scan *scan, struct str keyword)
{
	while (!scan_end(scan)) {
		struct str word;

		skip_cfws(scan);
		word = scan_until(scan, " \t\r\n;()");
		if (word.len == 0 && !scan_end(scan))
			(void)scan_next(scan);
		if (str_eq_nocase(word, keyword)) {
			skip_cfws(scan);
			return scan_until(scan, " \t\r\n;()");
		}
	}
	return (struct str){0};
}

/* All comments that follow the word after `keyword`, with their brackets. */
static struct str
received_comments(struct str value, struct str keyword)
{
	struct scan scan = scan_of(value);
	struct str rest;

	(void)received_word(&scan, keyword);
	rest = scan_rest(&scan);
	skip_cfws(&scan);
	return str_trim(str_slice(rest, 0, rest.len - scan_rest(&scan).len));
}

/*
 * "by localhost (mx.our.org [127.0.0.1]) (amavisd-new, port 10024)". A comma
 * stands in no name of a host: the one a stranger gave himself is none, and
 * what he wrote elsewhere, in his HELO or his recipient, does not count.
 */
static bool
is_filter(const struct mime_field *field)
{
	static const char *const names[] = {
	    "(amavisd-new, port ", "(amavisd, port ", "(amavis, port "};
	struct str comments = received_comments(field->value, STR("by"));

	if (!str_eq_nocase(field->name, STR("received")))
		return false;
	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		if (str_find_nocase(comments, str_c(names[i]), 0) <
		    comments.len)
			return true;
	}
	return false;
}

/*
 * Was the message only handed on within the machine? Delivery to the mailbox
 * says LMTP, which is not spoken with strangers; a content filter names
 * itself, and stands right below the field of who took the message back.
 */
static bool
is_local_hop(const struct mime_field *field, struct str rest)
{
	struct scan scan = scan_of(field->value);
	struct str protocol = received_word(&scan, STR("with"));
	struct mime_field below;

	if (str_starts_nocase(protocol, STR("lmtp")) || is_filter(field))
		return true;
	/* The bracket belongs to the comment: HELO can say [127.0.0.1], too. */
	return str_ends(received_comments(field->value, STR("from")),
	           STR("[127.0.0.1])")) &&
	       mime_field_next(&rest, &below) && is_filter(&below);
}

enum err_code
mime_auth_read(const struct mime_header *header, const struct str *ids,
    size_t id_count, struct arena *arena, struct mime_auth *out,
    struct err *err)
{
	struct mime_auth found = {0};
	struct reader reader = {
	    .header = header, .arena = arena, .out = &found};
	struct str rest = header->raw;
	struct mime_field field;
	unsigned hops = 0;
	bool has_edge = false;

	*out = (struct mime_auth){0};
	for (unsigned i = 0; i < FIELDS_MAX && !has_edge && hops < HOPS_MAX &&
	                     mime_field_next(&rest, &field);
	     i++) {
		field.value = str_slice(field.value, 0, VALUE_BYTES);
		if (str_eq_nocase(field.name, STR("received"))) {
			has_edge = !is_local_hop(&field, rest);
			hops++;
		} else if (str_eq_nocase(
		               field.name, STR("authentication-results"))) {
			struct scan scan = scan_of(field.value);
			if (!is_ours(read_value(&scan), ids, id_count))
				continue;
			found.is_known = true;
			(void)read_value(&scan); /* a version */
			(void)scan_until_byte(&scan, ';');
			read_results(&reader, &scan);
		}
	}
	if (arena_failed(arena))
		return err_set(err, ERR_LIMIT, "The header is too long.",
		    "mime: authentication results");
	if (has_edge)
		*out = found;
	return ERR_OK;
}
