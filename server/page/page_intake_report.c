#include "base/num.h"
#include "os/clock.h"
#include "page/page_intake.h"
#include "store/store_import.h"

/*
 *   report = state SP beat SP in SP left SP unsure SP past SP validity LF
 *            folder LF stopped LF untried LF uids LF
 *            *( number LF file LF subject LF why LF )
 */
#define REPORT_BYTES  ((size_t)1 << 20)
#define REPORT_KEPT_S ((int64_t)7 * 24 * 60 * 60)
/* Silent for longer: its server was stopped. */
#define REPORT_BEAT_S 90

static const char report_purpose[] = "mail import";

static void
report_line(struct buf *out, struct text text)
{
	buf_add(out, text.s);
	buf_add_byte(out, '\n');
}

static enum err_code
report_seal(struct request *req, struct intake_report *report, struct str *out,
    struct err *err)
{
	struct buf plain;
	struct str bytes;
	enum err_code rc;

	report->beat_s = clock_now_s();
	buf_init(&plain, REPORT_BYTES);
	buf_addf(&plain, "%d %lld %llu %llu %llu %d %u\n", (int)report->state,
	    (long long)report->beat_s, (unsigned long long)report->in,
	    (unsigned long long)report->left,
	    (unsigned long long)report->unsure, report->is_past_undo ? 1 : 0,
	    (unsigned)report->uid_validity);
	report_line(&plain, report->folder);
	report_line(&plain, report->stopped);
	report_line(&plain, report->untried);
	buf_add(&plain, report->uids);
	buf_add_byte(&plain, '\n');
	for (size_t i = 0; i < report->list_count; i++) {
		buf_addf(&plain, "%u\n", (unsigned)report->list[i].number);
		report_line(&plain, report->list[i].file);
		report_line(&plain, report->list[i].subject);
		report_line(&plain, report->list[i].why);
	}
	rc = buf_end(&plain, &bytes, err);
	if (rc == ERR_OK)
		rc = session_seal(req->app->sessions, req, report_purpose, true,
		    STR(""), bytes, out, err);
	buf_free(&plain);
	return rc;
}

enum err_code
intake_report_begin(struct request *req, struct str id,
    struct intake_report *report, bool *out_is_new, struct err *err)
{
	struct str sealed;
	enum err_code rc = report_seal(req, report, &sealed, err);

	*out_is_new = false;
	if (rc != ERR_OK)
		return rc;
	return store_import_begin(req->app->store, req->session->account, id,
	    sealed, report->beat_s, report->beat_s + REPORT_KEPT_S, out_is_new,
	    err);
}

enum err_code
intake_report_keep(struct request *req, struct str id,
    struct intake_report *report, struct err *err)
{
	/* It may be kept very often: not in the memory of the request. */
	CLEANUP(arena_free_at)
	struct arena *arena = arena_new(4 * REPORT_BYTES);
	struct arena *held = req->arena;
	struct str sealed;
	enum err_code rc = ERR_NO_MEMORY;

	if (arena == NULL)
		return err_set(err, rc, NULL, "intake: report");
	req->arena = arena;
	rc = report_seal(req, report, &sealed, err);
	if (rc == ERR_OK)
		rc = store_import_set(
		    req->app->store, req->session->account, id, sealed, err);
	req->arena = held;
	return rc;
}

static struct text
report_text(struct request *req, struct str *rest)
{
	return text_line(req->arena, str_cut(rest, '\n'));
}

static enum err_code
report_parse(struct request *req, struct str plain, struct intake_report *out,
    struct err *err)
{
	struct str head = str_cut(&plain, '\n');
	uint64_t numbers[7] = {0};

	for (size_t i = 0; i < 7; i++) {
		if (num_u64(str_cut(&head, ' '), 0, INT64_MAX, &numbers[i],
		        NULL) != ERR_OK)
			return err_set(err, ERR_INTERNAL,
			    "What came of this import cannot be read.",
			    "intake: report");
	}
	out->state = (enum intake_state)numbers[0];
	out->beat_s = (int64_t)numbers[1];
	out->in = numbers[2];
	out->left = numbers[3];
	out->unsure = numbers[4];
	out->is_past_undo = numbers[5] != 0;
	out->uid_validity = (uint32_t)numbers[6];
	out->folder = report_text(req, &plain);
	out->stopped = report_text(req, &plain);
	out->untried = report_text(req, &plain);
	out->uids = str_cut(&plain, '\n');
	while (plain.len > 0 && out->list_count < INTAKE_TOLD) {
		struct intake_left *left = &out->list[out->list_count++];

		err_ignore(num_u32(
		    str_cut(&plain, '\n'), 0, UINT32_MAX, &left->number, NULL));
		left->file = report_text(req, &plain);
		left->subject = report_text(req, &plain);
		left->why = report_text(req, &plain);
	}
	return ERR_OK;
}

enum err_code
intake_report_find(struct request *req, struct str id,
    struct intake_report *out, struct err *err)
{
	struct str sealed;
	struct str plain;
	enum err_code rc = store_import_get(req->app->store,
	    req->session->account, id, req->arena, &sealed, err);

	memset(out, 0, sizeof(*out));
	if (rc == ERR_OK)
		rc = session_unseal(req->app->sessions, req, report_purpose,
		    true, STR(""), sealed, &plain, err);
	if (rc == ERR_NOT_FOUND || rc == ERR_FORBIDDEN)
		return err_set(err, ERR_NOT_FOUND,
		    "What came of this import is no longer known here. Please "
		    "look into the folder.",
		    "intake: report");
	return rc == ERR_OK ? report_parse(req, plain, out, err) : rc;
}

void
intake_report_leave(struct request *req, struct intake_report *report,
    const struct intake_left *left, bool is_unsure)
{
	struct intake_left *row;

	if (is_unsure)
		report->unsure++;
	else
		report->left++;
	if (report->list_count == INTAKE_TOLD)
		return;
	row = &report->list[report->list_count++];
	row->number = left->number;
	row->file = text_line(req->arena, str_dup(req->arena, left->file.s));
	row->subject =
	    text_line(req->arena, str_dup(req->arena, left->subject.s));
	row->why = text_line(req->arena, str_dup(req->arena, left->why.s));
}

bool
intake_is_running(const struct intake_report *report)
{
	return report->state == INTAKE_RUNNING &&
	       clock_now_s() - report->beat_s < REPORT_BEAT_S;
}

static void
report_view_list(const struct intake_report *report, struct view *view)
{
	struct view_list *rows = view_list(view, "rows");
	uint64_t total = report->left + report->unsure;

	for (size_t i = 0; i < report->list_count; i++) {
		const struct intake_left *left = &report->list[i];
		struct view *row = view_list_add(rows);

		view_text(row, "file", left->file);
		view_u64(row, "number", left->number);
		view_bool(row, "has_number", left->number > 0);
		view_text(row, "subject", left->subject);
		view_bool(row, "has_subject", !text_is_empty(left->subject));
		view_text(row, "why", left->why);
	}
	view_bool(view, "is_cut", total > report->list_count);
	view_u64(view, "more", total - report->list_count);
}

void
intake_report_view(struct request *req, struct str id,
    const struct intake_report *report, struct view *view)
{
	bool runs = intake_is_running(report);
	bool is_lost = report->state == INTAKE_RUNNING && !runs;
	struct view *child = view_child(view, "report");

	view_str(child, "id", id);
	view_bool(child, "runs", runs);
	view_bool(child, "is_lost", is_lost);
	view_bool(child, "is_undone", report->state == INTAKE_UNDONE);
	view_text(child, "stopped", report->stopped);
	view_text(child, "untried", report->untried);
	view_bool(child, "was_stopped", report->state == INTAKE_STOPPED);
	view_u64(child, "in", report->in);
	view_bool(child, "has_in", report->in > 0);
	view_bool(child, "is_in_one", report->in == 1);
	view_u64(child, "left", report->left);
	view_bool(child, "has_left", report->left > 0);
	view_bool(child, "is_left_one", report->left == 1);
	view_u64(child, "unsure", report->unsure);
	view_bool(child, "has_unsure", report->unsure > 0);
	view_bool(child, "is_unsure_one", report->unsure == 1);
	view_bool(child, "can_undo",
	    !runs && report->in > 0 && report->uids.len > 0 &&
	        !report->is_past_undo);
	view_bool(child, "is_past_undo",
	    !runs && report->in > 0 && report->is_past_undo);
	report_view_list(report, child);
	view_set_url(
	    child, "action_url", view_url_own(req->arena, STR("/import")));
	view_text(child, "report_folder", report->folder);
	view_set_url(
	    child, "list_url", page_list_url(req->arena, report->folder));
}
