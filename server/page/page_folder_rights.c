#include "page/page_folder.h"
#include "mail/mail_rights.h"

/*
 * Who may use a folder: the list with what each may do in words, roles that
 * can be chosen, single rights that can be ticked.
 */

/* In the order people think of them. */
static const struct {
	uint64_t right;
	const char *words; /* "may ..." */
} rights_words[] = {
    {MAIL_RIGHT_SEE, N_("see the folder")},
    {MAIL_RIGHT_READ, N_("read its messages")},
    {MAIL_RIGHT_SEEN, N_("keep what is read as read")},
    {MAIL_RIGHT_FLAGS, N_("set flags and labels")},
    {MAIL_RIGHT_INSERT, N_("put messages into it")},
    {MAIL_RIGHT_POST, N_("send mail to it")},
    {MAIL_RIGHT_DELETE, N_("mark messages as deleted")},
    {MAIL_RIGHT_EXPUNGE, N_("remove deleted messages for good")},
    {MAIL_RIGHT_CREATE, N_("make folders inside it")},
    {MAIL_RIGHT_REMOVE, N_("rename, move or delete the folder")},
    {MAIL_RIGHT_ADMIN, N_("decide who may use it")},
};

#define RIGHTS_LOOK (MAIL_RIGHT_SEE | MAIL_RIGHT_READ)
#define RIGHTS_READ (RIGHTS_LOOK | MAIL_RIGHT_SEEN)
#define RIGHTS_WRITE                                          \
	(RIGHTS_READ | MAIL_RIGHT_FLAGS | MAIL_RIGHT_INSERT | \
	    MAIL_RIGHT_DELETE | MAIL_RIGHT_EXPUNGE)

static const struct {
	const char *name;
	uint64_t rights;
	const char *words;
	const char *hint;
} rights_roles[] = {
    {"look", RIGHTS_LOOK, N_("Look only"),
        N_("See the folder and read its messages. What is read stays unread.")},
    {"read", RIGHTS_READ, N_("Read"),
        N_("The same, and what is read is kept as read.")},
    {"write", RIGHTS_WRITE, N_("Read and write"),
        N_("Also set flags and labels, put messages into it, and delete "
           "them.")},
    {"all", UINT64_MAX, N_("Everything"),
        N_("Also make folders inside it, rename and delete it, and decide "
           "who may use it.")},
};

#define RIGHTS_ROLES (sizeof(rights_roles) / sizeof(rights_roles[0]))
#define RIGHTS_WORDS (sizeof(rights_words) / sizeof(rights_words[0]))

/* ---- words ---- */
/* Rights of this mail server that have no name: "right “n”". */
static struct str
rights_other(struct request *req, uint64_t rights)
{
	return str_printf(req->arena, tr("the mail server’s right “%.*s”"),
	    STR_ARG(mail_rights_letters(req->arena, rights, false)));
}

/* "see the folder, read its messages" */
static struct str
rights_sentence(struct request *req, uint64_t rights)
{
	uint64_t others = rights & ~MAIL_RIGHTS_KNOWN;
	struct buf out;

	buf_init_arena(&out, req->arena, LIMIT_HEADER_BYTES);
	for (size_t i = 0; i < RIGHTS_WORDS; i++) {
		if ((rights & rights_words[i].right) == 0)
			continue;
		if (out.len > 0)
			buf_add_c(&out, page_comma());
		buf_add_c(&out, tr(rights_words[i].words));
	}
	if (others != 0) {
		if (out.len > 0)
			buf_add_c(&out, page_comma());
		buf_add(&out, rights_other(req, others));
	}
	return out.len > 0 ? buf_str(&out) : tr_text("do nothing with it").s;
}

static const char *
rights_explained(const struct mail_rights_row *row)
{
	static const struct {
		const char *name, *words;
	} names[] = {
	    {"anyone", N_("everybody whom the mail server lets in")},
	    {"anonymous", N_("whoever looks in without a name")},
	    {"authenticated", N_("everybody who has an account there")},
	    {"owner", N_("whose folder it is")},
	};
	struct str who = row->who.s;

	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++)
		if (str_eq_nocase(who, str_c(names[i].name)))
			return tr(names[i].words);
	if (str_starts(who, STR("$")) || str_starts(who, STR("!$")) ||
	    str_starts(who, STR("group:")))
		return tr("a group");
	if (str_starts(who, STR("#")))
		return tr("set by the mail server’s administrator");
	return row->is_self ? tr_in("rights", "you") : "";
}

/* ---- choices ---- */
static void
rights_view_roles(
    const struct mail_rights *rights, uint64_t chosen, struct view *view)
{
	struct view_list *list = view_list(view, "roles");
	bool is_role = false;

	for (size_t i = 0; i < RIGHTS_ROLES; i++) {
		struct view *row = view_list_add(list);
		bool is_this =
		    chosen == (rights_roles[i].rights & rights->offered);

		view_word(row, "role", rights_roles[i].name);
		view_word(row, "words", tr(rights_roles[i].words));
		view_word(row, "hint", tr(rights_roles[i].hint));
		view_bool(row, "is_chosen", is_this && !is_role);
		is_role = is_role || is_this;
	}
	view_bool(view, "is_ticked", !is_role);
}

static void
rights_view_tick(struct request *req, struct view_list *list, uint64_t right,
    struct str words, bool is_on)
{
	struct view *row = view_list_add(list);

	view_str(row, "field",
	    str_printf(req->arena, "right_%.*s",
	        STR_ARG(mail_rights_letters(req->arena, right, false))));
	view_str(row, "words", words);
	view_bool(row, "is_on", is_on);
}

static void
rights_view_ticks(struct request *req, const struct mail_rights *rights,
    uint64_t chosen, struct view *view)
{
	uint64_t shown = rights->offered | chosen;
	struct view_list *list = view_list(view, "ticks");

	for (size_t i = 0; i < RIGHTS_WORDS; i++) {
		uint64_t right = rights_words[i].right;

		if ((shown & right) != 0)
			rights_view_tick(req, list, right,
			    str_c(tr(rights_words[i].words)),
			    (chosen & right) != 0);
	}
	shown &= ~MAIL_RIGHTS_KNOWN;
	for (unsigned i = 0; i < 36; i++) {
		uint64_t right = (uint64_t)1 << i;

		if ((shown & right) != 0)
			rights_view_tick(req, list, right,
			    rights_other(req, right), (chosen & right) != 0);
	}
}

static void
rights_view_row(struct request *req, const struct mail_rights *rights,
    const struct mail_rights_row *from, size_t number, struct view *row)
{
	view_u64(row, "number", number);
	view_text(row, "who", from->who);
	view_word(row, "explained", rights_explained(from));
	view_bool(row, "is_negative", from->is_negative);
	view_bool(row, "is_fixed", from->is_fixed);
	view_str(row, "may", rights_sentence(req, from->rights));
	view_str(
	    row, "was", mail_rights_letters(req->arena, from->rights, false));
	if (from->is_fixed)
		return;
	rights_view_roles(rights, from->rights, row);
	rights_view_ticks(req, rights, from->rights, row);
}

void
folder_view_rights(
    struct request *req, const struct mail_rights *rights, struct view *view)
{
	struct str typed = request_field(req, "who");
	bool is_again = request_field(req, "new").len > 0;
	struct view *box;
	struct view_list *list;

	if (!rights->is_known)
		return;
	box = view_child(view, "rights");
	list = view_list(box, "rows");
	view_str(box, "mine", rights_sentence(req, rights->mine));
	view_bool(box, "can_share", rights->has_list);
	view_bool(box, "is_cut", rights->is_cut);
	view_bool(box, "no_rows", rights->count == 0);
	if (!rights->has_list)
		return;
	for (size_t i = 0; i < rights->count; i++)
		rights_view_row(
		    req, rights, &rights->list[i], i + 1, view_list_add(list));
	view_word(box, "number", "0");
	view_bool(box, "is_again", is_again);
	if (is_again)
		view_text(box, "typed", text_line(req->arena, typed));
	rights_view_roles(rights, RIGHTS_READ & rights->offered, box);
	rights_view_ticks(req, rights, RIGHTS_READ & rights->offered, box);
}

/* ---- changing ---- */
static uint64_t
rights_ticked(struct request *req)
{
	char field[] = "right_?";
	uint64_t rights = 0;

	for (unsigned i = 0; i < 36; i++) {
		field[6] = (char)(i < 26 ? 'a' + i : '0' + (i - 26));
		if (request_field(req, field).len > 0)
			rights |= (uint64_t)1 << i;
	}
	return rights;
}

static enum err_code
rights_chosen(
    struct folder_job *job, const struct mail_rights *rights, uint64_t *out)
{
	struct str role = request_field(job->req, "role");

	*out = rights_ticked(job->req);
	for (size_t i = 0; i < RIGHTS_ROLES; i++)
		if (str_eq(role, str_c(rights_roles[i].name)))
			*out = rights_roles[i].rights & rights->offered;
	if (*out != 0)
		return ERR_OK;
	return err_set(job->err, ERR_INPUT,
	    "Nothing was ticked. Please tick what this person may do, or "
	    "remove the row.",
	    NULL);
}

/* What the form was made from must still be so. */
static enum err_code
rights_is_same(struct folder_job *job, const struct mail_rights_row *before)
{
	struct request *req = job->req;
	bool is_new = request_field(req, "new").len > 0;

	if (is_new && before != NULL)
		return err_set(job->err, ERR_INPUT,
		    "This name is in the list already. Please change it "
		    "there.",
		    NULL);
	if (is_new ||
	    (before != NULL && !before->is_fixed &&
	        str_eq(mail_rights_letters(req->arena, before->rights, false),
	            request_field(req, "was"))))
		return ERR_OK;
	return err_set(job->err, ERR_INPUT,
	    "This was changed elsewhere meanwhile. Nothing was done: below is "
	    "what holds now.",
	    NULL);
}

static enum err_code
rights_ask(struct folder_job *job, const char *verb)
{
	static const char *const fields[] = {
	    "who", "negative", "new", "was", "role"};
	struct request *req = job->req;
	uint64_t ticked = rights_ticked(req);
	struct view *view = NULL;
	struct view_list *hidden;
	enum err_code rc = page_view(
	    req, job->res, tr_text("Lock yourself out?"), &view, job->err);

	if (rc != ERR_OK)
		return rc;
	view_word(view, "question", tr("Lock yourself out?"));
	view_text(view, "path", job->folder->path);
	view_word(view, "text",
	    tr("After this you may no longer see or read this folder, or no "
	       "longer decide who may use it. Only somebody else who may, or "
	       "the mail server’s administrator, can give that back."));
	view_word(view, "verb", verb);
	view_word(view, "yes_label", tr("Do it all the same"));
	view_set_url(
	    view, "action_url", view_url_own(req->arena, STR("/folder")));
	view_set_url(view, "cancel_url", folder_url(req, job->folder->name));
	hidden = view_list(view, "hidden");
	page_hidden(req, hidden, "folder", job->folder->name.s);
	page_hidden(req, hidden, "sure", STR("1"));
	for (size_t i = 0; i < sizeof(fields) / sizeof(fields[0]); i++)
		page_hidden(
		    req, hidden, fields[i], request_field(req, fields[i]));
	for (unsigned i = 0; i < 36; i++) {
		uint64_t right = (uint64_t)1 << i;

		if ((ticked & right) != 0)
			page_hidden(req, hidden,
			    str_dup_bytes(req->arena,
			        str_printf(req->arena, "right_%.*s",
			            STR_ARG(mail_rights_letters(
			                req->arena, right, false)))),
			    STR("1"));
	}
	job->is_answered = true;
	return page_send(req, job->res, "folder_ask.html", view, job->err);
}

/* Whose rights: as it was typed, or as it stands in the list. */
static enum err_code
rights_who(struct folder_job *job, struct mail_rights_row *out)
{
	struct request *req = job->req;
	struct str typed = str_trim(request_field(req, "who"));

	*out = (struct mail_rights_row){.who = text_line(req->arena, typed),
	    .is_self = mail_rights_is_self(typed, req->session->login),
	    .is_negative = str_eq(request_field(req, "negative"), STR("1"))};
	if (!str_eq(out->who.s, typed))
		return err_set(job->err, ERR_INPUT,
		    "A name cannot have line breaks, tabs or other control "
		    "characters in it.",
		    NULL);
	return mail_rights_check_name(out->who, job->err);
}

static enum err_code
rights_change(struct folder_job *job, const char *verb, bool removes)
{
	struct mail_rights rights;
	struct mail_rights_row row;
	enum err_code rc = rights_who(job, &row);

	job->landing = job->folder->name;
	job->note = "shared";
	if (rc == ERR_OK)
		rc = mail_rights(&job->mail, job->name, &rights, job->err);
	if (rc == ERR_OK && !rights.has_list)
		rc = err_set(job->err, ERR_FORBIDDEN,
		    "You may not decide who uses this folder.", NULL);
	if (rc == ERR_OK)
		rc = rights_is_same(
		    job, mail_rights_find(&rights, row.who, row.is_negative));
	if (rc == ERR_OK && !removes)
		rc = rights_chosen(job, &rights, &row.rights);
	if (rc != ERR_OK)
		return rc;
	if (mail_rights_locks_out(&rights, &row) &&
	    request_field(job->req, "sure").len == 0)
		return rights_ask(job, verb);
	return mail_rights_set(&job->mail, job->name, &row, job->err);
}

enum err_code
folder_job_share(struct folder_job *job)
{
	return rights_change(job, "share", false);
}

enum err_code
folder_job_unshare(struct folder_job *job)
{
	return rights_change(job, "unshare", true);
}
