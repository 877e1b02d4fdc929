/* People, trusted senders, all settings at once: each account its own. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>

#include <unistd.h>

#include "base/limits.h"
#include "store/store_people.h"
#include "store/store_pool.h"
#include "store/store_schema.h"

#define NOW ((int64_t)1800000000)

struct fixture {
	struct store *store;
	struct arena *arena;
	struct err err;
};

static int
setup(void **state)
{
	struct fixture *f = calloc(1, sizeof(*f));

	assert_non_null(f);
	f->arena = arena_new(8 << 20);
	assert_int_equal(store_open(":memory:", &f->store, &f->err), ERR_OK);
	*state = f;
	return 0;
}

static int
teardown(void **state)
{
	struct fixture *f = *state;

	store_close(f->store);
	arena_free(f->arena);
	free(f);
	return 0;
}

static void
assert_str(struct str actual, const char *expected)
{
	if (!str_eq(actual, str_c(expected)))
		fail_msg("\"%.*s\" is not \"%s\"", STR_ARG(actual), expected);
}

/* Keys as the pages make them, roughly: ASCII only. */
static struct store_person
person_of(struct fixture *f, const char *id, const char *name,
    struct store_address *addresses, const char *const *list, size_t count)
{
	struct store_person person = {.id = str_c(id),
	    .name = str_c(name),
	    .sort_key = str_lower(f->arena, str_c(name)),
	    .name_key = str_lower(f->arena, str_c(name)),
	    .folding = 1,
	    .created_s = NOW,
	    .changed_s = NOW,
	    .addresses = addresses,
	    .address_count = count};

	for (size_t i = 0; i < count; i++) {
		addresses[i].address = str_c(list[i]);
		addresses[i].key = str_lower(f->arena, str_c(list[i]));
		addresses[i].words = str_printf(f->arena, " %.*s %.*s",
		    STR_ARG(person.name_key), STR_ARG(addresses[i].key));
	}
	person.search = str_printf(f->arena, "%.*s\n%s",
	    STR_ARG(person.name_key), count > 0 ? list[0] : "");
	return person;
}

static void
add(struct fixture *f, const char *account, const char *id, const char *name,
    const char *address)
{
	struct store_address one[1] = {{.uses = 0}};
	struct store_person person = person_of(f, id, name, one, &address, 1);

	assert_int_equal(store_person_add(f->store, str_c(account), &person,
	                     STR(""), STR(""), &f->err),
	    ERR_OK);
}

static struct store_people
list(struct fixture *f, const char *account, struct store_people_query query)
{
	struct store_people out;

	if (query.count == 0)
		query.count = 100;
	assert_int_equal(store_people_list(f->store, str_c(account), &query,
	                     true, f->arena, &out, &f->err),
	    ERR_OK);
	return out;
}

static struct store_person
find(struct fixture *f, const char *id)
{
	struct store_person out;

	assert_int_equal(store_person_find(f->store, STR("a"), str_c(id),
	                     f->arena, &out, &f->err),
	    ERR_OK);
	return out;
}

static void
use(struct fixture *f, const char *name, const char *address, int64_t now_s,
    bool collect)
{
	static unsigned number;
	struct store_address one[1] = {{.uses = 0}};
	struct store_use list[1];
	uint64_t added = 0;

	list[0].person = person_of(f,
	    str_dup_c(f->arena, str_printf(f->arena, "use%u", number++)), name,
	    one, &address, 1);
	list[0].person.book = STORE_BOOK_COLLECTED;
	list[0].collect = collect;
	list[0].at_s = now_s;
	assert_int_equal(
	    store_people_use(f->store, STR("a"), list, 1, &added, &f->err),
	    ERR_OK);
}

static void
test_person(void **state)
{
	static const char *const addresses[] = {"Zoe@example.org", "z@work"};
	struct fixture *f = *state;
	struct store_address two[2] = {{.uses = 0}};
	struct store_person person =
	    person_of(f, "1", "Zoe Z", two, addresses, 2);
	struct store_person got;
	struct str type, photo;
	bool has = true;

	person.organization = STR("Works");
	person.note = STR("a note");
	person.card = STR("TEL:+1\nX\xff");
	person.photo_type = STR("image/png");
	assert_int_equal(store_person_add(f->store, STR("a"), &person,
	                     STR("PNG\0bytes"), STR(""), &f->err),
	    ERR_OK);
	got = find(f, "1");
	assert_str(got.name, "Zoe Z");
	assert_str(got.organization, "Works");
	assert_str(got.note, "a note");
	assert_str(got.card, "TEL:+1\nX\xff");
	assert_int_equal(got.address_count, 2);
	assert_str(got.addresses[0].address, "Zoe@example.org");
	assert_str(got.addresses[1].key, "z@work");
	assert_int_equal(store_person_photo(f->store, STR("a"), STR("1"),
	                     f->arena, &type, &photo, &f->err),
	    ERR_OK);
	assert_str(type, "image/png");
	assert_int_equal(photo.len, 9);
	assert_int_equal(store_person_photo(f->store, STR("b"), STR("1"),
	                     f->arena, &type, &photo, &f->err),
	    ERR_NOT_FOUND);
	/* Another account sees nothing of it. */
	assert_int_equal(store_person_find(f->store, STR("b"), STR("1"),
	                     f->arena, &got, &f->err),
	    ERR_NOT_FOUND);
	assert_int_equal(store_person_has(f->store, STR("b"),
	                     STR("zoe@example.org"), &has, &f->err),
	    ERR_OK);
	assert_false(has);
	assert_int_equal(store_person_has(f->store, STR("a"),
	                     STR("zoe@example.org"), &has, &f->err),
	    ERR_OK);
	assert_true(has);
	/* Changed: uses stay with an address that stays. */
	use(f, "", "z@work", NOW + 5, false);
	person = person_of(f, "1", "Zoe Y", two, &addresses[1], 1);
	assert_int_equal(
	    store_person_change(f->store, STR("a"), &person, &f->err), ERR_OK);
	got = find(f, "1");
	assert_str(got.name, "Zoe Y");
	assert_str(got.photo_type, "image/png");
	assert_int_equal(got.address_count, 1);
	assert_int_equal(got.addresses[0].uses, 1);
	assert_int_equal(got.addresses[0].used_s, NOW + 5);
	assert_int_equal(
	    store_person_change(f->store, STR("b"), &person, &f->err),
	    ERR_NOT_FOUND);
	assert_int_equal(store_person_set_photo(f->store, STR("a"), STR("1"),
	                     STR(""), STR(""), &f->err),
	    ERR_OK);
	assert_int_equal(store_person_photo(f->store, STR("a"), STR("1"),
	                     f->arena, &type, &photo, &f->err),
	    ERR_NOT_FOUND);
}

static void
test_list(void **state)
{
	struct fixture *f = *state;
	struct store_circle circle = {
	    .id = STR("g"), .name = STR("Family"), .sort_key = STR("family")};
	struct str ids[2] = {STR("3"), STR("1")};
	struct store_circle *circles = NULL;
	struct store_match *members = NULL;
	struct store_people got;
	size_t count = 0;
	uint64_t changed = 0;

	add(f, "a", "1", "Zoe", "zoe@example.org");
	add(f, "a", "2", "Mila_1", "mila@example.org");
	add(f, "a", "3", "anna", "anna@example.org");
	add(f, "b", "4", "Ben", "anna@example.org");
	got = list(f, "a", (struct store_people_query){0});
	assert_int_equal(got.total, 3);
	assert_str(got.list[0].name, "anna");
	assert_str(got.list[1].addresses[0].address, "mila@example.org");
	assert_str(got.list[2].id, "1");
	got = list(f, "a", (struct store_people_query){.first = 1, .count = 1});
	assert_int_equal(got.count, 1);
	assert_int_equal(got.total, 3);
	assert_str(got.list[0].id, "2");
	got = list(
	    f, "a", (struct store_people_query){.pattern = STR("%a\\_1%")});
	assert_int_equal(got.count, 1);
	got = list(
	    f, "a", (struct store_people_query){.pattern = STR("%a\\_m%")});
	assert_int_equal(got.count, 0);
	/* Groups. */
	assert_int_equal(
	    store_circle_save(f->store, STR("a"), &circle, &f->err), ERR_OK);
	assert_int_equal(store_circle_set(f->store, STR("a"), STR("g"), ids, 2,
	                     true, &changed, &f->err),
	    ERR_OK);
	assert_int_equal(changed, 2);
	assert_int_equal(store_circle_set(f->store, STR("b"), STR("g"), ids, 2,
	                     true, &changed, &f->err),
	    ERR_NOT_FOUND);
	assert_int_equal(store_circle_list(f->store, STR("a"), f->arena,
	                     &circles, &count, &f->err),
	    ERR_OK);
	assert_int_equal(count, 1);
	assert_int_equal(circles[0].members, 2);
	assert_int_equal(store_circle_members(f->store, STR("a"), STR("g"), 10,
	                     f->arena, &members, &count, &f->err),
	    ERR_OK);
	assert_int_equal(count, 2);
	assert_str(members[0].address, "anna@example.org");
	assert_int_equal(store_circle_members(f->store, STR("b"), STR("g"), 10,
	                     f->arena, &members, &count, &f->err),
	    ERR_OK);
	assert_int_equal(count, 0);
	got = list(f, "a", (struct store_people_query){.circle = STR("g")});
	assert_int_equal(got.count, 2);
	circle.id = STR("h");
	assert_int_equal(
	    store_circle_save(f->store, STR("a"), &circle, &f->err), ERR_INPUT);
	assert_int_equal(store_circle_set(f->store, STR("a"), STR("g"), ids, 1,
	                     false, &changed, &f->err),
	    ERR_OK);
	got = list(f, "a", (struct store_people_query){.circle = STR("g")});
	assert_int_equal(got.count, 1);
	/* A group that is removed leaves its people, and comes back. */
	assert_int_equal(store_circle_remove(f->store, STR("a"), STR("g"),
	                     STR("step"), NOW, &f->err),
	    ERR_OK);
	assert_int_equal(store_circle_of(f->store, STR("a"), STR("1"), f->arena,
	                     &circles, &count, &f->err),
	    ERR_OK);
	assert_int_equal(count, 0);
	assert_int_equal(
	    store_people_undo(f->store, STR("a"), STR("step"), &f->err),
	    ERR_OK);
	assert_int_equal(store_circle_of(f->store, STR("a"), STR("1"), f->arena,
	                     &circles, &count, &f->err),
	    ERR_OK);
	assert_int_equal(count, 1);
}

static size_t
complete(struct fixture *f, const char *pattern, struct store_match **out)
{
	struct str patterns[STORE_PATTERNS] = {str_c(pattern)};
	size_t count = 99;

	assert_int_equal(store_people_complete(f->store, STR("a"), patterns, 10,
	                     f->arena, out, &count, &f->err),
	    ERR_OK);
	return count;
}

static void
test_gone(void **state)
{
	struct fixture *f = *state;
	static const char *const merged[] = {"zoe@example.org", "z@work"};
	struct store_address two[2] = {{.uses = 0}};
	struct store_person person;
	struct store_match *found = NULL;
	struct str ids[2] = {STR("1"), STR("2")};
	uint64_t count = 0;

	add(f, "a", "1", "Zoe", "zoe@example.org");
	add(f, "a", "2", "Zoe Z", "z@work");
	use(f, "", "z@work", NOW, false);
	assert_int_equal(store_person_remove(f->store, STR("b"), ids, 2,
	                     STR("x"), NOW, &count, &f->err),
	    ERR_OK);
	assert_int_equal(count, 0);
	assert_int_equal(store_person_remove(f->store, STR("a"), ids, 2,
	                     STR("s1"), NOW, &count, &f->err),
	    ERR_OK);
	assert_int_equal(count, 2);
	assert_int_equal(list(f, "a", (struct store_people_query){0}).total, 0);
	assert_int_equal(complete(f, "% zoe%", &found), 0);
	assert_int_equal(
	    store_people_undo(f->store, STR("b"), STR("s1"), &f->err),
	    ERR_NOT_FOUND);
	assert_int_equal(
	    store_people_undo(f->store, STR("a"), STR("s1"), &f->err), ERR_OK);
	assert_int_equal(complete(f, "% zoe%", &found), 2);
	/* Two become one, with their uses; and two again. */
	person = person_of(f, "3", "Zoe Z", two, merged, 2);
	assert_int_equal(store_person_replace(f->store, STR("a"), &person,
	                     STR(""), ids, 2, STR("s2"), NOW, &f->err),
	    ERR_OK);
	assert_int_equal(list(f, "a", (struct store_people_query){0}).total, 1);
	assert_int_equal(find(f, "3").addresses[1].uses, 1);
	assert_int_equal(
	    store_people_undo(f->store, STR("a"), STR("s2"), &f->err), ERR_OK);
	assert_int_equal(list(f, "a", (struct store_people_query){0}).total, 2);
	assert_int_equal(complete(f, "% zoe%", &found), 2);
	assert_int_equal(
	    store_people_undo(f->store, STR("a"), STR("s2"), &f->err),
	    ERR_NOT_FOUND);
}

static void
test_use(void **state)
{
	struct fixture *f = *state;
	struct store_match *found = NULL;
	struct str ids[1];
	uint64_t count = 0;

	add(f, "a", "1", "Anna Own", "anna@example.org");
	use(f, "Annette", "annette@example.org", NOW - 100 * 86400, true);
	use(f, "Anne", "anne@example.org", NOW - 86400, true);
	use(f, "Nobody", "nobody@example.org", NOW, false);
	assert_int_equal(complete(f, "% ann%", &found), 3);
	assert_str(found[0].address, "anne@example.org");
	assert_str(found[1].address, "annette@example.org");
	assert_str(found[2].address, "anna@example.org");
	assert_int_equal(found[0].book, STORE_BOOK_COLLECTED);
	/* Used often beats used yesterday, unless that was long ago. */
	for (int i = 0; i < 10; i++)
		use(f, "", "ANNETTE@example.org", NOW - 5 * 86400, true);
	assert_int_equal(complete(f, "% ann%", &found), 3);
	assert_str(found[0].address, "annette@example.org");
	for (int i = 0; i < 3; i++)
		use(f, "", "anna@example.org", NOW + 200 * 86400, true);
	assert_int_equal(complete(f, "% ann%", &found), 3);
	assert_str(found[0].address, "anna@example.org");
	/* A collected one becomes one's own and keeps its uses. */
	ids[0] = found[2].person;
	assert_int_equal(
	    store_person_keep(f->store, STR("a"), ids, 1, NOW, &count, &f->err),
	    ERR_OK);
	assert_int_equal(count, 1);
	assert_int_equal(list(f, "a", (struct store_people_query){0}).total, 2);
	add(f, "a", "9", "Annette A", "annette@example.org");
	assert_int_equal(complete(f, "% ann%", &found), 3);
	assert_int_equal(find(f, "9").addresses[0].uses, 11);
	assert_int_equal(
	    list(f, "a",
	        (struct store_people_query){.book = STORE_BOOK_COLLECTED})
	        .total,
	    0);
}

static void
test_doubles(void **state)
{
	struct fixture *f = *state;
	struct store_double *found = NULL;
	size_t count = 0;

	add(f, "a", "1", "Anna", "anna@example.org");
	add(f, "a", "2", "Ann", "ANNA@example.org");
	add(f, "a", "3", "anna", "other@example.org");
	add(f, "b", "4", "anna", "other@example.org");
	add(f, "a", "5", "", "x@example.org");
	add(f, "a", "6", "", "y@example.org");
	assert_int_equal(store_people_doubles(f->store, STR("a"), true, 9,
	                     f->arena, &found, &count, &f->err),
	    ERR_OK);
	assert_int_equal(count, 1);
	assert_str(found[0].common, "anna@example.org");
	assert_int_equal(found[0].id_count, 2);
	assert_int_equal(store_people_doubles(f->store, STR("a"), false, 9,
	                     f->arena, &found, &count, &f->err),
	    ERR_OK);
	assert_int_equal(count, 1);
	assert_str(found[0].common, "anna");
	assert_str(found[0].ids[1], "3");
}

static const char SQL_FILL[] =
    "WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n "
    "WHERE i < $1) INSERT INTO person (id, account, book, gone, gone_s, "
    "made_by, folding, sort_key, name_key, search, name, organization, "
    "photo_type, created_s, changed_s, held_bytes, note, card) SELECT "
    "'id' || i, 'a', 0, '', 0, '', 1, '', '', '', '', '', '', 0, 0, 0, '', '' "
    "FROM n";

static void
test_people_are_bounded(void **state)
{
	struct fixture *f = *state;
	struct store_address one[1] = {{.uses = 0}};
	const char *address = "more@example.org";
	struct store_person person =
	    person_of(f, "more", "More", one, &address, 1);
	struct str ids[1] = {STR("id7")};
	uint64_t count = 0;

	/* Made by one statement: as many as there may be. */
	assert_int_equal(
	    store_pool_run(f->store, SQL_FILL,
	        SQL_PARAMS(SQL_NUMBER(LIMIT_CONTACTS)), NULL, &f->err),
	    ERR_OK);
	assert_int_equal(store_person_add(f->store, STR("a"), &person, STR(""),
	                     STR(""), &f->err),
	    ERR_LIMIT);
	/* What waits for an undo gives way. */
	assert_int_equal(store_person_remove(f->store, STR("a"), ids, 1,
	                     STR("s"), NOW, &count, &f->err),
	    ERR_OK);
	assert_int_equal(count, 1);
	assert_int_equal(store_person_add(f->store, STR("a"), &person, STR(""),
	                     STR(""), &f->err),
	    ERR_OK);
	assert_int_equal(
	    list(f, "a", (struct store_people_query){0}).total, LIMIT_CONTACTS);
}

static void
test_file(void **state)
{
	struct fixture *f = *state;
	struct str name, bytes;

	assert_int_equal(store_people_file_begin(f->store, STR("a"), STR("f"),
	                     STR("x.vcf"), NOW, &f->err),
	    ERR_OK);
	assert_int_equal(store_people_file_write(f->store, STR("a"), STR("f"),
	                     0, STR("\0one"), &f->err),
	    ERR_OK);
	assert_int_equal(store_people_file_write(f->store, STR("b"), STR("f"),
	                     1, STR("two"), &f->err),
	    ERR_NOT_FOUND);
	assert_int_equal(store_people_file_read(f->store, STR("a"), STR("f"), 0,
	                     f->arena, &name, &bytes, &f->err),
	    ERR_OK);
	assert_str(name, "x.vcf");
	assert_int_equal(bytes.len, 4);
	assert_int_equal(store_people_file_read(f->store, STR("b"), STR("f"), 0,
	                     f->arena, &name, &bytes, &f->err),
	    ERR_NOT_FOUND);
	assert_int_equal(store_people_file_begin(f->store, STR("a"), STR("g"),
	                     STR("y.csv"), NOW, &f->err),
	    ERR_OK);
	assert_int_equal(store_people_file_read(f->store, STR("a"), STR("f"), 0,
	                     f->arena, &name, &bytes, &f->err),
	    ERR_NOT_FOUND);
	assert_int_equal(store_clean(f->store, NOW + 90000, &f->err), ERR_OK);
	assert_int_equal(store_people_file_write(f->store, STR("a"), STR("g"),
	                     0, STR("x"), &f->err),
	    ERR_NOT_FOUND);
}

/* A database of schema 4 with contacts: they are people now. */
static void
test_migration(void **state)
{
	static const char old[] =
	    "INSERT INTO contact (id, account, name, address, address_key, "
	    "created_s) VALUES ('c1', 'a', 'Zo\xc3\xab', 'Zoe@Example.org', "
	    "'zoe@example.org', 1700000000)";
	char path[] = "/tmp/iwebmsg-people-XXXXXX";
	struct fixture *f = *state;
	struct sql_conn *conn = NULL;
	struct store *store = NULL;
	struct store_people stale;
	struct store_person person;
	int fd = mkstemp(path);

	assert_true(fd >= 0);
	close(fd);
	assert_int_equal(sql_open(path, &conn, &f->err), ERR_OK);
	assert_int_equal(
	    store_schema_migrate(conn, schema_steps, 4, &f->err), ERR_OK);
	assert_int_equal(sql_script(conn, old, &f->err), ERR_OK);
	sql_close(conn);
	assert_int_equal(store_open(path, &store, &f->err), ERR_OK);
	assert_int_equal(
	    store_person_of(store, STR("a"), STR("zoe@example.org"), f->arena,
	        &person, &f->err),
	    ERR_OK);
	assert_str(person.id, "c1");
	assert_str(person.name, "Zoë");
	assert_int_equal(person.created_s, 1700000000);
	assert_str(person.addresses[0].address, "Zoe@Example.org");
	/* Its keys are made when they are first needed. */
	assert_int_equal(
	    store_people_stale(store, STR("a"), 1, f->arena, &stale, &f->err),
	    ERR_OK);
	assert_int_equal(stale.count, 1);
	stale.list[0].folding = 1;
	stale.list[0].sort_key = STR("zoe");
	stale.list[0].addresses[0].words = STR(" zoe");
	assert_int_equal(
	    store_people_refold(store, STR("a"), stale.list, 1, &f->err),
	    ERR_OK);
	assert_int_equal(
	    store_people_stale(store, STR("a"), 1, f->arena, &stale, &f->err),
	    ERR_OK);
	assert_int_equal(stale.count, 0);
	store_close(store);
	unlink(path);
}

static void
test_trusted(void **state)
{
	static const char *const senders[] = {"x@y", "z@y", "x@y"};
	struct fixture *f = *state;
	struct store_trust *found = NULL;
	size_t count = 0;

	for (int i = 0; i < 3; i++)
		assert_int_equal(store_trust_add(f->store, STR("a"),
		                     str_c(senders[i]), NOW + i, &f->err),
		    ERR_OK);
	assert_int_equal(
	    store_trust_add(f->store, STR("b"), STR("x@y"), NOW + 9, &f->err),
	    ERR_OK);
	assert_int_equal(store_trust_list(f->store, STR("a"), f->arena, &found,
	                     &count, &f->err),
	    ERR_OK);
	assert_int_equal(count, 2);
	assert_str(found[0].sender, "x@y");
	assert_int_equal(found[0].added_s, NOW + 2);
	assert_str(found[1].sender, "z@y");
	assert_int_equal(
	    store_trust_delete(f->store, STR("a"), STR("x@y"), &f->err),
	    ERR_OK);
	assert_int_equal(store_trust_list(f->store, STR("a"), f->arena, &found,
	                     &count, &f->err),
	    ERR_OK);
	assert_int_equal(count, 1);
	assert_int_equal(store_trust_list(f->store, STR("b"), f->arena, &found,
	                     &count, &f->err),
	    ERR_OK);
	assert_int_equal(count, 1);
}

static void
test_prefs(void **state)
{
	struct fixture *f = *state;
	struct store_pref *found = NULL;
	size_t count = 9;

	assert_int_equal(store_pref_list(f->store, STR("a"), f->arena, &found,
	                     &count, &f->err),
	    ERR_OK);
	assert_int_equal(count, 0);
	assert_int_equal(
	    store_pref_set(f->store, STR("a"), STR("rows"), STR("25"), &f->err),
	    ERR_OK);
	assert_int_equal(
	    store_pref_set(f->store, STR("b"), STR("rows"), STR("50"), &f->err),
	    ERR_OK);
	assert_int_equal(store_pref_list(f->store, STR("a"), f->arena, &found,
	                     &count, &f->err),
	    ERR_OK);
	assert_int_equal(count, 1);
	assert_str(found[0].name, "rows");
	assert_str(found[0].content, "25");
}

#define T(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    T(test_person),
	    T(test_list),
	    T(test_gone),
	    T(test_use),
	    T(test_doubles),
	    T(test_people_are_bounded),
	    T(test_file),
	    T(test_migration),
	    T(test_trusted),
	    T(test_prefs),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
