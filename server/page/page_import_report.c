#include "page/page_import_inside.h"

#include "base/num.h"
#include "base/tr.h"
#include "os/clock.h"

/*
 * What an import left out, for the page that follows it:
 *
 *   report = 2( count SP shown LF *( line SP row LF name LF why LF ) )
 *
 * It takes the place of the imported file, and goes with it.
 */
#define REPORT_BYTES ((size_t)1 << 20)

/* ---- noted ----------------------------------------------------------------
 */
void
import_note(struct import *in, struct import_list *list,
    const struct mime_person *from, const char *why)
{
	struct arena *arena = in->req->arena;
	struct import_line *row;

	if (list->count++ >= (why != NULL ? IMPORT_TOLD : IMPORT_SHOWN))
		return;
	row = &list->list[list->count - 1];
	row->line = from->line;
	row->row = from->row;
	row->why = text_line(
	    arena, str_dup(arena, why != NULL ? str_c(why) : STR("")));
	row->name = text_shorten(
	    arena, text_line(arena, str_dup(arena, from->name.s)), 100);
}

void
import_leave_bare(struct import *in, const struct mime_person *from)
{
	struct str bad = from->bad_address.s;

	import_note(in, &in->out->left, from,
	    bad.len == 0 ? tr("there is nothing but a name")
	                 : str_dup_c(in->req->arena,
	                       str_printf(in->req->arena,
	                           tr("“%.*s” is no e-mail address, and there "
	                              "is nothing "
	                              "else but a name"),
	                           STR_ARG(bad))));
}

void
import_note_address(struct import *in, const struct mime_person *from)
{
	struct str bad = from->bad_address.s;

	if (bad.len > 0)
		import_note(in, &in->out->lost, from,
		    str_dup_c(in->req->arena,
		        str_printf(in->req->arena,
		            tr("“%.*s” is no e-mail address; it is kept among "
		               "the further details"),
		            STR_ARG(bad))));
}

/* ---- shown ----------------------------------------------------------------
 */
void
page_import_view_list(struct view *view, const char *name,
    const struct import_list *list, size_t most)
{
	struct view *child = view_child(view, name);
	struct view_list *rows = view_list(child, "rows");
	size_t shown = list->count < most ? (size_t)list->count : most;

	view_u64(child, "total", list->count);
	view_bool(child, "has_rows", list->count > 0);
	view_bool(child, "is_cut", list->count > shown);
	view_u64(child, "left_out", list->count - shown);
	for (size_t i = 0; i < shown; i++) {
		const struct import_line *from = &list->list[i];
		struct view *row = view_list_add(rows);

		view_word(row, "where", from->row > 0 ? tr("Row") : tr("Line"));
		view_u64(row, "line", from->row > 0 ? from->row : from->line);
		view_text(row, "name", from->name);
		view_bool(row, "has_name", !text_is_empty(from->name));
		view_text(row, "why", from->why);
	}
}

/* ---- kept -----------------------------------------------------------------
 */
static void
report_add(struct buf *out, const struct import_list *list)
{
	uint64_t shown = list->count < IMPORT_TOLD ? list->count : IMPORT_TOLD;

	buf_addf(out, "%llu %llu\n", (unsigned long long)list->count,
	    (unsigned long long)shown);
	for (size_t i = 0; i < shown; i++) {
		const struct import_line *one = &list->list[i];

		buf_addf(out, "%u %u\n%.*s\n%.*s\n", one->line, one->row,
		    STR_ARG(one->name.s), STR_ARG(one->why.s));
	}
}

enum err_code
page_import_report_keep(
    struct request *req, const struct import_result *result, struct err *err)
{
	struct store *store = req->app->store;
	struct str account = req->session->account;
	struct str bytes;
	struct buf out;
	enum err_code rc;

	if (result->left.count + result->lost.count == 0)
		return store_people_file_delete(store, account, err);
	buf_init_arena(&out, req->arena, REPORT_BYTES);
	report_add(&out, &result->left);
	report_add(&out, &result->lost);
	rc = buf_end(&out, &bytes, err);
	if (rc == ERR_OK)
		rc = store_people_file_begin(store, account, result->step,
		    result->file_name.s, clock_now_s(), err);
	if (rc == ERR_OK)
		rc = store_people_file_write(
		    store, account, result->step, 0, bytes, err);
	return rc;
}

/* ---- read -----------------------------------------------------------------
 */
/* Two numbers on a line; false: these bytes are none of ours. */
static bool
report_numbers(struct str *rest, uint64_t *out_a, uint64_t *out_b)
{
	struct str line = str_cut(rest, '\n');
	struct str first = str_cut(&line, ' ');

	return num_u64(first, 0, UINT32_MAX, out_a, NULL) == ERR_OK &&
	       num_u64(line, 0, UINT32_MAX, out_b, NULL) == ERR_OK;
}

static bool
report_read(struct arena *arena, struct str *rest, struct import_list *out)
{
	uint64_t shown = 0;

	if (!report_numbers(rest, &out->count, &shown) || shown > IMPORT_TOLD ||
	    shown > out->count)
		return false;
	for (size_t i = 0; i < shown; i++) {
		struct import_line *one = &out->list[i];
		uint64_t line = 0;
		uint64_t row = 0;

		if (!report_numbers(rest, &line, &row))
			return false;
		one->line = (uint32_t)line;
		one->row = (uint32_t)row;
		one->name = text_line(arena, str_cut(rest, '\n'));
		one->why = text_line(arena, str_cut(rest, '\n'));
	}
	return true;
}

void
page_import_report_view(struct request *req, struct str step, struct view *view)
{
	struct import_result *result =
	    ARENA_NEW(req->arena, struct import_result);
	struct str name = {NULL, 0};
	struct str bytes = {NULL, 0};

	if (result == NULL ||
	    store_people_file_read(req->app->store, req->session->account, step,
	        0, req->arena, &name, &bytes, NULL) != ERR_OK ||
	    !report_read(req->arena, &bytes, &result->left) ||
	    !report_read(req->arena, &bytes, &result->lost))
		return;
	view_str(view, "file_name", name);
	page_import_view_list(view, "left", &result->left, IMPORT_TOLD);
	page_import_view_list(view, "lost", &result->lost, IMPORT_TOLD);
}
