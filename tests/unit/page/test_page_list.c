/* A page of a list: rows, marks, paging in words, orders, folders. */
#include "page_state.h"

#include "page/page_again.h"
#include "page/page_list.h"
#include "page/page_rows.h"
#include "page/page_search.h"

struct list_fixture {
	struct fixture *f;
	struct app_state *state;
	struct accounts *accounts;
	struct secret password;
	struct account *account; /* stays, as while a browser is open */
	struct page_rows *kept;  /* NULL: everything is rendered */
};

static void
list_begin(struct list_fixture *l, struct fixture *f)
{
	l->f = f;
	l->state = make_state(f);
	assert_int_equal(
	    accounts_new(f->cfg, f->metrics, &l->accounts, &f->err), ERR_OK);
	assert_int_equal(secret_init(&l->password, STR("p"), &f->err), ERR_OK);
	assert_int_equal(account_get(l->accounts, l->state->sites[0].mail,
	                     STR("anna"), &l->password, &l->account, &f->err),
	    ERR_OK);
}

static void
list_end(struct list_fixture *l)
{
	account_unref(l->f->req->account);
	account_unref(l->account);
	l->f->req->account = NULL;
	l->f->req->pinned = NULL;
	secret_end(&l->password);
	accounts_free(l->accounts);
	app_state_unref(l->state);
}

/* A text as an initializer of static data; a macro because of sizeof. */
#define LIT(words)                                  \
	{                                           \
		{                                   \
			"" words, sizeof(words) - 1 \
		}                                   \
	}

static struct mail_folder folder_list[] = {
    {.name = LIT("INBOX"),
        .label = LIT("INBOX"),
        .path = LIT("INBOX"),
        .special = MAIL_INBOX,
        .is_selectable = true,
        .messages = 120,
        .unseen = 7},
    {.name = LIT("Sent"),
        .label = LIT("Sent"),
        .path = LIT("Sent"),
        .special = MAIL_SENT,
        .is_selectable = true},
    {.name = LIT("Trash"),
        .label = LIT("Trash"),
        .path = LIT("Trash"),
        .special = MAIL_TRASH,
        .is_selectable = true},
    {.name = LIT("a/b/c/d/e/f/g"),
        .label = LIT("<g>"),
        .path = LIT("<g>"),
        .depth = 6,
        .is_selectable = false},
};
static const struct mail_folders folders = {.list = folder_list, .count = 4};

static struct mail_row row_list[] = {
    {.uid = 7,
        .flags = MAIL_FLAGGED | MAIL_ANSWERED,
        .from = {LIT("Ben <b>"), LIT("ben@example.org")},
        .to = {LIT(""), LIT("carol@example.org")},
        .subject = LIT("Fish & <chips>"),
        .date_s = 1700000000,
        .bytes = 4096,
        .has_attachment = true},
    {.uid = 6,
        .flags = MAIL_SEEN | MAIL_DELETED | MAIL_FORWARDED,
        .from = {LIT(""), LIT("no-reply@example.org")},
        .date_s = 1700000000},
};

/* The page at `target`, a list of `total` messages. */
static struct str
page(struct list_fixture *l, const char *target, uint32_t total)
{
	struct fixture *f = l->f;
	struct list_query query;
	struct mail_list list = {.rows = row_list,
	    .row_count = total < 2 ? total : 2,
	    .total = total,
	    .uid_validity = 99};
	struct view *view = NULL;
	struct response *res;

	account_unref(f->req->account);
	fixture_request(f, target);
	f->req->pinned = l->state;
	assert_int_equal(
	    account_get(l->accounts, l->state->sites[0].mail, STR("anna"),
	        &l->password, &f->req->account, &f->err),
	    ERR_OK);
	assert_int_equal(list_query_parse(f->req, 50, &query, &f->err), ERR_OK);
	list.first = query.mail.first;
	res = http_response(f->req);
	assert_int_equal(
	    page_view(f->req, res, TEXT("List"), &view, &f->err), ERR_OK);
	assert_int_equal(page_list_view(f->req, &query, &list, &folders,
	                     l->kept, view, &f->err),
	    ERR_OK);
	page_search_view_form(
	    f->req, query.words, MAIL_SCOPE_HERE, query.mail.folder, view);
	assert_int_equal(
	    page_send(f->req, res, "list.html", view, &f->err), ERR_OK);
	page_rows_keep(l->kept, response_get_body(res));
	return response_get_body(res);
}

static void
test_rows(void **state)
{
	struct list_fixture l = {0};
	struct str body;

	list_begin(&l, *state);
	body = page(&l, "/list?folder=INBOX", 2);
	assert_page(body, "<bdi>Ben &lt;b&gt;</bdi>", true);
	assert_page(body, "<bdi>no-reply@example.org</bdi>", true);
	assert_page(body, "Fish &amp; &lt;chips&gt;", true);
	assert_page(body, "(no subject)", true);
	assert_page(body, "/message?folder=INBOX&amp;uid=7&amp;v=99", true);
	assert_page(body, ">Unread<", true);
	assert_page(body, ">Flagged<", true);
	assert_page(body, ">Answered<", true);
	assert_page(body, ">Forwarded<", true);
	assert_page(body, "class=\" deleted\"", true);
	assert_page(body, "Has attachments", true);
	assert_page(body, "1–2 of 2", true);
	assert_page(body, "class=\"pages\"", false);
	assert_page(body, "<h1 dir=\"auto\">Inbox</h1>", true);
	/* Folders: unread, depth, what cannot be opened. */
	assert_page(body, "7<span class=\"vh\"> unread", true);
	assert_page(body, "<li class=\"d5\">", true);
	assert_page(body, "<bdi>&lt;g&gt;</bdi></span></span>", true);
	assert_page(body, "<option value=\"Trash\">Trash</option>", true);
	assert_page(body, "<option value=\"INBOX\">", false);
	/* Outgoing mail shows whom it went to. */
	body = page(&l, "/list?folder=Sent", 2);
	assert_page(body, "<bdi>carol@example.org</bdi>", true);
	assert_page(body, "Ben &lt;b&gt;", false);
	body = page(&l, "/list?folder=Trash", 2);
	assert_page(body, "Delete for good", true);
	body = page(&l, "/list?folder=INBOX&q=fish+%26+more", 0);
	assert_page(body, "Nothing found", true);
	assert_page(body, "fish &amp; more", true);
	list_end(&l);
}

static void
test_paging(void **state)
{
	struct list_fixture l = {0};
	const struct {
		const char *target, *before, *after;
		bool first, last; /* page */
	} cases[] = {
	    {"/list?page=1", "<span>Newer</span>", "rel=\"next\">Older</a>",
	        true, false},
	    {"/list?page=2", "rel=\"prev\">Newer</a>", "rel=\"next\">Older</a>",
	        false, false},
	    {"/list?page=3", "rel=\"prev\">Newer</a>", "<span>Older</span>",
	        false, true},
	    {"/list?page=2&rev=1", "rel=\"prev\">Older</a>",
	        "rel=\"next\">Newer</a>", false, false},
	    {"/list?page=2&sort=date", "rel=\"prev\">Newer</a>",
	        "rel=\"next\">Older</a>", false, false},
	    {"/list?page=2&sort=from", "rel=\"prev\">Previous</a>",
	        "rel=\"next\">Next</a>", false, false},
	    {"/list?page=2&sort=size&rev=1", "rel=\"prev\">Previous</a>",
	        "rel=\"next\">Next</a>", false, false},
	};

	list_begin(&l, *state);
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct str body = page(&l, cases[i].target, 120);

		assert_page(body, cases[i].before, true);
		assert_page(body, cases[i].after, true);
		assert_page(body, "<span>First</span>", cases[i].first);
		assert_page(body, "<span>Last</span>", cases[i].last);
		assert_page(body, " of 120</p>", true);
	}
	list_end(&l);
}

static void
test_order(void **state)
{
	struct list_fixture l = {0};
	struct str body;

	list_begin(&l, *state);
	body = page(&l, "/list?sort=subject", 2);
	assert_page(body,
	    "class=\"c-subject\" scope=\"col\" "
	    "aria-sort=\"ascending\"",
	    true);
	assert_page(body, "sort=subject&amp;rev=1", true);
	body = page(&l, "/list?sort=subject&rev=1", 2);
	assert_page(body, "aria-sort=\"descending\"", true);
	body = page(&l, "/list", 2);
	assert_page(body,
	    "class=\"c-date\" scope=\"col\" "
	    "aria-sort=\"descending\"",
	    true);
	/* Nothing of the search goes into the history. */
	l.f->session.expire_views = true;
	body = page(&l, "/list?q=secret", 2);
	assert_page(body, "q=secret", false);
	assert_page(body, "method=\"post\"", true);
	l.f->session.expire_views = false;
	list_end(&l);
}

/* The page with rows that were kept is the one without; so many were. */
static void
assert_kept(struct list_fixture *l, const char *target, size_t ready_count)
{
	struct page_rows rows = {0};
	struct page_again with, without;

	l->kept = &rows;
	with.page = str_dup(l->f->arena, page(l, target, 2));
	with.token = str_dup(l->f->arena, l->f->req->csrf_token);
	l->kept = NULL;
	without.page = page(l, target, 2);
	without.token = l->f->req->csrf_token;
	if (!page_again_is_same(with, without))
		fail_msg("%s: %.*s\n---\n%.*s", target, STR_ARG(with.page),
		    STR_ARG(without.page));
	if (rows.ready_count != ready_count)
		fail_msg("%s: %zu rows were kept, not %zu", target,
		    rows.ready_count, ready_count);
}

/* Rows are used again where nothing of them changed, and only there. */
static void
test_kept(void **state)
{
	static const char *const targets[] = {"/list?folder=INBOX",
	    "/list?folder=Sent", "/list?folder=INBOX&sort=date",
	    "/list?folder=INBOX&q=x", "/list?folder=INBOX&page=2"};
	struct list_fixture l = {0};
	struct mail_row before[2];

	memcpy(before, row_list, sizeof(before));
	list_begin(&l, *state);
	for (size_t i = 0; i < sizeof(targets) / sizeof(targets[0]); i++) {
		assert_kept(&l, targets[i], 0);
		assert_kept(&l, targets[i], 2);
	}
	row_list[0].flags ^= MAIL_SEEN;
	assert_kept(&l, targets[0], 1);
	assert_kept(&l, targets[0], 2);
	row_list[1].flags |= MAIL_FLAGGED;
	assert_kept(&l, targets[0], 1);
	row_list[1].keywords = STR("$label1");
	assert_kept(&l, targets[0], 1);
	row_list[1].has_attachment = true;
	assert_kept(&l, targets[0], 1);
	row_list[0].subject = TEXT("Fish");
	assert_kept(&l, targets[0], 1);
	row_list[0].from.name = TEXT("Ben");
	assert_kept(&l, targets[0], 1);
	row_list[0].date_s += 60;
	assert_kept(&l, targets[0], 1);
	row_list[0].bytes *= 2;
	assert_kept(&l, targets[0], 1);
	row_list[0].uid = 8;
	assert_kept(&l, targets[0], 1);
	/* The row that was jumped to is another one. */
	assert_kept(&l, "/list?folder=INBOX&row=2", 1);
	assert_kept(&l, "/list?folder=INBOX", 1);
	/* What all of them are made of. */
	l.f->session.login = STR("ben");
	assert_kept(&l, targets[0], 0);
	l.f->site.time_zone = STR("Asia/Tokyo");
	assert_kept(&l, targets[0], 0);
	assert_kept(&l, targets[0], 2);
	l.f->site.time_zone = STR("");
	l.f->session.login = STR("anna");
	memcpy(row_list, before, sizeof(before));
	list_end(&l);
}

/* Pages that are equal but for their tokens. */
static void
test_again(void **state)
{
	static const struct {
		const char *was, *now;
		bool is_same;
	} cases[] = {
	    {"<p>a</p>", "<p>a</p>", true},
	    {"<p>a</p>", "<p>b</p>", false},
	    {"x ttA1 y", "x ttB2 y", true},
	    {"x ttA1 y ttA1", "x ttB2 y ttB2", true},
	    {"ttA1ttA1", "ttB2ttB2", true},
	    {"x ttA1 y ttA1 z", "x ttB2 y ttB2 Z", false},
	    /* The same letters in both, a token or not. */
	    {"x ttA1 y ttA1", "x ttB2 y ttA1", true},
	    {"x ttA1 y", "x ttB2 y ", false},
	    {"x ttA1 y ttB2", "x ttB2 y ttA1", false},
	    {"A1", "B2", false},
	    {"ttA", "ttB", false},
	    {"", "", true},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct page_again was = {str_c(cases[i].was), STR("ttA1")};
		struct page_again now = {str_c(cases[i].now), STR("ttB2")};

		if (page_again_is_same(was, now) != cases[i].is_same)
			fail_msg("%s / %s", cases[i].was, cases[i].now);
		now.token = was.token;
		assert_int_equal(page_again_is_same(was, now),
		    strcmp(cases[i].was, cases[i].now) == 0);
	}
}

#define T(name) cmocka_unit_test_setup_teardown(name, fixture_up, fixture_down)

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    T(test_rows),
	    T(test_paging),
	    T(test_order),
	    T(test_kept),
	    cmocka_unit_test(test_again),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
