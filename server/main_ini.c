#include "main_ini.h"

#include <limits.h>
#include <unistd.h>

#include "base/limits.h"
#include "os/file.h"

char *
main_ini_path(const char *given)
{
	char folder[PATH_MAX];
	char *path = NULL;

	if (given == NULL)
		return strdup(MAIN_INI_PATH);
	if (given[0] == '/')
		return strdup(given);
	if (getcwd(folder, sizeof(folder)) == NULL ||
	    asprintf(&path, "%s/%s", folder, given) < 0)
		return NULL;
	return path;
}

enum err_code
main_ini_read_fd(const char *path, int fd, struct arena *arena,
    struct config_notes *out_notes, const struct config **out, struct err *err)
{
	struct str bytes;
	enum err_code rc =
	    file_read_fd(fd, LIMIT_INI_BYTES + 1, arena, &bytes, err);

	*out = NULL;
	*out_notes = (struct config_notes){0};
	if (rc != ERR_OK)
		return rc;
	return config_parse(str_c(path), bytes, arena, out_notes, out, err);
}

enum err_code
main_ini_read(const struct main_door *door, struct arena *arena,
    struct config_notes *out_notes, const struct config **out, struct err *err)
{
	CLEANUP(file_close) int fd = -1;
	enum err_code rc = main_door_ini(door, &fd, err);

	*out = NULL;
	*out_notes = (struct config_notes){0};
	if (rc == ERR_NOT_FOUND) {
		struct err inner = *err;

		return err_sayf(err, ERR_CONFIG,
		    "%s; begin with a copy of iwebmsg.ini.sample, or name "
		    "another file with --config",
		    inner.message);
	}
	if (rc != ERR_OK)
		return rc;
	return main_ini_read_fd(door->ini, fd, arena, out_notes, out, err);
}

void
main_ini_say(const struct config_notes *notes, const struct config *cfg)
{
	if (cfg != NULL && cfg->log_target != CONFIG_LOG_FILE)
		return;
	for (size_t i = 0; i < notes->count; i++)
		(void)fprintf(stderr, "%.*s\n", STR_ARG(notes->notes[i].text));
}
