/*
 * The whole of mail/ against a real IMAP server, given as
 * IWEBMSG_TEST_IMAP=host:port:user:password:ca-file; skipped without it.
 */
#include "mail_test.h"

#include <unistd.h>

#include "base/limits.h"
#include "mail/mail_search.h"
#include "os/file.h"

struct live {
	const struct config *cfg;
	struct mail_server *server;
	struct accounts *accounts;
	struct account *account;
	struct arena *arena;
	struct secret password;
	struct str login;
	struct mail mail;
	uint64_t waited_us;
	struct err err;
};

static struct live *
live_start(void)
{
	const char *given = getenv("IWEBMSG_TEST_IMAP");
	struct live *live = calloc(1, sizeof(*live));
	char lines[512];
	struct str rest = str_c(given);
	struct str host = str_cut(&rest, ':');
	struct str port = str_cut(&rest, ':');
	struct str password;
	struct str ca_pem = {0};
	struct mail_wait wait = test_wait(20000);

	if (given == NULL) {
		free(live);
		return NULL;
	}
	assert_non_null(live);
	live->login = str_cut(&rest, ':');
	password = str_cut(&rest, ':');
	live->arena = arena_new(LIMIT_ARENA_BYTES);
	assert_int_equal(file_read(str_dup_c(live->arena, rest), 1 << 20,
	                     live->arena, &ca_pem, &live->err),
	    ERR_OK);
	(void)snprintf(lines, sizeof(lines), "ImapHost=%.*s\nImapPort=%.*s\n",
	    STR_ARG(host), STR_ARG(port));
	live->cfg = test_config(lines);
	test_is(mail_server_new(live->cfg, &live->cfg->site,
	            &(struct mail_server_files){
	                .imap.ca_pem = ca_pem, .smtp.ca_pem = ca_pem},
	            &live->server, &live->err),
	    ERR_OK, &live->err);
	test_is(accounts_new(live->cfg, NULL, &live->accounts, &live->err),
	    ERR_OK, &live->err);
	test_is(secret_init(&live->password, password, &live->err), ERR_OK,
	    &live->err);
	test_is(account_login(live->accounts, live->server, live->login,
	            &live->password, &wait, &live->account, &live->err),
	    ERR_OK, &live->err);
	live->mail = (struct mail){.account = live->account,
	    .arena = live->arena,
	    .wait = test_wait(60000)};
	live->mail.wait.waited_us = &live->waited_us;
	return live;
}

static void
live_stop(struct live *live)
{
	account_unref(live->account);
	accounts_free(live->accounts);
	mail_server_unref(live->server);
	config_unref(live->cfg);
	secret_end(&live->password);
	arena_free(live->arena);
	free(live);
}

static int
live_setup(void **state)
{
	*state = live_start();
	return 0;
}

static int
live_teardown(void **state)
{
	if (*state != NULL)
		live_stop(*state);
	return 0;
}

static struct live *
live_of(void **state)
{
	if (*state == NULL)
		skip();
	return *state;
}

/* ---- helpers ---- */
static const struct mail_search *
live_search(struct live *live, const char *typed)
{
	const struct mail_search_how how = {.own = TEXT("")};
	const struct mail_search *search = mail_search_parse(
	    live->arena, text_from(live->arena, str_c(typed)), &how);

	assert_non_null(search);
	return search;
}

static uint32_t
live_append(struct live *live, const char *folder, struct str message)
{
	int fd = -1;
	uint32_t uid = 0;

	test_is(file_open_spool("/tmp", &fd, &live->err), ERR_OK, &live->err);
	test_is(file_write_all(fd, message, &live->err), ERR_OK, &live->err);
	test_is(mail_append(&live->mail, text_known(str_c(folder)), MAIL_SEEN,
	            fd, message.len, &uid, &live->err),
	    ERR_OK, &live->err);
	file_close(&fd);
	return uid;
}

static bool
live_collect(void *ctx, struct str bytes)
{
	buf_add(ctx, bytes);
	return true;
}

/* Nothing is left of an earlier test. */
static void
live_clear(struct live *live, const char *folder)
{
	struct text name = text_known(str_c(folder));
	struct mail_query query = {.folder = name, .row_count = 500};
	uint32_t uids[500];
	struct mail_list list;

	test_is(mail_list(&live->mail, &query, &list, NULL, NULL, &live->err),
	    ERR_OK, &live->err);
	for (size_t i = 0; i < list.row_count; i++)
		uids[i] = list.rows[i].uid;
	if (list.row_count > 0)
		test_is(
		    mail_expunge(&live->mail, name, list.uid_validity,
		        (struct mail_uids){uids, list.row_count}, &live->err),
		    ERR_OK, &live->err);
}

static struct mail_list
live_list(struct live *live, struct mail_query query)
{
	struct mail_list list;

	test_is(mail_list(&live->mail, &query, &list, NULL, NULL, &live->err),
	    ERR_OK, &live->err);
	return list;
}

/* ---- tests ---- */
static void
lists_folders_and_rows(void **state)
{
	struct live *live = live_of(state);
	struct mail_query query = {.folder = TEXT("INBOX"), .row_count = 50};
	struct mail_list list;
	struct mail_folders folders;
	struct mail_quota quota;

	test_is(
	    mail_list(&live->mail, &query, &list, &folders, &quota, &live->err),
	    ERR_OK, &live->err);
	assert_true(folders.count >= 6);
	assert_int_equal(folders.list[0].special, MAIL_INBOX);
	assert_non_null(mail_special_find(&live->mail, &folders, MAIL_SENT));
	assert_non_null(mail_special_find(&live->mail, &folders, MAIL_TRASH));
	assert_true(quota.is_known);
	assert_int_not_equal(list.uid_validity, 0);
	assert_int_equal(list.total, folders.list[0].messages);
}

static void
refuses_a_wrong_password(void **state)
{
	struct live *live = live_of(state);
	struct secret wrong;
	struct account *account = NULL;
	struct mail_wait wait = test_wait(10000);

	assert_int_equal(secret_init(&wrong, STR("no\"pe\\"), NULL), ERR_OK);
	test_is(account_login(live->accounts, live->server, live->login, &wrong,
	            &wait, &account, &live->err),
	    ERR_LOGIN, &live->err);
	assert_null(account);
	secret_end(&wrong);
	assert_int_equal(secret_init(&wrong, STR("n\xC3\xB6"), NULL), ERR_OK);
	test_is(account_login(live->accounts, live->server, live->login, &wrong,
	            &wait, &account, &live->err),
	    ERR_LOGIN, &live->err);
	secret_end(&wrong);
}

static const char live_letter[] =
    "From: =?utf-8?q?J=C3=BCrgen?= <j@demo.test>\r\n"
    "To: anna@demo.test\r\n"
    "Subject: =?utf-8?q?Gr=C3=BC=C3=9Fe?=\r\n"
    "Message-ID: <live-1@demo.test>\r\n"
    "References: <a@x>\r\n <b@x>\r\n"
    "X-Iwebmsg-Compose: abc\"def\r\n"
    "Date: Fri, 20 Nov 2026 10:00:00 +0100\r\n"
    "MIME-Version: 1.0\r\n"
    "Content-Type: multipart/mixed; boundary=b\r\n\r\n"
    "--b\r\nContent-Type: text/plain; charset=iso-8859-1\r\n"
    "Content-Transfer-Encoding: quoted-printable\r\n\r\nSch=F6n\r\n"
    "--b\r\nContent-Type: application/octet-stream\r\n"
    "Content-Disposition: attachment;\r\n"
    " filename*0*=utf-8''%C3%A4; filename*1=b.bin\r\n"
    "Content-Transfer-Encoding: base64\r\n\r\nAAECAw==\r\n--b--\r\n";

static void
walks_a_message(void **state)
{
	struct live *live = live_of(state);
	struct mail_message message;
	struct mail_id id = {.folder = TEXT("Drafts")};
	struct mail_folders folders;
	struct text text;
	bool is_cut;
	struct buf whole;

	(void)live_append(live, "Drafts", str_c(live_letter));
	id.uid = live_append(live, "Drafts", str_c(live_letter));
	assert_int_not_equal(id.uid, 0);
	test_is(mail_message(&live->mail, &id, MAIL_WANT_NEIGHBOURS, &message,
	            &folders, &live->err),
	    ERR_OK, &live->err);
	assert_true(str_eq(message.header.subject.s, STR("Gr\xC3\xBC\xC3\x9F"
	                                                 "e")));
	assert_true(
	    str_eq(message.header.from.list[0].name.s, STR("J\xC3\xBCrgen")));
	assert_true(str_eq(message.header.references.s, STR("<a@x> <b@x>")));
	assert_int_equal(message.header.date_s, 1795165200);
	assert_int_equal(message.root->part_count, 2);
	assert_true(str_eq(message.root->parts[1].name.s, STR("\xC3\xA4"
	                                                      "b.bin")));
	assert_int_not_equal(message.older_uid, 0);
	assert_int_equal(message.newer_uid, 0);
	assert_true(folders.count > 0);
	test_is(mail_part_text(&live->mail, &id, &message.root->parts[0],
	            STR(""), &text, &is_cut, &live->err),
	    ERR_OK, &live->err);
	assert_true(str_eq(str_trim(text.s), STR("Sch\xC3\xB6n")));
	buf_init(&whole, 1 << 20);
	test_is(mail_part_stream(&live->mail, &id, &message.root->parts[1],
	            live_collect, &whole, &live->err),
	    ERR_OK, &live->err);
	assert_int_equal(whole.len, 4);
	buf_clear(&whole);
	test_is(mail_part_stream(
	            &live->mail, &id, NULL, live_collect, &whole, &live->err),
	    ERR_OK, &live->err);
	assert_int_equal(whole.len, sizeof(live_letter) - 1);
	buf_free(&whole);
}

static void
marks_moves_and_expunges(void **state)
{
	struct live *live = live_of(state);
	uint32_t uid = live_append(live, "Drafts", str_c(live_letter));
	struct mail_uids uids = {.list = &uid, .count = 1};
	struct mail_uids moved;
	struct mail_uids found;
	uint32_t validity = 0;
	struct mail_id id = {.folder = TEXT("Trash")};
	struct mail_message message;

	test_is(mail_store_flags(&live->mail, TEXT("Drafts"), 0, uids,
	            MAIL_FLAGGED | MAIL_FORWARDED, true, &live->err),
	    ERR_OK, &live->err);
	test_is(mail_store_flags(&live->mail, TEXT("Drafts"), 77, uids,
	            MAIL_FLAGGED, true, &live->err),
	    ERR_NOT_FOUND, &live->err);
	test_is(mail_move(&live->mail, TEXT("Drafts"), 0, uids, TEXT("Nope"),
	            &moved, &validity, &live->err),
	    ERR_NOT_FOUND, &live->err);
	test_is(mail_move(&live->mail, TEXT("Drafts"), 0, uids, TEXT("Trash"),
	            &moved, &validity, &live->err),
	    ERR_OK, &live->err);
	assert_int_equal(moved.count, 1);
	id.uid = moved.list[0];
	id.uid_validity = validity;
	test_is(mail_message(&live->mail, &id, 0, &message, NULL, &live->err),
	    ERR_OK, &live->err);
	assert_int_equal(
	    message.flags, MAIL_SEEN | MAIL_FLAGGED | MAIL_FORWARDED);
	test_is(mail_find_header(&live->mail, TEXT("Trash"),
	            STR("X-Iwebmsg-Compose"), STR("abc\"def"), &found,
	            &validity, &live->err),
	    ERR_OK, &live->err);
	assert_true(found.count >= 1);
	test_is(mail_expunge(
	            &live->mail, TEXT("Trash"), validity, found, &live->err),
	    ERR_OK, &live->err);
	test_is(mail_message(&live->mail, &id, 0, &message, NULL, &live->err),
	    ERR_NOT_FOUND, &live->err);
}

static void
makes_folders_in_any_alphabet(void **state)
{
	struct live *live = live_of(state);
	struct text name =
	    TEXT("\xE5\x8F\x97\xE4\xBF\xA1/\xD0\x9F\xD0\xB8\xD1\x81"
	         " & \"x\"");
	struct mail_folders folders;
	bool is_found = false;

	test_is(mail_folder_make(&live->mail, name, NULL, &live->err), ERR_OK,
	    &live->err);
	test_is(mail_folder_make(&live->mail, name, NULL, &live->err), ERR_OK,
	    &live->err);
	test_is(mail_folders(&live->mail, &folders, &live->err), ERR_OK,
	    &live->err);
	for (size_t i = 0; i < folders.count; i++) {
		if (str_eq(folders.list[i].name.s, name.s)) {
			is_found = true;
			assert_int_equal(folders.list[i].depth, 1);
		}
	}
	assert_true(is_found);
	assert_int_equal(
	    live_list(live, (struct mail_query){.folder = name, .row_count = 5})
	        .row_count,
	    0);
}

static void
sorts_searches_and_pages(void **state)
{
	struct live *live = live_of(state);
	struct mail_query query = {.folder = TEXT("Archive"), .row_count = 3};
	struct mail_list list;
	char letter[256];

	list = live_list(live, query);
	for (unsigned i = 0; list.total < 7 && i < 7; i++) {
		(void)snprintf(letter, sizeof(letter),
		    "From: p%u@x\r\nSubject: %c Gr\xC3\xBC\xC3\x9F"
		    "e\r\nDate: Fri, "
		    "%u Nov 2026 10:00:00 +0000\r\n\r\n%*s\r\n",
		    i, (char)('A' + (i * 3) % 7), 20 - i, (int)(i * 5 % 7 + 1),
		    "x");
		(void)live_append(live, "Archive", str_c(letter));
	}
	list = live_list(live, query);
	assert_int_equal(list.total, 7);
	assert_int_equal(list.row_count, 3);
	assert_true(list.rows[0].uid > list.rows[2].uid);
	query.first = 6;
	assert_int_equal(live_list(live, query).row_count, 1);
	query.first = 100;
	list = live_list(live, query);
	assert_int_equal(list.first, 6);
	assert_int_equal(list.row_count, 1);
	query.is_reversed = true;
	query.first = 0;
	list = live_list(live, query);
	assert_true(list.rows[0].uid < list.rows[2].uid);
	query.is_reversed = false;
	query.sort = MAIL_SORT_SUBJECT;
	list = live_list(live, query);
	assert_int_equal(list.total, 7);
	assert_int_equal(list.rows[0].subject.s.ptr[0], 'A');
	assert_int_equal(list.rows[2].subject.s.ptr[0], 'C');
	query.sort = MAIL_SORT_SIZE;
	query.first = 50;
	list = live_list(live, query);
	assert_int_equal(list.first, 6);
	assert_int_equal(list.row_count, 1);
	query.first = 0;
	query.sort = MAIL_SORT_DATE;
	query.search = live_search(live, "gr\xC3\xBC\xC3\x9F"
	                                 "e p3@x");
	list = live_list(live, query);
	assert_int_equal(list.total, 1);
	query.sort = MAIL_SORT_ARRIVAL;
	list = live_list(live, query);
	assert_int_equal(list.total, 1);
	assert_int_equal(list.row_count, 1);
	query.search = live_search(live, "nowhere-to-be-found");
	assert_int_equal(live_list(live, query).total, 0);
}

static void
streams_large_parts(void **state)
{
	struct live *live = live_of(state);
	const char *given = getenv("IWEBMSG_TEST_BYTES");
	size_t len = given != NULL ? strtoul(given, NULL, 10) : 3 << 20;
	int64_t start_us;
	char *bytes = malloc(len);
	struct mail_id id = {.folder = TEXT("Drafts")};
	struct mail_uids uids = {.list = &id.uid, .count = 1};
	struct buf whole;

	assert_non_null(bytes);
	memset(bytes, 'x', len);
	memcpy(bytes, "Subject: big\r\n\r\n", 16);
	for (size_t i = 90; i + 2 < len; i += 70)
		memcpy(bytes + i, "\r\n", 2);
	id.uid = live_append(live, "Drafts", str_of(bytes, len));
	buf_init(&whole, len + 1);
	start_us = clock_mono_us();
	test_is(mail_part_stream(
	            &live->mail, &id, NULL, live_collect, &whole, &live->err),
	    ERR_OK, &live->err);
	print_message("%zu bytes in %lld us\n", len,
	    (long long)(clock_mono_us() - start_us));
	assert_int_equal(whole.len, len);
	assert_memory_equal(whole.ptr, bytes, len);
	buf_free(&whole);
	free(bytes);
	test_is(mail_expunge(&live->mail, TEXT("Drafts"), 0, uids, &live->err),
	    ERR_OK, &live->err);
}

/* Whatever the connection of the pool offers, but these. */
static void
live_lack(struct live *live, unsigned caps)
{
	struct imap_conn *conn = NULL;

	test_is(account_take(&live->mail, (struct str){0}, &conn, &live->err),
	    ERR_OK, &live->err);
	conn->lacks = caps;
	account_give(conn);
}

/* The same answers when the server has nothing but IMAP4rev1 and UIDPLUS. */
/* A letter by `from` with these fields besides. */
static uint32_t
around_letter(struct live *live, const char *folder, const char *from,
    const char *id, const char *fields)
{
	struct str letter = str_printf(live->arena,
	    "From: %s\r\nTo: b@x.example\r\nMessage-ID: <%s@around.example>\r\n"
	    "Date: Fri, 20 Nov 2026 1%c:00:00 +0000\r\n%s\r\n\r\nx\r\n",
	    from, id, id[0], fields);

	return live_append(live, folder, letter);
}

/* Four letters of a thread, one of them sent; two that do not belong. */
static void
finds_what_is_around(void **state)
{
	static const char refs[] = "References: <1.t@around.example>\r\n"
	                           "In-Reply-To: <1.t@around.example>";
	struct live *live = live_of(state);
	struct mail_id id = {.folder = TEXT("Archive")};
	struct mail_message message;
	struct mail_folders folders;
	struct mail_around around;

	(void)around_letter(live, "Archive", "other@x.example", "0.o", "A: b");
	(void)around_letter(live, "Archive", "a@x.example", "1.t", "A: b");
	(void)around_letter(live, "Sent", "b@x.example", "2.t", refs);
	id.uid = around_letter(live, "Archive", "a@x.example", "3.t",
	    "References: <1.t@around.example> <2.t@around.example>\r\n"
	    "In-Reply-To: <2.t@around.example>");
	(void)around_letter(live, "Archive", "new@x.example", "4.t", refs);
	(void)around_letter(live, "Sent", "b@x.example", "5.o", "A: b");
	test_is(
	    mail_message(&live->mail, &id, 0, &message, &folders, &live->err),
	    ERR_OK, &live->err);
	test_is(mail_around(&live->mail, &id, &message, &folders, true, &around,
	            &live->err),
	    ERR_OK, &live->err);
	assert_true(around.is_known);
	assert_true(around.is_sender_known);
	assert_false(around.is_cut);
	assert_int_equal(around.row_count, 4);
	for (size_t i = 0; i < 4; i++) {
		assert_int_equal(around.rows[i].is_this, i == 2);
		assert_true(str_eq(around.rows[i].folder.s,
		    i == 1 ? STR("Sent") : STR("Archive")));
		assert_int_equal(
		    around.rows[i].row.date_s, 1795172400 + 3600 * (int64_t)i);
	}
	live_clear(live, "Archive");
	live_clear(live, "Sent");
}

static void
does_without_extensions(void **state)
{
	struct live *live = live_of(state);

	live_lack(live, ~(unsigned)(IMAP_CAP_UIDPLUS | IMAP_CAP_QUOTA));
	lists_folders_and_rows(state);
	sorts_searches_and_pages(state);
	walks_a_message(state);
	marks_moves_and_expunges(state);
	streams_large_parts(state);
	finds_what_is_around(state);
	live_lack(live, (unsigned)IMAP_CAP_CONTEXT);
	sorts_searches_and_pages(state);
	live_lack(live, 0);
}

/* ---- several hands at once ---- */
static void *
hand(void *arg)
{
	struct live *live = arg;
	const struct mail_query query = {
	    .folder = TEXT("INBOX"), .row_count = 20};

	for (unsigned i = 0; i < 8; i++) {
		struct arena *arena = arena_new(LIMIT_ARENA_BYTES);
		struct account *account = NULL;
		struct mail_list list;
		struct mail_folders folders;
		struct err err = ERR_NONE;
		struct mail mail;

		if (account_get(live->accounts, live->server, live->login,
		        &live->password, &account, &err) != ERR_OK)
			return &live->login; /* not NULL: failed */
		mail = (struct mail){.account = account,
		    .arena = arena,
		    .wait = test_wait(30000)};
		if (mail_list(&mail, &query, &list, &folders, NULL, &err) !=
		        ERR_OK ||
		    folders.count == 0)
			return &live->account;
		if (i == 5)
			account_log_off(
			    live->accounts, live->server, live->login);
		accounts_tick(live->accounts);
		account_unref(account);
		arena_free(arena);
	}
	return NULL;
}

static void
many_hands_share_an_account(void **state)
{
	struct live *live = live_of(state);
	pthread_t threads[8];

	for (size_t i = 0; i < 8; i++)
		assert_int_equal(
		    pthread_create(&threads[i], NULL, hand, live), 0);
	for (size_t i = 0; i < 8; i++) {
		void *what = NULL;

		assert_int_equal(pthread_join(threads[i], &what), 0);
		assert_null(what);
	}
	assert_true(live->accounts->connections <= 3);
}

/* ---- large parts: sizes, ranges, a browser that takes its time ---- */
#define LARGE_BYTES ((size_t)6000000)

static char
large_byte(uint64_t at)
{
	return (char)(at * 7 + (at >> 8) + (at >> 16));
}

/* As a base64 part with lines of 76; with `odd`, one line is shorter. */
static struct str
large_letter(struct arena *arena, bool is_odd)
{
	static const char alphabet[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklm"
	                               "nopqrstuvwxyz0123456789+/";
	struct buf out;

	buf_init_arena(&out, arena, LARGE_BYTES / 2 * 3);
	buf_add_c(&out, "Subject: large\r\nContent-Type: application/x-y\r\n"
	                "Content-Transfer-Encoding: base64\r\n\r\n");
	for (size_t i = 0; i < LARGE_BYTES; i += 3) {
		uint32_t group = (uint32_t)(unsigned char)large_byte(i) << 16 |
		                 (uint32_t)(unsigned char)large_byte(i + 1)
		                     << 8 |
		                 (unsigned char)large_byte(i + 2);

		for (unsigned k = 0; k < 4; k++)
			buf_add_byte(
			    &out, alphabet[group >> (18 - 6 * k) & 63u]);
		if (i % 57 == 54 || (is_odd && i == 300))
			buf_add_c(&out, "\r\n");
	}
	return buf_str(&out);
}

struct large_check {
	struct live *live;
	uint64_t at, count;
	bool is_wrong, asks;
};

/* Once, in the middle, it wants the account's only connection. */
static bool
large_sink(void *ctx, struct str bytes)
{
	struct large_check *check = ctx;
	struct mail_folders folders;

	for (size_t i = 0; i < bytes.len; i++) {
		if (bytes.ptr[i] != large_byte(check->at + i))
			check->is_wrong = true;
	}
	check->at += bytes.len;
	check->count += bytes.len;
	if (check->asks && check->count > LARGE_BYTES / 4) {
		check->asks = false;
		test_is(mail_folders(
		            &check->live->mail, &folders, &check->live->err),
		    ERR_OK, &check->live->err);
	}
	return true;
}

static void
reads_ranges_of_large_parts(void **state)
{
	static const struct {
		uint64_t first, len;
	} ranges[] = {{0, LARGE_BYTES}, {0, 1}, {1, 1}, {56, 3}, {57, 57},
	    {1000001, 2000003}, {LARGE_BYTES - 1, 1}, {LARGE_BYTES - 400, 400}};
	struct live *live = live_of(state);
	struct mail_id id = {.folder = TEXT("Archive")};
	struct mail_message message;
	uint64_t bytes = 0;

	id.uid = live_append(live, "Archive", large_letter(live->arena, false));
	test_is(mail_message(&live->mail, &id, 0, &message, NULL, &live->err),
	    ERR_OK, &live->err);
	test_is(
	    mail_part_size(&live->mail, &id, message.root, &bytes, &live->err),
	    ERR_OK, &live->err);
	assert_int_equal(bytes, LARGE_BYTES);
	for (size_t i = 0; i < sizeof(ranges) / sizeof(ranges[0]); i++) {
		struct large_check check = {.at = ranges[i].first};

		test_is(mail_part_range(&live->mail, &id, message.root,
		            ranges[i].first, ranges[i].len, large_sink, &check,
		            &live->err),
		    ERR_OK, &live->err);
		assert_false(check.is_wrong);
		assert_int_equal(check.count, ranges[i].len);
	}
	id.uid = live_append(live, "Archive", large_letter(live->arena, true));
	test_is(mail_message(&live->mail, &id, 0, &message, NULL, &live->err),
	    ERR_OK, &live->err);
	test_is(
	    mail_part_size(&live->mail, &id, message.root, &bytes, &live->err),
	    ERR_OK, &live->err);
	assert_true(bytes == UINT64_MAX);
	arena_reset(live->arena);
}

static void
a_slow_browser_holds_no_connection(void **state)
{
	struct live *live = live_of(state);
	struct mail_id id = {.folder = TEXT("Archive")};
	struct mail_message message;
	uint32_t most = live->accounts->max_per_account;
	struct large_check check = {.live = live, .asks = true};

	id.uid = live_append(live, "Archive", large_letter(live->arena, false));
	test_is(mail_message(&live->mail, &id, 0, &message, NULL, &live->err),
	    ERR_OK, &live->err);
	live->accounts->max_per_account = 1;
	test_is(mail_part_stream(&live->mail, &id, message.root, large_sink,
	            &check, &live->err),
	    ERR_OK, &live->err);
	live->accounts->max_per_account = most;
	assert_false(check.asks);
	assert_false(check.is_wrong);
	assert_int_equal(check.count, LARGE_BYTES);
	arena_reset(live->arena);
}

/* Not a test of speed: prints what a warm page costs us. */
static void
warm_page_cost(void **state)
{
	struct live *live = live_of(state);
	struct mail_query query = {.folder = TEXT("INBOX"), .row_count = 50};
	struct mail_list list;
	struct mail_folders folders;
	struct mail_quota quota;
	int64_t start_us;

	test_is(
	    mail_list(&live->mail, &query, &list, &folders, &quota, &live->err),
	    ERR_OK, &live->err);
	live->waited_us = 0;
	start_us = clock_mono_us();
	for (unsigned i = 0; i < 20; i++) {
		arena_reset(live->arena);
		test_is(mail_list(&live->mail, &query, &list, &folders, &quota,
		            &live->err),
		    ERR_OK, &live->err);
	}
	print_message("warm page of %zu rows: wall %lld us, own %lld us\n",
	    list.row_count, (long long)(clock_mono_us() - start_us) / 20,
	    (long long)(clock_mono_us() - start_us - (int64_t)live->waited_us) /
	        20);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(lists_folders_and_rows),
	    cmocka_unit_test(refuses_a_wrong_password),
	    cmocka_unit_test(walks_a_message),
	    cmocka_unit_test(marks_moves_and_expunges),
	    cmocka_unit_test(makes_folders_in_any_alphabet),
	    cmocka_unit_test(sorts_searches_and_pages),
	    cmocka_unit_test(finds_what_is_around),
	    cmocka_unit_test(does_without_extensions),
	    cmocka_unit_test(streams_large_parts),
	    cmocka_unit_test(reads_ranges_of_large_parts),
	    cmocka_unit_test(a_slow_browser_holds_no_connection),
	    cmocka_unit_test(many_hands_share_an_account),
	    cmocka_unit_test(warm_page_cost),
	};

	mime_init();
	return cmocka_run_group_tests(tests, live_setup, live_teardown);
}
