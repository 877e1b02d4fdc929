#include "mime/mime_host.h"

#include <idn2.h>

#include "base/buf.h"
#include "mime/mime_marks.h"
#include "mime/mime_sender.h"
#include "mime/mime_spoof.h"

#define HOST_BYTES  1000u /* of UTF-8; 253 in DNS */
#define LABELS_MAX  127u
#define LABEL_BYTES 256u

struct label {
	struct str ascii; /* "xn--…" or plain; empty: none can be made */
	struct str shown; /* Unicode, or the same */
};

static bool
is_ascii(struct str s)
{
	for (size_t i = 0; i < s.len; i++) {
		if ((unsigned char)s.ptr[i] >= 0x80)
			return false;
	}
	return true;
}

static bool
has_alabel(struct str host)
{
	return str_find_nocase(host, STR("xn--"), 0) < host.len;
}

/* A copy of what libidn2 gives, which is freed; empty when it refused. */
static struct str
idn_copy(struct arena *arena, int rc, char *given)
{
	struct str copy = {0};

	if (rc == IDN2_OK && given != NULL)
		copy = str_dup(arena, str_c(given));
	if (rc == IDN2_OK)
		idn2_free(given);
	return copy;
}

static struct str
to_ascii(struct arena *arena, struct str label)
{
	char *c = str_dup_c(arena, label);
	char *ascii = NULL;
	int rc = 0;

	if (c == NULL)
		return (struct str){0};
	rc = idn2_to_ascii_8z(c, &ascii, IDN2_NONTRANSITIONAL | IDN2_NFC_INPUT);
	return idn_copy(arena, rc, ascii);
}

static struct str
to_unicode(struct arena *arena, struct str label)
{
	char *c = str_dup_c(arena, label);
	char *unicode = NULL;
	int rc = 0;

	if (c == NULL)
		return (struct str){0};
	rc = idn2_to_unicode_8z8z(c, &unicode, 0);
	return idn_copy(arena, rc, unicode);
}

/* RFC 5891: the Unicode form counts only if it leads back to the ASCII one. */
static struct label
label_read(struct arena *arena, struct str raw)
{
	struct label label = {.ascii = raw, .shown = raw};
	struct str unicode;

	if (raw.len > LABEL_BYTES)
		return (struct label){.shown = raw};
	if (!is_ascii(raw))
		label.ascii = to_ascii(arena, raw);
	else if (!str_starts_nocase(raw, STR("xn--")))
		return label;
	label.ascii = str_lower(arena, label.ascii);
	label.shown = label.ascii;
	if (label.ascii.len == 0)
		return (struct label){.shown = raw};
	unicode = to_unicode(arena, label.ascii);
	if (unicode.len > 0 && !is_ascii(unicode) &&
	    str_eq_nocase(to_ascii(arena, unicode), label.ascii))
		label.shown = unicode;
	return label;
}

/* Full stops of other scripts divide, too (UTS 46). */
static size_t
dot_at(struct str s, size_t at)
{
	static const char *const dots[] = {
	    ".", "\xe3\x80\x82", "\xef\xbc\x8e", "\xef\xbd\xa1"};

	for (size_t i = 0; i < sizeof(dots) / sizeof(dots[0]); i++) {
		struct str dot = str_c(dots[i]);
		if (str_starts(str_slice(s, at, s.len), dot))
			return dot.len;
	}
	return 0;
}

static size_t
split_labels(struct arena *arena, struct str host, struct label *labels)
{
	size_t count = 0;
	size_t from = 0;

	for (size_t at = 0; at <= host.len && count < LABELS_MAX; at++) {
		size_t dot = at == host.len ? 1 : dot_at(host, at);
		if (dot == 0)
			continue;
		labels[count++] = label_read(arena, str_slice(host, from, at));
		from = at + dot;
		at = from - 1;
	}
	return count;
}

/* What is no host name at all: every letter that is not ASCII is spelt out. */
static void
add_spelt(struct buf *out, struct str label)
{
	size_t at = 0;

	while (at < label.len) {
		uint32_t c = text_next(label, &at);
		if (c > ' ' && c <= '~')
			buf_add_byte(out, (char)c);
		else
			buf_addf(out, "<U+%04X>", c);
	}
}

static struct text
host_shown(struct arena *arena, struct str host, bool *out_is_confusable)
{
	struct label labels[LABELS_MAX];
	struct buf out;
	size_t count = 0;
	bool is_foreign_top = false;

	*out_is_confusable = false;
	if (is_ascii(host) && !has_alabel(host))
		return text_line(arena, host);
	buf_init_arena(&out, arena, HOST_BYTES * 8 + LABELS_MAX);
	host = str_slice(host, 0, HOST_BYTES);
	count = split_labels(arena, host, labels);
	is_foreign_top = count > 1 && !is_ascii(labels[count - 1].shown);
	for (size_t i = 0; i < count; i++) {
		struct label *label = &labels[i];
		if (i > 0)
			buf_add_byte(&out, '.');
		if (label->ascii.len == 0 && !is_ascii(label->shown)) {
			add_spelt(&out, label->shown);
			*out_is_confusable = true;
		} else if (mime_spoof_is_confusable(
		               label->shown, is_foreign_top)) {
			buf_add(&out, label->ascii);
			*out_is_confusable = true;
		} else {
			buf_add(&out, label->shown);
		}
	}
	return mime_marks_line(arena, buf_str(&out), NULL);
}

struct text
mime_host_shown(struct arena *arena, struct str host)
{
	bool is_confusable = false;

	return host_shown(arena, host, &is_confusable);
}

struct str
mime_host_ascii(struct arena *arena, struct str host)
{
	struct label labels[LABELS_MAX];
	struct buf out;
	size_t count = 0;

	if (is_ascii(host))
		return host;
	if (host.len > HOST_BYTES)
		return (struct str){0};
	buf_init_arena(&out, arena, HOST_BYTES * 8);
	count = split_labels(arena, host, labels);
	for (size_t i = 0; i < count; i++) {
		if (labels[i].ascii.len == 0)
			return (struct str){0};
		if (i > 0)
			buf_add_byte(&out, '.');
		buf_add(&out, labels[i].ascii);
	}
	return out.failed == ERR_OK ? buf_str(&out) : (struct str){0};
}

/* What stands behind the last "@". */
static struct str
domain_of(struct str address)
{
	size_t at = address.len;

	for (size_t i = 0; i < address.len; i++) {
		if (address.ptr[i] == '@')
			at = i + 1;
	}
	return str_slice(address, at, address.len);
}

struct text
mime_host_address(
    struct arena *arena, struct text address, bool *out_is_confusable)
{
	struct str domain = domain_of(address.s);
	struct str local = str_slice(address.s, 0, address.s.len - domain.len);
	struct text shown = host_shown(arena, domain, out_is_confusable);

	if (domain.len == 0 || str_eq(shown.s, domain))
		return address;
	return (struct text){
	    str_join(arena, (struct str[]){local, shown.s}, 2)};
}

struct text
mime_address_shown(struct arena *arena, struct text address)
{
	bool is_confusable = false;

	return mime_host_address(arena, address, &is_confusable);
}
