#include "base/buf.h"
#include "base/limits.h"
#include "base/tr.h"
#include "mime/mime_address.h"
#include "mime/mime_host.h"

/* What a person typed in To, Cc and Bcc: each must be sendable. */

/* RFC 6531, 3.3: any letter; not what nobody sees, which is a mistake. */
static bool
is_utf8_local(struct str local)
{
	size_t at = 0;

	if (!str_is_utf8(local))
		return false;
	while (at < local.len) {
		uint32_t c = text_next(local, &at);
		if ((c >= 0x7f && c <= 0xa0) || c == 0xad ||
		    (c >= 0x2000 && c <= 0x200f) ||
		    (c >= 0x2028 && c <= 0x202f) ||
		    (c >= 0x205f && c <= 0x206f) || c == 0x3000 ||
		    c == 0xfeff || (c >= 0xfff0 && c <= 0xffff))
			return false;
	}
	return true;
}

/* RFC 5321, 4.1.2: Dot-string or Quoted-string. */
static bool
is_local_part(struct str local)
{
	static const char specials[] = "()<>[]:;@\\,\" ";
	bool is_quoted = local.len >= 2 && local.ptr[0] == '"' &&
	                 local.ptr[local.len - 1] == '"';

	if (local.len == 0 || local.len > 64 || !is_utf8_local(local))
		return false;
	if (is_quoted)
		local = str_slice(local, 1, local.len - 1);
	for (size_t i = 0; i < local.len; i++) {
		char c = local.ptr[i];
		if ((unsigned char)c < ' ')
			return false;
		if (is_quoted && c == '\\' && i + 1 < local.len)
			i++;
		else if (is_quoted ? (c == '"' || c == '\\')
		                   : strchr(specials, c) != NULL)
			return false;
	}
	return is_quoted ||
	       (local.ptr[0] != '.' && local.ptr[local.len - 1] != '.' &&
	           str_find(local, STR(".."), 0) == local.len);
}

static bool
is_letter_or_digit(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
	       (c >= '0' && c <= '9');
}

/* "[192.0.2.1]", "[IPv6:2001:db8::1]" */
static bool
is_domain_literal(struct str domain)
{
	if (domain.len < 3 || domain.ptr[0] != '[' ||
	    domain.ptr[domain.len - 1] != ']')
		return false;
	for (size_t i = 1; i < domain.len - 1; i++) {
		char c = domain.ptr[i];
		if (!is_letter_or_digit(c) && c != '.' && c != ':' && c != '-')
			return false;
	}
	return true;
}

static bool
is_domain(struct str domain)
{
	struct str rest = domain;

	if (domain.len == 0 || domain.len > 255)
		return false;
	if (is_domain_literal(domain))
		return true;
	while (rest.ptr != NULL) {
		struct str label = str_cut(&rest, '.');
		if (label.len == 0 || label.len > 63 || label.ptr[0] == '-' ||
		    label.ptr[label.len - 1] == '-')
			return false;
		for (size_t i = 0; i < label.len; i++) {
			if (!is_letter_or_digit(label.ptr[i]) &&
			    label.ptr[i] != '-' && label.ptr[i] != '_')
				return false;
		}
	}
	return true;
}

static size_t
last_at(struct str address)
{
	size_t at = address.len;

	for (size_t i = 0; i < address.len; i++) {
		if (address.ptr[i] == '@')
			at = i;
	}
	return at;
}

bool
mime_address_is_sendable(struct str address)
{
	size_t at = last_at(address);

	return at < address.len && address.len <= 254 &&
	       is_local_part(str_slice(address, 0, at)) &&
	       is_domain(str_slice(address, at + 1, address.len));
}

/* The domain as DNS has it; unchanged where that cannot be made. */
static struct str
with_plain_domain(struct arena *arena, struct str address)
{
	size_t at = last_at(address);
	struct str domain = str_slice(address, at + 1, address.len);
	struct str plain = mime_host_ascii(arena, domain);

	if (plain.len == 0 || str_eq(plain, domain))
		return address;
	return str_join(
	    arena, (struct str[]){str_slice(address, 0, at + 1), plain}, 2);
}

/* Made whole where only the domain is missing; can it be sent to? */
static bool
check_one(
    struct mime_address *entry, struct str default_domain, struct arena *arena)
{
	struct str address = entry->address.s;

	if (address.len > 0 && default_domain.len > 0 &&
	    str_find_byte(address, '@', 0) == address.len) {
		address = str_join(arena,
		    (struct str[]){address, STR("@"), default_domain}, 3);
	}
	address = with_plain_domain(arena, address);
	entry->address = (struct text){address};
	return mime_address_is_sendable(address);
}

/* Wrong ones that the words name; the rest is counted. */
#define NAMED_MOST 6

struct wrong {
	struct text names[NAMED_MOST];
	size_t count;
};

static void
note_wrong(
    struct wrong *wrong, const struct mime_address *entry, struct arena *arena)
{
	struct text name =
	    str_is_empty(entry->address.s) ? entry->name : entry->address;

	if (wrong->count < NAMED_MOST)
		wrong->names[wrong->count] = text_shorten(arena, name, 80);
	wrong->count++;
}

/* All at once: nobody wants to send a form again for each of them. */
static enum err_code
refuse_wrong(const struct wrong *wrong, struct arena *arena, struct err *err)
{
	size_t named = wrong->count < NAMED_MOST ? wrong->count : NAMED_MOST;
	struct buf words;

	if (wrong->count == 1)
		return err_sayf(err, ERR_INPUT,
		    "“%.*s” is not an address that mail can be sent to.",
		    STR_ARG(wrong->names[0].s));
	buf_init_arena(&words, arena, NAMED_MOST * 200);
	for (size_t i = 0; i < named; i++)
		buf_addf(&words, "%s“%.*s”",
		    i == 0                  ? ""
		    : i + 1 == wrong->count ? tr(" and ")
		                            : tr_in("list", ", "),
		    STR_ARG(text_shorten(arena, wrong->names[i], 30).s));
	if (named < wrong->count) {
		buf_add_c(&words, " ");
		buf_addf(&words, tr("and %zu more"), wrong->count - named);
	}
	return err_sayf(err, ERR_INPUT,
	    "%.*s are not addresses that mail can be sent to.",
	    STR_ARG(buf_str(&words)));
}

/* "Team: a@b, c@d;" typed: the group's name is no recipient. */
static bool
is_group_name(const struct mime_address *entry, struct str typed)
{
	return str_is_empty(entry->address.s) &&
	       str_find_byte(typed, ':', 0) < typed.len &&
	       str_find_byte(typed, ';', 0) < typed.len;
}

enum err_code
mime_check_recipients(struct str typed, struct str default_domain,
    struct arena *arena, struct mime_addresses *out, struct err *err)
{
	struct wrong wrong = {.count = 0};
	struct mime_addresses all;
	enum err_code rc = mime_address_read(typed, false, arena, &all, err);

	*out = (struct mime_addresses){0};
	if (rc != ERR_OK)
		return rc;
	if (all.count > LIMIT_RECIPIENTS)
		return err_sayf(err, ERR_INPUT,
		    "There are more than %u recipients.", LIMIT_RECIPIENTS);
	out->list = all.list;
	for (size_t i = 0; i < all.count; i++) {
		if (is_group_name(&all.list[i], typed))
			continue;
		if (!check_one(&all.list[i], default_domain, arena)) {
			note_wrong(&wrong, &all.list[i], arena);
			continue;
		}
		out->list[out->count] = all.list[i];
		out->count++;
	}
	if (wrong.count > 0)
		return refuse_wrong(&wrong, arena, err);
	return arena_failed(arena)
	           ? err_set(err, ERR_NO_MEMORY,
	                 "The address list is too long.", "mime: recipients")
	           : ERR_OK;
}
