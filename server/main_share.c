#include "main_share.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "os/file.h"

/* packaging/install.mk says it, by PREFIX. */
#ifndef IWEBMSG_SHARE_DIR
#define IWEBMSG_SHARE_DIR "/usr/local/share/iwebmsg"
#endif

/* Beside the program's folder: build/release/ in the tree, or sbin/. */
static const struct {
	const char *from_program; /* NULL: not relative */
	const char *proof;        /* must be there too */
} places[] = {
    {"../..", "server/main.c"},
    {"../share/iwebmsg", "templates"},
    {NULL, "templates"},
};

static bool
join(char *out, const char *a, const char *b)
{
	int len = snprintf(out, MAIN_SHARE_BYTES, "%s/%s", a, b);

	return len > 0 && len < MAIN_SHARE_BYTES;
}

/* The folder of the running program, "" when the system does not say. */
static void
program_folder(char *out)
{
	ssize_t len = readlink("/proc/self/exe", out, MAIN_SHARE_BYTES - 1);

	while (len > 0 && out[len - 1] != '/')
		len--;
	out[len > 0 ? len - 1 : 0] = '\0';
}

static bool
try_place(struct main_share *share, const char *proof)
{
	char path[MAIN_SHARE_BYTES];
	char *plain = realpath(share->folder, NULL);

	/* Without "..", for people who read the log. */
	if (plain != NULL)
		(void)snprintf(
		    share->folder, sizeof(share->folder), "%s", plain);
	free(plain);
	return join(path, share->folder, proof) && file_exists(path) &&
	       join(share->templates, share->folder, "templates") &&
	       join(share->statics, share->folder, "static") &&
	       join(share->words, share->folder, "locale") &&
	       file_exists(share->templates) && file_exists(share->statics);
}

enum err_code
main_share_find(struct main_share *out, struct err *err)
{
	char program[MAIN_SHARE_BYTES];

	program_folder(program);
	for (size_t i = 0; i < sizeof(places) / sizeof(places[0]); i++) {
		const char *relative = places[i].from_program;

		if (relative != NULL && !join(out->folder, program, relative))
			continue;
		if (relative == NULL)
			(void)snprintf(out->folder, sizeof(out->folder), "%s",
			    IWEBMSG_SHARE_DIR);
		if (try_place(out, places[i].proof))
			return ERR_OK;
	}
	return err_sayf(err, ERR_CONFIG,
	    "no templates/ and static/ in %s, nor beside the program in %s; "
	    "make install puts them there",
	    IWEBMSG_SHARE_DIR, program);
}

void
main_share_enter(const struct main_share *share)
{
	/* It only helps; without it the full paths are tried. */
	(void)!chdir(share->folder);
}

void
main_share_settle(struct main_share *share)
{
	if (access(share->templates, R_OK | X_OK) == 0 &&
	    access(share->statics, R_OK | X_OK) == 0)
		return;
	if (access("templates", R_OK | X_OK) != 0)
		return;
	(void)snprintf(share->templates, sizeof(share->templates), "templates");
	(void)snprintf(share->statics, sizeof(share->statics), "static");
	(void)snprintf(share->words, sizeof(share->words), "locale");
}
