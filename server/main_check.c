#include "main_check_inside.h"

#include <stdarg.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/limits.h"
#include "base/log.h"
#include "main_ini.h"
#include "os/clock.h"
#include "os/daemon.h"
#include "os/file.h"
#include "session/session.h"
#include "store/store.h"

#define KEY_BYTES 32 /* the server key, session.h */

/* ---- lines ------------------------------------------------------------------
 */

void
main_check_ok(const char *what, const char *format, ...)
{
	va_list args;

	va_start(args, format);
	(void)printf("ok     %-12s ", what);
	(void)vprintf(format, args);
	(void)putchar('\n');
	va_end(args);
}

void
main_check_wrong(struct check *check, const char *what, const char *format, ...)
{
	va_list args;

	check->wrong_count++;
	va_start(args, format);
	(void)printf("WRONG  %-12s ", what);
	(void)vprintf(format, args);
	(void)putchar('\n');
	va_end(args);
}

void
main_check_note(const char *what, const char *format, ...)
{
	va_list args;

	va_start(args, format);
	(void)printf("note   %-12s ", what);
	(void)vprintf(format, args);
	(void)putchar('\n');
	va_end(args);
}

void
main_check_mend(const char *format, ...)
{
	va_list args;

	va_start(args, format);
	(void)printf("       %-12s mend: ", "");
	(void)vprintf(format, args);
	(void)putchar('\n');
	va_end(args);
}

/* A reason that is in the other one already is said once. */
void
main_check_err(struct check *check, const char *what, const struct err *err)
{
	/* What pages say to people is said to the administrator here. */
	struct str tell = STR(" Please tell the administrator.");
	struct str message = str_c(err->message);
	struct str detail = str_c(err->detail);
	struct str core;

	if (str_ends(message, tell))
		message = str_slice(message, 0, message.len - tell.len);
	core = message;

	if (str_ends(core, STR(".")))
		core = str_slice(core, 0, core.len - 1);
	if (str_is_empty(detail) ||
	    str_find_nocase(message, detail, 0) < message.len)
		main_check_wrong(check, what, "%.*s", STR_ARG(message));
	else if (str_find_nocase(detail, core, 0) < detail.len)
		main_check_wrong(check, what, "%s", err->detail);
	else
		main_check_wrong(
		    check, what, "%.*s (%s)", STR_ARG(core), err->detail);
}

/* ---- what is checked, in the order of a start -------------------------------
 */

static bool
check_ini(struct check *check)
{
	struct config_notes notes;
	struct err err = ERR_NONE;
	enum err_code rc = main_ini_read(
	    &check->door, check->arena, &notes, &check->cfg, &err);

	for (size_t i = 0; i < notes.count; i++) {
		if (notes.notes[i].is_error)
			main_check_wrong(check, "ini file", "%.*s",
			    STR_ARG(notes.notes[i].text));
		else
			main_check_note(
			    "ini file", "%.*s", STR_ARG(notes.notes[i].text));
	}
	if (rc != ERR_OK && notes.count == 0)
		main_check_err(check, "ini file", &err);
	if (rc == ERR_OK)
		main_check_ok("ini file", "%s", check->door.ini);
	return rc == ERR_OK;
}

static void
check_switches(const struct check *check)
{
	const struct config *cfg = check->cfg;

	ensure(cfg != NULL);
	main_check_ok("switches", "EnableSSL=%d ForceSSL=%d: %s",
	    cfg->enable_ssl, cfg->force_ssl,
	    cfg->force_ssl    ? "pages are served in secure mode only"
	    : cfg->enable_ssl ? "people may enter and leave secure mode"
	                      : "all pages travel in clear");
}

/* From here on as the user that serves: what root may do proves nothing. */
static void
become_user(struct check *check)
{
	struct err err = ERR_NONE;

	check->is_user = true;
	if (!daemon_is_root())
		return;
	main_share_enter(&check->share);
	check->is_user = daemon_drop_to(check->cfg->user.ptr, &err) == ERR_OK;
	if (!check->is_user) {
		main_check_err(check, "user", &err);
		return;
	}
	main_check_ok("user", "%s", check->cfg->user.ptr);
	main_share_settle(&check->share);
}

/* Of a file that is not there yet: can it be made? */
static bool
folder_is_writable(const char *path)
{
	return access(path, W_OK | X_OK) == 0;
}

static void
check_state_dir(struct check *check)
{
	const char *path = check->cfg->state_dir.ptr;

	if (folder_is_writable(path))
		main_check_ok("StateDir", "%s", path);
	else if (access(path, F_OK) == 0)
		main_check_wrong(check, "StateDir",
		    "%s cannot be written by this user; mend it with: chown -R "
		    "%s: %s",
		    path, check->cfg->user.ptr, path);
	else
		main_check_ok(
		    "StateDir", "%s is made at the first start", path);
}

/* The server reads it as its user; who renews certificates writes there. */
static void
check_acme(struct check *check)
{
	const char *path = check->cfg->acme_webroot.ptr;

	if (str_is_empty(check->cfg->acme_webroot))
		return;
	if (access(path, R_OK | X_OK) == 0)
		main_check_ok("AcmeWebroot", "%s", path);
	else if (access(path, F_OK) == 0)
		main_check_wrong(check, "AcmeWebroot",
		    "%s cannot be read by this user; mend it with: chmod o=rx "
		    "%s",
		    path, path);
	else
		main_check_note("AcmeWebroot",
		    "%s is not there; make it with: install -d -m 755 %s", path,
		    path);
}

static void
check_store(struct check *check)
{
	const char *path = check->cfg->database.ptr;
	struct store *store = NULL;
	struct err err = ERR_NONE;
	enum err_code rc = ERR_OK;

	if (!file_exists(path)) {
		main_check_ok(
		    "database", "%s is made at the first start", path);
		return;
	}
	rc = store_open(path, &store, &err);
	if (rc == ERR_OK)
		rc = store_check(store, &err);
	if (rc == ERR_OK)
		main_check_ok("database", "%s", path);
	else
		main_check_err(check, "database", &err);
	store_close(store);
}

static void
check_server_key(struct check *check)
{
	CLEANUP(file_close) int fd = -1;
	struct err err = ERR_NONE;
	struct str path = str_printf(
	    check->arena, "%.*s/server.key", STR_ARG(check->cfg->state_dir));
	const char *name = str_dup_c(check->arena, path);
	enum err_code rc = ERR_NO_MEMORY;

	if (name != NULL)
		rc = file_open(name, &fd, &err);
	if (rc == ERR_NOT_FOUND)
		main_check_ok(
		    "server key", "%s is made at the first start", name);
	else if (rc != ERR_OK)
		main_check_err(check, "server key", &err);
	else if (file_is_open_to_others(fd))
		main_check_wrong(check, "server key",
		    "%s may be read by others; mend it with: chmod 600 %s",
		    name, name);
	else if (file_size(fd) != KEY_BYTES)
		main_check_wrong(check, "server key",
		    "%s is damaged; remove it (everybody logs in anew)", name);
	else
		main_check_ok("server key", "%s", name);
}

/* ---- all of it -----------------------------------------------------------
 */

/* While root may read the files: the parent would hand them to the child. */
static bool
check_files(struct check *check)
{
	const struct config *cfg = check->cfg;
	struct err err = ERR_NONE;

	if (main_files_init(&check->files, &check->door, cfg, &err) != ERR_OK) {
		main_check_err(check, "files", &err);
		return false;
	}
	if (!main_check_fips(check))
		return false;
	main_check_tls(check);
	main_check_read_mails(check);
	return true;
}

static void
check_all(struct check *check)
{
	const struct config *cfg = check->cfg;
	struct err err = ERR_NONE;

	check_switches(check);
	main_check_ports(check);
	main_check_limits(check);
	if (!check_files(check))
		return;
	if (main_share_find(&check->share, &err) != ERR_OK)
		main_check_err(check, "templates", &err);
	become_user(check);
	if (check->is_user) {
		check_state_dir(check);
		check_acme(check);
		check_store(check);
		check_server_key(check);
	}
	main_check_site(check, &cfg->site, check->mails[0]);
	for (size_t i = 0; i < cfg->host_count; i++)
		main_check_site(check, &cfg->hosts[i], check->mails[i + 1]);
	for (size_t i = 0; i < cfg->domain_count; i++)
		main_check_site(check, &cfg->domains[i],
		    check->mails[1 + cfg->host_count + i]);
}

int
main_check_run(const char *ini)
{
	struct check check = {.door = {SOCK_NONE, ini, SOCK_NONE, SOCK_NONE},
	    .arena = arena_new(LIMIT_ARENA_BYTES)};

	if (check.arena == NULL)
		return 1;
	log_set_level(LOG_ERROR); /* the lines below say it all */
	(void)printf("iwebmsgd %s checks %s\n", IWEBMSG_VERSION, ini);
	if (check_ini(&check))
		check_all(&check);
	if (check.wrong_count == 0)
		(void)puts("All is well.");
	else
		(void)printf("%u thing%s to mend.\n", check.wrong_count,
		    check.wrong_count == 1 ? "" : "s");
	main_files_end(&check.files);
	config_unref(check.cfg);
	arena_free(check.arena);
	return check.wrong_count == 0 ? 0 : 1;
}
