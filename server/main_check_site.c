#include "main_check_inside.h"

#include "http/static.h"
#include "main_tls.h"
#include "view/tmpl.h"

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
		main_check_err(check, "templates", &err);
	else
		main_check_ok("templates", "%s%s%s", check->share.templates,
		    own != NULL ? " with " : "", own != NULL ? own : "");
	if (static_set_new(check->share.statics, own, &statics, &err) != ERR_OK)
		main_check_err(check, "static files", &err);
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

/* One mail server of a site, as the ini file names it. */
struct check_server {
	const char *what; /* IMAP or SMTP */
	const char *word; /* how its keys begin */
	const char *host;
	unsigned port;
	const char *security;
};

/* One line of the answer, and what an admin can do about it. */
static void
say_mail(struct check *check, const struct check_server *server,
    enum err_code rc, const struct err *err)
{
	const char *word = server->word;

	if (rc == ERR_OK) {
		main_check_ok(server->what, "%s:%u, %s", server->host,
		    server->port, server->security);
		return;
	}
	main_check_err(check, server->what, err);
	if (rc == ERR_TRUST)
		(void)printf("       %-12s mend: name its authority with "
		             "%sCA=, or write %sHost= as its certificate "
		             "does (now %s)\n",
		    "", word, word, server->host);
	else
		(void)printf("       %-12s mend: does it run, are %sHost=%s, "
		             "%sPort=%u and %sSecurity=%s right, does a "
		             "firewall stand between?\n",
		    "", word, server->host, word, server->port, word,
		    server->security);
}

static void
check_mail(struct check *check, const struct config_site *site,
    const struct mail_server *server)
{
	const struct check_server imap = {"IMAP", "Imap", site->imap_host.ptr,
	    site->imap_port, security_name(site->imap_security)};
	const struct check_server smtp = {"SMTP", "Smtp", site->smtp_host.ptr,
	    site->smtp_port, security_name(site->smtp_security)};
	struct err err = ERR_NONE;
	enum err_code rc = mail_server_check_imap(server, &err);

	say_mail(check, &imap, rc, &err);
	rc = mail_server_check_smtp(server, &err);
	say_mail(check, &smtp, rc, &err);
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
void
main_check_read_mails(struct check *check)
{
	const struct config *cfg = check->cfg;
	struct err err = ERR_NONE;

	check->mails = ARENA_ARRAY(
	    check->arena, cfg->host_count + 1, struct mail_server *);
	ensure(check->mails != NULL);
	for (size_t i = 0; i <= cfg->host_count; i++) {
		const struct config_site *site =
		    i == 0 ? &cfg->site : &cfg->hosts[i - 1];

		if (main_tls_mail(&check->files, cfg, site, &check->mails[i],
		        &err) != ERR_OK)
			main_check_err(check, "mail", &err);
	}
}

void
main_check_site(struct check *check, const struct config_site *site,
    struct mail_server *server)
{
	bool is_first = site == &check->cfg->site;

	if (!is_first)
		(void)printf("[Host %.*s]\n", STR_ARG(site->host));
	if (is_first || !str_is_empty(site->template_dir))
		check_folders(check, site);
	if (!is_first && has_same_mail(site, &check->cfg->site))
		main_check_ok("mail", "the same servers as for all");
	else if (server != NULL)
		check_mail(check, site, server);
	mail_server_unref(server);
}
