#include <openssl/x509v3.h>

#include "chain.h"
#include "check_part.h"
#include "ini.h"
#include "judge.h"
#include "key.h"
#include "load.h"
#include "os/file.h"
#include "own.h"

#define FILE_BYTES_MAX ((size_t)1 << 20)

/* One site on its way through. */
struct place {
	struct check *check;
	const struct config *cfg;
	const struct config_site *site;
	const struct check_pair *by_hand; /* for the site of all; else NULL */
	STACK_OF(X509) * leaves;          /* of its certificates; owned */
};

static void
place_end(struct place *place)
{
	own_certs_free(&place->leaves);
}

static void
add_name(struct check_pair *pair, const char *name)
{
	for (size_t i = 0; i < pair->name_count; i++)
		if (name != NULL && strcmp(pair->names[i], name) == 0)
			return;
	if (name != NULL && name[0] != '\0' &&
	    pair->name_count < CHECK_NAMES_MAX)
		pair->names[pair->name_count++] = name;
}

static void
add_names_of(const struct place *place, const struct config_site *site,
    struct check_pair *pair)
{
	struct arena *arena = place->check->arena;

	/* A host inherits the address of all, which is not its own. */
	if (site == &place->cfg->site ||
	    !str_eq(
	        site->public_secure_url, place->cfg->site.public_secure_url))
		add_name(pair, ini_host_of(site->public_secure_url, arena));
	/* "*" stands for what no browser asks for. */
	if (site->host.len > 0 &&
	    str_find_byte(site->host, '*', 0) == site->host.len)
		add_name(pair, str_dup_c(arena, site->host));
}

/* Its own names, and those of the hosts that show this certificate. */
static void
fill_names(const struct place *place, struct check_pair *pair)
{
	const struct config *cfg = place->cfg;

	add_names_of(place, place->site, pair);
	if (place->site != &cfg->site)
		return;
	for (size_t i = 0; i < cfg->host_count; i++)
		if (str_eq(cfg->hosts[i].certificate, cfg->site.certificate))
			add_names_of(place, &cfg->hosts[i], pair);
}

static enum err_code
run_pair(struct place *place, struct check_pair *pair, struct err *err)
{
	CLEANUP(own_certs_free) STACK_OF(X509) *chain = NULL;

	const char *what = str_dup_c(
	    place->check->arena, str_printf(place->check->arena, "%s %s",
	                             pair->is_client ? "client" : "server",
	                             pair->key != NULL ? pair->key : ""));

	if ((pair->cert == NULL && pair->key == NULL) || what == NULL ||
	    !check_is_new(
	        place->check, what, pair->cert != NULL ? pair->cert : ""))
		return ERR_OK;
	enum err_code rc = check_pair(place->check, pair, &chain, err);
	if (rc == ERR_OK && chain != NULL && !pair->is_client &&
	    X509_add_cert(place->leaves, sk_X509_value(chain, 0),
	        X509_ADD_FLAG_UP_REF) != 1)
		return key_fail("keep the certificate", err);
	return rc;
}

static enum err_code
first_pair(struct place *place, struct err *err)
{
	const struct config_site *site = place->site;
	struct check *check = place->check;
	struct check_pair pair = {.cert_word = "Certificate",
	    .key_word = "PrivateKey",
	    .password_word = "KeyPasswordFile",
	    .ocsp_word = "OcspResponse",
	    .cert = check_path(check, site->certificate),
	    .key = check_path(check, site->private_key),
	    .password_file = check_path(check, site->key_password_file),
	    .ocsp = check_path(check, site->ocsp_response)};
	const struct check_pair *hand = place->by_hand;

	if (hand != NULL && hand->cert != NULL)
		pair.cert = hand->cert;
	if (hand != NULL && hand->key != NULL)
		pair.key = hand->key;
	if (hand != NULL && hand->password_file != NULL)
		pair.password_file = hand->password_file;
	if (hand != NULL && hand->name_count > 0)
		add_name(&pair, hand->names[0]);
	else
		fill_names(place, &pair);
	return run_pair(place, &pair, err);
}

static const char *
kind_of(X509 *cert)
{
	const EVP_PKEY *key = X509_get0_pubkey(cert);
	const char *name = key != NULL ? EVP_PKEY_get0_type_name(key) : NULL;

	return name != NULL ? name : "unknown";
}

static enum err_code
second_pair(struct place *place, struct err *err)
{
	const struct config_site *site = place->site;
	struct check *check = place->check;
	struct str password = site->key_password_file2.len > 0
	                          ? site->key_password_file2
	                          : site->key_password_file;
	struct check_pair pair = {.cert_word = "Certificate2",
	    .key_word = "PrivateKey2",
	    .password_word = "KeyPasswordFile2",
	    .ocsp_word = "OcspResponse2",
	    .cert = check_path(check, site->certificate2),
	    .key = check_path(check, site->private_key2),
	    .password_file = check_path(check, password),
	    .ocsp = check_path(check, site->ocsp_response2)};

	fill_names(place, &pair);
	enum err_code rc = run_pair(place, &pair, err);
	if (rc != ERR_OK || sk_X509_num(place->leaves) != 2)
		return rc;
	const char *one = kind_of(sk_X509_value(place->leaves, 0));
	if (strcmp(one, kind_of(sk_X509_value(place->leaves, 1))) != 0) {
		report_ok(
		    &check->report, "pairs", "two certificates of two kinds");
		return ERR_OK;
	}
	report_bad(&check->report, "pairs",
	    "Certificate= and Certificate2= both have keys of the kind %s: the "
	    "second is for the other kind, RSA or EC",
	    one);
	report_mend(&check->report,
	    "iwebmsg-ssl csr --name NAME --key %s --out-dir NEWFOLDER asks for "
	    "the other one; or take Certificate2= out",
	    strcmp(one, "RSA") == 0 ? "ec:p256" : "rsa:2048");
	return ERR_OK;
}

static enum err_code
clients(struct place *place, struct err *err)
{
	const struct config_site *site = place->site;
	struct check *check = place->check;
	const struct check_store ask = {.word = "TrustStore",
	    .path = check_path(check, site->trust_store),
	    .crl_word = "ClientCRL",
	    .crl = check_path(check, site->client_crl),
	    .accepts_stale = site->stale_crl == CONFIG_STALE_CRL_ACCEPT,
	    .own = place->leaves};

	return check_store(check, &ask, err);
}

/* A client's pair, as a mail server that asks for one sees it. */
static enum err_code
mail_pair(struct place *place, bool is_imap, struct err *err)
{
	const struct config_site *site = place->site;
	struct check *check = place->check;
	struct check_pair pair = {
	    .cert_word = is_imap ? "ImapCertificate" : "SmtpCertificate",
	    .key_word = is_imap ? "ImapPrivateKey" : "SmtpPrivateKey",
	    .password_word =
	        is_imap ? "ImapKeyPasswordFile" : "SmtpKeyPasswordFile",
	    .ocsp_word = "",
	    .cert = check_path(check,
	        is_imap ? site->imap_certificate : site->smtp_certificate),
	    .key = check_path(check,
	        is_imap ? site->imap_private_key : site->smtp_private_key),
	    .password_file =
	        check_path(check, is_imap ? site->imap_key_password_file
	                                  : site->smtp_key_password_file),
	    .is_client = true};

	if (pair.cert != NULL && site->certificate.len > 0 &&
	    ini_is_same_file(pair.cert, site->certificate.ptr))
		report_note(&check->report, "pairs",
		    "%s= is the server's own certificate: one for each purpose "
		    "can be taken back alone (iwebmsg-ssl ca issue --purpose "
		    "client)",
		    pair.cert_word);
	return run_pair(place, &pair, err);
}

static enum err_code
mail_stores(struct place *place, struct err *err)
{
	const struct config_site *site = place->site;
	const struct {
		const char *word, *crl_word;
		struct str path, crl;
	} rows[] = {
	    {"MailTrustStore", "", site->mail_trust_store, {0}},
	    {"ImapCA", "ImapCRL", site->imap_ca, site->imap_crl},
	    {"SmtpCA", "SmtpCRL", site->smtp_ca, site->smtp_crl},
	};
	enum err_code rc = ERR_OK;

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]) && rc == ERR_OK;
	     i++) {
		const struct check_store ask = {.word = rows[i].word,
		    .path = check_path(place->check, rows[i].path),
		    .is_mail = true,
		    .crl_word = rows[i].crl_word,
		    .crl = check_path(place->check, rows[i].crl)};
		rc = check_store(place->check, &ask, err);
	}
	return rc;
}

static enum err_code
check_one(struct check *check, const struct config *cfg,
    const struct config_site *site, const struct check_pair *by_hand,
    struct err *err)
{
	CLEANUP(place_end)
	struct place place = {.check = check,
	    .cfg = cfg,
	    .site = site,
	    .by_hand = by_hand,
	    .leaves = sk_X509_new_null()};
	enum err_code rc = ERR_OK;

	if (place.leaves == NULL)
		return key_fail("start", err);
	rc = first_pair(&place, err);
	if (rc == ERR_OK)
		rc = second_pair(&place, err);
	if (rc == ERR_OK)
		rc = clients(&place, err);
	if (rc == ERR_OK)
		rc = mail_stores(&place, err);
	if (rc == ERR_OK)
		rc = mail_pair(&place, true, err);
	return rc == ERR_OK ? mail_pair(&place, false, err) : rc;
}

/* What everybody may fetch: a certificate of an authority, and no key. */
static void
check_trust_page(struct check *check, const char *path)
{
	CLEANUP(load_found_free) struct load_found found = {.certs = NULL};
	struct report *report = &check->report;
	struct str bytes;
	struct err why = ERR_NONE;
	enum err_code rc =
	    file_read(path, FILE_BYTES_MAX, check->arena, &bytes, &why);
	bool has_key = rc == ERR_OK &&
	               str_find(bytes, STR("PRIVATE KEY-----"), 0) < bytes.len;

	if (rc == ERR_OK)
		rc = load_certs(path, NULL, &found, &why);
	if (has_key) {
		report_bad(report, "trust page",
		    "TrustPageCA=%s holds a private key", path);
		report_mend(report,
		    "iwebmsg-ssl export --cert %s --out NEWFILE, then "
		    "TrustPageCA=NEWFILE",
		    path);
	} else if (rc != ERR_OK) {
		report_bad(
		    report, "trust page", "TrustPageCA=: %s", why.message);
		report_mend(report, "TrustPageCA=ca.pem of your authority's "
		                    "folder (iwebmsg-ssl ca init)");
	} else if (X509_check_ca(sk_X509_value(found.certs, 0)) == 0) {
		report_bad(report, "trust page",
		    "TrustPageCA=%s is no authority's certificate", path);
		report_mend(report, "TrustPageCA=ca.pem of your authority's "
		                    "folder (iwebmsg-ssl ca init)");
	} else {
		report_ok(report, "trust page",
		    "%s is an authority's, without its key", path);
	}
}

static void
say_where(struct check *check, const char *kind, struct str name)
{
	report_note(&check->report, "site", "[%s %.*s]", kind, STR_ARG(name));
}

enum err_code
check_sites(struct check *check, const struct config *cfg,
    const struct check_pair *by_hand, struct err *err)
{
	const struct check_store proxies = {.word = "ProxyTrustStore",
	    .path = check_path(check, cfg->proxy_trust_store)};
	const char *page_ca = check_path(check, cfg->trust_page_ca);
	enum err_code rc = ERR_OK;

	if (page_ca != NULL)
		check_trust_page(check, page_ca);
	/* Whom we ask people to trust, we trust. */
	if (check->root == NULL && cfg->trust_page && page_ca != NULL &&
	    file_exists(page_ca))
		check->root = page_ca;
	rc = check_one(check, cfg, &cfg->site, by_hand, err);
	for (size_t i = 0; i < cfg->host_count && rc == ERR_OK; i++) {
		say_where(check, "Host", cfg->hosts[i].host);
		rc = check_one(check, cfg, &cfg->hosts[i], NULL, err);
	}
	for (size_t i = 0; i < cfg->domain_count && rc == ERR_OK; i++) {
		say_where(check, "Domain", cfg->domains[i].host);
		rc = check_one(check, cfg, &cfg->domains[i], NULL, err);
	}
	return rc == ERR_OK ? check_store(check, &proxies, err) : rc;
}
