/* The outbox: a row and its composition change together, and one wins. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>

#include "store/store_outbox.h"

#define NOW_S ((int64_t)1800000000)
#define NOW   (NOW_S * 1000)

struct desk {
	struct store *store;
	struct arena *arena;
	struct err err;
};

static const struct store_outbox_limits open_limits = {0, (uint64_t)1 << 30};

static int
desk_up(void **state)
{
	struct desk *desk = calloc(1, sizeof(*desk));

	assert_non_null(desk);
	desk->arena = arena_new(1 << 20);
	assert_int_equal(
	    store_open(":memory:", &desk->store, &desk->err), ERR_OK);
	*state = desk;
	return 0;
}

static int
desk_down(void **state)
{
	struct desk *desk = *state;

	store_close(desk->store);
	arena_free(desk->arena);
	free(desk);
	return 0;
}

static struct store_outbox
row_of(const char *id, const char *account)
{
	return (struct store_outbox){.id = str_c(id),
	    .account = str_c(account),
	    .login = str_c(account),
	    .server = STR("mx:587"),
	    .node = STR("node"),
	    .file = str_c(id),
	    .sealed = STR("sealed"),
	    .envelope = STR("envelope"),
	    .head_bytes = 10,
	    .message_bytes = 90,
	    .recipients = 2,
	    .created_s = NOW_S,
	    .due_ms = NOW,
	    .message_id = STR("<1@x>"),
	    .state = STORE_COMPOSE_WAITING};
}

static void
add_letter(struct desk *desk, const struct store_outbox *row)
{
	const struct store_compose letter = {.id = row->id,
	    .account = row->account,
	    .fields = STR("to=x"),
	    .saved_s = NOW_S};

	assert_int_equal(
	    store_compose_save(desk->store, &letter, &desk->err), ERR_OK);
}

static enum err_code
put(struct desk *desk, struct store_outbox *row, bool *won)
{
	return store_outbox_put(
	    desk->store, row, &open_limits, won, &desk->err);
}

static void
add(struct desk *desk, struct store_outbox *row)
{
	bool won = false;

	add_letter(desk, row);
	assert_int_equal(put(desk, row, &won), ERR_OK);
	assert_true(won);
}

static struct store_compose
letter_of(struct desk *desk, const struct store_outbox *row)
{
	struct store_compose out;

	assert_int_equal(store_compose_find(desk->store, row->account, row->id,
	                     desk->arena, &out, &desk->err),
	    ERR_OK);
	return out;
}

static enum err_code
due(struct desk *desk, int64_t now_ms, struct store_outbox *out, int64_t *next)
{
	const struct store_outbox_ask ask = {
	    .node = STR("node"), .now_ms = now_ms};

	return store_outbox_due(
	    desk->store, &ask, desk->arena, out, next, &desk->err);
}

static void
claim(struct desk *desk, struct store_outbox *row, bool expected)
{
	bool won = !expected;

	assert_int_equal(
	    store_outbox_claim(desk->store, row, &won, &desk->err), ERR_OK);
	assert_int_equal(won, expected);
}

/* Of two that send one wins; what is on its way is no longer edited. */
static void
test_put(void **state)
{
	struct desk *desk = *state;
	struct store_outbox row = row_of("a", "anna");
	struct store_outbox out;
	const struct store_compose other = {
	    .id = row.id, .account = row.account, .fields = STR("other")};
	bool won = true;

	assert_int_equal(put(desk, &row, &won), ERR_OK);
	assert_false(won);
	add(desk, &row);
	assert_int_equal(put(desk, &row, &won), ERR_OK);
	assert_false(won);
	assert_int_equal(
	    store_compose_save(desk->store, &other, &desk->err), ERR_INPUT);
	assert_int_equal(
	    store_compose_delete(desk->store, row.account, row.id, &desk->err),
	    ERR_INPUT);
	assert_int_equal(store_outbox_find(desk->store, row.account, row.id,
	                     desk->arena, &out, &desk->err),
	    ERR_OK);
	assert_int_equal(out.state, STORE_COMPOSE_WAITING);
	assert_int_equal(out.message_bytes, 90);
	assert_true(str_eq(out.message_id, STR("<1@x>")));
	assert_true(str_eq(out.sealed, STR("sealed")));
	assert_int_equal(store_outbox_find(desk->store, STR("ben"), row.id,
	                     desk->arena, &out, &desk->err),
	    ERR_NOT_FOUND);
}

static void
test_way(void **state)
{
	struct desk *desk = *state;
	struct store_outbox row = row_of("a", "anna");
	struct store_outbox out;
	struct store_outbox none;
	struct store_outbox_counts counts;
	int64_t next = 0;
	bool won = false;

	row.due_ms = NOW + 5000;
	add(desk, &row);
	assert_int_equal(due(desk, NOW, &out, &next), ERR_NOT_FOUND);
	assert_true(next == NOW + 5000);
	assert_int_equal(due(desk, NOW + 5000, &out, &next), ERR_OK);
	claim(desk, &out, true);
	claim(desk, &out, false);
	assert_int_equal(letter_of(desk, &row).state, STORE_COMPOSE_SENDING);
	assert_int_equal(due(desk, NOW + 6000, &none, &next), ERR_NOT_FOUND);
	assert_true(next == INT64_MAX);
	/* Too late to take it back. */
	assert_int_equal(store_outbox_take_back(desk->store, STR("anna"),
	                     row.id, &won, &desk->err),
	    ERR_OK);
	assert_false(won);
	/* Put off, and begun again. */
	assert_int_equal(store_outbox_later(desk->store, row.id, out.lease,
	                     NOW + 9000, STR("away"), false, &desk->err),
	    ERR_OK);
	assert_true(str_eq(letter_of(desk, &row).result, STR("away")));
	assert_int_equal(due(desk, NOW + 9000, &out, &next), ERR_OK);
	assert_int_equal(out.tries, 1);
	claim(desk, &out, true);
	assert_int_equal(
	    store_outbox_sent(desk->store, row.id, out.lease, 0, &desk->err),
	    ERR_OK);
	/* Still this one's; then it is to be copied later. */
	assert_int_equal(due(desk, NOW + 9000, &none, &next), ERR_NOT_FOUND);
	assert_int_equal(store_outbox_later(desk->store, row.id, out.lease,
	                     NOW + 9000, STR("full"), false, &desk->err),
	    ERR_OK);
	assert_int_equal(due(desk, NOW + 9000, &out, &next), ERR_OK);
	assert_int_equal(out.state, STORE_COMPOSE_SENT);
	claim(desk, &out, true);
	assert_int_equal(letter_of(desk, &row).state, STORE_COMPOSE_SENT);
	assert_int_equal(
	    store_outbox_done(desk->store, row.id, out.lease, true, &desk->err),
	    ERR_OK);
	assert_true(letter_of(desk, &row).copied);
	assert_int_equal(
	    store_outbox_count(desk->store, row.account, &counts, &desk->err),
	    ERR_OK);
	assert_int_equal(counts.waiting + counts.unseen + counts.returned, 0);
}

static void
move(struct desk *desk, const struct store_outbox *row,
    enum store_compose_state from, enum store_compose_state to)
{
	bool won = false;

	assert_int_equal(store_compose_move(desk->store, row->account, row->id,
	                     from, to, STR(""), &won, &desk->err),
	    ERR_OK);
	assert_true(won);
}

static uint64_t
count_waiting(struct desk *desk, struct str account)
{
	struct store_outbox_counts counts;

	assert_int_equal(
	    store_outbox_count(desk->store, account, &counts, &desk->err),
	    ERR_OK);
	return counts.waiting;
}

/* Sent, and left to others: their first try is known as such, once. */
static void
test_handed_over(void **state)
{
	struct desk *desk = *state;
	struct store_outbox row = row_of("a", "anna");
	struct store_outbox out;
	int64_t next = 0;
	bool won = false;

	row.state = STORE_COMPOSE_SENDING;
	add(desk, &row);
	assert_int_equal(count_waiting(desk, row.account), 1);
	move(desk, &row, STORE_COMPOSE_SENDING, STORE_COMPOSE_UNSURE);
	assert_int_equal(store_outbox_sent(desk->store, row.id, row.lease,
	                     NOW + 1, &desk->err),
	    ERR_OK);
	assert_int_equal(count_waiting(desk, row.account), 0);
	assert_int_equal(due(desk, NOW, &out, &next), ERR_NOT_FOUND);
	assert_true(next == NOW + 1);
	assert_int_equal(due(desk, NOW + 1, &out, &next), ERR_OK);
	assert_int_equal(out.state, STORE_COMPOSE_SENT);
	assert_int_equal(out.tries, 0);
	assert_true(str_eq(out.sealed, STR("sealed")));
	claim(desk, &out, true);
	assert_int_equal(store_outbox_later(desk->store, row.id, out.lease,
	                     NOW + 9000, STR("full"), false, &desk->err),
	    ERR_OK);
	assert_int_equal(count_waiting(desk, row.account), 1);
	/* However often its date changes: it was tried before. */
	assert_int_equal(store_outbox_set_due(desk->store, row.account, row.id,
	                     NOW, &won, &desk->err),
	    ERR_OK);
	assert_true(won);
	assert_int_equal(due(desk, NOW, &out, &next), ERR_OK);
	assert_int_equal(out.tries, 1);
}

/* A cancel and a claim at once: one of them. */
static void
test_back(void **state)
{
	struct desk *desk = *state;
	struct store_outbox row = row_of("a", "anna");
	struct store_compose *list = NULL;
	struct store_outbox_counts counts;
	struct store_outbox out;
	size_t count = 0;
	int64_t next = 0;
	bool won = false;

	add(desk, &row);
	assert_int_equal(due(desk, NOW, &out, &next), ERR_OK);
	assert_int_equal(store_outbox_take_back(
	                     desk->store, STR("ben"), row.id, &won, &desk->err),
	    ERR_OK);
	assert_false(won);
	assert_int_equal(store_outbox_back(desk->store, row.id, out.lease,
	                     STR("why"), true, &won, &desk->err),
	    ERR_OK);
	assert_true(won);
	claim(desk, &out, false);
	assert_int_equal(letter_of(desk, &row).state, STORE_COMPOSE_WRITING);
	assert_int_equal(store_outbox_returned(desk->store, STR("anna"),
	                     desk->arena, &list, &count, &desk->err),
	    ERR_OK);
	assert_int_equal(count, 1);
	assert_true(str_eq(list[0].result, STR("why")));
	assert_int_equal(
	    store_outbox_count(desk->store, row.account, &counts, &desk->err),
	    ERR_OK);
	assert_int_equal(counts.returned, 1);
	assert_int_equal(counts.unseen, 1);
	assert_int_equal(
	    store_outbox_seen(desk->store, row.account, row.id, &desk->err),
	    ERR_OK);
	/* Sent again: nothing of the first time is left. */
	assert_int_equal(put(desk, &row, &won), ERR_OK);
	assert_true(won);
	assert_int_equal(letter_of(desk, &row).result.len, 0);
	assert_int_equal(
	    store_outbox_count(desk->store, row.account, &counts, &desk->err),
	    ERR_OK);
	assert_int_equal(counts.returned + counts.unseen, 0);
}

/* What was read is old: another date, or taken back and sent again. */
static void
test_stale_claim(void **state)
{
	struct desk *desk = *state;
	struct store_outbox row = row_of("a", "anna");
	struct store_outbox out;
	int64_t next = 0;
	bool won = false;

	add(desk, &row);
	assert_int_equal(due(desk, NOW, &out, &next), ERR_OK);
	assert_int_equal(store_outbox_set_due(desk->store, row.account, row.id,
	                     NOW + 5000, &won, &desk->err),
	    ERR_OK);
	assert_true(won);
	claim(desk, &out, false);
	assert_int_equal(letter_of(desk, &row).state, STORE_COMPOSE_WAITING);
	assert_int_equal(due(desk, NOW + 5000, &out, &next), ERR_OK);
	assert_int_equal(store_outbox_take_back(desk->store, row.account,
	                     row.id, &won, &desk->err),
	    ERR_OK);
	row.file = STR("edited");
	row.due_ms = NOW + 5000;
	assert_int_equal(put(desk, &row, &won), ERR_OK);
	claim(desk, &out, false);
	assert_int_equal(due(desk, NOW + 5000, &out, &next), ERR_OK);
	claim(desk, &out, true);
}

/* Who was slower than the claim lasts can note nothing. */
static void
test_lost_claim(void **state)
{
	struct desk *desk = *state;
	struct store_outbox row = row_of("a", "anna");
	struct str id = row.id;
	int64_t lost = 0;
	bool won = true;

	row.state = STORE_COMPOSE_SENDING;
	add(desk, &row);
	assert_true(row.lease > 0);
	lost = row.lease - 1;
	assert_int_equal(
	    store_outbox_journal(desk->store, id, lost, &won, &desk->err),
	    ERR_OK);
	assert_false(won);
	assert_int_equal(letter_of(desk, &row).state, STORE_COMPOSE_SENDING);
	assert_int_equal(
	    store_outbox_journal(desk->store, id, row.lease, &won, &desk->err),
	    ERR_OK);
	assert_true(won);
	assert_int_equal(
	    store_outbox_sent(desk->store, id, lost, 0, &desk->err),
	    ERR_INTERNAL);
	assert_int_equal(store_outbox_later(desk->store, id, lost, NOW,
	                     STR("x"), true, &desk->err),
	    ERR_INTERNAL);
	assert_int_equal(
	    store_outbox_unsure(desk->store, id, lost, STR("x"), &desk->err),
	    ERR_INTERNAL);
	assert_int_equal(store_outbox_back(desk->store, id, lost, STR("x"),
	                     true, &won, &desk->err),
	    ERR_OK);
	assert_false(won);
	assert_int_equal(letter_of(desk, &row).state, STORE_COMPOSE_UNSURE);
	assert_int_equal(letter_of(desk, &row).result.len, 0);
	assert_int_equal(
	    store_outbox_sent(desk->store, id, row.lease, 0, &desk->err),
	    ERR_OK);
	assert_int_equal(
	    store_outbox_done(desk->store, id, lost, true, &desk->err),
	    ERR_INTERNAL);
	assert_int_equal(
	    store_outbox_done(desk->store, id, row.lease, true, &desk->err),
	    ERR_OK);
}

/* Perhaps sent: nobody sends it, its writer decides. */
static void
test_unsure(void **state)
{
	struct desk *desk = *state;
	struct store_outbox row = row_of("a", "anna");
	struct store_outbox out;
	int64_t next = 0;
	bool won = false;

	row.state = STORE_COMPOSE_SENDING;
	add(desk, &row);
	move(desk, &row, STORE_COMPOSE_SENDING, STORE_COMPOSE_UNSURE);
	/* While it is sent, nobody takes it back. */
	assert_int_equal(store_outbox_take_back(desk->store, STR("anna"),
	                     row.id, &won, &desk->err),
	    ERR_OK);
	assert_false(won);
	assert_int_equal(store_outbox_unsure(desk->store, row.id, row.lease,
	                     STR("lost"), &desk->err),
	    ERR_OK);
	assert_int_equal(due(desk, NOW + 9999, &out, &next), ERR_NOT_FOUND);
	assert_int_equal(store_outbox_find(desk->store, row.account, row.id,
	                     desk->arena, &out, &desk->err),
	    ERR_OK);
	assert_int_equal(out.sealed.len, 0);
	assert_true(out.unseen);
	assert_int_equal(
	    store_outbox_arrived(desk->store, &row, &won, &desk->err), ERR_OK);
	assert_true(won);
	assert_int_equal(letter_of(desk, &row).state, STORE_COMPOSE_SENT);
}

static void
test_recover(void **state)
{
	struct desk *desk = *state;
	static const struct {
		const char *id, *node;
		enum store_compose_state now, after;
	} rows[] = {
	    {"a", "node", STORE_COMPOSE_WAITING, STORE_COMPOSE_WAITING},
	    {"b", "node", STORE_COMPOSE_SENDING, STORE_COMPOSE_WAITING},
	    {"c", "node", STORE_COMPOSE_SENT, STORE_COMPOSE_SENT},
	    {"d", "node", STORE_COMPOSE_UNSURE, STORE_COMPOSE_UNSURE},
	    {"e", "other", STORE_COMPOSE_SENDING, STORE_COMPOSE_SENDING},
	};
	struct store_outbox row;
	uint64_t count = 0;
	bool has = false;

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		row = row_of(rows[i].id, "anna");
		row.node = str_c(rows[i].node);
		row.state = STORE_COMPOSE_SENDING;
		row.tries = 1;
		add(desk, &row);
		if (rows[i].now != STORE_COMPOSE_SENDING)
			move(desk, &row, STORE_COMPOSE_SENDING, rows[i].now);
	}
	/* Of a time without an outbox. */
	row = row_of("f", "anna");
	add_letter(desk, &row);
	move(desk, &row, STORE_COMPOSE_WRITING, STORE_COMPOSE_SENDING);
	assert_int_equal(store_outbox_recover(desk->store, STR("node"),
	                     NOW + 1000, &count, &desk->err),
	    ERR_OK);
	assert_int_equal(count, 1);
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		row = row_of(rows[i].id, "anna");
		assert_int_equal(letter_of(desk, &row).state, rows[i].after);
	}
	row = row_of("f", "anna");
	assert_int_equal(letter_of(desk, &row).state, STORE_COMPOSE_WRITING);
	row = row_of("d", "anna");
	assert_true(letter_of(desk, &row).result.len > 0);
	assert_int_equal(store_outbox_has_file(desk->store, STR("node"),
	                     STR("b"), &has, &desk->err),
	    ERR_OK);
	assert_true(has);
	assert_int_equal(store_outbox_has_file(desk->store, STR("node"),
	                     STR("e"), &has, &desk->err),
	    ERR_OK);
	assert_false(has);
}

static void
test_limits(void **state)
{
	struct desk *desk = *state;
	struct store_outbox first = row_of("a", "anna");
	struct store_outbox second = row_of("b", "anna");
	struct store_outbox_limits limits = {3, 1000};
	bool won = false;

	add(desk, &first);
	add_letter(desk, &second);
	assert_int_equal(
	    store_outbox_put(desk->store, &second, &limits, &won, &desk->err),
	    ERR_LIMIT);
	assert_non_null(strstr(desk->err.message, "3 recipients"));
	assert_int_equal(letter_of(desk, &second).state, STORE_COMPOSE_WRITING);
	limits = (struct store_outbox_limits){4, 199};
	assert_int_equal(
	    store_outbox_put(desk->store, &second, &limits, &won, &desk->err),
	    ERR_LIMIT);
	/* Taken back counts as not written; an hour later they are forgotten.
	 */
	assert_int_equal(store_outbox_take_back(desk->store, STR("anna"),
	                     first.id, &won, &desk->err),
	    ERR_OK);
	limits = (struct store_outbox_limits){2, 1000};
	assert_int_equal(
	    store_outbox_put(desk->store, &second, &limits, &won, &desk->err),
	    ERR_OK);
	assert_true(won);
	first.created_s += 3600;
	assert_int_equal(
	    store_outbox_put(desk->store, &first, &limits, &won, &desk->err),
	    ERR_OK);
	assert_true(won);
}

/* Who has his share is passed over. */
static void
test_shares(void **state)
{
	struct desk *desk = *state;
	struct store_outbox_ask ask = {.node = STR("node"), .now_ms = NOW + 9};
	struct store_outbox first = row_of("a", "anna");
	struct store_outbox second = row_of("b", "ben");
	struct store_outbox out;
	int64_t next = 0;

	second.due_ms = NOW + 1;
	second.server = STR("other:587");
	add(desk, &first);
	add(desk, &second);
	ask.server = STR("mx:587");
	assert_int_equal(store_outbox_due(desk->store, &ask, desk->arena, &out,
	                     &next, &desk->err),
	    ERR_OK);
	assert_true(str_eq(out.id, STR("b")));
	ask.server = STR("");
	ask.accounts[1] = STR("anna");
	assert_int_equal(store_outbox_due(desk->store, &ask, desk->arena, &out,
	                     &next, &desk->err),
	    ERR_OK);
	assert_true(str_eq(out.id, STR("b")));
	ask.accounts[2] = STR("ben");
	assert_int_equal(store_outbox_due(desk->store, &ask, desk->arena, &out,
	                     &next, &desk->err),
	    ERR_NOT_FOUND);
}

#define T(name) cmocka_unit_test_setup_teardown(name, desk_up, desk_down)

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    T(test_put),
	    T(test_way),
	    T(test_handed_over),
	    T(test_back),
	    T(test_stale_claim),
	    T(test_lost_claim),
	    T(test_unsure),
	    T(test_recover),
	    T(test_limits),
	    T(test_shares),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
