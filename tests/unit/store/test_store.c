/* The database: what is put in comes out, steps win once, files are safe. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>
#include <pthread.h>
#include <signal.h>
#include <sqlite3.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include "os/file.h"
#include "store/store.h"
#include "store/store_pool.h"
#include "store/store_schema.h"

#define NOW ((int64_t)1800000000)

struct fixture {
	char folder[64];
	char path[96];
	struct store *store;
	struct arena *arena;
	struct err err;
};

#define assert_str(actual, expected)                                 \
	do {                                                         \
		struct str a_ = (actual);                            \
		struct str e_ = (expected);                          \
		assert_int_equal(a_.len, e_.len);                    \
		if (e_.len > 0)                                      \
			assert_memory_equal(a_.ptr, e_.ptr, e_.len); \
	} while (0)

static int
setup(void **state)
{
	struct fixture *f = calloc(1, sizeof(*f));

	snprintf(f->folder, sizeof(f->folder), "/tmp/iwebmsg-store-XXXXXX");
	assert_non_null(mkdtemp(f->folder));
	snprintf(f->path, sizeof(f->path), "%s/iwebmsg.db", f->folder);
	f->arena = arena_new(8 << 20);
	assert_int_equal(store_open(f->path, &f->store, &f->err), ERR_OK);
	*state = f;
	return 0;
}

static int
teardown(void **state)
{
	struct fixture *f = *state;
	static const char *const ends[] = {"", "-wal", "-shm"};

	store_close(f->store);
	arena_free(f->arena);
	for (size_t i = 0; i < 3; i++) {
		char name[128];
		snprintf(name, sizeof(name), "%s%s", f->path, ends[i]);
		unlink(name);
	}
	rmdir(f->folder);
	free(f);
	return 0;
}

static struct store_session
sample(struct str selector)
{
	return (struct store_session){.selector = selector,
	    .secret_hash = STR("hash\0with zero"),
	    .sealed = STR("\xff\x00sealed"),
	    .account = STR("anna@example.org"),
	    .login = STR("anna"),
	    .site = STR(""),
	    .door = STR("secure"),
	    .remember = STR("r\0"),
	    .moved_to = STR(""),
	    .expire_views = true,
	    .is_pinned = true,
	    .agent = STR("Mozilla/5.0"),
	    .address = STR("192.0.2.7"),
	    .created_s = NOW,
	    .used_s = NOW,
	    .ends_s = NOW + 3600};
}

static void
test_session(void **state)
{
	struct fixture *f = *state;
	struct store_session in = sample(STR("0123456789abcde\0"));
	struct store_session out;
	uint64_t count = 0;

	assert_int_equal(store_session_add(f->store, &in, &f->err), ERR_OK);
	assert_int_equal(
	    store_session_find(f->store, in.selector, f->arena, &out, &f->err),
	    ERR_OK);
	assert_str(out.selector, in.selector);
	assert_str(out.secret_hash, in.secret_hash);
	assert_str(out.sealed, in.sealed);
	assert_str(out.account, in.account);
	assert_str(out.login, in.login);
	assert_str(out.site, in.site);
	assert_str(out.door, in.door);
	assert_str(out.remember, in.remember);
	assert_str(out.moved_to, in.moved_to);
	assert_str(out.agent, in.agent);
	assert_str(out.address, in.address);
	assert_true(out.expire_views);
	assert_true(out.is_pinned);
	assert_int_equal(out.created_s, NOW);
	assert_int_equal(out.ends_s, NOW + 3600);
	assert_int_equal(
	    store_session_count(f->store, NOW, &count, &f->err), ERR_OK);
	assert_int_equal(count, 1);
	assert_int_equal(store_session_find(f->store, STR("0123456789abcde"),
	                     f->arena, &out, &f->err),
	    ERR_NOT_FOUND);
	assert_int_equal(
	    store_session_delete(f->store, in.selector, &f->err), ERR_OK);
	assert_int_equal(
	    store_session_find(f->store, in.selector, f->arena, &out, &f->err),
	    ERR_NOT_FOUND);
	/* Twice the same selector cannot be. */
	assert_int_equal(store_session_add(f->store, &in, &f->err), ERR_OK);
	assert_int_equal(
	    store_session_add(f->store, &in, &f->err), ERR_INTERNAL);
}

static void
test_session_touch(void **state)
{
	struct fixture *f = *state;
	struct store_session in = sample(STR("s"));
	struct store_session out;
	const struct {
		int64_t at, expected;
	} rows[] = {{NOW + 59, NOW}, {NOW + 60, NOW + 60}, {NOW + 61, NOW + 60},
	    {NOW + 20, NOW + 60}, {NOW + 120, NOW + 120}};

	assert_int_equal(store_session_add(f->store, &in, &f->err), ERR_OK);
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		assert_int_equal(store_session_touch(f->store, STR("s"),
		                     rows[i].at, STR("192.0.2.9"), &f->err),
		    ERR_OK);
		assert_int_equal(store_session_find(f->store, STR("s"),
		                     f->arena, &out, &f->err),
		    ERR_OK);
		assert_int_equal(out.used_s, rows[i].expected);
		assert_str(out.address,
		    rows[i].expected == NOW ? in.address : STR("192.0.2.9"));
	}
}

static void
test_session_move(void **state)
{
	struct fixture *f = *state;
	struct store_session in = sample(STR("s"));
	struct store_session other = sample(STR("t"));
	struct store_session out;
	struct store_session *list = NULL;
	size_t listed = 0;
	uint64_t count = 0;

	other.secret_hash = STR("other");
	assert_int_equal(store_session_add(f->store, &in, &f->err), ERR_OK);
	assert_int_equal(store_session_add(f->store, &other, &f->err), ERR_OK);
	assert_int_equal(store_session_move(f->store, STR("s"), STR("plain"),
	                     NOW + 10, &f->err),
	    ERR_OK);
	assert_int_equal(
	    store_session_find(f->store, STR("s"), f->arena, &out, &f->err),
	    ERR_OK);
	assert_str(out.moved_to, STR("plain"));
	assert_int_equal(out.sealed.len, 0);
	assert_int_equal(out.ends_s, NOW + 10);
	assert_int_equal(
	    store_session_count(f->store, NOW, &count, &f->err), ERR_OK);
	assert_int_equal(count, 1);
	/* What moved holds nothing and is no place; it stays to say so. */
	assert_int_equal(store_session_list(f->store, STR("anna@example.org"),
	                     NOW, f->arena, &list, &listed, &f->err),
	    ERR_OK);
	assert_int_equal(listed, 1);
	assert_str(list[0].selector, STR("t"));
	assert_int_equal(store_session_delete_account(f->store,
	                     STR("anna@example.org"), STR("hash"), &f->err),
	    ERR_OK);
	assert_int_equal(
	    store_session_find(f->store, STR("t"), f->arena, &out, &f->err),
	    ERR_NOT_FOUND);
	assert_int_equal(
	    store_session_find(f->store, STR("s"), f->arena, &out, &f->err),
	    ERR_OK);
}

static void
test_ticket_is_single_use(void **state)
{
	struct fixture *f = *state;
	const struct store_ticket in = {.selector = STR("ticket"),
	    .secret_hash = STR("h"),
	    .binder_hash = STR(""),
	    .sealed = STR("\0\1"),
	    .session = STR("s"),
	    .door = STR("secure"),
	    .path = STR("/list?folder=INBOX"),
	    .ends_s = NOW + 300};
	struct store_ticket out;

	assert_int_equal(store_ticket_add(f->store, &in, &f->err), ERR_OK);
	assert_int_equal(
	    store_ticket_take(f->store, STR("ticket"), f->arena, &out, &f->err),
	    ERR_OK);
	assert_str(out.sealed, in.sealed);
	assert_str(out.path, in.path);
	assert_str(out.binder_hash, STR(""));
	assert_int_equal(out.ends_s, NOW + 300);
	assert_int_equal(
	    store_ticket_take(f->store, STR("ticket"), f->arena, &out, &f->err),
	    ERR_NOT_FOUND);
}

static void
test_device_rotates_once(void **state)
{
	struct fixture *f = *state;
	struct store_device in = {.selector = STR("device"),
	    .secret_hash = STR("one"),
	    .sealed = STR("sealed"),
	    .account = STR("a"),
	    .login = STR("l"),
	    .agent = STR("Firefox"),
	    .address = STR("192.0.2.1"),
	    .is_pinned = true,
	    .created_s = NOW,
	    .ends_s = NOW + 1};
	struct store_device out;
	struct store_device *list = NULL;
	size_t count = 0;

	assert_int_equal(store_device_add(f->store, &in, &f->err), ERR_OK);
	in.previous_hash = in.secret_hash;
	in.secret_hash = STR("two");
	in.rotated_s = NOW + 5;
	in.door = STR("secure");
	assert_int_equal(
	    store_device_rotate(f->store, &in, STR("one"), &f->err), ERR_OK);
	in.secret_hash = STR("three");
	assert_int_equal(
	    store_device_rotate(f->store, &in, STR("one"), &f->err),
	    ERR_NOT_FOUND);
	assert_int_equal(
	    store_device_find(f->store, STR("device"), f->arena, &out, &f->err),
	    ERR_OK);
	assert_str(out.secret_hash, STR("two"));
	assert_str(out.previous_hash, STR("one"));
	assert_str(out.agent, STR("Firefox"));
	assert_true(out.is_pinned);
	assert_int_equal(out.rotated_s, NOW + 5);
	assert_int_equal(store_device_list(f->store, STR("a"), NOW, f->arena,
	                     &list, &count, &f->err),
	    ERR_OK);
	assert_int_equal(count, 1);
	assert_str(list[0].address, STR("192.0.2.1"));
	assert_str(list[0].door, STR("secure"));
	assert_int_equal(store_device_list(f->store, STR("a"), NOW + 1,
	                     f->arena, &list, &count, &f->err),
	    ERR_OK);
	assert_int_equal(count, 0);
	assert_int_equal(store_device_delete_account(
	                     f->store, STR("a"), STR("device"), &f->err),
	    ERR_OK);
	assert_int_equal(
	    store_device_delete(f->store, STR("device"), &f->err), ERR_OK);
	assert_int_equal(
	    store_device_find(f->store, STR("device"), f->arena, &out, &f->err),
	    ERR_NOT_FOUND);
}

static void
test_throttle(void **state)
{
	struct fixture *f = *state;
	struct store_throttle out;
	const struct {
		int64_t at;
		uint32_t expected;
	} rows[] = {{NOW, 1}, {NOW + 1, 2}, {NOW + 101, 3}, {NOW + 202, 1}};

	assert_int_equal(
	    store_throttle_get(f->store, STR("k"), &out, &f->err), ERR_OK);
	assert_int_equal(out.failures, 0);
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		assert_int_equal(store_throttle_add(f->store, STR("k"),
		                     rows[i].at, 100, &f->err),
		    ERR_OK);
		assert_int_equal(
		    store_throttle_get(f->store, STR("k"), &out, &f->err),
		    ERR_OK);
		assert_int_equal(out.failures, rows[i].expected);
		assert_int_equal(out.last_s, rows[i].at);
	}
	assert_int_equal(
	    store_throttle_delete(f->store, STR("k"), &f->err), ERR_OK);
	assert_int_equal(
	    store_throttle_get(f->store, STR("k"), &out, &f->err), ERR_OK);
	assert_int_equal(out.failures, 0);
}

static void
test_pref_and_trust(void **state)
{
	struct fixture *f = *state;
	struct str out;
	bool has = true;

	assert_int_equal(store_pref_get(f->store, STR("a"), STR("signature"),
	                     f->arena, &out, &f->err),
	    ERR_OK);
	assert_int_equal(out.len, 0);
	for (int i = 0; i < 2; i++)
		assert_int_equal(
		    store_pref_set(f->store, STR("a"), STR("signature"),
		        i == 0 ? STR("old") : STR("Anna\nÄ"), &f->err),
		    ERR_OK);
	assert_int_equal(store_pref_get(f->store, STR("a"), STR("signature"),
	                     f->arena, &out, &f->err),
	    ERR_OK);
	assert_str(out, STR("Anna\nÄ"));
	assert_int_equal(store_pref_get(f->store, STR("b"), STR("signature"),
	                     f->arena, &out, &f->err),
	    ERR_OK);
	assert_int_equal(out.len, 0);
	assert_int_equal(
	    store_trust_has(f->store, STR("a"), STR("x@y"), &has, &f->err),
	    ERR_OK);
	assert_false(has);
	for (int i = 0; i < 2; i++)
		assert_int_equal(store_trust_add(f->store, STR("a"), STR("x@y"),
		                     NOW + i, &f->err),
		    ERR_OK);
	assert_int_equal(
	    store_trust_has(f->store, STR("a"), STR("x@y"), &has, &f->err),
	    ERR_OK);
	assert_true(has);
}

static struct store_compose
letter(void)
{
	return (struct store_compose){.id = STR("abcdefghijklmnopqrstuv"),
	    .account = STR("anna"),
	    .fields = STR("to=b\0"),
	    .created_s = NOW,
	    .saved_s = NOW};
}

static void
test_compose(void **state)
{
	struct fixture *f = *state;
	struct store_compose in = letter();
	struct store_compose out;
	bool won = false;

	assert_int_equal(store_compose_save(f->store, &in, &f->err), ERR_OK);
	in.fields = STR("to=c");
	in.saved_s = NOW + 9;
	assert_int_equal(store_compose_save(f->store, &in, &f->err), ERR_OK);
	assert_int_equal(store_compose_find(f->store, STR("anna"), in.id,
	                     f->arena, &out, &f->err),
	    ERR_OK);
	assert_str(out.fields, STR("to=c"));
	assert_int_equal(out.version, 2);
	assert_int_equal(out.saved_s, NOW + 9);
	assert_int_equal(out.created_s, NOW);
	assert_int_equal(out.state, STORE_COMPOSE_WRITING);
	assert_int_equal(store_compose_find(f->store, STR("bert"), in.id,
	                     f->arena, &out, &f->err),
	    ERR_NOT_FOUND);
	in.account = STR("bert");
	assert_int_equal(
	    store_compose_save(f->store, &in, &f->err), ERR_FORBIDDEN);
	in.account = STR("anna");
	const struct {
		enum store_compose_state from, to;
		const char *message_id;
		bool won;
	} moves[] = {
	    {STORE_COMPOSE_WRITING, STORE_COMPOSE_SENDING, "<1@x>", true},
	    {STORE_COMPOSE_WRITING, STORE_COMPOSE_SENDING, "<2@x>", false},
	    {STORE_COMPOSE_SENDING, STORE_COMPOSE_SENT, "", true},
	};
	for (size_t i = 0; i < 3; i++) {
		assert_int_equal(store_compose_move(f->store, STR("anna"),
		                     in.id, moves[i].from, moves[i].to,
		                     str_c(moves[i].message_id), &won, &f->err),
		    ERR_OK);
		assert_int_equal(won, moves[i].won);
	}
	assert_int_equal(store_compose_save(f->store, &in, &f->err), ERR_INPUT);
	assert_int_equal(store_compose_result(f->store, STR("anna"), in.id,
	                     STR("well"), true, &f->err),
	    ERR_OK);
	assert_int_equal(store_compose_find(f->store, STR("anna"), in.id,
	                     f->arena, &out, &f->err),
	    ERR_OK);
	assert_str(out.message_id, STR("<1@x>"));
	assert_str(out.result, STR("well"));
	assert_true(out.copied);
	assert_int_equal(out.state, STORE_COMPOSE_SENT);
	assert_int_equal(
	    store_compose_delete(f->store, STR("anna"), in.id, &f->err),
	    ERR_OK);
	assert_int_equal(store_compose_result(f->store, STR("anna"), in.id,
	                     STR(""), true, &f->err),
	    ERR_NOT_FOUND);
}

static void
add_attachment(struct fixture *f, struct str id)
{
	const struct store_attachment in = {
	    .id = id, .name = STR("Bär.png"), .type = STR("image/png")};

	assert_int_equal(store_attachment_begin(
	                     f->store, STR("anna"), letter().id, &in, &f->err),
	    ERR_OK);
	assert_int_equal(
	    store_attachment_write(f->store, id, 0, STR("\0one"), &f->err),
	    ERR_OK);
	assert_int_equal(
	    store_attachment_write(f->store, id, 1, STR("two"), &f->err),
	    ERR_OK);
}

static void
test_attachment(void **state)
{
	struct fixture *f = *state;
	struct store_compose compose = letter();
	struct store_attachment *list = NULL;
	const struct store_attachment lost = {.id = STR("z")};
	size_t count = 9;
	struct str out;

	assert_int_equal(store_attachment_begin(
	                     f->store, STR("anna"), compose.id, &lost, &f->err),
	    ERR_NOT_FOUND);
	assert_int_equal(
	    store_compose_save(f->store, &compose, &f->err), ERR_OK);
	assert_int_equal(store_attachment_begin(
	                     f->store, STR("bert"), compose.id, &lost, &f->err),
	    ERR_NOT_FOUND);
	add_attachment(f, STR("p"));
	assert_int_equal(store_attachment_list(f->store, STR("anna"),
	                     compose.id, f->arena, &list, &count, &f->err),
	    ERR_OK);
	assert_int_equal(count, 0);
	assert_int_equal(
	    store_attachment_end(f->store, STR("p"), 7, &f->err), ERR_OK);
	assert_int_equal(
	    store_attachment_write(f->store, STR("p"), 2, STR("late"), &f->err),
	    ERR_NOT_FOUND);
	assert_int_equal(store_attachment_list(f->store, STR("anna"),
	                     compose.id, f->arena, &list, &count, &f->err),
	    ERR_OK);
	assert_int_equal(count, 1);
	assert_str(list[0].name, STR("Bär.png"));
	assert_int_equal(list[0].bytes, 7);
	assert_int_equal(store_attachment_read(
	                     f->store, STR("p"), 0, f->arena, &out, &f->err),
	    ERR_OK);
	assert_str(out, STR("\0one"));
	assert_int_equal(store_attachment_read(
	                     f->store, STR("p"), 2, f->arena, &out, &f->err),
	    ERR_NOT_FOUND);
	assert_int_equal(store_attachment_delete(f->store, STR("bert"),
	                     compose.id, STR("p"), &f->err),
	    ERR_OK);
	assert_int_equal(
	    store_compose_delete(f->store, STR("anna"), compose.id, &f->err),
	    ERR_OK);
	/* The chunks went with the composition. */
	assert_int_equal(store_attachment_read(
	                     f->store, STR("p"), 0, f->arena, &out, &f->err),
	    ERR_NOT_FOUND);
}

static void
test_clean(void **state)
{
	struct fixture *f = *state;
	struct store_session old = sample(STR("old"));
	struct store_session young = sample(STR("young"));
	struct store_compose compose = letter();
	struct store_session out;
	struct store_compose left;

	old.ends_s = NOW - 86401;
	assert_int_equal(store_session_add(f->store, &old, &f->err), ERR_OK);
	assert_int_equal(store_session_add(f->store, &young, &f->err), ERR_OK);
	assert_int_equal(
	    store_compose_save(f->store, &compose, &f->err), ERR_OK);
	assert_int_equal(store_throttle_add(
	                     f->store, STR("k"), NOW - 3 * 86400, 100, &f->err),
	    ERR_OK);
	assert_int_equal(store_clean(f->store, NOW, &f->err), ERR_OK);
	assert_int_equal(
	    store_session_find(f->store, STR("old"), f->arena, &out, &f->err),
	    ERR_NOT_FOUND);
	assert_int_equal(
	    store_session_find(f->store, STR("young"), f->arena, &out, &f->err),
	    ERR_OK);
	assert_int_equal(store_compose_find(f->store, STR("anna"), compose.id,
	                     f->arena, &left, &f->err),
	    ERR_OK);
	assert_int_equal(
	    store_clean(f->store, NOW + (int64_t)400 * 86400, &f->err), ERR_OK);
	assert_int_equal(store_compose_find(f->store, STR("anna"), compose.id,
	                     f->arena, &left, &f->err),
	    ERR_NOT_FOUND);
}

static void
test_reopened_and_private(void **state)
{
	struct fixture *f = *state;
	struct store_session in = sample(STR("s"));
	struct store_session out;
	struct stat st;

	assert_int_equal(store_session_add(f->store, &in, &f->err), ERR_OK);
	store_close(f->store);
	f->store = NULL;
	assert_int_equal(stat(f->path, &st), 0);
	assert_int_equal(st.st_mode & 0777, 0600);
	assert_int_equal(store_open(f->path, &f->store, &f->err), ERR_OK);
	assert_int_equal(store_check(f->store, &f->err), ERR_OK);
	assert_int_equal(
	    store_session_find(f->store, STR("s"), f->arena, &out, &f->err),
	    ERR_OK);
}

static void
test_refuses_what_it_cannot_use(void **state)
{
	struct fixture *f = *state;
	struct store *store = NULL;
	char other[128];

	assert_int_equal(chmod(f->path, 0604), 0);
	assert_int_equal(store_open(f->path, &store, &f->err), ERR_CONFIG);
	assert_non_null(strstr(f->err.message, "chmod 600"));
	assert_int_equal(chmod(f->path, 0600), 0);
	snprintf(other, sizeof(other), "%s/none/x.db", f->folder);
	assert_int_equal(store_open(other, &store, &f->err), ERR_CONFIG);
	assert_int_equal(store_open(f->folder, &store, &f->err), ERR_CONFIG);
	snprintf(other, sizeof(other), "%s/words", f->folder);
	struct str words = STR("This is not a database at all, only words.\n"
	                       "It has more than one line of them, though. "
	                       "SQLite looks at the first hundred bytes.\n");
	assert_int_equal(file_write_new(other, words, 0600, &f->err), ERR_OK);
	assert_int_equal(store_open(other, &store, &f->err), ERR_CONFIG);
	assert_non_null(strstr(f->err.message, "not a database"));
	assert_null(store);
	unlink(other);
}

static void
test_refuses_newer(void **state)
{
	struct fixture *f = *state;
	struct store *store = NULL;
	sqlite3 *db = NULL;

	assert_int_equal(sqlite3_open(f->path, &db), SQLITE_OK);
	assert_int_equal(
	    sqlite3_exec(db, "INSERT INTO schema_version VALUES (999)", NULL,
	        NULL, NULL),
	    SQLITE_OK);
	sqlite3_close(db);
	assert_int_equal(store_open(f->path, &store, &f->err), ERR_CONFIG);
	assert_non_null(strstr(f->err.message, "999"));
}

/* A step that breaks leaves the database as it was before that step. */
static void
test_migration_is_whole_or_not(void **state)
{
	struct fixture *f = *state;
	struct sql_conn *conn = NULL;
	const struct schema_step steps[] = {
	    {1, "001", "CREATE TABLE a (x BIGINT);"},
	    {2, "002", "CREATE TABLE b (x BIGINT); CREATE TABLE a (y BIGINT);"},
	};
	const struct schema_step mended[] = {
	    steps[0], {2, "002", "CREATE TABLE b (x BIGINT);"}};

	assert_int_equal(sql_open(":memory:", &conn, &f->err), ERR_OK);
	assert_int_equal(
	    store_schema_migrate(conn, steps, 2, &f->err), ERR_INTERNAL);
	assert_false(sql_in_transaction(conn));
	assert_int_equal(
	    store_schema_migrate(conn, mended, 2, &f->err), ERR_OK);
	assert_int_equal(
	    store_schema_migrate(conn, mended, 2, &f->err), ERR_OK);
	assert_int_equal(
	    store_schema_migrate(conn, mended, 1, &f->err), ERR_CONFIG);
	sql_close(conn);
}

static void
test_memory(void **state)
{
	struct fixture *f = *state;
	struct store *store = NULL;
	struct store_session in = sample(STR("s"));
	struct store_session out;

	assert_int_equal(store_open(":memory:", &store, &f->err), ERR_OK);
	assert_int_equal(store_session_add(store, &in, &f->err), ERR_OK);
	assert_int_equal(
	    store_session_find(store, STR("s"), f->arena, &out, &f->err),
	    ERR_OK);
	assert_int_equal(
	    store_session_find(store, STR("t"), f->arena, &out, &f->err),
	    ERR_NOT_FOUND);
	store_close(store);
}

/* The disk is full: words, nothing half done, and it works again after. */
static void
test_disk_full(void **state)
{
	struct fixture *f = *state;
	struct rlimit before;
	struct rlimit small = {.rlim_cur = 200 << 10};
	char *big = calloc(1, 1 << 20);
	enum err_code rc = ERR_OK;

	signal(SIGXFSZ, SIG_IGN);
	assert_int_equal(getrlimit(RLIMIT_FSIZE, &before), 0);
	small.rlim_max = before.rlim_max;
	assert_int_equal(setrlimit(RLIMIT_FSIZE, &small), 0);
	rc = store_pref_set(
	    f->store, STR("a"), STR("big"), str_of(big, 1 << 20), &f->err);
	assert_int_equal(setrlimit(RLIMIT_FSIZE, &before), 0);
	free(big);
	assert_int_equal(rc, ERR_LIMIT);
	assert_non_null(strstr(f->err.message, "full"));
	assert_int_equal(store_check(f->store, &f->err), ERR_OK);
}

static void
test_arena_used_up(void **state)
{
	struct fixture *f = *state;
	struct store_session in = sample(STR("s"));
	struct store_session out;
	CLEANUP(arena_free_at) struct arena *tiny = arena_new(16);

	assert_int_equal(store_session_add(f->store, &in, &f->err), ERR_OK);
	assert_int_equal(
	    store_session_find(f->store, STR("s"), tiny, &out, &f->err),
	    ERR_NO_MEMORY);
}

#define THREADS 8
#define ROUNDS  40

struct worker {
	struct store *store;
	unsigned won;
	bool failed;
};

static void *
hammer(void *arg)
{
	struct worker *w = arg;
	struct err err = ERR_NONE;

	for (unsigned i = 0; i < ROUNDS; i++) {
		struct store_throttle out;
		struct store_compose compose = letter();
		bool won = false;
		char id[16];
		snprintf(id, sizeof(id), "id%u", i);
		compose.id = str_c(id);
		enum err_code rc = store_compose_save(w->store, &compose, &err);
		/* ERR_INPUT: another thread already moved it on. */
		if (rc != ERR_OK && rc != ERR_INPUT)
			w->failed = true;
		if (store_throttle_add(w->store, STR("all"), NOW, 100, &err) !=
		        ERR_OK ||
		    store_throttle_get(w->store, STR("all"), &out, &err) !=
		        ERR_OK ||
		    out.failures == 0)
			w->failed = true;
		if (store_compose_move(w->store, STR("anna"), compose.id,
		        STORE_COMPOSE_WRITING, STORE_COMPOSE_SENDING, STR(""),
		        &won, &err) != ERR_OK)
			w->failed = true;
		w->won += won;
	}
	return NULL;
}

static void
test_many_threads(void **state)
{
	struct fixture *f = *state;
	pthread_t threads[THREADS];
	struct worker workers[THREADS];
	struct store_throttle out;
	unsigned won = 0;

	for (size_t i = 0; i < THREADS; i++) {
		workers[i] = (struct worker){.store = f->store};
		assert_int_equal(
		    pthread_create(&threads[i], NULL, hammer, &workers[i]), 0);
	}
	for (size_t i = 0; i < THREADS; i++) {
		pthread_join(threads[i], NULL);
		assert_false(workers[i].failed);
		won += workers[i].won;
	}
	assert_int_equal(won, ROUNDS);
	assert_int_equal(
	    store_throttle_get(f->store, STR("all"), &out, &f->err), ERR_OK);
	assert_int_equal(out.failures, THREADS * ROUNDS);
}

#define T(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    T(test_session),
	    T(test_session_touch),
	    T(test_session_move),
	    T(test_ticket_is_single_use),
	    T(test_device_rotates_once),
	    T(test_throttle),
	    T(test_pref_and_trust),
	    T(test_compose),
	    T(test_attachment),
	    T(test_clean),
	    T(test_reopened_and_private),
	    T(test_refuses_what_it_cannot_use),
	    T(test_refuses_newer),
	    T(test_migration_is_whole_or_not),
	    T(test_memory),
	    T(test_disk_full),
	    T(test_arena_used_up),
	    T(test_many_threads),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
