#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/limits.h"
#include "main_args.h"
#include "main_check.h"
#include "main_ini.h"
#include "main_parent.h"
#include "main_server.h"
#include "os/daemon.h"
#include "os/heap.h"

/* Started as an ordinary user: one process, which opens everything itself. */
static int
serve_alone(const struct main_args *args, const char *ini,
    const struct main_share *share)
{
	struct main_door door = {SOCK_NONE, ini, SOCK_NONE, SOCK_NONE};
	CLEANUP(arena_free_at)
	struct arena *arena = arena_new(LIMIT_ARENA_BYTES);
	struct config_notes notes = {0};
	const struct config *cfg = NULL;
	struct err err = ERR_NONE;
	enum err_code rc = ERR_NO_MEMORY;
	int status = 1;

	if (!args->is_daemon)
		return main_server_run(&door, share, false);
	if (arena != NULL)
		rc = main_ini_read(&door, arena, &notes, &cfg, &err);
	main_ini_say(&notes, cfg);
	if (rc == ERR_OK)
		rc = daemon_background(&err);
	if (rc == ERR_OK && !str_is_empty(cfg->pid_file))
		rc = daemon_pid_file(cfg->pid_file.ptr, &err);
	if (rc == ERR_OK) {
		status = main_server_run(&door, share, true);
		if (!str_is_empty(cfg->pid_file))
			daemon_pid_file_remove(cfg->pid_file.ptr);
	} else {
		(void)fprintf(stderr, "iwebmsgd: %s\n", err.message);
	}
	config_unref(cfg);
	return status;
}

static int
serve_all(const struct main_args *args, const char *ini)
{
	struct main_share share;
	struct err err = ERR_NONE;

	if (main_share_find(&share, &err) != ERR_OK ||
	    daemon_signals_init(&err) != ERR_OK) {
		(void)fprintf(stderr, "iwebmsgd: %s\n", err.message);
		return 1;
	}
	daemon_harden();
	heap_setup();
	if (daemon_is_root())
		return main_parent_run(args, ini, &share);
	return serve_alone(args, ini, &share);
}

/* What the table of keys gives the build. */
static int
print_table(void (*write)(struct buf *out))
{
	CLEANUP(buf_free) struct buf out;
	struct str all;

	buf_init(&out, LIMIT_INI_BYTES);
	write(&out);
	if (buf_end(&out, &all, NULL) != ERR_OK)
		return 1;
	return fwrite(all.ptr, 1, all.len, stdout) == all.len ? 0 : 1;
}

int
main(int argc, char **argv)
{
	struct main_args args;
	char *ini = NULL;
	int status = 1;

	if (!main_args_parse(argc, argv, &args))
		return 2;
	ini = main_ini_path(args.ini);
	if (ini == NULL)
		return 1;
	switch (args.action) {
	case MAIN_SERVE:
		status = serve_all(&args, ini);
		break;
	case MAIN_CHECK:
		status = main_check_run(ini);
		break;
	case MAIN_VERSION:
		status = puts("iwebmsgd " IWEBMSG_VERSION) < 0;
		break;
	case MAIN_HELP:
		main_args_help();
		status = 0;
		break;
	case MAIN_SAMPLE:
		status = print_table(config_write_sample);
		break;
	case MAIN_MANUAL:
		status = print_table(config_write_manual);
		break;
	}
	free(ini);
	return status;
}
