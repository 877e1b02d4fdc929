#include "config_test.h"

#include "os/file.h"

static void
write_sample(struct buf *out)
{
	struct str all;

	buf_init(out, LIMIT_INI_BYTES);
	config_write_sample(out);
	assert_int_equal(buf_end(out, &all, NULL), ERR_OK);
}

/* `make sample` writes it anew. The tests run in the top folder. */
static void
test_sample_is_committed(void **state)
{
	CLEANUP(arena_free_at) struct arena *arena = arena_new(1 << 22);
	CLEANUP(buf_free) struct buf sample;
	struct err err = ERR_NONE;
	struct str committed;

	(void)state;
	write_sample(&sample);
	assert_int_equal(file_read("iwebmsg.ini.sample", LIMIT_INI_BYTES, arena,
	                     &committed, &err),
	    ERR_OK);
	assert_true(str_eq(committed, buf_str(&sample)));
}

/* A blank at a line's end is nothing an editor shows. */
static void
test_sample_has_no_loose_ends(void **state)
{
	CLEANUP(buf_free) struct buf sample;
	struct str rest;

	(void)state;
	write_sample(&sample);
	rest = buf_str(&sample);
	while (rest.ptr != NULL) {
		struct str line = str_cut(&rest, '\n');

		assert_false(str_ends(line, STR(" ")));
	}
}

static void
test_sample_is_right(void **state)
{
	CLEANUP(buf_free) struct buf sample;
	struct parsed parsed;

	(void)state;
	write_sample(&sample);
	parsed = parse_at("/etc/iwebmsg/iwebmsg.ini", buf_str(&sample));
	assert_int_equal(parsed.notes.count, 0);
	assert_true(parsed.cfg->enable_ssl);
	assert_true(parsed.cfg->force_ssl);
	assert_string_equal(
	    parsed.cfg->site.certificate.ptr, "/etc/iwebmsg/server.pem");
	assert_string_equal(
	    parsed.cfg->site.private_key.ptr, "/etc/iwebmsg/server.key");
	parsed_end(&parsed);
}

/* Every commented setting, when it is said aloud, is its default. */
static void
test_sample_defaults_are_right(void **state)
{
	CLEANUP(buf_free) struct buf sample;
	CLEANUP(buf_free) struct buf aloud;
	CLEANUP(buf_free) struct buf changed;
	struct err err = ERR_NONE;
	const struct config *defaults = config_defaults(&err);
	struct parsed parsed;
	struct str rest;

	(void)state;
	write_sample(&sample);
	buf_init(&aloud, LIMIT_INI_BYTES);
	buf_init(&changed, 4096);
	rest = buf_str(&sample);
	while (rest.ptr != NULL) {
		struct str line = str_cut(&rest, '\n');

		if (str_starts(line, STR(";[")) ||
		    (str_starts(line, STR(";")) &&
		        !str_starts(line, STR("; ")) && line.len > 1))
			line = str_slice(line, 1, line.len);
		/* A switch off, a text that is empty: as the default has it. */
		if (str_starts(line, STR("Certificate=")) ||
		    str_starts(line, STR("PrivateKey=")) ||
		    str_ends(line, STR("SSL=1")))
			continue;
		buf_add(&aloud, line);
		buf_add_byte(&aloud, '\n');
	}
	parsed = parse_at("/etc/iwebmsg/iwebmsg.ini", buf_str(&aloud));
	for (size_t i = 0; i < parsed.notes.count; i++)
		print_message("%s\n", parsed.notes.notes[i].text.ptr);
	assert_int_equal(parsed.rc, ERR_OK);
	assert_int_equal(parsed.cfg->host_count, 1);
	assert_int_equal(parsed.cfg->domain_count, 1);
	config_restart_needed(defaults, parsed.cfg, &changed);
	assert_int_equal(buf_str(&changed).len, 0);
	assert_int_equal(parsed.cfg->imap_wait_ms, defaults->imap_wait_ms);
	parsed_end(&parsed);
	config_unref(defaults);
}

static void
test_restart(void **state)
{
	struct parsed before = parse_at("/e/iwebmsg.ini",
	    STR("[Server]\nStateDir=/a\nPlainPort=80\n[Mail]\nImapHost=a\n"));
	struct parsed after = parse_at("/e/iwebmsg.ini",
	    STR("[Server]\nStateDir=/b\nPlainPort=81\n[Mail]\nImapHost=b\n"
	        "[SSL]\nEnableSSL=1\nForceSSL=1\nCertificate=c\n"
	        "PrivateKey=k\n"));
	CLEANUP(buf_free) struct buf names;

	(void)state;
	buf_init(&names, 4096);
	config_restart_needed(before.cfg, after.cfg, &names);
	buf_add_byte(&names, '\0');
	assert_string_equal(
	    buf_str(&names).ptr, "PlainPort, StateDir, Database, EnableSSL");

	assert_ptr_equal(config_restart_keep(before.cfg, after.cfg), after.cfg);
	buf_clear(&names);
	config_restart_needed(before.cfg, after.cfg, &names);
	assert_int_equal(buf_str(&names).len, 0);
	/* A text that was kept outlives where it came from. */
	parsed_end(&before);
	assert_string_equal(after.cfg->state_dir.ptr, "/a");
	assert_int_equal(after.cfg->plain_port, 80);
	assert_string_equal(after.cfg->site.imap_host.ptr, "b");
	assert_false(after.cfg->enable_ssl);
	assert_false(after.cfg->force_ssl);
	parsed_end(&after);
}

static void
test_manual(void **state)
{
	CLEANUP(buf_free) struct buf manual;
	struct str all;

	(void)state;
	buf_init(&manual, LIMIT_INI_BYTES);
	config_write_manual(&manual);
	assert_int_equal(buf_end(&manual, &all, NULL), ERR_OK);
	assert_true(str_find(all, STR(".SS \"[SSL]\""), 0) < all.len);
	assert_true(str_find(all, STR(".BI ImapWait= 15s"), 0) < all.len);
	/* A backslash of the table must not become an escape. */
	assert_true(str_find(all, STR("marked \\eSent"), 0) < all.len);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_sample_is_committed),
	    cmocka_unit_test(test_sample_has_no_loose_ends),
	    cmocka_unit_test(test_sample_is_right),
	    cmocka_unit_test(test_sample_defaults_are_right),
	    cmocka_unit_test(test_restart),
	    cmocka_unit_test(test_manual),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
