#include "mime_test.h"

#include "mime/mime_list.h"

static const struct {
	const char *name;
	const char *header;
	const char *expected; /* id|name|post|https|mailto, "+" one-click */
} rows[] = {
    {"nothing", "Subject: x\n", "||||"},
    {"all",
        "List-Id: \"The News\" <news.example.org>\n"
        "List-Post: <mailto:news@example.org>\n"
        "List-Unsubscribe: <https://example.org/u?a=1&b=%40>,\n"
        " <mailto:u@example.org?subject=unsubscribe>\n"
        "List-Unsubscribe-Post: List-Unsubscribe=One-Click\n",
        "news.example.org|The News|mailto:news@example.org|"
        "https://example.org/u?a=1&b=%40|"
        "mailto:u@example.org?subject=unsubscribe+"},
    {"encoded name", "List-Id: =?utf-8?Q?caf=C3=A9?= <c.x.org>\n",
        "c.x.org|caf\xc3\xa9|||"},
    {"id without brackets", "List-Id: news.example.org\n",
        "news.example.org||||"},
    {"no posts", "List-Post: NO (closed)\n", "||||"},
    {"comments and folds",
        "List-Unsubscribe: (click) <https://example.org/\n\tlong\n path> (or),"
        " <mailto:u@example.org>\n",
        "|||https://example.org/longpath|mailto:u@example.org"},
    {"without brackets", "List-Unsubscribe: https://example.org/u\n",
        "|||https://example.org/u|"},
    {"the first of each kind",
        "List-Unsubscribe: <https://a.org/>, <https://b.org/>, "
        "<mailto:a@a.org>, <mailto:b@b.org>\n",
        "|||https://a.org/|mailto:a@a.org"},
    {"http is none",
        "List-Unsubscribe: <http://a.org/>\n"
        "List-Unsubscribe-Post: List-Unsubscribe=One-Click\n",
        "||||"},
    {"script",
        "List-Unsubscribe: <javascript:alert(1)>, <data:x>, "
        "<file:///etc/passwd>\n",
        "||||"},
    {"password", "List-Unsubscribe: <https://u:p@a.org/>\n", "||||"},
    {"no public host",
        "List-Unsubscribe: <https://localhost/>, <https://127.0.0.1/>, "
        "<https://[::1]/>, <https://0x7f.1/>, <https://a..org/>, "
        "<https:///x>, <https://2130706433/>\n",
        "||||"},
    {"bad port", "List-Unsubscribe: <https://a.org:80a/>\n", "||||"},
    {"port", "List-Unsubscribe: <https://a.org:8443/>\n",
        "|||https://a.org:8443/|"},
    {"bad letters",
        "List-Unsubscribe: <https://a.org/\"x>, <https://a.org/\\x>, "
        "<https://a.org/\xc3\xa9>\n",
        "||||"},
    {"two receivers", "List-Unsubscribe: <mailto:a@b.org,c@d.org>\n", "||||"},
    {"line breaks in a mailto",
        "List-Unsubscribe: <mailto:a@b.org?subject=x%0D%0ABcc:c@d.org>\n",
        "||||"},
    {"never closed", "List-Unsubscribe: <https://a.org/x\n",
        "|||https://a.org/x|"},
    {"one-click said otherwise",
        "List-Unsubscribe: <https://a.org/>\n"
        "List-Unsubscribe-Post: yes\n",
        "|||https://a.org/|"},
};

static void
test_rows(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct arena *arena = arena_new(TEST_ARENA_BYTES);
		struct str in =
		    heap_copy(rows[i].header, strlen(rows[i].header));
		struct mime_header header = {.raw = in};
		struct mime_list got;
		struct err err = ERR_NONE;
		assert_int_equal(
		    mime_list_read(&header, arena, &got, &err), ERR_OK);
		expect_str(rows[i].name,
		    str_join(arena,
		        (struct str[]){got.id.s, STR("|"), got.name.s, STR("|"),
		            got.post, STR("|"), got.unsubscribe_https, STR("|"),
		            got.unsubscribe_mailto,
		            got.is_one_click ? STR("+") : STR("")},
		        10),
		    str_c(rows[i].expected));
		heap_free(in);
		arena_free(arena);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_rows),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
