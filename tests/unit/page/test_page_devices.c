/* Browsers in words, of whatever they call themselves. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>
#include <string.h>

#include "page/page_devices.h"

#define BLINK_1 "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, "
#define BLINK   BLINK_1 "like Gecko) Chrome/131.0.0.0 Safari/537.36"

static const struct {
	const char *agent, *browser, *system;
} rows[] = {
    {"Mozilla/5.0 (Windows NT 10.0; Win64; x64; rv:133.0) Gecko/20100101 "
     "Firefox/133.0",
        "Firefox", "Windows"},
    {"Mozilla/5.0 (Android 14; Mobile; rv:133.0) Gecko/133.0 Firefox/133.0",
        "Firefox", "Android"},
    {BLINK, "Chrome", "Linux"},
    {BLINK " Edg/131.0.0.0", "Edge", "Linux"},
    {BLINK " OPR/116.0.0.0", "Opera", "Linux"},
    {"Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/605.1.15 "
     "(KHTML, like Gecko) Version/18.1 Safari/605.1.15",
        "Safari", "macOS"},
    {"Mozilla/5.0 (iPhone; CPU iPhone OS 18_1 like Mac OS X) "
     "AppleWebKit/605.1.15 (KHTML, like Gecko) Version/18.1 Mobile/15E148 "
     "Safari/604.1",
        "Safari", "iPhone"},
    {"Mozilla/5.0 (iPhone; CPU iPhone OS 18_1 like Mac OS X) "
     "AppleWebKit/605.1.15 (KHTML, like Gecko) CriOS/131.0.6778.73 "
     "Mobile/15E148 Safari/604.1",
        "Chrome", "iPhone"},
    {"Mozilla/5.0 (Linux; Android 13; SM-S901B) AppleWebKit/537.36 (KHTML, "
     "like Gecko) SamsungBrowser/26.0 Chrome/122.0.0.0 Mobile Safari/537.36",
        "Samsung Internet", "Android"},
    {"Mozilla/5.0 (X11; CrOS x86_64 14541.0.0) AppleWebKit/537.36 (KHTML, "
     "like Gecko) Chrome/131.0.0.0 Safari/537.36",
        "Chrome", "ChromeOS"},
    {"w3m/0.5.3+git20230121", "w3m", NULL},
    {"Lynx/2.9.0dev.12 libwww-FM/2.14 SSL-MM/1.4.1 GNUTLS/3.7.8", "Lynx", NULL},
    {"ELinks/0.16.1.1 (textmode; Linux 6.1 x86_64; 80x25-2)", "ELinks",
        "Linux"},
    {"curl/7.88.1", "curl", NULL},
    /* Nothing of what it says is taken for a name. */
    {"", NULL, NULL},
    {"<script>alert(1)</script>", NULL, NULL},
    {"firefox on windows", NULL, NULL},
    {"Linux\" onmouseover=\"x", NULL, "Linux"},
};

static void
assert_name(const char *actual, const char *expected, const char *agent)
{
	if (expected == NULL ? actual != NULL
	                     : actual == NULL || strcmp(actual, expected) != 0)
		fail_msg("%s: %s, not %s", agent, actual != NULL ? actual : "-",
		    expected != NULL ? expected : "-");
}

static void
test_words(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		size_t len = strlen(rows[i].agent);
		/* Exactly as long, and without an end. */
		char *copy = malloc(len + (len == 0));
		struct device_words words;

		assert_non_null(copy);
		memcpy(copy, rows[i].agent, len);
		words = device_words_of(str_of(copy, len));
		assert_name(words.browser, rows[i].browser, rows[i].agent);
		assert_name(words.system, rows[i].system, rows[i].agent);
		free(copy);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {cmocka_unit_test(test_words)};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
