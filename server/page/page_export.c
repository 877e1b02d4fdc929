#include "base/limits.h"
#include "base/tr.h"
#include "mime/mime_card.h"
#include "mime/mime_csv.h"
#include "page/page_contacts.h"
#include "page/pages.h"

#define EXPORT_ROUND       100u /* people at once */
#define EXPORT_ROUND_BYTES ((size_t)96 << 20)
#define EXPORT_ONE_BYTES   ((size_t)4 << 20)
/* Columns of a table; what is more stands in the last of its kind. */
#define EXPORT_ADDRESSES 5u
#define EXPORT_PHONES    5u
#define EXPORT_PLACES    2u

enum export_form {
	EXPORT_VCARD4,
	EXPORT_VCARD3,
	EXPORT_CSV
};

struct export
{
	struct request *req;
	struct response *res;
	enum export_form form;
	struct http_stream *stream;
	int64_t looked_ms; /* of page_goes_on() */
};

/* ---- one person -----------------------------------------------------------
 */
enum err_code
contact_export(struct request *req, const struct store_person *person,
    bool with_photo, struct arena *arena, struct mime_person *out,
    struct err *err)
{
	struct store_circle *circles = NULL;
	size_t count = 0;
	enum err_code rc = store_circle_of(req->app->store,
	    req->session->account, person->id, arena, &circles, &count, err);

	*out = (struct mime_person){.card = person->card};
	out->name = text_line(arena, person->name);
	out->organization = text_line(arena, person->organization);
	out->note = text_from(arena, person->note);
	for (size_t i = 0; i < person->address_count; i++)
		(void)mime_person_add_address(
		    out, text_line(arena, person->addresses[i].address));
	for (size_t i = 0; i < count; i++)
		(void)mime_person_add_group(
		    out, text_line(arena, circles[i].name));
	if (rc == ERR_OK && with_photo && person->photo_type.len > 0)
		rc = contact_photo(
		    req, person->id, arena, &out->photo_type, &out->photo, err);
	if (rc == ERR_NOT_FOUND)
		rc = ERR_OK; /* taken away meanwhile */
	return rc;
}

/* ---- a table --------------------------------------------------------------
 */
static void
export_head(struct buf *out)
{
	static const char *const first[] = {
	    "Name", "Organization Name", "Organization Title", "Nickname"};

	/* So that Excel knows the charset. */
	buf_add_c(out, "\xef\xbb\xbf");
	for (size_t i = 0; i < 4; i++) {
		if (i > 0)
			buf_add_byte(out, ',');
		buf_add_c(out, first[i]);
	}
	for (unsigned i = 1; i <= EXPORT_ADDRESSES; i++)
		buf_addf(out, ",E-mail %u - Value", i);
	for (unsigned i = 1; i <= EXPORT_PHONES; i++)
		buf_addf(out, ",Phone %u - Label,Phone %u - Value", i, i);
	for (unsigned i = 1; i <= EXPORT_PLACES; i++)
		buf_addf(
		    out, ",Address %u - Label,Address %u - Formatted", i, i);
	buf_add_c(out, ",Website 1 - Value,Birthday,Notes,Labels\r\n");
}

/* Texts of one kind into `room` cells; with `kinds` a cell before each. */
static void
export_cells(struct buf *out, struct arena *arena, const struct text *values,
    const char *const *kinds, size_t count, size_t room)
{
	for (size_t i = 0; i < room; i++) {
		bool is_last = i + 1 == room;
		struct buf cell;

		buf_init_arena(&cell, arena, LIMIT_PERSON_CARD);
		for (size_t k = i; k < (is_last ? count : i + 1) && k < count;
		     k++) {
			if (k > i)
				buf_add_c(&cell, " ::: ");
			buf_add(&cell, values[k].s);
		}
		buf_add_byte(out, ',');
		if (kinds != NULL) {
			mime_csv_add(
			    out, i < count ? str_c(kinds[i]) : STR(""));
			buf_add_byte(out, ',');
		}
		mime_csv_add(out, buf_str(&cell));
	}
}

static const char *
export_kind(const struct mime_card_line *line)
{
	static const char *const kinds[][2] = {{"fax", "Fax"},
	    {"pager", "Pager"}, {"cell", "Mobile"}, {"work", "Work"},
	    {"home", "Home"}};

	for (size_t i = 0; i < 5; i++)
		if (mime_card_has_type(line, kinds[i][0]))
			return kinds[i][1];
	return "Other";
}

/* Lines of the card of that name. */
static size_t
export_lines(struct arena *arena, struct str card, const char *name,
    struct text *values, const char **kinds)
{
	struct mime_card_line line;
	size_t count = 0;

	while (count < MIME_PERSON_LIST && mime_card_line_next(&card, &line)) {
		if (!str_eq(line.name, str_c(name)))
			continue;
		kinds[count] = export_kind(&line);
		values[count++] = mime_card_value(arena, &line);
	}
	return count;
}

static void
export_row(
    struct buf *out, struct arena *arena, const struct mime_person *person)
{
	struct text values[MIME_PERSON_LIST];
	const char *kinds[MIME_PERSON_LIST];
	struct buf groups;
	size_t count;

	mime_csv_add(out, person->name.s);
	buf_add_byte(out, ',');
	mime_csv_add(out, person->organization.s);
	count = export_lines(arena, person->card, "TITLE", values, kinds);
	export_cells(out, arena, values, NULL, count, 1);
	count = export_lines(arena, person->card, "NICKNAME", values, kinds);
	export_cells(out, arena, values, NULL, count, 1);
	export_cells(out, arena, person->addresses, NULL, person->address_count,
	    EXPORT_ADDRESSES);
	count = export_lines(arena, person->card, "TEL", values, kinds);
	export_cells(out, arena, values, kinds, count, EXPORT_PHONES);
	count = export_lines(arena, person->card, "ADR", values, kinds);
	export_cells(out, arena, values, kinds, count, EXPORT_PLACES);
	count = export_lines(arena, person->card, "URL", values, kinds);
	export_cells(out, arena, values, NULL, count, 1);
	count = export_lines(arena, person->card, "BDAY", values, kinds);
	export_cells(out, arena, values, NULL, count, 1);
	buf_add_byte(out, ',');
	mime_csv_add(out, person->note.s);
	buf_init_arena(&groups, arena, LIMIT_PERSON_CARD);
	for (size_t i = 0; i < person->group_count; i++) {
		if (i > 0)
			buf_add_c(&groups, " ::: ");
		buf_add(&groups, person->groups[i].s);
	}
	buf_add_byte(out, ',');
	mime_csv_add(out, buf_str(&groups));
	buf_add_c(out, "\r\n");
}

/* ---- all of them ----------------------------------------------------------
 */
static enum err_code
export_person(struct export *in, const struct store_person *person,
    struct arena *arena, struct err *err)
{
	struct mime_person *out = ARENA_NEW(arena, struct mime_person);
	struct buf text;
	struct str bytes;
	enum err_code rc = ERR_NO_MEMORY;

	buf_init_arena(&text, arena, EXPORT_ONE_BYTES);
	if (out != NULL)
		rc = contact_export(
		    in->req, person, in->form != EXPORT_CSV, arena, out, err);
	if (rc != ERR_OK)
		return rc;
	if (in->form == EXPORT_CSV)
		export_row(&text, arena, out);
	else
		mime_card_write(&text, out, in->form == EXPORT_VCARD3 ? 3 : 4);
	rc = buf_end(&text, &bytes, err);
	if (rc == ERR_OK)
		rc = page_goes_on(in->req, &in->looked_ms, err);
	return rc == ERR_OK ? http_stream_write(in->stream, bytes, err) : rc;
}

static enum err_code
export_list(
    struct export *in, struct store_people_query *query, struct err *err)
{
	CLEANUP(arena_free_at)
	struct arena *arena = arena_new(EXPORT_ROUND_BYTES);
	struct store_people people = {0};
	enum err_code rc = ERR_OK;

	query->count = EXPORT_ROUND;
	do {
		if (arena == NULL)
			return err_set(err, ERR_NO_MEMORY,
			    "The server is out of memory.", "export");
		arena_reset(arena);
		rc = store_people_list(in->req->app->store,
		    in->req->session->account, query, true, arena, &people,
		    err);
		for (size_t i = 0; rc == ERR_OK && i < people.count; i++)
			rc = export_person(in, &people.list[i], arena, err);
		query->first += EXPORT_ROUND;
	} while (rc == ERR_OK && people.count == EXPORT_ROUND);
	return rc;
}

static enum err_code
export_begin(struct export *in, struct err *err)
{
	bool is_table = in->form == EXPORT_CSV;
	struct buf head;
	enum err_code rc;

	response_status(in->res, 200);
	response_replace_header(in->res, "Content-Type",
	    is_table ? STR("text/csv; charset=utf-8")
	             : STR("text/vcard; charset=utf-8"));
	response_replace_header(in->res, "Content-Disposition",
	    is_table ? STR("attachment; filename=\"contacts.csv\"")
	             : STR("attachment; filename=\"contacts.vcf\""));
	rc = response_stream_open(
	    in->req, in->res, UINT64_MAX, &in->stream, err);
	if (rc != ERR_OK || !is_table)
		return rc;
	buf_init_arena(&head, in->req->arena, LIMIT_HEADER_BYTES);
	export_head(&head);
	return http_stream_write(in->stream, buf_str(&head), err);
}

static enum err_code
export_send(struct export *in, struct store_people_query *query,
    const struct store_person *one, struct err *err)
{
	enum err_code rc = export_begin(in, err);

	if (rc == ERR_OK && one != NULL)
		rc = export_person(in, one, in->req->arena, err);
	else if (rc == ERR_OK)
		rc = export_list(in, query, err);
	/* Cut, so that nobody keeps half of it as the whole. */
	if (in->stream != NULL)
		http_stream_close(in->stream, rc == ERR_OK);
	return rc;
}

static enum export_form
export_form_of(struct str word)
{
	if (str_eq(word, STR("csv")))
		return EXPORT_CSV;
	return str_eq(word, STR("vcard3")) ? EXPORT_VCARD3 : EXPORT_VCARD4;
}

enum err_code
page_export_file(struct request *req, struct response *res, struct err *err)
{
	struct str what = request_query(req, "what");
	struct str id = request_query(req, "id");
	struct export in = {.req = req,
	    .res = res,
	    .form = export_form_of(request_query(req, "form"))};
	struct store_people_query query = {.book = STORE_BOOK_OWN};
	struct store_person one;
	enum err_code rc = ERR_OK;

	if (str_eq(what, STR("collected")))
		query.book = STORE_BOOK_COLLECTED;
	else if (compose_id_is_valid(what))
		query.circle = what;
	if (id.len > 0)
		rc = store_person_find(req->app->store, req->session->account,
		    id, req->arena, &one, err);
	if (rc == ERR_NOT_FOUND)
		rc = err_set(err, ERR_NOT_FOUND,
		    "There is no such contact. It may have been removed.",
		    NULL);
	return rc == ERR_OK
	           ? export_send(&in, &query, id.len > 0 ? &one : NULL, err)
	           : rc;
}

enum err_code
page_export(struct request *req, struct response *res, struct err *err)
{
	struct store_circle *list = NULL;
	struct view *view = NULL;
	struct view_list *rows;
	size_t count = 0;
	enum err_code rc =
	    page_view(req, res, tr_text("Export contacts"), &view, err);

	if (rc == ERR_OK)
		rc = store_circle_list(req->app->store, req->session->account,
		    req->arena, &list, &count, err);
	if (rc != ERR_OK)
		return rc;
	rows = view_list(view, "groups");
	for (size_t i = 0; i < count; i++) {
		struct view *row = view_list_add(rows);

		view_str(row, "group_id", list[i].id);
		view_str(row, "group_name", list[i].name);
	}
	view_set_url(
	    view, "file_url", view_url_own(req->arena, STR("/contacts/file")));
	return page_send(req, res, "contacts_export.html", view, err);
}
