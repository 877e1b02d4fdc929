#include "base/codec.h"
#include "mime/mime_card.h"

/* RFC 6350, 3.2: octets of a line, not cut within a character. */
#define FOLD_BYTES 75u

struct writer {
	struct buf *out;
	const struct mime_person *person;
	unsigned version;
	bool has_name, has_organization;
	bool has_address[MIME_PERSON_LIST]; /* a line of the card has it */
};

static void
add_folded(struct buf *out, struct str line)
{
	size_t room = FOLD_BYTES;

	while (line.len > room) {
		size_t cut = room;

		while (cut > room / 2 &&
		       ((unsigned char)line.ptr[cut] & 0xc0) == 0x80)
			cut--;
		buf_add(out, str_slice(line, 0, cut));
		buf_add_c(out, "\r\n ");
		line = str_slice(line, cut, line.len);
		room = FOLD_BYTES - 1;
	}
	buf_add(out, line);
	buf_add_c(out, "\r\n");
}

static void
add_text(struct writer *to, const char *head, struct text value)
{
	struct buf line = {0};

	if (text_is_empty(value))
		return;
	buf_init(&line, value.s.len * 2 + 100);
	buf_add_c(&line, head);
	mime_card_escape(&line, value.s);
	add_folded(to->out, buf_str(&line));
	buf_free(&line);
}

/* RFC 6350, 6.2.2: there has to be a name. */
static struct text
shown_name(const struct mime_person *person)
{
	if (!text_is_empty(person->name))
		return person->name;
	if (!text_is_empty(person->organization))
		return person->organization;
	return person->address_count > 0 ? person->addresses[0]
	                                 : TEXT("Nobody");
}

/* "Anna Maria Schmidt": the last word is taken for the family's name. */
static void
add_made_name(struct writer *to)
{
	struct str name = to->person->name.s;
	struct buf line = {0};
	size_t at = name.len;

	while (at > 0 && name.ptr[at - 1] != ' ')
		at--;
	buf_init(&line, name.len * 2 + 100);
	buf_add_c(&line, "N:");
	mime_card_escape(&line, str_slice(name, at, name.len));
	buf_add_byte(&line, ';');
	mime_card_escape(&line, str_trim(str_slice(name, 0, at)));
	buf_add_c(&line, ";;;");
	add_folded(to->out, buf_str(&line));
	buf_free(&line);
}

/* Bytes are data: addresses in 4.0, and encoded in 3.0 (RFC 2426, 2.4.1). */
static void
add_line(struct writer *to, const struct mime_card_line *from)
{
	size_t comma = str_find(from->value, STR(";base64,"), 0);
	struct buf line = {0};

	buf_init(&line, from->whole.len + 100);
	if (to->version == 3 && str_starts(from->value, STR("data:")) &&
	    comma < from->value.len) {
		buf_add(&line, str_slice(from->whole, 0,
		                   from->whole.len - from->value.len - 1));
		buf_add_c(&line, ";ENCODING=b:");
		buf_add(
		    &line, str_slice(from->value, comma + 8, from->value.len));
	} else {
		buf_add(&line, from->whole);
	}
	add_folded(to->out, buf_str(&line));
	buf_free(&line);
}

/* Is it an address that the person (still) has? */
static bool
is_own_address(struct writer *to, const struct mime_card_line *line)
{
	const struct mime_person *person = to->person;

	for (size_t i = 0; i < person->address_count; i++) {
		if (to->has_address[i] || !str_eq_nocase(str_trim(line->value),
		                              person->addresses[i].s))
			continue;
		to->has_address[i] = true;
		return true;
	}
	return false;
}

static void
add_card(struct writer *to)
{
	struct str rest = to->person->card;
	struct mime_card_line line;

	while (mime_card_line_next(&rest, &line)) {
		if (str_eq(line.name, STR("EMAIL")) &&
		    !is_own_address(to, &line))
			continue;
		to->has_name = to->has_name || str_eq(line.name, STR("N"));
		to->has_organization =
		    to->has_organization || str_eq(line.name, STR("ORG"));
		add_line(to, &line);
	}
}

static void
add_groups(struct writer *to)
{
	const struct mime_person *person = to->person;
	struct buf line = {0};

	if (person->group_count == 0)
		return;
	buf_init(&line, (size_t)64 << 10);
	buf_add_c(&line, "CATEGORIES:");
	for (size_t i = 0; i < person->group_count; i++) {
		if (i > 0)
			buf_add_byte(&line, ',');
		mime_card_escape(&line, person->groups[i].s);
	}
	add_folded(to->out, buf_str(&line));
	buf_free(&line);
}

static void
add_photo(struct writer *to)
{
	const struct mime_person *person = to->person;
	bool is_png = person->photo_type != NULL &&
	              strcmp(person->photo_type, "image/png") == 0;
	struct buf line = {0};

	if (person->photo.len == 0)
		return;
	buf_init(&line, person->photo.len * 2 + 200);
	if (to->version == 3)
		buf_addf(&line,
		    "PHOTO;ENCODING=b;TYPE=%s:", is_png ? "PNG" : "JPEG");
	else
		buf_addf(&line, "PHOTO:data:%s;base64,", person->photo_type);
	codec_base64_encode(&line, person->photo);
	add_folded(to->out, buf_str(&line));
	buf_free(&line);
}

void
mime_card_write(
    struct buf *out, const struct mime_person *person, unsigned version)
{
	struct writer to = {.out = out, .person = person, .version = version};

	buf_addf(out, "BEGIN:VCARD\r\nVERSION:%u.0\r\n", version);
	add_text(&to, "FN:", shown_name(person));
	add_card(&to);
	if (!to.has_name)
		add_made_name(&to);
	if (!to.has_organization)
		add_text(&to, "ORG:", person->organization);
	for (size_t i = 0; i < person->address_count; i++)
		if (!to.has_address[i])
			add_text(&to,
			    version == 3 ? "EMAIL;TYPE=INTERNET:" : "EMAIL:",
			    person->addresses[i]);
	add_text(&to, "NOTE:", person->note);
	add_groups(&to);
	add_photo(&to);
	buf_add_c(out, "END:VCARD\r\n");
}
