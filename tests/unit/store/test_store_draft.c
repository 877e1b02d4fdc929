/* A composition is saved only over what its writer saw; its copy is noted. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>
#include <pthread.h>
#include <unistd.h>

#include "store/store_draft.h"

#define NOW_S ((int64_t)1800000000)

struct desk {
	char folder[64], path[96];
	struct store *store;
	struct arena *arena;
	struct err err;
};

static int
desk_up(void **state)
{
	struct desk *desk = calloc(1, sizeof(*desk));

	assert_non_null(desk);
	(void)snprintf(
	    desk->folder, sizeof(desk->folder), "/tmp/iwebmsg-draft-XXXXXX");
	assert_non_null(mkdtemp(desk->folder));
	(void)snprintf(desk->path, sizeof(desk->path), "%s/db", desk->folder);
	desk->arena = arena_new(1 << 20);
	assert_int_equal(
	    store_open(desk->path, &desk->store, &desk->err), ERR_OK);
	*state = desk;
	return 0;
}

static int
desk_down(void **state)
{
	static const char *const ends[] = {"", "-wal", "-shm"};
	struct desk *desk = *state;
	char path[128];

	store_close(desk->store);
	arena_free(desk->arena);
	for (size_t i = 0; i < sizeof(ends) / sizeof(ends[0]); i++) {
		(void)snprintf(path, sizeof(path), "%s%s", desk->path, ends[i]);
		(void)unlink(path);
	}
	assert_int_equal(rmdir(desk->folder), 0);
	free(desk);
	return 0;
}

static struct store_compose
letter(const char *account, const char *fields)
{
	return (struct store_compose){.id = STR("letter"),
	    .account = str_c(account),
	    .fields = str_c(fields),
	    .created_s = NOW_S,
	    .saved_s = NOW_S + 1};
}

static enum err_code
save_as(struct desk *desk, const char *account, const char *fields,
    uint64_t base, bool *out)
{
	struct store_compose compose = letter(account, fields);

	return store_draft_save(desk->store, &compose, base, out, &desk->err);
}

/* Anna's words over version `base`: saved or not. */
static void
save(struct desk *desk, const char *fields, uint64_t base, bool expected)
{
	bool is_saved = !expected;

	assert_int_equal(
	    save_as(desk, "anna", fields, base, &is_saved), ERR_OK);
	assert_int_equal(is_saved, expected);
}

static void
holds(struct desk *desk, const char *fields, uint64_t version)
{
	struct store_compose out;

	assert_int_equal(store_compose_find(desk->store, STR("anna"),
	                     STR("letter"), desk->arena, &out, &desk->err),
	    ERR_OK);
	if (!str_eq(out.fields, str_c(fields)) || out.version != version)
		fail_msg("\"%.*s\", version %llu", STR_ARG(out.fields),
		    (unsigned long long)out.version);
}

/* Two windows: the one that saw less does not overwrite the other's words. */
static void
test_only_over_what_was_seen(void **state)
{
	struct desk *desk = *state;

	save(desk, "one", 0, true);
	holds(desk, "one", 1);
	save(desk, "another first", 0, false);
	save(desk, "from the future", 2, false);
	holds(desk, "one", 1);
	save(desk, "two", 1, true);
	save(desk, "two of the other window", 1, false);
	holds(desk, "two", 2);
	save(desk, "three", 2, true);
	holds(desk, "three", 3);
}

/* Thrown away in one window, gone on with in the other: nothing is lost. */
static void
test_deleted_meanwhile(void **state)
{
	struct desk *desk = *state;

	save(desk, "one", 0, true);
	save(desk, "two", 1, true);
	assert_int_equal(store_compose_delete(desk->store, STR("anna"),
	                     STR("letter"), &desk->err),
	    ERR_OK);
	save(desk, "three", 2, true);
	holds(desk, "three", 3);
	save(desk, "four", 3, true);
	holds(desk, "four", 4);
}

static void
move(struct desk *desk, enum store_compose_state from,
    enum store_compose_state to)
{
	bool won = false;

	assert_int_equal(
	    store_compose_move(desk->store, STR("anna"), STR("letter"), from,
	        to, STR("<1@x>"), &won, &desk->err),
	    ERR_OK);
	assert_true(won);
}

static void
test_what_is_on_its_way_stays(void **state)
{
	static const enum store_compose_state states[] = {STORE_COMPOSE_WAITING,
	    STORE_COMPOSE_SENDING, STORE_COMPOSE_UNSURE, STORE_COMPOSE_SENT};
	struct desk *desk = *state;
	bool is_saved = true;

	save(desk, "one", 0, true);
	for (size_t i = 0; i < sizeof(states) / sizeof(states[0]); i++) {
		move(desk, STORE_COMPOSE_WRITING, states[i]);
		for (uint64_t base = 0; base < 3; base++) {
			assert_int_equal(
			    save_as(desk, "anna", "late", base, &is_saved),
			    ERR_INPUT);
			assert_false(is_saved);
		}
		move(desk, states[i], STORE_COMPOSE_WRITING);
		holds(desk, "one", 1);
	}
	save(desk, "two", 1, true);
}

static void
test_of_somebody_else(void **state)
{
	struct desk *desk = *state;
	struct store_draft draft = {.saved_s = 1, .files = STR("")};
	bool is_saved = true;

	save(desk, "one", 0, true);
	for (uint64_t base = 0; base < 3; base++) {
		assert_int_equal(save_as(desk, "ben", "ben's", base, &is_saved),
		    ERR_FORBIDDEN);
		assert_false(is_saved);
	}
	assert_int_equal(store_draft_note(desk->store, STR("ben"),
	                     STR("letter"), &draft, &desk->err),
	    ERR_NOT_FOUND);
	assert_int_equal(store_draft_find(desk->store, STR("ben"),
	                     STR("letter"), desk->arena, &draft, &desk->err),
	    ERR_NOT_FOUND);
	holds(desk, "one", 1);
}

typedef enum err_code step_fn(struct store *store, struct str account,
    struct str id, int64_t now_s, bool *out_won, struct err *err);

static void
step(struct desk *desk, step_fn *fn, const char *account, int64_t now_s,
    bool expected)
{
	bool won = !expected;

	assert_int_equal(fn(desk->store, str_c(account), STR("letter"), now_s,
	                     &won, &desk->err),
	    ERR_OK);
	assert_int_equal(won, expected);
}

static enum store_compose_state
state_of(struct desk *desk)
{
	struct store_compose out;

	assert_int_equal(store_compose_find(desk->store, STR("anna"),
	                     STR("letter"), desk->arena, &out, &desk->err),
	    ERR_OK);
	return out.state;
}

/* For an hour it can come back, by asking for it or by writing on. */
static void
test_discarded(void **state)
{
	struct desk *desk = *state;
	struct store_compose out;

	step(desk, store_draft_discard, "anna", NOW_S, false);
	save(desk, "one", 0, true);
	step(desk, store_draft_restore, "anna", NOW_S, false);
	step(desk, store_draft_discard, "ben", NOW_S, false);
	step(desk, store_draft_discard, "anna", NOW_S, true);
	step(desk, store_draft_discard, "anna", NOW_S, false);
	step(desk, store_draft_restore, "ben", NOW_S, false);
	assert_int_equal(state_of(desk), STORE_COMPOSE_GONE);
	assert_int_equal(
	    store_clean(desk->store, NOW_S + 3599, &desk->err), ERR_OK);
	step(desk, store_draft_restore, "anna", NOW_S, true);
	holds(desk, "one", 1);
	step(desk, store_draft_discard, "anna", NOW_S, true);
	save(desk, "written on", 0, false);
	assert_int_equal(state_of(desk), STORE_COMPOSE_GONE);
	save(desk, "written on", 1, true);
	assert_int_equal(state_of(desk), STORE_COMPOSE_WRITING);
	step(desk, store_draft_discard, "anna", NOW_S, true);
	assert_int_equal(
	    store_clean(desk->store, NOW_S + 3601, &desk->err), ERR_OK);
	assert_int_equal(store_compose_find(desk->store, STR("anna"),
	                     STR("letter"), desk->arena, &out, &desk->err),
	    ERR_NOT_FOUND);
}

static uint64_t
held(struct desk *desk, const char *account)
{
	struct store_draft_held out;

	assert_int_equal(
	    store_draft_room(desk->store, str_c(account), &out, &desk->err),
	    ERR_OK);
	return out.drafts;
}

/* What can come back takes room, until it is forgotten. */
static void
test_room(void **state)
{
	struct desk *desk = *state;

	assert_int_equal(held(desk, "anna"), 0);
	save(desk, "one", 0, true);
	assert_int_equal(held(desk, "anna"), 1);
	assert_int_equal(held(desk, "ben"), 0);
	assert_int_equal(
	    store_draft_forget(desk->store, STR("anna"), &desk->err), ERR_OK);
	holds(desk, "one", 1);
	step(desk, store_draft_discard, "anna", NOW_S, true);
	assert_int_equal(held(desk, "anna"), 1);
	assert_int_equal(
	    store_draft_forget(desk->store, STR("ben"), &desk->err), ERR_OK);
	assert_int_equal(held(desk, "anna"), 1);
	assert_int_equal(
	    store_draft_forget(desk->store, STR("anna"), &desk->err), ERR_OK);
	assert_int_equal(held(desk, "anna"), 0);
	save(desk, "two", 0, true);
	move(desk, STORE_COMPOSE_WRITING, STORE_COMPOSE_WAITING);
	assert_int_equal(held(desk, "anna"), 0);
}

static struct store_draft
noted(struct desk *desk)
{
	struct store_draft out;

	assert_int_equal(store_draft_find(desk->store, STR("anna"),
	                     STR("letter"), desk->arena, &out, &desk->err),
	    ERR_OK);
	return out;
}

/* The copy in Drafts: none at first; what was noted last, whatever is saved. */
static void
test_note(void **state)
{
	struct desk *desk = *state;
	struct store_draft out;
	struct store_draft draft = {.saved_s = NOW_S,
	    .version = (uint64_t)1 << 40,
	    .uid = UINT32_MAX,
	    .uid_validity = UINT32_MAX - 1,
	    .files = STR("first second")};

	assert_int_equal(store_draft_note(desk->store, STR("anna"),
	                     STR("letter"), &draft, &desk->err),
	    ERR_NOT_FOUND);
	assert_int_equal(store_draft_find(desk->store, STR("anna"),
	                     STR("letter"), desk->arena, &out, &desk->err),
	    ERR_NOT_FOUND);
	save(desk, "one", 0, true);
	out = noted(desk);
	assert_int_equal(out.saved_s, 0);
	assert_int_equal(out.version, 0);
	assert_int_equal(out.uid + out.uid_validity + out.files.len, 0);
	assert_int_equal(store_draft_note(desk->store, STR("anna"),
	                     STR("letter"), &draft, &desk->err),
	    ERR_OK);
	save(desk, "two", 1, true);
	out = noted(desk);
	assert_int_equal(out.saved_s, NOW_S);
	assert_true(out.version == (uint64_t)1 << 40);
	assert_int_equal(out.uid, UINT32_MAX);
	assert_int_equal(out.uid_validity, UINT32_MAX - 1);
	assert_true(str_eq(out.files, STR("first second")));
	draft.files = STR("");
	assert_int_equal(store_draft_note(desk->store, STR("anna"),
	                     STR("letter"), &draft, &desk->err),
	    ERR_OK);
	assert_int_equal(noted(desk).files.len, 0);
	holds(desk, "two", 2);
}

#define TABS   4u
#define ROUNDS 25u

struct tab {
	struct desk *desk;
	pthread_t thread;
	pthread_barrier_t *start;
	uint64_t saved;
};

/* Each tab reads nothing and saves over the version of the round. */
static void *
tab_run(void *ctx)
{
	struct tab *tab = ctx;

	for (uint64_t base = 0; base < ROUNDS; base++) {
		struct store_compose compose = letter("anna", "words");
		struct err err = ERR_NONE;
		bool is_saved = false;

		(void)pthread_barrier_wait(tab->start);
		ensure(store_draft_save(tab->desk->store, &compose, base,
		           &is_saved, &err) == ERR_OK);
		tab->saved += is_saved;
	}
	return NULL;
}

static void
test_of_several_at_once_one_wins(void **state)
{
	struct desk *desk = *state;
	struct tab tabs[TABS];
	pthread_barrier_t start;
	uint64_t saved = 0;

	assert_int_equal(pthread_barrier_init(&start, NULL, TABS), 0);
	for (size_t i = 0; i < TABS; i++) {
		tabs[i] = (struct tab){.desk = desk, .start = &start};
		assert_int_equal(
		    pthread_create(&tabs[i].thread, NULL, tab_run, &tabs[i]),
		    0);
	}
	for (size_t i = 0; i < TABS; i++) {
		(void)pthread_join(tabs[i].thread, NULL);
		saved += tabs[i].saved;
	}
	(void)pthread_barrier_destroy(&start);
	assert_int_equal(saved, ROUNDS);
	holds(desk, "words", ROUNDS);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test_setup_teardown(
	        test_only_over_what_was_seen, desk_up, desk_down),
	    cmocka_unit_test_setup_teardown(
	        test_deleted_meanwhile, desk_up, desk_down),
	    cmocka_unit_test_setup_teardown(test_discarded, desk_up, desk_down),
	    cmocka_unit_test_setup_teardown(
	        test_what_is_on_its_way_stays, desk_up, desk_down),
	    cmocka_unit_test_setup_teardown(
	        test_of_somebody_else, desk_up, desk_down),
	    cmocka_unit_test_setup_teardown(test_note, desk_up, desk_down),
	    cmocka_unit_test_setup_teardown(test_room, desk_up, desk_down),
	    cmocka_unit_test_setup_teardown(
	        test_of_several_at_once_one_wins, desk_up, desk_down),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
