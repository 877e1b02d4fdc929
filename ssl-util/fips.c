#include "fips.h"

#include "ini.h"
#include "net/net_fips.h"
#include "os/file.h"

#define ARENA_BYTES ((size_t)16 << 20)

/* Commands that look into the ini file without being told which. */
static bool
uses_ini(const struct options *options)
{
	switch ((int)options->command) {
	case OPTIONS_CHECK:
	case OPTIONS_CONFIGURE:
	case OPTIONS_SETUP:
	case OPTIONS_WIZARD:
	case OPTIONS_TRUST_ADD:
	case OPTIONS_TRUST_TEST:
		return options->file == NULL;
	default:
		return false;
	}
}

/* What is wrong with the file says who needs it. */
static bool
is_said(const char *path)
{
	CLEANUP(arena_free_at) struct arena *arena = arena_new(ARENA_BYTES);
	const struct config *cfg = NULL;
	struct config_notes notes;
	struct err ignored = ERR_NONE;
	bool is = false;

	if (arena != NULL && file_exists(path) &&
	    ini_read(path, arena, &notes, &cfg, &ignored) == ERR_OK)
		is = cfg->fips;
	config_unref(cfg);
	return is;
}

enum err_code
fips_start(const struct options *options, struct err *err)
{
	const char *path = options->config;

	if (path == NULL && uses_ini(options))
		path = INI_PATH;
	if (!options->fips && (path == NULL || !is_said(path)))
		return ERR_OK;
	return net_fips_start(err);
}
