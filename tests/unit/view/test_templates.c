/*
 * The product's own templates: every one compiles, and with full, with empty
 * and with hostile values gives a page that holds together. With
 * IWEBMSG_PREVIEW=FOLDER the full pages are written there, to be looked at.
 */
#include "view_test.h"

#include "base/buf.h"
#include "view/tmpl.h"

#define EVIL                        \
	"<script>\"'&</textarea></" \
	"title>مرحبا"
#define DEPTH 200

/* What a view is filled with. */
enum fill {
	FILL_NICE,
	FILL_EVIL,
	FILL_EMPTY
};

struct sample {
	struct arena *arena;
	enum fill fill;
};

struct pair {
	const char *name;
	const char *value;
};

static void
texts(const struct sample *sample, struct view *view, const struct pair *pairs)
{
	for (; pairs->name != NULL; pairs++)
		view_str(view, pairs->name,
		    str_c(sample->fill == FILL_EVIL ? EVIL : pairs->value));
}

static void
urls(const struct sample *sample, struct view *view, const struct pair *pairs)
{
	for (; pairs->name != NULL; pairs++)
		view_set_url(view, pairs->name,
		    view_url_own(sample->arena, str_c(pairs->value)));
}

static void
bools(struct view *view, const char *const *names)
{
	for (; *names != NULL; names++)
		view_bool(view, *names, true);
}

static void
common(const struct sample *sample, struct view *view)
{
	static const struct pair text[] = {{"title", "Inbox"},
	    {"site_title", "Example Mail"}, {"login", "ada@example.org"},
	    {"csrf", "c5rf"}, {"here", "/list?folder=INBOX"},
	    {"request_id", "7f3a91c2"}, {NULL, NULL}};
	static const struct pair url[] = {{"css_url", "/static/app.css"},
	    {"js_url", "/static/app.js"}, {"icon_url", "/static/favicon.svg"},
	    {"sprite_url", "/static/icons.svg"}, {"compose_url", "/compose"},
	    {"settings_url", "/settings"}, {"logoff_url", "/logoff"},
	    {"home_url", "/"}, {"switch_url", "/secure"},
	    {"action_url", "/act"}, {"cancel_url", "/list"},
	    {"login_url", "/login"}, {"list_url", "/list?folder=INBOX"},
	    {"retry_url", "/list"}, {"back_url", "/"}, {NULL, NULL}};

	view_word(view, "lang", "en");
	texts(sample, view, text);
	urls(sample, view, url);
}

static void
folders(const struct sample *sample, struct view *view)
{
	static const struct {
		const char *name, *icon, *depth;
		uint64_t unread;
	} rows[] = {{"Inbox", "inbox", "d0", 12}, {"Drafts", "drafts", "d0", 0},
	    {"Sent", "sent", "d0", 0}, {"Archive", "archive", "d0", 0},
	    {"Junk", "junk", "d0", 3}, {"Trash", "trash", "d0", 0},
	    {"Projects", "folder", "d0", 0},
	    {"Analytical Engine", "folder", "d1", 4},
	    {"Notes on the Menabrea memoir", "folder", "d2", 0},
	    {"Письма", "folder", "d0", 0}, {"日本語", "folder", "d0", 1}};
	struct view_list *list = view_list(view, "folders");
	struct view_list *targets = view_list(view, "move_targets");
	struct view *quota = view_child(view, "quota");

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		const struct pair text[] = {{"name", rows[i].name},
		    {"value", rows[i].name}, {NULL, NULL}};
		const struct pair url[] = {
		    {"url", "/list?folder=x"}, {NULL, NULL}};
		struct view *row = view_list_add(list);

		texts(sample, row, text);
		urls(sample, row, url);
		view_word(row, "depth", rows[i].depth);
		view_word(row, "icon", rows[i].icon);
		view_u64(row, "unread", rows[i].unread);
		view_bool(row, "has_unread", rows[i].unread > 0);
		view_bool(row, "is_current", i == 0);
		view_bool(row, "is_selectable", i != 6);
		texts(sample, view_list_add(targets), text);
	}
	view_word(quota, "used", "1.2 GB");
	view_word(quota, "limit", "5 GB");
	view_u64(quota, "percent", 24);
}

static void
list_rows(const struct sample *sample, struct view *view)
{
	static const char *const from[] = {"Charles Babbage",
	    "Mary Somerville <mary@example.org>", "Анна Каренина",
	    "newsletter@a-very-long-domain-name.example.com", "محمد"};
	static const char *const subject[] = {
	    "Re: The engine can combine its quantities as if they were letters",
	    "Dinner on Thursday", "", "会議の件について",
	    "Invoice 2026-1147 (due 30 November)", "مرحبا بالعالم",
	    "Fwd: photos"};
	static const char *const date[] = {
	    "14:05", "Fri 09:12", "12 Mar", "31 Dec 2024"};
	struct view_list *list = view_list(view, "rows");

	for (size_t i = 0; i < 50; i++) {
		const struct pair text[] = {{"from", from[i % 5]},
		    {"subject", subject[i % 7]}, {"date", date[i / 13]},
		    {"date_iso", "2026-11-21T14:05:00Z"}, {"size", "12 KB"},
		    {NULL, NULL}};
		const struct pair url[] = {
		    {"url", "/message?folder=INBOX&uid=4711&v=1"},
		    {NULL, NULL}};
		struct view *row = view_list_add(list);

		texts(sample, row, text);
		urls(sample, row, url);
		view_u64(row, "uid", 4711 - i);
		view_bool(row, "has_subject",
		    sample->fill == FILL_EVIL || subject[i % 7][0] != '\0');
		view_bool(row, "is_unread", i < 3 || i % 9 == 4);
		view_bool(row, "is_flagged", i % 8 == 1);
		view_bool(row, "is_answered", i % 6 == 2);
		view_bool(row, "is_forwarded", i % 12 == 2);
		view_bool(row, "has_attachment", i % 4 == 0);
	}
}

static void
fill_list(const struct sample *sample, struct view *view)
{
	static const struct pair text[] = {{"folder_name", "Inbox"},
	    {"folder", "INBOX"}, {"uidvalidity", "17"},
	    {"back", "/list?folder=INBOX"}, {NULL, NULL}};
	static const struct pair url[] = {{"folder_url", "/list"},
	    {"search_url", "/list"}, {"clear_search_url", "/list"},
	    {"sort_date_url", "/list"}, {"sort_from_url", "/list"},
	    {"sort_subject_url", "/list"}, {"sort_size_url", "/list"},
	    {"first_url", "/list"}, {"prev_url", "/list"},
	    {"next_url", "/list?page=2"}, {"last_url", "/list?page=7"},
	    {NULL, NULL}};
	static const char *const flags[] = {"logged_in", "offer_switch",
	    "switch_enter", "sort_is_date", "has_next", "has_pages", NULL};

	texts(sample, view, text);
	urls(sample, view, url);
	bools(view, flags);
	view_u64(view, "page_number", 1);
	view_u64(view, "page_count", 7);
	view_u64(view, "total", 312);
	view_u64(view, "first_row", 1);
	view_u64(view, "last_row", 50);
	folders(sample, view);
	list_rows(sample, view);
}

static void
fill_search(const struct sample *sample, struct view *view)
{
	static const struct pair text[] = {
	    {"search_words", "engine \"exactly\""},
	    {"notice", "2 messages moved to the trash."}, {NULL, NULL}};
	static const struct pair url[] = {{"url", "/act"}, {NULL, NULL}};
	static const char *const flags[] = {
	    "is_search", "no_rows", "in_trash", "search_post", NULL};
	struct view *undo;

	fill_list(sample, view);
	texts(sample, view, text);
	bools(view, flags);
	undo = view_child(view, "undo");
	urls(sample, undo, url);
	view_word(undo, "token", "t0k3n");
}

static void
people(const struct sample *sample, struct view *view, const char *name,
    size_t count)
{
	static const struct pair text[][3] = {
	    {{"name", "Charles Babbage"}, {"address", "charles@example.org"},
	        {NULL, NULL}},
	    {{"name", "Ada Lovelace"}, {"address", "ada@example.org"},
	        {NULL, NULL}},
	    {{"name", "Анна"},
	        {"address", "anna@a-very-long-domain-name.example.com"},
	        {NULL, NULL}}};
	static const struct pair url[] = {
	    {"compose_url", "/compose?to=x"}, {NULL, NULL}};
	static const char *const flags[] = {"has_name", "has_address", NULL};
	struct view_list *list = view_list(view, name);

	for (size_t i = 0; i < count; i++) {
		struct view *row = view_list_add(list);

		texts(sample, row, text[i % 3]);
		urls(sample, row, url);
		bools(row, flags);
	}
}

static void
attachments(const struct sample *sample, struct view *view)
{
	static const struct pair text[] = {
	    {"name", "Notes on the engine (final).pdf"}, {"size", "348 KB"},
	    {"type", "application/pdf"}, {"id", "a1"}, {"section", "2"},
	    {NULL, NULL}};
	static const struct pair url[] = {{"url", "/part?part=2"},
	    {"open_url", "/part?part=2&inline=1"}, {NULL, NULL}};
	struct view_list *list = view_list(view, "attachments");

	for (int i = 0; i < 2; i++) {
		struct view *row = view_list_add(list);

		texts(sample, row, text);
		urls(sample, row, url);
		view_bool(row, "is_image", i == 1);
	}
	view_bool(view, "has_attachments", true);
}

static void
fill_message(const struct sample *sample, struct view *view)
{
	static const struct pair text[] = {
	    {"subject", "Re: The engine can arrange its quantities"},
	    {"date_long", "Saturday, 21 November 2026, 14:05"},
	    {"date_iso", "2026-11-21T14:05:00Z"}, {"folder", "INBOX"},
	    {"folder_name", "Inbox"}, {"uid", "4711"}, {"uidvalidity", "17"},
	    {"back", "/list?folder=INBOX"}, {NULL, NULL}};
	static const struct pair url[] = {{"reply_url", "/compose?reply=one"},
	    {"reply_all_url", "/compose?reply=all"},
	    {"forward_url", "/compose?forward=1"}, {"edit_url", "/compose"},
	    {"source_url", "/source"}, {"download_url", "/source?download=1"},
	    {"choose_plain_url", "/message?show=plain"},
	    {"choose_html_url", "/message?show=html"},
	    {"older_url", "/message?uid=1"}, {"newer_url", "/message?uid=2"},
	    {"frame_url", "/body.html"}, {"open_url", "/body.html"},
	    {"remote_url", "/message?remote=1"}, {NULL, NULL}};
	static const char *const flags[] = {"logged_in", "offer_switch",
	    "switch_leave", "is_secure", "has_subject", "has_html", "has_plain",
	    "has_choice", "has_older", "is_flagged", NULL};

	texts(sample, view, text);
	urls(sample, view, url);
	bools(view, flags);
	people(sample, view, "from", 1);
	people(sample, view, "to", 3);
	people(sample, view, "cc", 2);
	attachments(sample, view);
	folders(sample, view);
	view_html(view, "plain_body",
	    view_plain_text(sample->arena,
	        TEXT("Dear Ada,\n\nthank you for your notes; see "
	             "https://example.org/notes?page=7 for the plates. I have "
	             "read them twice, and there is nothing to add but "
	             "thanks.\n\n    step   V1   V2\n       1    2    4\n\n> "
	             "Shall we meet on Thursday?\n>> At ten.\n> Or later, if "
	             "the weather is bad.\n\nYes. Write to "
	             "charles@example.org.\n\n-- \nCharles Babbage\n1 Dorset "
	             "Street, London <script>\n")));
}

static void
fill_html_message(const struct sample *sample, struct view *view)
{
	static const char *const flags[] = {
	    "show_html", "remote_blocked", "in_trash", "in_drafts", NULL};

	fill_message(sample, view);
	bools(view, flags);
}

static void
fill_body(const struct sample *sample, struct view *view)
{
	(void)sample;
	view_html(view, "body",
	    (struct html){
	        STR("<h2>Plates for the memoir</h2><p>Dear Ada,</p>"
	            "<p>here they are. <a href=\"https://example.org\""
	            ">All plates</a></p>")});
	view_css(view, "body_css", STR("color:#222"));
	view_bool(view, "is_truncated", true);
}

static void
fill_login(const struct sample *sample, struct view *view)
{
	static const struct pair text[] = {{"next", "/"}, {"name", "ada"},
	    {"default_domain", "example.org"}, {NULL, NULL}};
	static const char *const flags[] = {"offer_switch", "switch_enter",
	    "clear_warning", "offer_remember", "remember_checked",
	    "remember_name_only", NULL};

	texts(sample, view, text);
	bools(view, flags);
}

static void
fill_login_again(const struct sample *sample, struct view *view)
{
	static const struct pair text[] = {{"next", "/compose"},
	    {"letter", "c2VhbGVk"}, {"name", "ada@example.org"},
	    {"error",
	        "The mail server does not accept this name and password."},
	    {NULL, NULL}};
	static const struct pair field[] = {{"name", "Text"},
	    {"value", "Dear Charles,\nthank you"}, {NULL, NULL}};
	static const char *const flags[] = {"is_secure", "offer_switch",
	    "switch_leave", "offer_remember", "is_wrong_password", "was_ended",
	    "carried_note", "carried_files", "expire_checked", NULL};

	texts(sample, view, text);
	bools(view, flags);
	texts(sample, view_list_add(view_list(view, "posted_fields")), field);
}

static void
fill_compose(const struct sample *sample, struct view *view)
{
	static const struct pair text[] = {{"compose_title", "Reply"},
	    {"id", "abcdefghijklmnopqrstuv"}, {"version", "3"},
	    {"from_name", "Ada Lovelace"}, {"from_address", "ada@example.org"},
	    {"to", "Charles Babbage <charles@example.org>"}, {"cc", ""},
	    {"bcc", ""}, {"subject", "Re: The engine"},
	    {"body", "\n\nOn Saturday, Charles Babbage wrote:\n> Dear Ada,\n> "
	             "thank you for your notes.\n\n-- \nAda"},
	    {"max_size", "25 MB"}, {"compose_note", "The draft is saved."},
	    {"owner", "abc"}, {"confirmed", ""}, {"html", ""},
	    {"max_bytes", "26214400"}, {NULL, NULL}};
	static const struct pair bad[] = {
	    {"error_to", "There is no address in \"Charles\"."},
	    {"error_cc", "This is no address."},
	    {"error_bcc", "This is no address."},
	    {"error_general", "The message was not sent."}, {NULL, NULL}};
	static const struct pair hidden[] = {
	    {"name", "kind"}, {"value", "reply"}, {NULL, NULL}};
	static const char *const flags[] = {"logged_in", "offer_switch",
	    "switch_enter", "foot_in_form", "has_source_files", NULL};

	static const struct pair url[] = {{"complete_url", "/complete"},
	    {"compose_js_url", "/static/compose.js"},
	    {"complete_js_url", "/static/complete.js"}, {NULL, NULL}};
	static const struct pair theirs[] = {{"theirs_time", "14:02"},
	    {"theirs_subject", "Re: The engine"},
	    {"theirs_body", "Dear Charles,\nno."}, {"refused", "Too large."},
	    {NULL, NULL}};

	texts(sample, view, text);
	urls(sample, view, url);
	if (sample->fill == FILL_EVIL) {
		texts(sample, view, bad);
		texts(sample, view, theirs);
		view_bool(view, "has_theirs", true);
	}
	bools(view, flags);
	texts(sample, view_list_add(view_list(view, "hidden")), hidden);
	attachments(sample, view);
	texts(sample, view_list_add(view_list(view, "source_files")),
	    (const struct pair[]){{"name", "plate-7.png"}, {"size", "1.2 MB"},
	        {"section", "2"}, {NULL, NULL}});
}

static void
fill_compose_ask(const struct sample *sample, struct view *view)
{
	static const struct pair url[] = {{"action_url", "/compose"},
	    {"back_url", "/compose?id=x"}, {NULL, NULL}};
	static const struct pair text[] = {{"id", "x"}, {"version", "3"},
	    {"visible", "23"}, {"confirmed", "attachment to23"}, {NULL, NULL}};
	static const char *const flags[] = {"logged_in", "ask_attachment",
	    "ask_subject", "ask_recipients", NULL};

	texts(sample, view, text);
	urls(sample, view, url);
	bools(view, flags);
}

static void
fill_settings(const struct sample *sample, struct view *view)
{
	static const struct pair text[] = {{"name", "Ada Lovelace"},
	    {"signature", "Ada\nLondon"}, {NULL, NULL}};
	static const char *const flags[] = {"logged_in", "offer_switch",
	    "switch_leave", "is_secure", "foot_in_form", "saved", NULL};
	struct view_list *rows = view_list(view, "rows_per_page");

	texts(sample, view, text);
	bools(view, flags);
	for (uint64_t i = 1; i < 5; i++) {
		struct view *row = view_list_add(rows);

		view_u64(row, "value", i * 25);
		view_bool(row, "selected", i == 2);
	}
}

static void
fill_sent(const struct sample *sample, struct view *view)
{
	static const struct pair text[] = {
	    {"problem", "the folder is full."}, {"id", "x"}, {NULL, NULL}};
	static const char *const flags[] = {"logged_in", NULL};

	texts(sample, view, text);
	bools(view, flags);
	people(sample, view, "to", 2);
}

static void
fill_unsure(const struct sample *sample, struct view *view)
{
	fill_sent(sample, view);
	view_bool(view, "is_unsure", true);
}

static void
fill_leaving(const struct sample *sample, struct view *view)
{
	fill_sent(sample, view);
	view_bool(view, "is_leaving", true);
	view_u64(view, "seconds", 10);
}

static void
fill_outbox(const struct sample *sample, struct view *view)
{
	static const struct pair text[] = {{"subject", "Cherries"},
	    {"why", "greylisted"}, {"due", "Monday"}, {"people", "Ben"},
	    {NULL, NULL}};
	static const char *const states[] = {
	    "is_scheduled", "is_retried", "is_unsure", "is_uncopied"};
	static const char *const flags[] = {"logged_in", NULL};
	struct view_list *rows = view_list(view, "rows");

	bools(view, flags);
	texts(sample, view_list_add(view_list(view, "returned")), text);
	for (size_t i = 0; i < 4; i++) {
		struct view *row = view_list_add(rows);

		texts(sample, row, text);
		view_bool(row, states[i], true);
		view_bool(row, "may_change", i < 2);
		view_str(row, "id", str_slice(STR("abcd"), i, i + 1));
		people(sample, row, "to", 2);
	}
}

static void
fill_switch(const struct sample *sample, struct view *view)
{
	static const struct pair text[] = {{"back", "/"},
	    {"target_host", "https://mail.example.org:8384"},
	    {"fingerprint",
	        "3F:5A:91:0C:77:2B:E4:18:6D:A0:C3:52:19:FE:88:41:07:BD:6A:35:"
	        "9E:D2:4C:70:1B:AA:63:F8:25:CC:90:14"},
	    {NULL, NULL}};
	static const char *const flags[] = {
	    "logged_in", "to_secure", "is_self_signed", NULL};

	texts(sample, view, text);
	bools(view, flags);
}

static void
fill_moved(const struct sample *sample, struct view *view)
{
	static const struct pair field[] = {{"name", "body"},
	    {"value", "Dear Charles,\nthank you"}, {NULL, NULL}};
	struct view_list *list = view_list(view, "posted_fields");

	view_set_url(view, "other_url",
	    view_url_foreign(sample->arena, STR("https://mail.example.org/")));
	texts(sample, view_list_add(list), field);
	texts(sample, view_list_add(list), field);
}

static void
fill_connection(const struct sample *sample, struct view *view)
{
	static const struct pair text[] = {{"protocol", "TLS 1.3"},
	    {"cipher", "TLS_AES_256_GCM_SHA384"}, {"group", "X25519"},
	    {"server_name", "mail.example.org"},
	    {"server_issuer", "R11 (Let's Encrypt)"},
	    {"server_until", "Friday, 24 December 2027, 06:15"},
	    {"cert_name", "Anna Berger"}, {"cert_issuer", "Example CA"},
	    {"cert_until", "Friday, 24 December 2027, 06:15"}, {NULL, NULL}};
	static const struct pair leg[] = {{"protocol", "TLS 1.2"},
	    {"cipher", "ECDHE-RSA-AES256-GCM-SHA384"},
	    {"until", "Friday, 24 December 2027, 06:15"}, {NULL, NULL}};
	static const char *const flags[] = {"logged_in", "web_tls",
	    "has_web_details", "has_certificate", "by_certificate", "fips",
	    NULL};
	struct view_list *legs = view_list(view, "legs");
	struct view *row = view_list_add(legs);

	texts(sample, view, text);
	bools(view, flags);
	texts(sample, row, leg);
	view_bool(row, "is_imap", true);
	view_bool(row, "is_verified", true);
	view_bool(row, "is_known", true);
	view_bool(row, "is_tls", true);
	row = view_list_add(legs);
	view_bool(row, "is_clear", true);
	view_bool(row, "is_weak", true);
}

static void
fill_trust(const struct sample *sample, struct view *view)
{
	static const struct pair text[] = {{"authority", "Example CA"},
	    {"subject", "CN=Example CA,O=Example"},
	    {"from", "Saturday, 21 November 2026, 14:05"},
	    {"until", "Friday, 24 December 2027, 06:15"}, {NULL, NULL}};
	static const struct pair part[] = {
	    {"part", "AB:CD:EF:01:"}, {NULL, NULL}};
	struct view_list *digest =
	    view_list(view_child(view, "sha256"), "digest");

	texts(sample, view, text);
	texts(sample, view_list_add(digest), part);
	view_set_url(
	    view, "ca_url", view_url_own(sample->arena, STR("/trust/ca.cer")));
	view_bool(view, "is_trust_page", true);
	view_bool(view, "is_clear", true);
}

static void
fill_error(const struct sample *sample, struct view *view)
{
	static const struct pair text[] = {{"status", "503"},
	    {"error_title", "The mail server cannot be reached"},
	    {"message", "imap.example.org does not answer."},
	    {"comfort", "Nothing was lost."},
	    {"what_to_do", "Please try again in a moment."}, {NULL, NULL}};
	static const char *const flags[] = {
	    "logged_in", "retry", "has_advice", NULL};

	fill_moved(sample, view);
	texts(sample, view, text);
	bools(view, flags);
}

static void
fill_confirm(const struct sample *sample, struct view *view)
{
	static const struct pair text[] = {
	    {"text", "Delete these 3 messages for good? They cannot be brought "
	             "back."},
	    {"yes_label", "Delete for good"}, {"yes_name", "do"},
	    {"yes_value", "expunge"}, {NULL, NULL}};
	static const struct pair hidden[] = {
	    {"name", "uid"}, {"value", "12"}, {NULL, NULL}};
	static const char *const flags[] = {"logged_in", NULL};

	texts(sample, view, text);
	bools(view, flags);
	texts(sample, view_list_add(view_list(view, "hidden")), hidden);
}

static void
fill_nothing(const struct sample *sample, struct view *view)
{
	(void)sample;
	(void)view;
}

static const struct page {
	const char *template;
	const char *preview;
	void (*fill)(const struct sample *sample, struct view *view);
} pages[] = {
    {"list.html", "list", fill_list},
    {"list.html", "search", fill_search},
    {"message.html", "message", fill_message},
    {"message.html", "message-html", fill_html_message},
    {"body.html", "body", fill_body},
    {"login.html", "login", fill_login},
    {"login.html", "login-again", fill_login_again},
    {"compose.html", "compose", fill_compose},
    {"compose_ask.html", "compose-ask", fill_compose_ask},
    {"settings.html", "settings", fill_settings},
    {"sent.html", "sent", fill_sent},
    {"sent.html", "unsure", fill_unsure},
    {"sent.html", "leaving", fill_leaving},
    {"outbox.html", "outbox", fill_outbox},
    {"switch.html", "switch", fill_switch},
    {"connection.html", "connection", fill_connection},
    {"trust.html", "trust", fill_trust},
    {"moved.html", "moved", fill_moved},
    {"loggedoff.html", "loggedoff", fill_nothing},
    {"error.html", "error", fill_error},
    {"confirm.html", "confirm", fill_confirm},
};

static bool
is_void(struct str name)
{
	static const char *const names[] = {
	    "meta", "link", "input", "base", "br", "img", "use", "!doctype"};

	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++)
		if (str_eq(name, str_c(names[i])))
			return true;
	return false;
}

/* Every element is closed, in the right order. */
static void
check_balanced(const char *page, struct str html)
{
	struct str stack[DEPTH];
	size_t depth = 0;

	for (size_t at = str_find_byte(html, '<', 0); at < html.len;
	     at = str_find_byte(html, '<', at + 1)) {
		bool is_end = html.ptr[at + 1] == '/';
		size_t from = at + (is_end ? 2 : 1);
		size_t to = from;
		struct str name;

		while (to < html.len && strchr(" />\n", html.ptr[to]) == NULL)
			to++;
		name = str_slice(html, from, to);
		if (is_void(name))
			continue;
		if (!is_end) {
			assert_true(depth < DEPTH);
			stack[depth++] = name;
			continue;
		}
		if (depth == 0 || !str_eq(stack[depth - 1], name))
			fail_msg("%s: </%.*s> closes <%.*s>", page,
			    STR_ARG(name),
			    STR_ARG(depth > 0 ? stack[depth - 1] : name));
		depth--;
	}
	assert_int_equal(depth, 0);
}

static size_t
count(struct str s, struct str needle)
{
	size_t found = 0;

	for (size_t at = str_find(s, needle, 0); at < s.len;
	     at = str_find(s, needle, at + 1))
		found++;
	return found;
}

/* ids are there once; every for="" and aria reference has its id. */
static void
check_ids(const char *page, struct str html)
{
	static const char *const refs[] = {
	    " for=\"", " aria-describedby=\"", " aria-labelledby=\""};

	for (size_t i = 0; i < 4; i++) {
		struct str mark = i < 3 ? str_c(refs[i]) : STR(" id=\"");

		for (size_t at = str_find(html, mark, 0); at < html.len;
		     at = str_find(html, mark, at + 1)) {
			size_t from = at + mark.len;
			struct str id = str_slice(
			    html, from, str_find_byte(html, '"', from));
			char wanted[100];

			snprintf(wanted, sizeof(wanted), " id=\"%.*s\"",
			    STR_ARG(id));
			if (count(html, str_c(wanted)) != 1)
				fail_msg(
				    "%s: not one id %.*s", page, STR_ARG(id));
		}
	}
}

static void
check_page(const struct page *page, enum fill fill, struct str html)
{
	bool is_body = strcmp(page->template, "body.html") == 0;

	assert_true(str_is_utf8(html));
	assert_true(str_starts(html, STR("<!doctype html>")));
	check_balanced(page->preview, html);
	check_ids(page->preview, html);
	assert_true(str_find(html, STR("<script>"), 0) == html.len);
	assert_true(str_find(html, STR("{{"), 0) == html.len);
	if (is_body)
		return;
	assert_int_equal(count(html, STR("<h1")), 1);
	assert_int_equal(count(html, STR("<main id=\"main\"")), 1);
	assert_true(str_find(html, STR(" style="), 0) == html.len);
	assert_true(str_find_nocase(html, STR(" onclick="), 0) == html.len);
	if (fill == FILL_NICE && strcmp(page->preview, "list") == 0)
		assert_true(html.len < 120000);
}

static void
preview(const struct page *page, struct str html)
{
	const char *folder = getenv("IWEBMSG_PREVIEW");
	char path[500];
	FILE *file;

	if (folder == NULL)
		return;
	snprintf(path, sizeof(path), "%s/%s.html", folder, page->preview);
	file = fopen(path, "w");
	assert_non_null(file);
	assert_int_equal(fwrite(html.ptr, 1, html.len, file), html.len);
	fclose(file);
}

static void
test_pages(void **state)
{
	struct tmpl_set *set = NULL;
	struct err err = ERR_NONE;

	(void)state;
	if (tmpl_set_new("templates", NULL, &set, &err) != ERR_OK)
		fail_msg("%s", err.message);
	for (size_t i = 0; i < sizeof(pages) / sizeof(pages[0]) * 3; i++) {
		const struct page *page = &pages[i / 3];
		struct sample sample = {
		    arena_new((size_t)8 << 20), (enum fill)(i % 3)};
		struct view *view = view_new(sample.arena);
		struct html html;

		if (sample.fill != FILL_EMPTY) {
			common(&sample, view);
			page->fill(&sample, view);
		}
		if (tmpl_render(set, page->template, view, sample.arena, &html,
		        &err) != ERR_OK)
			fail_msg("%s: %s", page->preview, err.detail);
		check_page(page, sample.fill, html.s);
		if (sample.fill == FILL_NICE)
			preview(page, html.s);
		arena_free(sample.arena);
	}
	tmpl_set_unref(set);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_pages),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
