#include "mail/server.h"

/* A leg's keys as the ini file has them. */
struct leg_keys {
	struct str ca, verify_name, key_pin, crl;
	struct str certificate, private_key;
	struct str cipher_list, proxy;
	int verify_server, min_protocol, max_protocol, strength;
};

/* Said in an ini file of the leg's own name: "ImapKeyPin: …" */
static enum err_code
leg_wrong(const struct mail_server_leg *leg, const char *key,
    const struct err *why, struct err *err)
{
	return err_sayf(
	    err, ERR_CONFIG, "%s%s: %s", leg->word, key, why->message);
}

static enum err_code
leg_says(const struct mail_server_leg *leg, const char *key, const char *words,
    struct err *err)
{
	return err_sayf(err, ERR_CONFIG, "%s%s: %s", leg->word, key, words);
}

/* "ImapCA=/etc/ssl/ca.pem", as messages name files. */
static const char *
leg_file(struct arena *arena, const struct mail_server_leg *leg,
    const char *key, struct str path)
{
	struct str name =
	    str_printf(arena, "%s%s=%.*s", leg->word, key, STR_ARG(path));

	return name.ptr == NULL ? key : name.ptr;
}

/* ---- pins ---- */

static enum err_code
leg_pin(const struct mail_server_leg *leg, struct str words,
    unsigned char pin[CONFIG_PIN_BYTES], struct str *out, struct err *err)
{
	if (str_is_empty(words))
		return ERR_OK;
	if (!config_pin(words, pin))
		return leg_says(leg, "KeyPin",
		    "this is no SHA-256 of a public key: 64 hex digits, or 44 "
		    "letters of Base64. iwebmsg-ssl trust fetch HOST:PORT "
		    "shows it.",
		    err);
	*out = str_of((const char *)pin, CONFIG_PIN_BYTES);
	return ERR_OK;
}

/* ---- TLS ---- */

static enum err_code
leg_trust(struct mail_server *server, const struct mail_server_leg *leg,
    const struct leg_keys *keys, const struct mail_leg_files *files,
    struct net_tls_client_settings *out, struct err *err)
{
	struct arena *arena = server->arena;
	const struct config_site *site = server->site;
	struct str store;

	out->trust = (struct net_tls_trust){
	    .name = "",
	    .crl_pem = files->crl_pem,
	    .crl_name = leg_file(arena, leg, "CRL", keys->crl),
	    .accept_stale_crl = site->stale_crl == CONFIG_STALE_CRL_ACCEPT,
	};
	if (files->ca_pem.len > 0) {
		out->trust.pem = files->ca_pem;
		out->trust.name = leg_file(arena, leg, "CA", keys->ca);
		return ERR_OK;
	}
	if (site->mail_trust_store_only && files->trust_pem.len == 0)
		return err_sayf(err, ERR_CONFIG,
		    "MailTrustStoreOnly=1 needs authorities in "
		    "MailTrustStore, or %sCA; nobody could be trusted.",
		    leg->word);
	out->trust.pem = files->trust_pem;
	store = str_printf(
	    arena, "MailTrustStore=%.*s", STR_ARG(site->mail_trust_store));
	out->trust.name = store.ptr == NULL ? "MailTrustStore" : store.ptr;
	out->trust_system_too = !site->mail_trust_store_only;
	return ERR_OK;
}

static enum err_code
leg_policy(const struct mail_server_leg *leg, const struct leg_keys *keys,
    struct arena *arena, struct net_tls_policy *out, struct err *err)
{
	static const enum net_tls_strength strengths[] = {
	    [CONFIG_STRENGTH_INTERMEDIATE] = NET_TLS_INTERMEDIATE,
	    [CONFIG_STRENGTH_MODERN] = NET_TLS_MODERN,
	    [CONFIG_STRENGTH_CUSTOM] = NET_TLS_CUSTOM,
	};
	struct err why = ERR_NONE;

	*out = (struct net_tls_policy){
	    .min_version = keys->min_protocol == CONFIG_TLS_1_3 ? NET_TLS_1_3
	                                                        : NET_TLS_1_2,
	    .max_version = keys->max_protocol == CONFIG_TLS_1_3 ? NET_TLS_1_3
	                                                        : NET_TLS_1_2,
	    .strength = strengths[keys->strength],
	    .cipher_list = str_dup_bytes(arena, keys->cipher_list),
	};
	if (net_tls_policy_check(out, &why) == ERR_OK)
		return ERR_OK;
	return leg_wrong(
	    leg, "EncryptionStrength, protocols and ciphers", &why, err);
}

static enum net_tls_check
leg_check(int verify_server)
{
	static const enum net_tls_check checks[] = {
	    [CONFIG_VERIFY_SERVER_FULL] = NET_TLS_CHECK_FULL,
	    [CONFIG_VERIFY_SERVER_CHAIN] = NET_TLS_CHECK_CHAIN,
	    [CONFIG_VERIFY_SERVER_OFF] = NET_TLS_CHECK_OFF,
	};

	return checks[verify_server];
}

static enum err_code
leg_tls(struct mail_server *server, struct mail_server_leg *leg,
    const struct leg_keys *keys, const struct mail_leg_files *files,
    struct err *err)
{
	struct arena *arena = server->arena;
	unsigned char pin[CONFIG_PIN_BYTES] = {0};
	const struct net_tls_identity identity = {
	    .certificate_pem = files->certificate_pem,
	    .key_pem = files->key_pem,
	    .key_password = files->key_password,
	    .certificate_name =
	        leg_file(arena, leg, "Certificate", keys->certificate),
	    .key_name = leg_file(arena, leg, "PrivateKey", keys->private_key),
	};
	struct net_tls_client_settings settings = {
	    .check = leg->check,
	    .name = keys->verify_name,
	};
	enum err_code rc = leg_policy(leg, keys, arena, &settings.policy, err);

	if (files->certificate_pem.len > 0) {
		if (files->key_pem == NULL)
			return leg_says(leg, "PrivateKey",
			    "is missing, and the certificate needs it.", err);
		settings.identity = &identity;
	}
	if (rc == ERR_OK)
		rc = leg_pin(leg, keys->key_pin, pin, &settings.key_pin, err);
	if (rc == ERR_OK)
		rc = leg_trust(server, leg, keys, files, &settings, err);
	return rc == ERR_OK ? net_tls_client_new(&settings, &leg->tls, err)
	                    : rc;
}

/*
 * With EXTERNAL (RFC 4422, A) the mail server believes us whoever we name: so
 * the person must have been known by a certificate of their own.
 */
static enum err_code
leg_external(const struct mail_server *server,
    const struct mail_server_leg *leg, struct err *err)
{
	const struct config_site *site = server->site;

	if (!leg->is_external)
		return ERR_OK;
	if (leg->tls == NULL || !net_tls_client_has_identity(leg->tls))
		return err_sayf(err, ERR_CONFIG,
		    "%sAuth=external needs %sCertificate and %sPrivateKey, and "
		    "tls or starttls: it is our certificate that logs in.",
		    leg->word, leg->word, leg->word);
	if (site->client_cert_user == CONFIG_CERT_USER_NONE ||
	    (site->verify_client != CONFIG_VERIFY_CLIENT_REQUIRED &&
	        site->verify_client != CONFIG_VERIFY_CLIENT_EXPLAIN))
		return err_sayf(err, ERR_CONFIG,
		    "%sAuth=external needs ClientCertUser and "
		    "VerifyClient=required or explain: without a certificate "
		    "of their own, anybody could log in as anybody.",
		    leg->word);
	return ERR_OK;
}

static enum err_code
leg_make(struct mail_server *server, struct mail_server_leg *leg,
    const struct leg_keys *keys, const struct mail_leg_files *files,
    struct err *err)
{
	struct err why = ERR_NONE;
	enum err_code rc =
	    net_proxy_parse(server->arena, keys->proxy, &leg->proxy, &why);

	if (rc != ERR_OK)
		return leg_wrong(leg, "Proxy", &why, err);
	leg->check = leg_check(keys->verify_server);
	if (leg->security != CONFIG_SECURITY_NONE && leg->tls == NULL)
		rc = leg_tls(server, leg, keys, files, err);
	return rc == ERR_OK ? leg_external(server, leg, err) : rc;
}

/* The context of another server's leg, when both have one. */
static struct net_tls_client *
leg_share(const struct mail_server_leg *like, int security)
{
	if (like == NULL || like->tls == NULL ||
	    security == CONFIG_SECURITY_NONE)
		return NULL;
	return net_tls_client_ref(like->tls);
}

enum err_code
server_leg_imap(struct mail_server *server,
    const struct mail_server_files *files, struct err *err)
{
	const struct config_site *site = server->site;
	const struct leg_keys keys = {
	    .ca = site->imap_ca,
	    .verify_name = site->imap_verify_name,
	    .key_pin = site->imap_key_pin,
	    .crl = site->imap_crl,
	    .certificate = site->imap_certificate,
	    .private_key = site->imap_private_key,
	    .cipher_list = site->imap_cipher_list,
	    .proxy = site->imap_proxy,
	    .verify_server = site->imap_verify_server,
	    .min_protocol = site->imap_min_protocol,
	    .max_protocol = site->imap_max_protocol,
	    .strength = site->imap_encryption_strength,
	};

	server->imap = (struct mail_server_leg){
	    .word = "Imap",
	    .host = site->imap_host,
	    .port = site->imap_port,
	    .security = site->imap_security,
	    .is_external = site->imap_auth == CONFIG_AUTH_EXTERNAL,
	    .tls = leg_share(files->like == NULL ? NULL : &files->like->imap,
	        site->imap_security),
	};
	return leg_make(server, &server->imap, &keys, &files->imap, err);
}

enum err_code
server_leg_smtp(struct mail_server *server,
    const struct mail_server_files *files, struct err *err)
{
	const struct config_site *site = server->site;
	struct mail_leg_files own = files->smtp;
	const struct leg_keys keys = {
	    .ca = own.ca_pem.len > 0 ? site->smtp_ca : site->imap_ca,
	    .verify_name = site->smtp_verify_name,
	    .key_pin = site->smtp_key_pin,
	    .crl = site->smtp_crl,
	    .certificate = site->smtp_certificate,
	    .private_key = site->smtp_private_key,
	    .cipher_list = site->smtp_cipher_list,
	    .proxy = site->smtp_proxy,
	    .verify_server = site->smtp_verify_server,
	    .min_protocol = site->smtp_min_protocol,
	    .max_protocol = site->smtp_max_protocol,
	    .strength = site->smtp_encryption_strength,
	};

	/* SmtpCA empty: ImapCA's, as the key says. */
	if (own.ca_pem.len == 0)
		own.ca_pem = files->imap.ca_pem;
	server->smtp = (struct mail_server_leg){
	    .word = "Smtp",
	    .host = site->smtp_host,
	    .port = site->smtp_port,
	    .security = site->smtp_security,
	    .is_external = site->smtp_auth == CONFIG_AUTH_EXTERNAL,
	    .tls = leg_share(files->like == NULL ? NULL : &files->like->smtp,
	        site->smtp_security),
	};
	return leg_make(server, &server->smtp, &keys, &own, err);
}
