#include "base/num.h"
#include "page/page_label.h"
#include "page/pages.h"

#define LABELS_TOKEN_BYTES ((size_t)300)

/* What came of a POST, above the page. */
struct labels_note {
	const char *words;
	const char *wrong;
	struct str typed; /* name of a new one that could not be */
	struct str undo;  /* a label as it is stored */
};

static void
labels_view_colours(struct view_list *list, unsigned colour)
{
	for (unsigned i = 0; i < PAGE_LABEL_COLOURS; i++) {
		struct view *row = view_list_add(list);

		view_u64(row, "value", i);
		view_word(row, "words", tr(page_label_colour(i)));
		view_bool(row, "selected", i == colour);
	}
}

static void
labels_view(struct request *req, const struct page_label_list *labels,
    const struct labels_note *note, struct view *view)
{
	struct view_list *rows = view_list(view, "rows");

	for (size_t i = 0; i < labels->count; i++) {
		const struct page_label *at = &labels->list[i];
		struct view *row = view_list_add(rows);

		view_u64(row, "number", i);
		view_text(row, "name", at->label.name);
		view_str(row, "keyword", at->label.keyword);
		view_word(row, "css", page_label_class(at->colour));
		labels_view_colours(view_list(row, "colours"), at->colour);
	}
	labels_view_colours(view_list(view, "new_colours"),
	    (unsigned)labels->count % PAGE_LABEL_COLOURS);
	view_bool(view, "no_rows", labels->count == 0);
	view_text(view, "new_name", text_line(req->arena, note->typed));
	if (note->words != NULL)
		view_word(view, "notice", note->words);
	if (note->wrong != NULL)
		view_word(view, "error_general", note->wrong);
	if (note->undo.len > 0) {
		struct view *undo = view_child(view, "undo");

		view_set_url(
		    undo, "url", view_url_own(req->arena, STR("/labels")));
		view_text(undo, "token", text_from(req->arena, note->undo));
		view_str(undo, "back", STR("/labels"));
	}
	view_word(view, "folder", "");
	view_set_url(
	    view, "action_url", view_url_own(req->arena, STR("/labels")));
	view_set_url(
	    view, "settings_url", view_url_own(req->arena, STR("/settings")));
	view_set_url(
	    view, "list_url", page_list_url(req->arena, TEXT("INBOX")));
}

static enum err_code
labels_no_memory(struct err *err)
{
	return err_set(
	    err, ERR_NO_MEMORY, "The server is out of memory.", "labels");
}

static enum err_code
labels_show(struct request *req, struct response *res,
    const struct labels_note *note, struct err *err)
{
	const struct page_label_list *labels = page_labels(req);
	struct view *view = NULL;
	enum err_code rc = page_view(req, res, tr_text("Labels"), &view, err);

	if (rc == ERR_OK && labels == NULL)
		rc = labels_no_memory(err);
	if (rc != ERR_OK)
		return rc;
	labels_view(req, labels, note, view);
	return page_send(req, res, "labels.html", view, err);
}

enum err_code
page_labels_get(struct request *req, struct response *res, struct err *err)
{
	const struct labels_note note = {0};

	return labels_show(req, res, &note, err);
}

/* ---- changes ---- */
struct labels_job {
	struct request *req;
	struct page_label_list *labels;
	struct page_label *label; /* the one named, or NULL */
	struct str name;
	uint32_t colour;
	struct labels_note note;
	struct err *err;
};

static enum err_code
labels_keep(struct labels_job *job)
{
	struct request *req = job->req;
	struct buf stored;

	buf_init_arena(&stored, req->arena, PAGE_LABELS_BYTES);
	page_label_pack(job->labels, &stored);
	if (stored.failed != ERR_OK)
		return labels_no_memory(job->err);
	return store_pref_set(req->app->store, req->session->account,
	    str_c(page_pref_labels), buf_str(&stored), job->err);
}

static enum err_code
labels_gone(struct labels_job *job)
{
	return err_set(job->err, ERR_INPUT,
	    "There is no such label any more. Nothing was changed.", NULL);
}

static enum err_code
labels_make(struct labels_job *job)
{
	enum err_code rc = page_label_add(
	    job->labels, job->name, job->colour, job->req->arena, job->err);

	job->note.words = tr("The label is made.");
	return rc == ERR_OK ? labels_keep(job) : rc;
}

static enum err_code
labels_save(struct labels_job *job)
{
	enum err_code rc;

	if (job->label == NULL)
		return labels_gone(job);
	rc = page_label_check(
	    job->labels, job->label, job->name, job->req->arena, job->err);
	if (rc != ERR_OK)
		return rc;
	job->label->label.name = text_line(job->req->arena, job->name);
	job->label->colour = job->colour;
	job->note.words = tr("The label is changed.");
	return labels_keep(job);
}

static enum err_code
labels_delete(struct labels_job *job)
{
	struct page_label_list *gone;
	struct buf token;
	size_t at;

	if (job->label == NULL)
		return labels_gone(job);
	gone = ARENA_NEW(job->req->arena, struct page_label_list);
	if (gone == NULL)
		return labels_no_memory(job->err);
	gone->list[0] = *job->label;
	gone->count = 1;
	buf_init_arena(&token, job->req->arena, LABELS_TOKEN_BYTES);
	page_label_pack(gone, &token);
	at = (size_t)(job->label - job->labels->list);
	job->labels->count--;
	memmove(job->label, job->label + 1,
	    (job->labels->count - at) * sizeof(*job->label));
	job->note.words =
	    tr("The label is deleted. Messages keep its keyword.");
	job->note.undo = str_trim(buf_str(&token));
	return labels_keep(job);
}

static enum err_code
labels_undo(struct labels_job *job)
{
	struct str token = request_field(job->req, "undo");
	struct page_label_list *back =
	    ARENA_NEW(job->req->arena, struct page_label_list);
	enum err_code rc;

	if (back == NULL)
		return labels_no_memory(job->err);
	page_label_unpack(
	    str_slice(token, 0, LABELS_TOKEN_BYTES), job->req->arena, back);
	if (back->count != 1 || job->labels->count == PAGE_LABELS ||
	    page_label_find(job->labels, back->list[0].label.keyword) != NULL)
		return err_set(
		    job->err, ERR_INPUT, "This can no longer be undone.", NULL);
	rc = page_label_check(job->labels, NULL, back->list[0].label.name.s,
	    job->req->arena, job->err);
	if (rc != ERR_OK)
		return rc;
	job->labels->list[job->labels->count++] = back->list[0];
	job->note.words = tr("The label is there again.");
	return labels_keep(job);
}

static const struct {
	const char *verb;
	enum err_code (*run)(struct labels_job *job);
} labels_verbs[] = {
    {"make", labels_make},
    {"save", labels_save},
    {"delete", labels_delete},
    {"undo", labels_undo},
};

static enum err_code
labels_run(struct labels_job *job)
{
	struct str verb = request_field(job->req, "do");

	for (size_t i = 0; i < sizeof(labels_verbs) / sizeof(labels_verbs[0]);
	     i++)
		if (str_eq(verb, str_c(labels_verbs[i].verb)))
			return labels_verbs[i].run(job);
	return err_set(job->err, ERR_FORBIDDEN,
	    "This form does not say what to do with the label.", NULL);
}

enum err_code
page_labels_post(struct request *req, struct response *res, struct err *err)
{
	struct labels_job job = {.req = req,
	    .labels = page_labels(req),
	    .name = str_trim(request_field(req, "name")),
	    .err = err};
	struct str keyword = request_field(req, "keyword");
	enum err_code rc;

	if (job.labels == NULL)
		return labels_no_memory(err);
	err_ignore(num_u32(request_field(req, "colour"), 0,
	    PAGE_LABEL_COLOURS - 1, &job.colour, NULL));
	for (size_t i = 0; i < job.labels->count; i++)
		if (str_eq(job.labels->list[i].label.keyword, keyword))
			job.label = &job.labels->list[i];
	rc = labels_run(&job);
	if (rc != ERR_OK && rc != ERR_INPUT)
		return rc;
	if (rc == ERR_INPUT) {
		struct err why = *err;
		const struct labels_note wrong = {
		    .wrong = why.message, .typed = job.name};

		response_status(res, 422);
		return labels_show(req, res, &wrong, err);
	}
	return labels_show(req, res, &job.note, err);
}
