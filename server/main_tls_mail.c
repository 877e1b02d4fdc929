#include "main_tls.h"

/* The files of one leg, by their keys. */
struct leg_keys {
	struct main_file_key ca, trust, crl, certificate, key, password;
	struct main_tls_policy policy;
};

/* Of the config, for the leg that begins with these words. */
static struct net_tls_policy
custom_policy(int strength, struct str cipher_list)
{
	return (struct net_tls_policy){
	    .strength = strength == CONFIG_STRENGTH_CUSTOM ? NET_TLS_CUSTOM : 0,
	    .cipher_list = cipher_list.ptr};
}

static struct leg_keys
imap_keys(const struct config_site *site)
{
	return (struct leg_keys){
	    .ca = {site, "ImapCA", site->imap_ca, MAIN_FILE_PEM},
	    .trust = {site, "MailTrustStore", site->mail_trust_store,
	        MAIN_FILE_TRUST},
	    .crl = {site, "ImapCRL", site->imap_crl, MAIN_FILE_CRL},
	    .certificate = {site, "ImapCertificate", site->imap_certificate,
	        MAIN_FILE_PEM},
	    .key = {site, "ImapPrivateKey", site->imap_private_key,
	        MAIN_FILE_KEY},
	    .password = {site, "ImapKeyPasswordFile",
	        site->imap_key_password_file, MAIN_FILE_PASSWORD},
	    .policy = {site, "Imap",
	        custom_policy(
	            site->imap_encryption_strength, site->imap_cipher_list)}};
}

static struct leg_keys
smtp_keys(const struct config_site *site)
{
	/* An SmtpCA that is ImapCA's by default is that key's, in messages. */
	bool is_imap_ca = str_eq(site->smtp_ca, site->imap_ca);

	return (struct leg_keys){.ca = {site, is_imap_ca ? "ImapCA" : "SmtpCA",
	                             site->smtp_ca, MAIN_FILE_PEM},
	    .trust = {site, "MailTrustStore", site->mail_trust_store,
	        MAIN_FILE_TRUST},
	    .crl = {site, "SmtpCRL", site->smtp_crl, MAIN_FILE_CRL},
	    .certificate = {site, "SmtpCertificate", site->smtp_certificate,
	        MAIN_FILE_PEM},
	    .key = {site, "SmtpPrivateKey", site->smtp_private_key,
	        MAIN_FILE_KEY},
	    .password = {site, "SmtpKeyPasswordFile",
	        site->smtp_key_password_file, MAIN_FILE_PASSWORD},
	    .policy = {site, "Smtp",
	        custom_policy(
	            site->smtp_encryption_strength, site->smtp_cipher_list)}};
}

static enum err_code
read_text(struct main_files *files, const struct main_file_key *key,
    struct str *out, struct err *err)
{
	const struct main_file *file = NULL;
	enum err_code rc = main_files_read(files, key, &file, err);

	*out = file->text;
	return rc;
}

static enum err_code
read_secret(struct main_files *files, const struct main_file_key *key,
    const struct secret **out, struct err *err)
{
	const struct main_file *file = NULL;
	enum err_code rc = main_files_read(files, key, &file, err);

	*out = str_is_empty(key->path) ? NULL : &file->secret;
	return rc;
}

static enum err_code
read_leg(struct main_files *files, const struct leg_keys *keys,
    struct mail_leg_files *out, struct err *err)
{
	enum err_code rc = read_text(files, &keys->ca, &out->ca_pem, err);

	if (rc == ERR_OK)
		rc = read_text(files, &keys->trust, &out->trust_pem, err);
	if (rc == ERR_OK)
		rc = read_text(files, &keys->crl, &out->crl_pem, err);
	if (rc == ERR_OK)
		rc = read_text(
		    files, &keys->certificate, &out->certificate_pem, err);
	if (rc == ERR_OK)
		rc = read_secret(files, &keys->key, &out->key_pem, err);
	if (rc == ERR_OK)
		rc = read_secret(
		    files, &keys->password, &out->key_password, err);
	return rc;
}

/* ---- which key a message of mail/ is about --------------------------------
 */

#define NAME_BYTES 64

/* The key that stands first in the message; of two there, the longer one. */
static void
find_name(struct str message, const char *prefix, const char *rest, size_t *at,
    char best[NAME_BYTES])
{
	char name[NAME_BYTES];
	size_t found = 0;

	(void)snprintf(name, sizeof(name), "%s%s", prefix, rest);
	found = str_find(message, str_c(name), 0);
	if (found > *at || found == message.len ||
	    (found == *at && strlen(name) <= strlen(best)))
		return;
	*at = found;
	(void)snprintf(best, NAME_BYTES, "%s", name);
}

static enum err_code
fail_by_name(const struct config *cfg, const struct config_site *site,
    enum err_code rc, struct err *err)
{
	static const char *const names[] = {"CA", "CRL", "Certificate",
	    "PrivateKey", "KeyPasswordFile", "KeyPin", "Proxy",
	    "EncryptionStrength", "Auth", "VerifyName"};
	char best[NAME_BYTES] = "";
	struct err inner = *err;
	struct str message = str_c(inner.message);
	size_t at = message.len;

	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		find_name(message, "Imap", names[i], &at, best);
		find_name(message, "Smtp", names[i], &at, best);
	}
	find_name(message, "MailTrustStore", "", &at, best);
	find_name(message, "MailTrustStore", "Only", &at, best);
	if (best[0] == '\0')
		return main_files_fail(cfg, site, "ImapHost", rc, err);
	/* "ImapKeyPin: …" has it in front already. */
	if (at == 0 && str_starts(str_slice(message, strlen(best), message.len),
	                   STR(": ")))
		(void)err_set(err, rc, inner.message + strlen(best) + 2, NULL);
	return main_files_fail(cfg, site, best, rc, err);
}

/* One that trusts in the same way, to share what that takes. */
static const struct mail_server *
find_like(const struct main_files *files, const struct config_site *site)
{
	for (size_t i = 0; i < files->server_count; i++)
		if (config_same_trust(
		        mail_server_site(files->servers[i]), site))
			return files->servers[i];
	return NULL;
}

/* Only those that others can be like: not one for each of many sites. */
static void
remember(struct main_files *files, struct mail_server *server)
{
	files->servers =
	    arena_grow(files->arena, files->servers, files->server_count,
	        &files->server_capacity, sizeof(struct mail_server *));
	if (files->servers == NULL) {
		files->server_count = 0;
		return;
	}
	files->servers[files->server_count++] = mail_server_ref(server);
}

enum err_code
main_tls_mail(void *ctx, const struct config *cfg,
    const struct config_site *site, struct mail_server **out, struct err *err)
{
	struct main_files *files = ctx;
	struct mail_server_files texts = {.like = find_like(files, site)};
	struct leg_keys imap = imap_keys(site);
	struct leg_keys smtp = smtp_keys(site);
	enum err_code rc = ERR_OK;

	*out = NULL;
	/* One that is like another was judged with it. */
	if (texts.like == NULL)
		rc = main_tls_policy_check(cfg, &imap.policy, err);
	if (rc == ERR_OK && texts.like == NULL)
		rc = main_tls_policy_check(cfg, &smtp.policy, err);
	if (rc == ERR_OK)
		rc = read_leg(files, &imap, &texts.imap, err);
	if (rc == ERR_OK)
		rc = read_leg(files, &smtp, &texts.smtp, err);
	if (rc != ERR_OK)
		return rc;
	rc = mail_server_new(cfg, site, &texts, out, err);
	if (rc != ERR_OK)
		return fail_by_name(cfg, site, rc, err);
	if (texts.like == NULL)
		remember(files, *out);
	return ERR_OK;
}
