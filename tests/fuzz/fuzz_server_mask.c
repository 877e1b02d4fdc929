/*
 * What a mail server says, as people see it: its names are gone, it is text,
 * and a second look finds nothing more.
 */
#include <stdint.h>

#include "base/err.h"
#include "mail/server.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len);

static struct mail_server *
make_server(void)
{
	struct arena *arena = arena_new(1 << 20);
	struct mail_server_files files = {0};
	struct mail_server *server = NULL;
	struct config_notes notes;
	const struct config *cfg = NULL;

	ensure(config_parse(STR("/x/iwebmsg.ini"),
	           STR("[Mail]\nImapHost=imap.inner.example\n"
	               "ImapSecurity=none\nAllowPlaintext=1\n"
	               "SmtpHost=10.0.0.5\nSmtpSecurity=none\n"),
	           arena, &notes, &cfg, NULL) == ERR_OK);
	ensure(
	    mail_server_new(cfg, &cfg->site, &files, &server, NULL) == ERR_OK);
	server_live_name(server, STR("fd00::7"));
	config_unref(cfg);
	arena_free(arena);
	return server;
}

/* Part of a longer word, which is another name. */
static bool
goes_on(struct str words, size_t at)
{
	const char c = (char)(at < words.len ? words.ptr[at] : ' ');

	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
	       (c >= '0' && c <= '9') || c == '_' || c == '-' || c == '.';
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
	static struct mail_server *server;
	const struct str host = STR("imap.inner.example");
	struct arena *arena = arena_new((size_t)32 << 20);
	struct text words, shown, again;
	size_t at = 0;

	if (server == NULL)
		server = make_server();
	words = text_line(arena, str_of((const char *)data, len));
	shown = mail_server_mask(server, arena, words);
	again = mail_server_mask(server, arena, shown);
	ensure(str_is_utf8(shown.s));
	ensure(str_eq(shown.s, again.s));
	at = str_find_nocase(shown.s, host, 0);
	ensure(at == shown.s.len || (at > 0 && goes_on(shown.s, at - 1)) ||
	       goes_on(shown.s, at + host.len));
	(void)server_mask_people(arena, shown);
	arena_free(arena);
	return 0;
}
