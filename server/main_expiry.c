#include "main_expiry.h"

#include "base/log.h"
#include "base/metrics.h"
#include "net/net_pem.h"

#define DAY_S        86400
#define EXPIRY_BYTES ((size_t)4 << 20) /* LIMIT_HOSTS sites with long paths */

/* ---- collecting ----------------------------------------------------------
 */

struct collector {
	struct main_expiry *expiry;
	struct main_files *files;
	size_t capacity;
};

static void
add_item(struct collector *to, const struct main_expiry_item *item)
{
	struct main_expiry *expiry = to->expiry;
	struct main_expiry_item *added = NULL;

	expiry->items = arena_grow(expiry->arena, expiry->items, expiry->count,
	    &to->capacity, sizeof(*expiry->items));
	if (expiry->items == NULL) {
		expiry->count = 0;
		return;
	}
	added = &expiry->items[expiry->count];
	*added = *item;
	added->file = str_dup(expiry->arena, item->file);
	added->host = str_dup(
	    expiry->arena, str_is_empty(item->host) ? STR("*") : item->host);
	added->is_first = true;
	for (size_t i = 0; i < expiry->count; i++)
		if (str_eq(expiry->items[i].file, item->file))
			added->is_first = false;
	expiry->count++;
}

/* Read already when it was loaded; what was not is not ours to judge. */
static void
add_file(struct collector *to, const struct main_file_key *key)
{
	const struct main_file *file = NULL;
	struct err ignored = ERR_NONE;
	struct main_expiry_item item = {.host = key->site->host,
	    .key = key->name,
	    .file = key->path,
	    .is_crl = key->kind == MAIN_FILE_CRL};

	if (str_is_empty(key->path) ||
	    main_files_read(to->files, key, &file, &ignored) != ERR_OK)
		return;
	if (item.is_crl ? net_pem_crl_end(file->text, &item.end_s)
	                : net_pem_certificate_end(file->text, &item.end_s))
		add_item(to, &item);
}

static void
add_site(struct collector *to, const struct config_site *site)
{
	const struct main_file_key keys[] = {
	    {site, "ClientCRL", site->client_crl, MAIN_FILE_CRL},
	    {site, "ImapCRL", site->imap_crl, MAIN_FILE_CRL},
	    {site, "SmtpCRL", site->smtp_crl, MAIN_FILE_CRL},
	    {site, "ImapCertificate", site->imap_certificate, MAIN_FILE_PEM},
	    {site, "SmtpCertificate", site->smtp_certificate, MAIN_FILE_PEM},
	};
	bool has_clients = to->files->cfg->enable_ssl &&
	                   site->verify_client != CONFIG_VERIFY_CLIENT_NONE;

	for (size_t i = 0; i < sizeof(keys) / sizeof(keys[0]); i++)
		if (i > 0 || has_clients)
			add_file(to, &keys[i]);
}

static void
add_all(struct collector *to, const struct net_tls *tls)
{
	const struct config *cfg = to->files->cfg;
	const struct net_tls_facts *facts = NULL;

	for (size_t i = 0; tls != NULL; i++) {
		facts = net_tls_facts_at(tls, i);
		if (facts == NULL)
			break;
		add_item(
		    to, &(struct main_expiry_item){.host = str_c(facts->host),
		            .key = "Certificate",
		            .file = str_c(facts->file),
		            .end_s = facts->not_after_s,
		            .is_server = true});
	}
	add_site(to, &cfg->site);
	for (size_t i = 0; i < cfg->host_count; i++)
		add_site(to, &cfg->hosts[i]);
	for (size_t i = 0; i < cfg->domain_count; i++)
		add_site(to, &cfg->domains[i]);
}

enum err_code
main_expiry_new(struct main_files *files, const struct net_tls *tls,
    struct main_expiry **out, struct err *err)
{
	struct main_expiry *expiry = calloc(1, sizeof(*expiry));
	struct collector to = {.expiry = expiry, .files = files};

	*out = expiry;
	if (expiry != NULL)
		expiry->arena = arena_new(EXPIRY_BYTES);
	if (expiry != NULL && expiry->arena != NULL)
		add_all(&to, tls);
	if (expiry != NULL && expiry->arena != NULL &&
	    !arena_failed(expiry->arena))
		return ERR_OK;
	main_expiry_free(expiry);
	*out = NULL;
	return err_set(err, ERR_NO_MEMORY, "out of memory", NULL);
}

void
main_expiry_free(struct main_expiry *expiry)
{
	if (expiry == NULL)
		return;
	arena_free(expiry->arena);
	free(expiry);
}

/* ---- telling -------------------------------------------------------------
 */

enum main_expiry_level
main_expiry_level(const struct main_expiry_item *item, int64_t now_s)
{
	/* A revocation list lives for days or weeks, by its nature. */
	static const int64_t days[2][3] = {{30, 7, 1}, {7, 1, 0}};
	const int64_t *of = days[item->is_crl];
	int64_t left_s = item->end_s - now_s;

	if (left_s < of[2] * DAY_S)
		return MAIN_EXPIRY_OVER;
	if (left_s < of[1] * DAY_S)
		return MAIN_EXPIRY_NEAR;
	return left_s < of[0] * DAY_S ? MAIN_EXPIRY_SOON : MAIN_EXPIRY_FAR;
}

int64_t
main_expiry_days(const struct main_expiry_item *item, int64_t now_s)
{
	int64_t left_s = item->end_s - now_s;

	/* One second past its end is a day too late, not zero. */
	return left_s >= 0 ? left_s / DAY_S : -((-left_s + DAY_S - 1) / DAY_S);
}

static void
log_item(const struct main_expiry_item *item, int64_t now_s)
{
	static const enum log_level levels[] = {
	    [MAIN_EXPIRY_FAR] = LOG_DEBUG,
	    [MAIN_EXPIRY_SOON] = LOG_INFO,
	    [MAIN_EXPIRY_NEAR] = LOG_WARN,
	    [MAIN_EXPIRY_OVER] = LOG_ERROR,
	};
	int64_t days = main_expiry_days(item, now_s);

	log_event(levels[main_expiry_level(item, now_s)],
	    item->is_crl ? "tls.crl_expires" : "tls.certificate_expires",
	    LOG_STR("file", item->file), LOG_STR("host", item->host),
	    LOG_C("key", item->key), LOG_U64("days_left", days < 0 ? 0 : days),
	    LOG_C("expired", item->end_s < now_s ? "yes" : "no"));
}

void
main_expiry_log(struct main_expiry *expiry, int64_t now_s)
{
	for (size_t i = 0; i < expiry->count; i++) {
		struct main_expiry_item *item = &expiry->items[i];
		enum main_expiry_level level = main_expiry_level(item, now_s);
		bool is_daily =
		    level == MAIN_EXPIRY_OVER && now_s - item->said_s >= DAY_S;

		if (!item->is_first || (level <= item->said && !is_daily))
			continue;
		item->said = level;
		item->said_s = now_s;
		log_item(item, now_s);
	}
}

static void
write_gauge(const struct main_expiry *expiry, bool is_crl, const char *name,
    const char *help, struct buf *out)
{
	bool is_begun = false;

	for (size_t i = 0; i < expiry->count; i++) {
		const struct main_expiry_item *item = &expiry->items[i];

		if (item->is_crl != is_crl)
			continue;
		if (!is_begun)
			buf_addf(out, "# HELP %s %s\n# TYPE %s gauge\n", name,
			    help, name);
		is_begun = true;
		buf_addf(out, "%s{file=\"", name);
		metrics_add_label(out, item->file);
		buf_add_c(out, "\",host=\"");
		metrics_add_label(out, item->host);
		buf_addf(out, "\",key=\"%s\"} %lld\n", item->key,
		    (long long)item->end_s);
	}
}

void
main_expiry_write(const struct main_expiry *expiry, struct buf *out)
{
	write_gauge(expiry, false, "iwebmsg_tls_certificate_not_after_seconds",
	    "End of a certificate's time, Unix seconds", out);
	write_gauge(expiry, true, "iwebmsg_tls_crl_next_update_seconds",
	    "End of a revocation list's time, Unix seconds", out);
}
