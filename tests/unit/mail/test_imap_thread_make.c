/* Conversations: as servers tell them, and made from headers. */
#include "mail_test.h"

#include "base/limits.h"
#include "mail/imap_thread_order.h"

static struct str
shown(struct arena *arena, const struct imap_thread_order *order)
{
	const uint32_t *uids = order->uids;
	struct buf text;

	buf_init_arena(&text, arena, 1 << 16);
	for (uint32_t i = 0; i < order->thread_count; i++) {
		buf_add_c(&text, "(");
		for (uint32_t at = 0; at < order->sizes[i]; at++)
			buf_addf(
			    &text, at > 0 ? " %u" : "%u", (unsigned)*uids++);
		buf_add_c(&text, ")");
	}
	return buf_str(&text);
}

/* In a block of its own size, so that nothing behind it is read. */
static char *
exact(const char *bytes, size_t *out_len)
{
	char *copy;

	*out_len = strlen(bytes);
	copy = malloc(*out_len == 0 ? 1 : *out_len);
	assert_non_null(copy);
	memcpy(copy, bytes, *out_len);
	return copy;
}

static void
servers_tell_them(void **state)
{
	static const struct {
		const char *told, *made; /* NULL: broken */
	} table[] = {
	    {"", ""},
	    {"(1)(2)(3)", "(3)(2)(1)"},
	    {"(2)(3 6 (4 23)(44 7 96))", "(96 44 23 7 6 4 3)(2)"},
	    {"((3)(5))(6)", "(6)(5 3)"},
	    {" (1 2) (3) ", "(3)(2 1)"},
	    {"(7 7 7)", "(7)"},
	    {"()", ""},
	    {"(1 2", NULL},
	    {"(1 2))", NULL},
	    {"(1 x)", NULL},
	    {"(0 1)", NULL},
	    {"(1 4294967296)", NULL},
	    {"(1 2) x", NULL},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(table) / sizeof(table[0]); i++) {
		struct arena *arena = arena_new(1 << 22);
		struct imap_thread_maker maker = {.arena = arena};
		struct imap_thread_order order = {0};
		size_t len = 0;
		char *told = exact(table[i].told, &len);
		bool is_made;

		imap_thread_told(&maker, str_of(told, len));
		is_made = imap_thread_made(&maker, &order);
		if (is_made != (table[i].made != NULL) ||
		    (is_made &&
		        !str_eq(shown(arena, &order), str_c(table[i].made))))
			fail_msg("%s: %.*s", table[i].told,
			    STR_ARG(shown(arena, &order)));
		free(told);
		arena_free(arena);
	}
}

static void
headers_make_them(void **state)
{
	static const struct {
		const char *headers[5], *made; /* UIDs 1, 2, … */
	} table[] = {
	    {{"Message-ID: <aa@x>\r\n", "References: <aa@x>\r\n"}, "(2 1)"},
	    {{"References: <aa@x> <bb@x>\r\nMessage-ID: <cc@x>\r\n", "",
	         "In-Reply-To: <cc@x>\r\n", "Message-ID: <bb@x>"},
	        "(4 3 1)(2)"},
	    /* Parents that never came. */
	    {{"References: <gone@x>\r\n", "In-Reply-To: <gone@x>\r\n"},
	        "(2 1)"},
	    /* Two that turn out to be one. */
	    {{"Message-ID: <aa@x>", "Message-ID: <bb@x>", "Message-ID: <cc@x>",
	         "References: <aa@x>\r\n <cc@x>"},
	        "(4 3 1)(2)"},
	    /* No ids: alone. */
	    {{"Message-ID: <>", "References: <", "In-Reply-To: >", "<<<"},
	        "(4)(3)(2)(1)"},
	    {{"Message-ID: <a<bb@x>", "References: <bb@x>"}, "(2 1)"},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(table) / sizeof(table[0]); i++) {
		struct arena *arena = arena_new(1 << 23);
		struct imap_thread_maker maker = {.arena = arena};
		struct imap_thread_order order = {0};

		for (uint32_t at = 0; at < 5 && table[i].headers[at] != NULL;
		     at++) {
			size_t len = 0;
			char *header = exact(table[i].headers[at], &len);

			imap_thread_read(&maker, at + 1, str_of(header, len));
			free(header);
		}
		imap_thread_join(&maker);
		assert_true(imap_thread_made(&maker, &order));
		if (!str_eq(shown(arena, &order), str_c(table[i].made)))
			fail_msg("%zu: %.*s", i, STR_ARG(shown(arena, &order)));
		arena_free(arena);
	}
}

/* Whoever names everybody's ids gets one long conversation, soon. */
static void
many_are_bounded(void **state)
{
	struct arena *arena = arena_new(LIMIT_ARENA_BYTES);
	struct imap_thread_maker maker = {.arena = arena};
	struct imap_thread_order order = {0};
	uint64_t total = 0;
	struct buf header;

	(void)state;
	buf_init(&header, 1 << 16);
	for (uint32_t uid = 1; uid <= 10000; uid++) {
		buf_clear(&header);
		for (uint32_t at = 0; at < 100; at++)
			buf_addf(
			    &header, "<%u.%u@x> ", (unsigned)uid, (unsigned)at);
		buf_addf(&header, "<%u.1@x> ", (unsigned)(uid / 2));
		imap_thread_read(&maker, uid, buf_str(&header));
	}
	buf_free(&header);
	imap_thread_join(&maker);
	assert_true(imap_thread_made(&maker, &order));
	for (uint32_t i = 0; i < order.thread_count; i++) {
		assert_in_range(order.sizes[i], 1, MAIL_CONVERSATION_MOST);
		total += order.sizes[i];
	}
	assert_int_equal(total, 10000);
	arena_free(arena);
}

/* Of nothing but "<"; taken for each pair of them it would be minutes. */
static void
brackets_are_bounded(void **state)
{
	struct arena *arena = arena_new(LIMIT_ARENA_BYTES);
	struct imap_thread_maker maker = {.arena = arena};
	size_t bytes = (size_t)4 << 20;
	char *header = malloc(bytes);

	(void)state;
	assert_non_null(header);
	memset(header, '<', bytes);
	header[bytes - 1] = '>';
	imap_thread_read(&maker, 1, str_of(header, bytes));
	assert_int_equal(maker.count, 1);
	free(header);
	arena_free(arena);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(servers_tell_them),
	    cmocka_unit_test(headers_make_them),
	    cmocka_unit_test(many_are_bounded),
	    cmocka_unit_test(brackets_are_bounded),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
