#include "base/limits.h"
#include "base/tr.h"
#include "mime/mime_address.h"
#include "mime/mime_card.h"

#define LOOK_BYTES ((size_t)4096)
#define BAD_CHARS  500u /* kept of what is no address */

bool
mime_person_add_address(struct mime_person *person, struct text address)
{
	for (size_t i = 0; i < person->address_count; i++) {
		if (str_eq_nocase(person->addresses[i].s, address.s))
			return true;
	}
	if (person->address_count == MIME_PERSON_LIST) {
		person->lost =
		    tr("it has more addresses than there is room for");
		return false;
	}
	person->addresses[person->address_count++] = address;
	return true;
}

struct mime_addresses
mime_person_addresses(struct arena *arena, struct str typed, size_t most)
{
	struct mime_addresses found = {0};
	struct mime_addresses checked = {0};

	if (mime_address_read(typed, false, arena, &found, NULL) != ERR_OK ||
	    mime_check_recipients(typed, STR(""), arena, &checked, NULL) !=
	        ERR_OK ||
	    found.count != checked.count || found.count > most)
		return (struct mime_addresses){0};
	return found;
}

void
mime_person_keep_bad(struct mime_person *person, struct arena *arena,
    struct str typed, struct buf *card)
{
	struct text bad =
	    text_shorten(arena, text_line(arena, typed), BAD_CHARS);

	if (text_is_empty(bad))
		return;
	if (text_is_empty(person->bad_address))
		person->bad_address = text_shorten(arena, bad, 80);
	if (card->len + bad.s.len * 2 + 100 <= LIMIT_PERSON_CARD)
		mime_card_add(card, "X-ADDRESS", "", bad);
}

bool
mime_person_is_nobody(struct mime_person *person, struct arena *arena)
{
	if (!text_is_empty(person->name) || person->address_count > 0 ||
	    !text_is_empty(person->organization))
		return false;
	person->lost = tr("it has neither a name nor an address");
	if (!text_is_empty(person->bad_address))
		person->lost = str_dup_c(arena,
		    str_printf(arena,
		        tr("“%.*s” is no e-mail address, and there is no "
		           "name"),
		        STR_ARG(person->bad_address.s)));
	return true;
}

bool
mime_person_is_bare(const struct mime_person *person)
{
	static const char *const names[] = {"N", "NICKNAME", "UID", "REV",
	    "PRODID", "KIND", "CLASS", "SORT-STRING", "X-ADDRESS"};
	struct str rest = person->card;
	struct mime_card_line line;

	if (person->address_count > 0 || person->photo.len > 0 ||
	    !text_is_empty(person->organization) ||
	    !text_is_empty(person->note))
		return false;
	while (mime_card_line_next(&rest, &line)) {
		bool is_useless = str_trim(line.value).len == 0;

		for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++)
			is_useless =
			    is_useless || str_eq(line.name, str_c(names[i]));
		if (!is_useless)
			return false;
	}
	return true;
}

bool
mime_person_add_group(struct mime_person *person, struct text group)
{
	for (size_t i = 0; i < person->group_count; i++) {
		if (str_eq(person->groups[i].s, group.s))
			return true;
	}
	if (person->group_count == MIME_PERSON_LIST)
		return false;
	person->groups[person->group_count++] = group;
	return true;
}

/* Every second byte is none: Latin text as UTF-16 without a mark. */
static bool
has_zeros(struct str bytes, size_t first)
{
	size_t count = 0;
	size_t most = bytes.len < LOOK_BYTES ? bytes.len : LOOK_BYTES;

	for (size_t i = first; i < most; i += 2)
		count += bytes.ptr[i] == '\0' ? 1 : 0;
	return most >= 4 && count > most / 4;
}

/* A file as bytes that its reader knows: no mark, no UTF-16. */
static struct str
without_charset(struct arena *arena, struct str bytes)
{
	if (str_starts(bytes, STR("\xef\xbb\xbf")))
		return str_slice(bytes, 3, bytes.len);
	if (str_starts(bytes, STR("\xff\xfe")))
		return mime_decode_charset(
		    arena, STR("utf-16le"), str_slice(bytes, 2, bytes.len))
		    .s;
	if (str_starts(bytes, STR("\xfe\xff")))
		return mime_decode_charset(
		    arena, STR("utf-16be"), str_slice(bytes, 2, bytes.len))
		    .s;
	if (has_zeros(bytes, 1))
		return mime_decode_charset(arena, STR("utf-16le"), bytes).s;
	if (has_zeros(bytes, 0))
		return mime_decode_charset(arena, STR("utf-16be"), bytes).s;
	return bytes;
}

enum err_code
mime_people_open(struct str bytes, struct arena *arena, struct mime_people *out,
    struct err *err)
{
	struct str look;

	*out = (struct mime_people){0};
	if (bytes.len > LIMIT_PEOPLE_FILE)
		return err_sayf(err, ERR_LIMIT,
		    "This file is larger than %zu MB. Please import it in "
		    "pieces.",
		    LIMIT_PEOPLE_FILE >> 20);
	out->bytes = without_charset(arena, bytes);
	look = str_slice(out->bytes, 0, LOOK_BYTES);
	if (str_find_nocase(look, STR("BEGIN:VCARD"), 0) < look.len) {
		out->kind = MIME_PEOPLE_VCARD;
		return ERR_OK;
	}
	out->kind = MIME_PEOPLE_CSV;
	if (!str_is_utf8(out->bytes))
		out->bytes =
		    mime_decode_charset(arena, STR("windows-1252"), out->bytes)
		        .s;
	if (arena_failed(arena))
		return err_set(err, ERR_NO_MEMORY,
		    "This file is too large to be read.", "mime_people_open");
	return mime_table_open(out, arena, err);
}

enum mime_people_next
mime_people_next(
    struct mime_people *people, struct arena *arena, struct mime_person *out)
{
	if (people->kind == MIME_PEOPLE_VCARD)
		return mime_card_next(people, arena, out);
	return mime_table_next(people, arena, out);
}
