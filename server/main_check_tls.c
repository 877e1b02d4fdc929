#include "main_check_inside.h"

#include "main_expiry.h"
#include "main_tls.h"
#include "net/net_fips.h"
#include "net/net_pem.h"
#include "os/clock.h"

bool
main_check_fips(struct check *check)
{
	const struct config *cfg = check->cfg;
	struct err err = ERR_NONE;
	enum err_code rc = ERR_OK;

	if (!cfg->fips)
		return true;
	rc = net_fips_start(&err);
	if (rc == ERR_OK) {
		main_check_ok("FIPS", "OpenSSL's FIPS provider is loaded");
		return true;
	}
	(void)main_files_fail(cfg, &cfg->site, "FIPS", rc, &err);
	main_check_err(check, "FIPS", &err);
	return false;
}

/* ---- how long something lasts --------------------------------------------
 */

/* "12 days left", "expired 3 days ago" */
static void
add_days(struct buf *out, const struct main_expiry_item *item, int64_t now_s)
{
	int64_t days = main_expiry_days(item, now_s);
	/* Days are rounded down: whole ones have passed one less. */
	int64_t shown = days < 0 ? -days - 1 : days;
	const char *what = item->is_crl ? "out of date" : "expired";

	if (days == -1)
		buf_addf(out, "%s less than a day ago", what);
	else if (days < 0)
		buf_addf(out, "%s %lld day%s ago", what, (long long)shown,
		    shown == 1 ? "" : "s");
	else
		buf_addf(out, "%lld day%s left", (long long)shown,
		    shown == 1 ? "" : "s");
}

/* One line; `about` stands between the file and its days. */
static void
say_item(struct check *check, const char *what,
    const struct main_expiry_item *item, const char *about)
{
	CLEANUP(buf_free) struct buf line;
	int64_t now_s = clock_now_s();
	enum main_expiry_level level = main_expiry_level(item, now_s);

	buf_init(&line, 8192);
	if (!str_eq(item->host, STR("*")))
		buf_addf(&line, "%.*s: ", STR_ARG(item->host));
	buf_addf(&line, "%.*s, %s", STR_ARG(item->file), about);
	add_days(&line, item, now_s);
	if (level != MAIN_EXPIRY_FAR)
		buf_add_c(&line, item->is_crl ? "; fetch a fresh list"
		                              : "; renew it, see iwebmsg-ssl");
	buf_add_byte(&line, '\0');
	if (level == MAIN_EXPIRY_OVER)
		main_check_wrong(check, what, "%s", buf_str(&line).ptr);
	else if (level == MAIN_EXPIRY_FAR)
		main_check_ok(what, "%s", buf_str(&line).ptr);
	else
		main_check_note(what, "%s", buf_str(&line).ptr);
}

static void
say_certificate(struct check *check, const struct net_tls_facts *facts,
    const struct main_expiry_item *item)
{
	CLEANUP(buf_free) struct buf about = {.ptr = NULL};

	if (facts->not_before_s > clock_now_s()) {
		main_check_wrong(check, "certificate",
		    "%s is not valid yet; check this machine's clock",
		    facts->file);
		return;
	}
	buf_init(&about, 4096);
	buf_addf(&about, "%s, ", facts->subject);
	if (facts->key_kind != NULL && facts->key_kind[0] != '\0')
		buf_addf(&about, "%s, ", facts->key_kind);
	if (facts->is_self_signed)
		buf_add_c(&about, "self-signed (browsers will warn), ");
	buf_add_byte(&about, '\0');
	say_item(check, "certificate", item, buf_str(&about).ptr);
}

/* Hosts that show the certificate for all are named in one line. */
static void
say_same(const struct config *cfg)
{
	CLEANUP(buf_free) struct buf names;
	size_t count = 0;

	buf_init(&names, 2048);
	for (size_t i = 0; i < cfg->host_count; i++) {
		if (!str_eq(cfg->hosts[i].certificate, cfg->site.certificate))
			continue;
		buf_addf(&names, "%s%.*s", count == 0 ? "" : ", ",
		    STR_ARG(cfg->hosts[i].host));
		count++;
	}
	if (count > 0)
		main_check_ok("certificate", "the one for all: %.*s",
		    STR_ARG(buf_str(&names)));
}

static void
say_certificates(struct check *check, const struct net_tls *tls,
    const struct main_expiry *expiry)
{
	/* The browser door's stand first, in the order of their facts. */
	for (size_t i = 0; i < expiry->count; i++) {
		const struct net_tls_facts *facts = net_tls_facts_at(tls, i);

		if (facts == NULL || !expiry->items[i].is_server)
			break;
		if (expiry->items[i].is_first)
			say_certificate(check, facts, &expiry->items[i]);
	}
	say_same(check->cfg);
	main_check_ok("key", "%s fits", check->cfg->site.private_key.ptr);
}

/* ---- client certificates ---------------------------------------------------
 */

static const char *
verify_word(int verify)
{
	static const char *const words[] = {
	    [CONFIG_VERIFY_CLIENT_NONE] = "none",
	    [CONFIG_VERIFY_CLIENT_OPTIONAL] = "optional",
	    [CONFIG_VERIFY_CLIENT_REQUIRED] = "required",
	    [CONFIG_VERIFY_CLIENT_EXPLAIN] = "explain",
	};

	return words[verify];
}

static void
check_clients(struct check *check, const struct config_site *site)
{
	const struct main_file_key trust = {
	    site, "TrustStore", site->trust_store, MAIN_FILE_TRUST};
	const struct main_file_key crl = {
	    site, "ClientCRL", site->client_crl, MAIN_FILE_CRL};
	const struct main_file *store = NULL;
	const struct main_file *lists = NULL;
	struct err err = ERR_NONE;
	unsigned count = 0;

	/* Read before, or said before why not. */
	if (main_files_read(&check->files, &trust, &store, &err) != ERR_OK ||
	    main_files_read(&check->files, &crl, &lists, &err) != ERR_OK)
		return;
	count = net_pem_certificate_count(store->text);
	main_check_ok("client trust",
	    "%s%.*s%s%s with %u certificate%s, VerifyClient=%s, %s",
	    str_is_empty(site->host) ? "" : "[Host ", STR_ARG(site->host),
	    str_is_empty(site->host) ? "" : "] ", site->trust_store.ptr, count,
	    count == 1 ? "" : "s", verify_word(site->verify_client),
	    str_is_empty(site->client_crl) ? "no revocation list"
	                                   : "with revocation lists");
}

static void
check_all_clients(struct check *check)
{
	const struct config *cfg = check->cfg;

	if (cfg->site.verify_client != CONFIG_VERIFY_CLIENT_NONE)
		check_clients(check, &cfg->site);
	for (size_t i = 0; i < cfg->host_count; i++) {
		const struct config_site *site = &cfg->hosts[i];

		if (site->verify_client != CONFIG_VERIFY_CLIENT_NONE &&
		    (site->verify_client != cfg->site.verify_client ||
		        !str_eq(site->trust_store, cfg->site.trust_store)))
			check_clients(check, site);
	}
}

/* ---- all of it -----------------------------------------------------------
 */

static void
check_trust_page(struct check *check)
{
	struct str der;
	struct err err = ERR_NONE;

	if (!check->cfg->trust_page)
		return;
	if (main_tls_trust_page(&check->files, &der, &err) == ERR_OK)
		main_check_ok("trust page", "%s, no key in it",
		    check->cfg->trust_page_ca.ptr);
	else
		main_check_err(check, "trust page", &err);
}

void
main_check_tls(struct check *check)
{
	struct net_tls *tls = NULL;
	struct main_expiry *expiry = NULL;
	struct err err = ERR_NONE;
	enum err_code rc = main_tls_load(&check->files, &tls, &err);

	if (rc == ERR_OK)
		rc = main_expiry_new(&check->files, tls, &expiry, &err);
	if (rc != ERR_OK) {
		main_check_err(check, "certificate", &err);
		net_tls_unref(tls);
		return;
	}
	if (tls != NULL) {
		say_certificates(check, tls, expiry);
		check_all_clients(check);
	}
	for (size_t i = 0; i < expiry->count; i++)
		if (!expiry->items[i].is_server && expiry->items[i].is_first)
			say_item(check,
			    expiry->items[i].is_crl ? "revocation" : "our own",
			    &expiry->items[i], "");
	check_trust_page(check);
	main_expiry_free(expiry);
	net_tls_unref(tls);
}
