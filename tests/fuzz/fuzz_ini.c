/*
 * Ini files; the first byte says under which name. A file is either taken or
 * has a mistake that is named; what is taken keeps what config.h promises.
 */
#include <stdint.h>

#include "base/limits.h"
#include "config/config.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len);

static void
check_config(const struct config *cfg)
{
	CLEANUP(buf_free) struct buf names;

	ensure(cfg->enable_ssl || !cfg->force_ssl);
	ensure(!cfg->enable_ssl || (cfg->site.certificate.len > 0 &&
	                               cfg->site.private_key.len > 0));
	ensure(cfg->enable_ssl ? cfg->secure_port != 0 : cfg->plain_port != 0);
	ensure(cfg->workers >= 1 && cfg->workers <= 512);
	ensure(cfg->imap_wait_ms >= 100 && cfg->imap_wait_ms <= 600000);
	ensure(cfg->state_dir.len > 0 && cfg->state_dir.ptr[0] == '/');
	ensure(strlen(cfg->state_dir.ptr) == cfg->state_dir.len);
	for (size_t i = 0; i < cfg->host_count; i++) {
		const struct config_site *site = &cfg->hosts[i];

		ensure(config_site_get(cfg, site->host) == site);
		ensure(str_is_utf8(site->title) && site->imap_host.len > 0);
	}
	buf_init(&names, 4096);
	config_restart_needed(cfg, cfg, &names);
	ensure(buf_str(&names).len == 0);
	ensure(config_restart_keep(cfg, cfg) == cfg);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
	struct arena *arena = arena_new(LIMIT_ARENA_BYTES);
	struct str path = len > 0 && data[0] == 'O' ? STR("/e/IWebMsg.ini")
	                                            : STR("/e/iwebmsg.ini");
	struct str bytes =
	    len > 0 ? str_of((const char *)data + 1, len - 1) : STR("");
	struct config_notes notes;
	const struct config *cfg = NULL;
	struct err err = ERR_NONE;
	size_t mistakes = 0;
	enum err_code rc = ERR_OK;

	ensure(arena != NULL);
	rc = config_parse(path, bytes, arena, &notes, &cfg, &err);
	for (size_t i = 0; i < notes.count; i++) {
		mistakes += notes.notes[i].is_error ? 1 : 0;
		ensure(str_is_utf8(notes.notes[i].text));
		ensure(str_starts(notes.notes[i].text, path));
		ensure(!str_has_line_break(notes.notes[i].text));
	}
	ensure((rc == ERR_OK) == (mistakes == 0));
	ensure((rc == ERR_OK) == (cfg != NULL));
	if (cfg != NULL)
		check_config(cfg);
	config_unref(cfg);
	arena_free(arena);
	return 0;
}
