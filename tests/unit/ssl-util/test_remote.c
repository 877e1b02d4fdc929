/* What check HOST:PORT reads: places, and heads of answers. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>

#include "../../../ssl-util/remote.h"

static void
test_places(void **state)
{
	(void)state;
	static const struct {
		const char *place, *starttls;
		enum err_code rc;
		const char *host;
		uint16_t port;
		bool has_sni;
	} rows[] = {
	    {"mail.example.org:8384", NULL, ERR_OK, "mail.example.org", 8384,
	        true},
	    {"mail.example.org", NULL, ERR_OK, "mail.example.org", 443, true},
	    {"mail.example.org", "imap", ERR_OK, "mail.example.org", 143, true},
	    {"mail.example.org", "smtp", ERR_OK, "mail.example.org", 587, true},
	    {"mail.example.org:25", "smtp", ERR_OK, "mail.example.org", 25,
	        true},
	    {"192.0.2.1:443", NULL, ERR_OK, "192.0.2.1", 443, false},
	    {"[2001:db8::1]:993", NULL, ERR_OK, "2001:db8::1", 993, false},
	    {"[2001:db8::1]", NULL, ERR_OK, "2001:db8::1", 443, false},
	    {"2001:db8::1", NULL, ERR_OK, "2001:db8::1", 443, false},
	    {"a:0", NULL, ERR_INPUT, NULL, 0, false},
	    {"a:65536", NULL, ERR_INPUT, NULL, 0, false},
	    {"a:", NULL, ERR_INPUT, NULL, 0, false},
	    {":443", NULL, ERR_INPUT, NULL, 0, false},
	    {"", NULL, ERR_INPUT, NULL, 0, false},
	    {"[::1", NULL, ERR_INPUT, NULL, 0, false},
	    {"[::1]x", NULL, ERR_INPUT, NULL, 0, false},
	    {"a", "pop3", ERR_INPUT, NULL, 0, false},
	};

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		CLEANUP(arena_free_at) struct arena *arena = arena_new(4096);
		static struct options options;
		struct remote_target target;
		struct err err = ERR_NONE;

		options = (struct options){.starttls = rows[i].starttls,
		    .files = {rows[i].place},
		    .file_count = 1};
		enum err_code rc =
		    remote_target_parse(&options, arena, &target, &err);
		if (rc != rows[i].rc)
			print_error("%s\n", rows[i].place);
		assert_int_equal(rc, rows[i].rc);
		if (rc != ERR_OK)
			continue;
		assert_true(str_eq(target.host, str_c(rows[i].host)));
		assert_string_equal(target.name, rows[i].host);
		assert_int_equal(target.port, rows[i].port);
		assert_int_equal(target.sni.len > 0, rows[i].has_sni);
	}
}

static void
test_heads(void **state)
{
	(void)state;
	static const struct {
		const char *head;
		bool is_http, has_hsts;
		int64_t age_s;
		bool has_subdomains, has_preload;
	} rows[] = {
	    {"HTTP/1.1 200 OK\r\nStrict-Transport-Security: "
	     "max-age=15552000\r\n\r\n",
	        true, true, 15552000, false, false},
	    {"HTTP/1.1 200 OK\r\nstrict-transport-security:max-age=\"60\" ; "
	     "includeSubDomains; preload\r\n\r\n",
	        true, true, 60, true, true},
	    {"HTTP/1.1 200 OK\r\nStrict-Transport-Security: max-age=0\r\n\r\n",
	        true, false, 0, false, false},
	    {"HTTP/1.1 200 OK\r\nStrict-Transport-Security: max-age=-1\r\n\r\n",
	        true, false, 0, false, false},
	    {"HTTP/1.1 200 OK\r\nStrict-Transport-Security: "
	     "includeSubDomains\r\n\r\n",
	        true, false, 0, true, false},
	    /* The first one counts; a body is not looked at. */
	    {"HTTP/1.1 200 OK\r\nStrict-Transport-Security: max-age=1\r\n"
	     "Strict-Transport-Security: max-age=2\r\n\r\n",
	        true, true, 1, false, false},
	    {"HTTP/1.1 200 OK\r\n\r\nStrict-Transport-Security: max-age=2\r\n",
	        true, false, 0, false, false},
	    {"* OK ready\r\n", false, false, 0, false, false},
	    {"", false, false, 0, false, false},
	    {"HTTP/1.1", true, false, 0, false, false},
	};

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		size_t len = strlen(rows[i].head);
		char *exact = malloc(len > 0 ? len : 1);
		struct remote_http http;

		memcpy(exact, rows[i].head, len);
		remote_http_read(str_of(exact, len), &http);
		free(exact);
		assert_int_equal(http.is_http, rows[i].is_http);
		assert_int_equal(http.has_hsts, rows[i].has_hsts);
		assert_int_equal(http.hsts_age_s, rows[i].age_s);
		assert_int_equal(http.has_subdomains, rows[i].has_subdomains);
		assert_int_equal(http.has_preload, rows[i].has_preload);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_places),
	    cmocka_unit_test(test_heads),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
