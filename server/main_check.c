#include "main_check.h"

#include <errno.h>
#include <stdarg.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/limits.h"
#include "http/static.h"
#include "mail/mail.h"
#include "main_ini.h"
#include "main_share.h"
#include "main_tls.h"
#include "os/clock.h"
#include "os/daemon.h"
#include "os/file.h"
#include "session/session.h"
#include "store/store.h"
#include "view/tmpl.h"

#define KEY_BYTES 32 /* the server key, session.h */

struct check {
	struct main_door door;
	const struct config *cfg;
	struct main_share share;
	struct arena *arena;
	struct mail_server **mails; /* of the default site, then of hosts */
	unsigned wrong_count;
	bool is_user; /* we are who the server will be */
};

/* ---- lines ------------------------------------------------------------------
 */

__attribute__((format(printf, 2, 3))) static void
say_ok(const char *what, const char *format, ...)
{
	va_list args;

	va_start(args, format);
	(void)printf("ok     %-12s ", what);
	(void)vprintf(format, args);
	(void)putchar('\n');
	va_end(args);
}

__attribute__((format(printf, 3, 4))) static void
say_wrong(struct check *check, const char *what, const char *format, ...)
{
	va_list args;

	check->wrong_count++;
	va_start(args, format);
	(void)printf("WRONG  %-12s ", what);
	(void)vprintf(format, args);
	(void)putchar('\n');
	va_end(args);
}

static void
say_err(struct check *check, const char *what, const struct err *err)
{
	bool has_detail =
	    err->detail[0] != '\0' && strcmp(err->detail, err->message) != 0;

	say_wrong(check, what, "%s%s%s%s", err->message, has_detail ? " (" : "",
	    has_detail ? err->detail : "", has_detail ? ")" : "");
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
			say_wrong(check, "ini file", "%.*s",
			    STR_ARG(notes.notes[i].text));
		else
			(void)printf("note   %-12s %.*s\n", "ini file",
			    STR_ARG(notes.notes[i].text));
	}
	if (rc != ERR_OK && notes.count == 0)
		say_err(check, "ini file", &err);
	if (rc == ERR_OK)
		say_ok("ini file", "%s", check->door.ini);
	return rc == ERR_OK;
}

static void
check_switches(const struct check *check)
{
	const struct config *cfg = check->cfg;

	say_ok("switches", "EnableSSL=%d ForceSSL=%d: %s", cfg->enable_ssl,
	    cfg->force_ssl,
	    cfg->force_ssl    ? "pages are served in secure mode only"
	    : cfg->enable_ssl ? "people may enter and leave secure mode"
	                      : "all pages travel in clear");
}

static void
check_port(struct check *check, const char *what, uint16_t port, bool is_used)
{
	sock_t sock = SOCK_NONE;
	struct err err = ERR_NONE;

	if (!is_used || port == 0) {
		say_ok(what, "closed");
		return;
	}
	errno = 0;
	if (socket_listen(check->cfg->listen_address, port, &sock, &err) ==
	    ERR_OK)
		say_ok(what, "%u on %.*s", (unsigned)port,
		    STR_ARG(check->cfg->listen_address));
	else if (errno == EADDRINUSE)
		say_ok(what,
		    "%u is taken: by a running iwebmsgd, or see: "
		    "ss -ltnp 'sport = :%u'",
		    (unsigned)port, (unsigned)port);
	else
		say_err(check, what, &err);
	socket_close(&sock);
}

static void
say_certificate(struct check *check, const struct net_tls *tls)
{
	const struct net_tls_facts *facts = net_tls_facts(tls);
	int64_t left_s = facts->not_after_s - clock_now_s();
	const char *path = check->cfg->certificate.ptr;

	if (left_s < 0)
		say_wrong(check, "certificate",
		    "%s expired %lld days ago; renew it, or make one with: "
		    "iwebmsg-ssl selfsigned",
		    path, (long long)(-left_s / 86400));
	else if (facts->not_before_s > clock_now_s())
		say_wrong(check, "certificate",
		    "%s is not valid yet; check this machine's clock", path);
	else
		say_ok("certificate", "%s, %s, %lld days left%s", path,
		    facts->subject, (long long)(left_s / 86400),
		    facts->is_self_signed ? ", self-signed: browsers will warn"
		                          : "");
}

static void
check_tls(struct check *check)
{
	struct net_tls *tls = NULL;
	struct err err = ERR_NONE;

	if (!check->cfg->enable_ssl)
		return;
	if (main_tls_load(&check->door, check->cfg, &tls, &err) != ERR_OK) {
		say_err(check, "certificate", &err);
		return;
	}
	say_certificate(check, tls);
	say_ok("key", "%s fits", check->cfg->private_key.ptr);
	net_tls_unref(tls);
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
		say_err(check, "user", &err);
		return;
	}
	say_ok("user", "%s", check->cfg->user.ptr);
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
		say_ok("StateDir", "%s", path);
	else if (access(path, F_OK) == 0)
		say_wrong(check, "StateDir",
		    "%s cannot be written by this user; mend it with: chown -R "
		    "%s: %s",
		    path, check->cfg->user.ptr, path);
	else
		say_ok("StateDir", "%s is made at the first start", path);
}

static void
check_store(struct check *check)
{
	const char *path = check->cfg->database.ptr;
	struct store *store = NULL;
	struct err err = ERR_NONE;
	enum err_code rc = ERR_OK;

	if (!file_exists(path)) {
		say_ok("database", "%s is made at the first start", path);
		return;
	}
	rc = store_open(path, &store, &err);
	if (rc == ERR_OK)
		rc = store_check(store, &err);
	if (rc == ERR_OK)
		say_ok("database", "%s", path);
	else
		say_err(check, "database", &err);
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
		say_ok("server key", "%s is made at the first start", name);
	else if (rc != ERR_OK)
		say_err(check, "server key", &err);
	else if (file_is_open_to_others(fd))
		say_wrong(check, "server key",
		    "%s may be read by others; mend it with: chmod 600 %s",
		    name, name);
	else if (file_size(fd) != KEY_BYTES)
		say_wrong(check, "server key",
		    "%s is damaged; remove it (everybody logs in anew)", name);
	else
		say_ok("server key", "%s", name);
}

/* ---- per site
 * ------------------------------------------------------------------ */

static void
check_folders(struct check *check, const struct config_site *site)
{
	struct tmpl_set *templates = NULL;
	struct static_set *statics = NULL;
	const char *own =
	    str_is_empty(site->template_dir) ? NULL : site->template_dir.ptr;
	struct err err = ERR_NONE;

	if (tmpl_set_new(check->share.templates, own, &templates, &err) !=
	    ERR_OK)
		say_err(check, "templates", &err);
	else
		say_ok("templates", "%s%s%s", check->share.templates,
		    own != NULL ? " with " : "", own != NULL ? own : "");
	if (static_set_new(check->share.statics, own, &statics, &err) != ERR_OK)
		say_err(check, "static files", &err);
	tmpl_set_unref(templates);
	static_set_unref(statics);
}

static const char *
security_name(int security)
{
	static const char *const names[] = {
	    [CONFIG_SECURITY_TLS] = "tls",
	    [CONFIG_SECURITY_STARTTLS] = "starttls",
	    [CONFIG_SECURITY_NONE] = "none",
	};

	return names[security];
}

static enum err_code
make_mail(struct check *check, const struct config_site *site,
    struct mail_server **out, struct err *err)
{
	struct str imap_ca = {0};
	struct str smtp_ca = {0};
	enum err_code rc = ERR_OK;

	if (!str_is_empty(site->imap_ca))
		rc = main_tls_read(
		    &check->door, site->imap_ca, check->arena, &imap_ca, err);
	if (rc == ERR_OK && !str_is_empty(site->smtp_ca))
		rc = main_tls_read(
		    &check->door, site->smtp_ca, check->arena, &smtp_ca, err);
	if (rc == ERR_OK)
		rc = mail_server_new(
		    check->cfg, site, imap_ca, smtp_ca, out, err);
	return rc;
}

static void
check_mail(struct check *check, const struct config_site *site,
    struct mail_server *server)
{
	struct err err = ERR_NONE;

	if (mail_server_check_imap(server, &err) == ERR_OK)
		say_ok("IMAP", "%s:%u, %s", site->imap_host.ptr,
		    (unsigned)site->imap_port,
		    security_name(site->imap_security));
	else
		say_err(check, "IMAP", &err);
	if (mail_server_check_smtp(server, &err) == ERR_OK)
		say_ok("SMTP", "%s:%u, %s", site->smtp_host.ptr,
		    (unsigned)site->smtp_port,
		    security_name(site->smtp_security));
	else
		say_err(check, "SMTP", &err);
}

static bool
has_same_mail(const struct config_site *a, const struct config_site *b)
{
	return str_eq_nocase(a->imap_host, b->imap_host) &&
	       str_eq_nocase(a->smtp_host, b->smtp_host) &&
	       str_eq(a->imap_ca, b->imap_ca) &&
	       str_eq(a->smtp_ca, b->smtp_ca) && a->imap_port == b->imap_port &&
	       a->smtp_port == b->smtp_port &&
	       a->imap_security == b->imap_security &&
	       a->smtp_security == b->smtp_security;
}

/* While we are root: the parent would hand these files to the child. */
static void
read_mails(struct check *check)
{
	const struct config *cfg = check->cfg;
	struct err err = ERR_NONE;

	check->mails = ARENA_ARRAY(
	    check->arena, cfg->host_count + 1, struct mail_server *);
	ensure(check->mails != NULL);
	for (size_t i = 0; i <= cfg->host_count; i++) {
		const struct config_site *site =
		    i == 0 ? &cfg->site : &cfg->hosts[i - 1];

		if (make_mail(check, site, &check->mails[i], &err) != ERR_OK)
			say_err(check, "mail", &err);
	}
}

static void
check_site(struct check *check, const struct config_site *site,
    struct mail_server *server)
{
	bool is_first = site == &check->cfg->site;

	if (!is_first)
		(void)printf("[Host %.*s]\n", STR_ARG(site->host));
	if (is_first || !str_is_empty(site->template_dir))
		check_folders(check, site);
	if (!is_first && has_same_mail(site, &check->cfg->site))
		say_ok("mail", "the same servers as for all");
	else if (server != NULL)
		check_mail(check, site, server);
	mail_server_unref(server);
}

static void
check_all(struct check *check)
{
	const struct config *cfg = check->cfg;
	struct err err = ERR_NONE;

	check_switches(check);
	check_port(check, "plain port", cfg->plain_port, true);
	check_port(check, "secure port", cfg->secure_port, cfg->enable_ssl);
	check_tls(check);
	read_mails(check);
	if (main_share_find(&check->share, &err) != ERR_OK)
		say_err(check, "templates", &err);
	become_user(check);
	if (check->is_user) {
		check_state_dir(check);
		check_store(check);
		check_server_key(check);
	}
	check_site(check, &cfg->site, check->mails[0]);
	for (size_t i = 0; i < cfg->host_count; i++)
		check_site(check, &cfg->hosts[i], check->mails[i + 1]);
}

int
main_check_run(const char *ini)
{
	struct check check = {.door = {SOCK_NONE, ini, SOCK_NONE, SOCK_NONE},
	    .arena = arena_new(LIMIT_ARENA_BYTES)};

	if (check.arena == NULL)
		return 1;
	(void)printf("iwebmsgd %s checks %s\n", IWEBMSG_VERSION, ini);
	if (check_ini(&check))
		check_all(&check);
	if (check.wrong_count == 0)
		(void)puts("All is well.");
	else
		(void)printf("%u thing%s to mend.\n", check.wrong_count,
		    check.wrong_count == 1 ? "" : "s");
	config_unref(check.cfg);
	arena_free(check.arena);
	return check.wrong_count == 0 ? 0 : 1;
}
