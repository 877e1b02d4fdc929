/* Single settings: as the store has them, and as the file does. */
#include "mime/html_clean.h"
#include "mime/mime.h"
#include "os/zone.h"
#include "page/page_look.h"
#include "page/settings_file.h"

#include "base/num.h"

#define SETTINGS_LIST_BYTES ((uint32_t)4 << 10)

/* The words for people are those of the settings' page. */
/* clang-format off */
const struct settings_pref settings_prefs[SETTINGS_PREFS] = {
    {"language", N_("Language"), SETTINGS_LANGUAGE, "", 0, 0},
    {"time_zone", N_("Time zone"), SETTINGS_ZONE, "", 0, 0},
    {"notify", N_("When new mail comes and another window is in front"), SETTINGS_CHOICE, "short full", 0, 0},
    {"refresh", N_("Without JavaScript, look for new mail"), SETTINGS_NUMBER, "0 1 5 15", 0, 15},
    {"look", N_("Display"), SETTINGS_LOOK, "", 0, 0},
    {"rows", N_("Messages on a page"), SETTINGS_NUMBER, "", 10, LIMIT_LIST_ROWS},
    {"conversations", N_("Show lists as conversations"), SETTINGS_TICK, "", 0, 0},
    {"folders_otherwise", N_("Folders in which you chose otherwise"), SETTINGS_NAMES, "", 0, SETTINGS_LIST_BYTES},
    {"previews", N_("Show in lists how messages begin"), SETTINGS_TICK, "", 0, 0},
    {"search_in", N_("Where to look"), SETTINGS_CHOICE, "here below all", 0, 0},
    {"prefer_plain", N_("Show messages as plain text"), SETTINGS_TICK, "", 0, 0},
    {"after", N_("After a message was deleted or moved, show"), SETTINGS_CHOICE, "list next previous", 0, 0},
    {"write_html", N_("Begin with formatted text"), SETTINGS_CHOICE, "as-read plain html", 0, 0},
    {"signature_place", N_("In answers, put the signature below the quoted text"), SETTINGS_CHOICE, "first last", 0, 0},
    {"undo_send", N_("After Send, a message can be taken back for"), SETTINGS_NUMBER, "", 0, PAGE_UNDO_MAX_S},
    {"server_keeps_sent", N_("The mail server puts sent messages into Sent by itself"), SETTINGS_TICK, "", 0, 0},
    {"name", N_("Your name"), SETTINGS_LINE, "", 0, LIMIT_NAME_BYTES},
    {"signature", N_("Signature"), SETTINGS_TEXT, "", 0, SETTINGS_LONG_BYTES},
    {"signature_html", N_("Formatted signature"), SETTINGS_HTML, "", 0, SETTINGS_HTML_BYTES},
    {"identity_reply_to", N_("Answers go to"), SETTINGS_PEOPLE, "", 0, LIMIT_NAME_BYTES * 4},
    {"identity_bcc", N_("A blind copy of each message to"), SETTINGS_PEOPLE, "", 0, LIMIT_NAME_BYTES * 4},
    {"identity_organization", N_("Organisation"), SETTINGS_LINE, "", 0, LIMIT_NAME_BYTES},
    {"folder_uses", N_("Which folder is used for what"), SETTINGS_FOLDERS, "drafts sent archive junk trash", 0, LIMIT_FOLDER_BYTES},
    {"archive_by", N_("Archived messages go"), SETTINGS_CHOICE, "year month", 0, 0},
    {"collect_recipients", N_("Collecting"), SETTINGS_TICK, "", 0, 0},
    {"keys", N_("Keyboard shortcuts"), SETTINGS_TICK, "", 0, 0},
};
/* clang-format on */

/* ---- checks ---------------------------------------------------------------
 */
static bool
pref_is_word(const char *words, struct str word)
{
	struct str rest = str_c(words);

	while (rest.len > 0)
		if (str_eq(str_cut(&rest, ' '), word))
			return true;
	return false;
}

/* "de", "pt-BR"; whether we speak it is seen where it is used. */
static bool
pref_is_language(struct str code)
{
	for (size_t i = 0; i < code.len; i++) {
		char c = code.ptr[i];

		if ((c < 'a' || c > 'z') && (c < 'A' || c > 'Z') && c != '-')
			return false;
	}
	return code.len >= 2 && code.len <= 16;
}

static bool
pref_is_zone(struct arena *arena, struct str name)
{
	const struct zone *zone = NULL;

	return str_eq(name, STR("server")) ||
	       (name.len <= ZONE_NAME_BYTES &&
	           zone_open(name, arena, &zone, NULL) == ERR_OK);
}

static bool
pref_is_number(const struct settings_pref *pref, struct str stored)
{
	uint32_t number = 0;

	return num_u32(stored, pref->min, pref->max, &number, NULL) == ERR_OK &&
	       (pref->words[0] == '\0' || pref_is_word(pref->words, stored));
}

bool
settings_html_clean(struct arena *arena, struct str *html)
{
	struct html_clean_options options = {.allow_remote_images = true};
	struct html_clean_result clean = {0};

	if (str_trim(*html).len == 0) {
		*html = STR("");
		return true;
	}
	if (html_clean(*html, &options, arena, &clean, NULL) != ERR_OK)
		return false;
	*html = clean.body.s;
	return true;
}

static bool
pref_is_people(struct settings_reading *in, struct str line)
{
	struct mime_addresses found = {0};

	return line.len == 0 || mime_check_recipients(line, in->domain,
	                            in->arena, &found, NULL) == ERR_OK;
}

/* One string, as it is stored: *stored becomes what is kept of it. */
static bool
pref_check(struct settings_reading *in, const struct settings_pref *pref,
    struct str *stored)
{
	bool is_text =
	    pref->kind == SETTINGS_TEXT || pref->kind == SETTINGS_HTML;

	*stored = is_text ? text_from(in->arena, *stored).s
	                  : text_line(in->arena, *stored).s;
	switch (pref->kind) {
	case SETTINGS_TICK:
		return str_eq(*stored, STR("0")) || str_eq(*stored, STR("1"));
	case SETTINGS_NUMBER:
		return pref_is_number(pref, *stored);
	case SETTINGS_CHOICE:
		return pref_is_word(pref->words, *stored);
	case SETTINGS_LANGUAGE:
		return pref_is_language(*stored);
	case SETTINGS_ZONE:
		return pref_is_zone(in->arena, *stored);
	case SETTINGS_LOOK:
		return page_look_is_known(*stored);
	case SETTINGS_HTML:
		return stored->len <= pref->max &&
		       settings_html_clean(in->arena, stored);
	case SETTINGS_PEOPLE:
		return stored->len <= pref->max && pref_is_people(in, *stored);
	case SETTINGS_LINE:
	case SETTINGS_TEXT:
		return stored->len <= pref->max;
	case SETTINGS_FOLDERS:
	case SETTINGS_NAMES:
		break;
	}
	return false;
}

/* ---- reading --------------------------------------------------------------
 */
static bool
pref_is_folder(struct str name)
{
	return name.len > 0 && name.len <= LIMIT_FOLDER_BYTES &&
	       !str_has_line_break(name);
}

/* {"sent": "Gesendet"}: "sent LF Gesendet LF". */
static bool
pref_read_folders(struct settings_reading *in, const struct settings_pref *pref,
    const struct json *value, struct str *out)
{
	struct buf lines;

	if (value->kind != JSON_KIND_OBJECT)
		return false;
	buf_init_arena(&lines, in->arena, LIMIT_FOLDER_BYTES * 16);
	for (const struct json *at = value->first; at != NULL; at = at->next) {
		if (!pref_is_word(pref->words, at->name)) {
			if (in->report != NULL)
				settings_names_add(&in->report->unknown,
				    text_line(in->arena, at->name));
			continue;
		}
		if (at->kind != JSON_KIND_STRING || !pref_is_folder(at->string))
			return false;
		buf_add(&lines, at->name);
		buf_add_byte(&lines, '\n');
		buf_add(&lines, at->string);
		buf_add_byte(&lines, '\n');
	}
	*out = buf_str(&lines);
	return lines.failed == ERR_OK;
}

/* ["A", "B"]: "A LF B LF". */
static bool
pref_read_names(struct settings_reading *in, const struct settings_pref *pref,
    const struct json *value, struct str *out)
{
	struct buf lines;

	if (value->kind != JSON_KIND_LIST)
		return false;
	buf_init_arena(&lines, in->arena, pref->max);
	for (const struct json *at = value->first; at != NULL; at = at->next) {
		if (at->kind != JSON_KIND_STRING || !pref_is_folder(at->string))
			return false;
		buf_add(&lines, at->string);
		buf_add_byte(&lines, '\n');
	}
	*out = buf_str(&lines);
	return lines.failed == ERR_OK;
}

bool
settings_pref_read(struct settings_reading *in,
    const struct settings_pref *pref, const struct json *value, struct str *out)
{
	*out = str_of(NULL, 0);
	if (value->kind == JSON_KIND_NULL)
		return true;
	switch (pref->kind) {
	case SETTINGS_TICK:
		*out = value->is_true ? STR("1") : STR("0");
		return value->kind == JSON_KIND_BOOL;
	case SETTINGS_NUMBER:
		if (value->kind != JSON_KIND_NUMBER || value->number < 0)
			return false;
		*out = page_u64(in->arena, (uint64_t)value->number);
		return pref_check(in, pref, out);
	case SETTINGS_FOLDERS:
		return pref_read_folders(in, pref, value, out);
	case SETTINGS_NAMES:
		return pref_read_names(in, pref, value, out);
	case SETTINGS_CHOICE:
	case SETTINGS_LINE:
	case SETTINGS_TEXT:
	case SETTINGS_HTML:
	case SETTINGS_PEOPLE:
	case SETTINGS_ZONE:
	case SETTINGS_LANGUAGE:
	case SETTINGS_LOOK:
		break;
	}
	*out = value->string;
	return value->kind == JSON_KIND_STRING && pref_check(in, pref, out);
}

/* ---- writing --------------------------------------------------------------
 */
static void
pref_write_lines(struct arena *arena, const struct settings_pref *pref,
    struct str rest, struct json *into)
{
	bool has_names = pref->kind == SETTINGS_FOLDERS;
	struct json *all = json_add(arena, into, str_c(pref->name),
	    has_names ? JSON_KIND_OBJECT : JSON_KIND_LIST);

	while (all != NULL && rest.len > 0) {
		struct str name = has_names ? str_cut(&rest, '\n') : STR("");
		struct str value = str_cut(&rest, '\n');

		if (pref_is_folder(value) && str_is_utf8(value) &&
		    (!has_names || pref_is_word(pref->words, name)) &&
		    (!has_names || json_find(all, name) == NULL))
			json_add_string(arena, all, name, value);
	}
}

void
settings_pref_write(struct settings_reading *in,
    const struct settings_pref *pref, struct str stored, struct json *into)
{
	struct str name = str_c(pref->name);
	uint32_t number = 0;

	if (stored.len > 0 &&
	    (pref->kind == SETTINGS_FOLDERS || pref->kind == SETTINGS_NAMES)) {
		pref_write_lines(in->arena, pref, stored, into);
		return;
	}
	/* What older programs stored, and nobody reads any more, is none. */
	if (stored.len == 0 || !pref_check(in, pref, &stored)) {
		(void)json_add(in->arena, into, name, JSON_KIND_NULL);
		return;
	}
	if (pref->kind == SETTINGS_TICK)
		json_add_bool(in->arena, into, name, str_eq(stored, STR("1")));
	else if (pref->kind == SETTINGS_NUMBER &&
	         num_u32(stored, pref->min, pref->max, &number, NULL) == ERR_OK)
		json_add_number(in->arena, into, name, number);
	else
		json_add_string(in->arena, into, name, stored);
}
