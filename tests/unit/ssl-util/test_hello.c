/* Written and read hellos; answers cut at every byte. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>

#include "../../../ssl-util/hello.h"
#include "../../../ssl-util/suite.h"

#define ZEROS_32 \
	"\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0"
/* TLS 1.2, ECDHE-RSA-AES128-GCM, secure renegotiation, then P-256. */
#define ECDHE \
	"\26\3\3\0\62\2\0\0\56\3\3" ZEROS_32 "\0\300\57\0\0\6\377\1\0\2\0\0"

/* STR is no constant for a static table. */
#define BYTES(literal)                          \
	{                                       \
		"" literal, sizeof(literal) - 1 \
	}

static const struct row {
	const char *name;
	struct str bytes;
	enum hello_result result;
	struct hello_answer expected;
} ROWS[] = {
    {"handshake failure", BYTES("\25\3\3\0\2\2\50"), HELLO_REFUSED,
        {.alert = 40}},
    {"only a warning", BYTES("\25\3\3\0\2\1\160"), HELLO_MORE, {0}},
    {"a web server", BYTES("HTTP/1.1 400 Bad Request\r\n"), HELLO_NO_TLS, {0}},
    {"a mail server", BYTES("* OK ready\r\n"), HELLO_NO_TLS, {0}},
    {"nothing", BYTES(""), HELLO_MORE, {0}},
    {"another version of record", BYTES("\26\7\3\0\2\2\50"), HELLO_NO_TLS, {0}},
    {"message of the wrong kind", BYTES("\26\3\3\0\4\1\0\0\0"), HELLO_NO_TLS,
        {0}},
    {"hello too short", BYTES("\26\3\3\0\6\2\0\0\2\3\3"), HELLO_NO_TLS, {0}},
    {"RSA with compression",
        BYTES("\26\3\1\0\52\2\0\0\46\3\1" ZEROS_32 "\0\0\57\1"), HELLO_ACCEPTED,
        {.version = HELLO_TLS1_0, .suite = 0x002f, .has_deflate = true}},
    {"hello again, for X25519",
        BYTES("\26\3\3\0\70\2\0\0\64\3\3" ZEROS_32
              "\0\23\1\0\0\14\0\53\0\2\3\4\0\63\0\2\0\35"),
        HELLO_ACCEPTED,
        {.version = HELLO_TLS1_3, .suite = 0x1301, .group = 29}},
    {"key exchange with P-256",
        BYTES(ECDHE "\26\3\3\0\12\14\0\0\6\3\0\27\1\4\0"), HELLO_ACCEPTED,
        {.version = HELLO_TLS1_2,
            .suite = 0xc02f,
            .group = 23,
            .has_secure_renegotiation = true}},
    {"no key exchange yet", BYTES(ECDHE), HELLO_MORE,
        {.version = HELLO_TLS1_2,
            .suite = 0xc02f,
            .has_secure_renegotiation = true}},
    {"done without key exchange", BYTES(ECDHE "\26\3\3\0\4\16\0\0\0"),
        HELLO_ACCEPTED,
        {.version = HELLO_TLS1_2,
            .suite = 0xc02f,
            .has_secure_renegotiation = true}},
    {"DHE with 13 bits",
        BYTES("\26\3\3\0\52\2\0\0\46\3\3" ZEROS_32
              "\0\0\236\0\26\3\3\0\10\14\0\0\4\0\2\37\377"),
        HELLO_ACCEPTED,
        {.version = HELLO_TLS1_2, .suite = 0x009e, .dh_bits = 13}},
};

static void
check(const struct row *row, size_t len, bool is_whole)
{
	struct hello_answer answer;
	char *exact = malloc(len > 0 ? len : 1);

	memcpy(exact, row->bytes.ptr, len);
	enum hello_result result = hello_read(str_of(exact, len), &answer);
	free(exact);
	if (!is_whole)
		return;
	if (result != row->result)
		print_error("%s\n", row->name);
	assert_int_equal(result, row->result);
	assert_int_equal(answer.version, row->expected.version);
	assert_int_equal(answer.suite, row->expected.suite);
	assert_int_equal(answer.group, row->expected.group);
	assert_int_equal(answer.dh_bits, row->expected.dh_bits);
	assert_int_equal(answer.alert, row->expected.alert);
	assert_int_equal(answer.has_deflate, row->expected.has_deflate);
	assert_int_equal(answer.has_secure_renegotiation,
	    row->expected.has_secure_renegotiation);
}

static void
test_read(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(ROWS) / sizeof(ROWS[0]); i++)
		for (size_t len = 0; len <= ROWS[i].bytes.len; len++)
			check(&ROWS[i], len, len == ROWS[i].bytes.len);
}

static void
test_write(void **state)
{
	(void)state;
	const uint16_t suites[] = {0x1301, 0xc02f};
	struct hello hello = {.version = HELLO_TLS1_3,
	    .suites = suites,
	    .suite_count = 2,
	    .name = STR("mail.example.org")};

	for (uint16_t version = HELLO_SSL3; version <= HELLO_TLS1_3;
	     version++) {
		CLEANUP(buf_free) struct buf out;
		struct str bytes;
		struct err err = ERR_NONE;

		buf_init(&out, 4096);
		hello.version = version;
		hello_write(&hello, &out);
		assert_int_equal(buf_end(&out, &bytes, &err), ERR_OK);
		size_t record = (size_t)(unsigned char)bytes.ptr[3] << 8 |
		                (unsigned char)bytes.ptr[4];
		size_t message = (size_t)(unsigned char)bytes.ptr[7] << 8 |
		                 (unsigned char)bytes.ptr[8];
		assert_int_equal(record + 5, bytes.len);
		assert_int_equal(message + 9, bytes.len);
		/* SSL 3.0 has no extensions, so no name. */
		assert_int_equal(str_find(bytes, hello.name, 0) < bytes.len,
		    version > HELLO_SSL3);
	}
}

static void
test_ssl2(void **state)
{
	(void)state;
	CLEANUP(buf_free) struct buf out;

	buf_init(&out, 4096);
	hello_write_ssl2(&out);
	struct str bytes = buf_str(&out);
	assert_int_equal(bytes.len, 2 + ((size_t)(bytes.ptr[0] & 0x7f) << 8 |
	                                    (unsigned char)bytes.ptr[1]));
	assert_true(hello_is_ssl2(STR("\200\13\4\0\0\0\2\0\0\0\3\0\0")));
	assert_false(hello_is_ssl2(STR("\200\13\4\0")));
	assert_false(hello_is_ssl2(STR("\25\3\1\0\2\2\50")));
}

static void
test_suites(void **state)
{
	(void)state;
	static const struct {
		uint16_t number;
		enum suite_group group;
		unsigned bits;
	} rows[] = {
	    {0x1301, SUITE_STRONG, 128},
	    {0x1303, SUITE_STRONG, 256},
	    {0xc02f, SUITE_STRONG, 128},
	    {0xc030, SUITE_STRONG, 256},
	    {0xcca9, SUITE_STRONG, 256},
	    {0x009e, SUITE_STRONG, 128},
	    {0xc014, SUITE_CBC, 256},
	    {0xc027, SUITE_CBC, 128},
	    {0x0033, SUITE_CBC, 128},
	    {0x009c, SUITE_NO_SECRECY, 128},
	    {0x002f, SUITE_NO_SECRECY, 128},
	    {0xc005, SUITE_NO_SECRECY, 256},
	    {0x0005, SUITE_WEAK, 128},
	    {0x000a, SUITE_WEAK, 112},
	    {0xc012, SUITE_WEAK, 112},
	    {0x0007, SUITE_WEAK, 128},
	    {0x0009, SUITE_BROKEN, 56},
	    {0x0003, SUITE_BROKEN, 40},
	    {0x0006, SUITE_BROKEN, 40},
	    {0x0008, SUITE_BROKEN, 40},
	    {0x0002, SUITE_BROKEN, 0},
	    {0x0034, SUITE_BROKEN, 128},
	    {0xc018, SUITE_BROKEN, 128},
	};

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct suite suite = suite_of(rows[i].number);
		if (suite_group_of(&suite) != rows[i].group)
			print_error("%s\n", suite.name);
		assert_int_equal(suite_group_of(&suite), rows[i].group);
		assert_int_equal(suite.bits, rows[i].bits);
	}
	assert_string_equal(suite_of(0xeeee).name, "unknown");
	for (size_t i = 1; i < suite_count(); i++)
		assert_true(suite_at(i - 1).number < suite_at(i).number);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_read),
	    cmocka_unit_test(test_write),
	    cmocka_unit_test(test_ssl2),
	    cmocka_unit_test(test_suites),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
