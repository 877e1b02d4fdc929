/* Arena, numbers, scan, errors, secrets, log, metrics. */
#include "base/buf.h"
#include "base/log.h"
#include "base/metrics.h"
#include "base/num.h"
#include "base/scan.h"
#include "base/secret.h"
#include "base_test.h"

static void
test_arena(void **state)
{
	struct arena *arena = arena_new(100000);
	size_t capacity = 0;
	int *numbers = NULL;

	(void)state;
	for (int i = 0; i < 1000; i++) {
		numbers = arena_grow(
		    arena, numbers, (size_t)i, &capacity, sizeof(int));
		assert_non_null(numbers);
		numbers[i] = i;
	}
	for (int i = 0; i < 1000; i++)
		assert_int_equal(numbers[i], i);
	assert_null(arena_alloc(arena, 1000000));
	assert_true(arena_failed(arena));
	assert_null(arena_array(arena, SIZE_MAX, 2));
	arena_reset(arena);
	assert_false(arena_failed(arena));
	assert_int_equal(arena_used(arena), 0);
	assert_non_null(arena_alloc(arena, 0));
	arena_free(arena);
}

static void
test_num(void **state)
{
	struct err err = ERR_NONE;
	uint32_t u32 = 7;
	uint64_t u64 = 0;
	int64_t i64 = 0;

	(void)state;
	assert_int_equal(num_u32(STR("42"), 0, 100, &u32, &err), ERR_OK);
	assert_int_equal(u32, 42);
	assert_int_equal(num_u32(STR("101"), 0, 100, &u32, &err), ERR_INPUT);
	assert_int_equal(num_u32(STR(""), 0, 100, &u32, &err), ERR_INPUT);
	assert_int_equal(num_u32(STR(" 1"), 0, 100, &u32, &err), ERR_INPUT);
	assert_int_equal(num_u32(STR("1x"), 0, 100, &u32, &err), ERR_INPUT);
	assert_int_equal(num_u32(STR("-1"), 0, 100, &u32, &err), ERR_INPUT);
	assert_int_equal(
	    num_u32(STR("4294967296"), 0, UINT32_MAX, &u32, &err), ERR_INPUT);
	assert_int_equal(u32, 42);
	assert_int_equal(
	    num_u64(STR("18446744073709551615"), 0, UINT64_MAX, &u64, &err),
	    ERR_OK);
	assert_int_equal(
	    num_u64(STR("18446744073709551616"), 0, UINT64_MAX, &u64, &err),
	    ERR_INPUT);
	assert_int_equal(num_i64(STR("-5"), -10, 10, &i64, &err), ERR_OK);
	assert_true(i64 == -5);
	assert_int_equal(num_i64(STR("--5"), -10, 10, &i64, &err), ERR_INPUT);
}

static void
test_scan(void **state)
{
	struct str in = exact("ab 12,x", 7);
	struct scan scan = scan_of(in);
	uint64_t number = 0;

	(void)state;
	assert_str(scan_while(&scan, "ab"), "ab");
	assert_false(scan_u64(&scan, 100, &number));
	scan_blank(&scan);
	assert_false(scan_u64(&scan, 11, &number));
	assert_true(scan_u64(&scan, 12, &number));
	assert_int_equal(number, 12);
	assert_true(scan_byte(&scan, ','));
	assert_int_equal(scan_peek_at(&scan, 1), -1);
	assert_str(scan_take(&scan, 10), "x");
	assert_true(scan_end(&scan));
	assert_int_equal(scan_next(&scan), -1);
	exact_free(in);
}

static void
test_err(void **state)
{
	char words[ERR_MESSAGE_BYTES + 100];
	struct err err = ERR_NONE;

	(void)state;
	memset(words, 'a', sizeof(words));
	words[sizeof(words) - 1] = '\0';
	/* A two-byte character on the border is dropped whole. */
	words[ERR_MESSAGE_BYTES - 2] = (char)0xC3;
	words[ERR_MESSAGE_BYTES - 1] = (char)0xA9;
	assert_int_equal(err_set(&err, ERR_AWAY, words, NULL), ERR_AWAY);
	assert_int_equal(strlen(err.message), ERR_MESSAGE_BYTES - 2);
	assert_string_equal(err.detail, "");
	assert_string_equal(err_name(ERR_AWAY), "ERR_AWAY");
	assert_int_equal(err_set(NULL, ERR_INPUT, "x", "y"), ERR_INPUT);
}

static void
test_secret(void **state)
{
	struct err err = ERR_NONE;
	struct secret a;
	struct secret b;

	(void)state;
	assert_int_equal(secret_init(&a, STR("hello"), &err), ERR_OK);
	assert_int_equal(secret_dup(&b, &a, &err), ERR_OK);
	assert_true(secret_eq(&a, &b));
	b.ptr[4] = 'x';
	assert_false(secret_eq(&a, &b));
	secret_end(&a);
	secret_end(&a);
	assert_null(a.ptr);
	secret_end(&b);
	assert_int_equal(secret_random(&a, 32, &err), ERR_OK);
	assert_int_equal(secret_random(&b, 32, &err), ERR_OK);
	assert_false(secret_eq(&a, &b));
	secret_end(&a);
	secret_end(&b);
}

static char test_line[1000];

static void
test_sink(void *ctx, enum log_level level, struct str line)
{
	(void)ctx;
	(void)level;
	assert_true(line.len < sizeof(test_line));
	memcpy(test_line, line.ptr, line.len);
	test_line[line.len] = '\0';
}

static void
test_log(void **state)
{
	(void)state;
	log_init(test_sink, NULL, LOG_INFO);
	log_event(LOG_INFO, "a.b", LOG_C("plain", "x"), LOG_C("gap", "a b"),
	    LOG_C("evil", "x\nlevel=error \"q\""), LOG_U64("n", 7),
	    LOG_C("empty", ""));
	assert_string_equal(test_line,
	    "level=info event=a.b plain=x gap=\"a b\" "
	    "evil=\"x\\x0alevel=error \\\"q\\\"\" n=7 empty=\"\"");
	/* U+009B is ESC [ to some terminals; other UTF-8 stays. */
	log_event(LOG_INFO, "a.b", LOG_C("csi", "/\xc2\x9b\x32J"),
	    LOG_C("name", "J\xc3\xb6rg\xc2\xa0"));
	assert_string_equal(test_line,
	    "level=info event=a.b csi=\"/\\xc2\\x9b2J\" "
	    "name=J\xc3\xb6rg\xc2\xa0");
	log_set_request(STR("r1"));
	log_plain(LOG_WARN, "c");
	assert_string_equal(test_line, "level=warn event=c request=r1");
	log_set_request(STR(""));
	log_plain(LOG_DEBUG, "not.written");
	assert_string_equal(test_line, "level=warn event=c request=r1");
	log_init(NULL, NULL, LOG_INFO);
}

/* Lines made anew each time, with labels that come and go. */
static void
write_custom(const void *ctx, struct buf *out)
{
	buf_add_c(out, "own{file=\"");
	metrics_add_label(out, str_c(ctx));
	buf_add_c(out, "\"} 1\n");
}

static void
test_metrics_custom(void **state)
{
	struct metrics *metrics = metrics_new();
	CLEANUP(buf_free) struct buf out;

	(void)state;
	metrics_custom(metrics, write_custom, "a\\b\"c\nd");
	(void)metrics_counter(metrics, "x_total", "Xs.", NULL);
	buf_init(&out, 65536);
	metrics_write(metrics, &out);
	buf_add_byte(&out, '\0');
	assert_string_equal(buf_str(&out).ptr,
	    "# HELP x_total Xs.\n# TYPE x_total counter\nx_total 0\n"
	    "own{file=\"a\\\\b\\\"c\\nd\"} 1\n");
	metrics_free(metrics);
}

static void
test_metrics(void **state)
{
	struct metrics *metrics = metrics_new();
	struct metric *a =
	    metrics_counter(metrics, "x_total", "Xs.", "kind=\"a\"");
	struct metric *time = metrics_histogram(metrics, "t_s", "Time.", NULL);
	struct metric *b =
	    metrics_counter(metrics, "x_total", "Xs.", "kind=\"b\"");
	struct buf out;

	(void)state;
	buf_init(&out, 10000);
	metric_add(a, 2);
	metric_add(b, 1);
	metric_add(NULL, 1);
	metric_observe_us(time, 200);
	metric_observe_us(time, 60000000);
	metrics_write(metrics, &out);
	assert_true(str_starts(buf_str(&out),
	    STR("# HELP x_total Xs.\n# TYPE x_total counter\n"
	        "x_total{kind=\"a\"} 2\nx_total{kind=\"b\"} 1\n")));
	assert_true(str_find(buf_str(&out),
	                STR("t_s_bucket{le=\"0.00025\"} 1\n"), 0) < out.len);
	assert_true(str_find(buf_str(&out), STR("t_s_bucket{le=\"+Inf\"} 2\n"),
	                0) < out.len);
	assert_true(
	    str_find(buf_str(&out), STR("t_s_sum 60.000200\n"), 0) < out.len);
	buf_free(&out);
	metrics_free(metrics);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_arena),
	    cmocka_unit_test(test_num),
	    cmocka_unit_test(test_scan),
	    cmocka_unit_test(test_err),
	    cmocka_unit_test(test_secret),
	    cmocka_unit_test(test_log),
	    cmocka_unit_test(test_metrics),
	    cmocka_unit_test(test_metrics_custom),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
