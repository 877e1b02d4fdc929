#include "main_check_inside.h"

#include "main_tls.h"
#include "os/clock.h"
#include "page/app.h"
#include "view/language.h"
#include "view/tmpl.h"

/* Catalogues: what does not fit its English, or is not there, stays English. */
static void
check_languages(const struct check *check, const struct languages *languages)
{
	size_t most = 0;

	for (size_t i = 1; i < languages_count(languages); i++) {
		const struct tr_words *words = languages_at(languages, i);

		while (words->more != NULL)
			words = words->more;
		most = words->count > most ? words->count : most;
	}
	main_check_ok("languages", "%zu, from %s", languages_count(languages),
	    check->share.words);
	for (size_t i = 0; i < languages_count(languages); i++) {
		const struct tr_words *words = languages_at(languages, i);
		size_t refused = words->refused;

		for (; words->more != NULL; refused += words->refused)
			words = words->more;
		if (refused > 0)
			main_check_note("languages",
			    "%s: English is shown for %zu whose translation "
			    "does not fit (words.refused in the log)",
			    words->code, refused);
		if (i > 0 && words->count < most)
			main_check_note("languages",
			    "%s: English is shown for %zu without translation",
			    words->code, most - words->count);
	}
}

static void
check_folders(struct check *check, const struct config_site *site)
{
	struct tmpl_set *templates = NULL;
	struct languages *languages = NULL;
	struct static_set *statics = NULL;
	const char *own =
	    str_is_empty(site->template_dir) ? NULL : site->template_dir.ptr;
	struct err err = ERR_NONE;

	if (tmpl_set_new(check->share.templates, own, &templates, &err) !=
	        ERR_OK ||
	    languages_new(check->share.words, own, &languages, &err) !=
	        ERR_OK ||
	    tmpl_set_speak(templates, languages, &err) != ERR_OK)
		main_check_err(check, "templates", &err);
	else {
		main_check_ok("templates", "%s%s%s", check->share.templates,
		    own != NULL ? " with " : "", own != NULL ? own : "");
		check_languages(check, languages);
	}
	if (app_statics_new(check->share.statics, site, &statics, &err) !=
	    ERR_OK)
		main_check_err(check, "static files", &err);
	else if (!str_is_empty(site->logo))
		main_check_ok("logo", "%s", site->logo.ptr);
	tmpl_set_unref(templates);
	languages_unref(languages);
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
	unsigned port, tls_port, clear_port;
	int security, verify;
};

static bool
says(const struct err *err, struct str words)
{
	struct str message = str_c(err->message);
	struct str detail = str_c(err->detail);

	return str_find(message, words, 0) < message.len ||
	       str_find(detail, words, 0) < detail.len;
}

/* A server that was reached and not trusted. */
static void
say_mend_trust(const struct check_server *server, const struct err *err)
{
	const char *word = server->word;
	const char *how = "";

	if (server->security == CONFIG_SECURITY_STARTTLS)
		how = word[0] == 'I' ? " --starttls imap" : " --starttls smtp";
	if (says(err, STR("for another name")))
		main_check_mend(
		    "write one of its names in %sHost= or %sVerifyName=", word,
		    word);
	else if (says(err, STR("KeyPin anew")))
		main_check_mend("iwebmsg-ssl trust fetch %s:%u%s shows the "
		                "key it has now; %sKeyPin= names the one that "
		                "is trusted",
		    server->host, server->port, how, word);
	else if (says(err, STR("not trusted here")) ||
	         says(err, STR("nobody but itself")))
		main_check_mend("iwebmsg-ssl trust fetch %s:%u%s shows its "
		                "certificate; trust its authority with "
		                "iwebmsg-ssl trust add FILE --for mail "
		                "(MailTrustStore=), or with %sCA=",
		    server->host, server->port, how, word);
	else if (says(err, STR("STARTTLS")))
		main_check_mend("switch STARTTLS on there, or set "
		                "%sSecurity=tls with its port for TLS, as a "
		                "rule %u",
		    word, server->tls_port);
	else
		main_check_mend("TROUBLE.md, \"The mail servers\", has a row "
		                "for it");
}

/* What an admin can do about it; mail/ has its own words for certificates. */
static void
say_mend(
    const struct check_server *server, enum err_code rc, const struct err *err)
{
	const char *word = server->word;

	if (says(err, STR("speaks TLS from the start")))
		main_check_mend("set %sSecurity=tls, or %sPort= to the port "
		                "for starttls, as a rule %u",
		    word, word, server->clear_port);
	else if (says(err, STR("does not speak TLS")))
		main_check_mend("set %sSecurity=starttls, or %sPort= to the "
		                "port for TLS, as a rule %u",
		    word, word, server->tls_port);
	else if (rc == ERR_TRUST)
		say_mend_trust(server, err);
	else
		main_check_mend("does it run, are %sHost=%s, %sPort=%u and "
		                "%sSecurity=%s right, does a firewall stand "
		                "between?",
		    word, server->host, word, server->port, word,
		    security_name(server->security));
}

static void
add_proof(struct buf *out, const struct mail_leg *leg)
{
	CLEANUP(buf_free) struct buf date;

	buf_init(&date, 64);
	clock_add_iso(&date, leg->not_after_s);
	if (leg->is_pinned)
		buf_add_c(out, "trusted by its KeyPin");
	else if (leg->check == NET_TLS_CHECK_FULL)
		buf_add_c(out, "chain and name verified");
	else if (leg->check == NET_TLS_CHECK_CHAIN)
		buf_add_c(out, "less than full: chain verified, any name");
	else
		buf_add_c(out, "less than full: NOTHING VERIFIED");
	if (leg->issuer[0] != '\0')
		buf_addf(out, ", issued by %s", leg->issuer);
	buf_addf(out, ", until %.*s",
	    STR_ARG(str_slice(buf_str(&date), 0, strlen("2026-11-21"))));
}

/* Protocol, cipher, and how it was verified. */
static void
say_leg(const struct check_server *server, const struct mail_leg *leg)
{
	CLEANUP(buf_free) struct buf proof;
	bool is_less = leg->is_known && !leg->is_pinned &&
	               leg->check != NET_TLS_CHECK_FULL;

	buf_init(&proof, 1024);
	if (server->security == CONFIG_SECURITY_NONE)
		buf_add_c(&proof, leg->is_local ? "in clear, on this machine"
		                                : "IN CLEAR, over the network");
	else if (leg->is_known)
		buf_addf(&proof, "%s %s, ", leg->protocol, leg->cipher);
	if (leg->is_known && server->security != CONFIG_SECURITY_NONE)
		add_proof(&proof, leg);
	buf_add_byte(&proof, '\0');
	if (is_less ||
	    (server->security == CONFIG_SECURITY_NONE && !leg->is_local))
		main_check_note(server->what, "%s:%u, %s: %s", server->host,
		    server->port, security_name(server->security),
		    buf_str(&proof).ptr);
	else
		main_check_ok(server->what, "%s:%u, %s: %s", server->host,
		    server->port, security_name(server->security),
		    buf_str(&proof).ptr);
}

static void
say_mail(struct check *check, const struct check_server *server,
    const struct mail_leg *leg, enum err_code rc, const struct err *err)
{
	if (rc == ERR_OK) {
		say_leg(server, leg);
		return;
	}
	main_check_err(check, server->what, err);
	say_mend(server, rc, err);
}

static void
check_mail(struct check *check, const struct config_site *site,
    const struct mail_server *server)
{
	const struct check_server imap = {"IMAP", "Imap", site->imap_host.ptr,
	    site->imap_port, 993, 143, site->imap_security,
	    site->imap_verify_server};
	const struct check_server smtp = {"SMTP", "Smtp", site->smtp_host.ptr,
	    site->smtp_port, 465, 587, site->smtp_security,
	    site->smtp_verify_server};
	struct mail_leg imap_leg;
	struct mail_leg smtp_leg;
	struct err imap_err = ERR_NONE;
	struct err smtp_err = ERR_NONE;
	enum err_code imap_rc = mail_server_check_imap(server, &imap_err);
	enum err_code smtp_rc = mail_server_check_smtp(server, &smtp_err);

	mail_server_legs(server, &imap_leg, &smtp_leg);
	say_mail(check, &imap, &imap_leg, imap_rc, &imap_err);
	say_mail(check, &smtp, &smtp_leg, smtp_rc, &smtp_err);
}

static const struct config_site *
site_at(const struct config *cfg, size_t index)
{
	if (index == 0)
		return &cfg->site;
	if (index <= cfg->host_count)
		return &cfg->hosts[index - 1];
	return &cfg->domains[index - 1 - cfg->host_count];
}

/* While we are root: the parent would hand these files to the child. */
void
main_check_read_mails(struct check *check)
{
	const struct config *cfg = check->cfg;
	size_t count = 1 + cfg->host_count + cfg->domain_count;

	check->mails = ARENA_ARRAY(check->arena, count, struct mail_server *);
	ensure(check->mails != NULL);
	for (size_t i = 0; i < count; i++) {
		const struct config_site *site = site_at(cfg, i);
		struct err err = ERR_NONE;

		if (i > 0 && config_same_mail(site, &cfg->site))
			continue;
		if (main_tls_mail(&check->files, cfg, site, &check->mails[i],
		        &err) != ERR_OK)
			main_check_err(check, "mail", &err);
	}
}

void
main_check_site(struct check *check, const struct config_site *site,
    struct mail_server *server)
{
	const struct config *cfg = check->cfg;
	bool is_first = site == &cfg->site;
	bool is_domain = cfg->domain_count > 0 && site >= cfg->domains &&
	                 site < cfg->domains + cfg->domain_count;

	if (!is_first)
		(void)printf("[%s %.*s]\n", is_domain ? "Domain" : "Host",
		    STR_ARG(site->host));
	if (is_first || (!is_domain && !app_statics_same(site, &cfg->site)))
		check_folders(check, site);
	if (!is_first && config_same_mail(site, &cfg->site))
		main_check_ok("mail", "the same servers as for all");
	else if (server != NULL)
		check_mail(check, site, server);
	mail_server_unref(server);
}
