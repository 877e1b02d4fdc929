#include "config/config_parse.h"
#include "config/config_value.h"

#include <stdatomic.h>

/* LIMIT_HOSTS sites and every text of an ini file of LIMIT_INI_BYTES. */
#define CONFIG_BYTES ((size_t)8 << 20)

/* What a const struct config * really points into. */
struct config_owner {
	struct config cfg; /* first: the pointers are the same */
	atomic_uint refs;
	struct arena *arena; /* owned; every text of cfg lives in it */
	uint32_t *lines;     /* per row of the table; 0: not said */
	/* The same of hosts and domains; NULL: none. */
	const struct config_origin *hosts, *domains;
};

static struct config_owner *
owner_of(const struct config *cfg)
{
	/* The contents never change; the count is not part of them. */
	union {
		const struct config *cfg;
		struct config_owner *owner;
	} same = {cfg};

	return same.owner;
}

struct config *
config_unshared(const struct config *cfg)
{
	return &owner_of(cfg)->cfg;
}

static void
fill_defaults(struct config *cfg, struct arena *arena)
{
	struct str none = {0};

	cfg->path = STR("");
	cfg->site.host = STR("");
	for (size_t i = 0; i < config_table_count(); i++) {
		const struct config_key *key = config_table_row(i);
		CLEANUP(buf_free) struct buf why;

		buf_init(&why, 256);
		ensure(config_value_read(key, str_c(key->def), none, arena,
		    config_table_place(key, cfg, &cfg->site), &why));
	}
}

struct config *
config_new(struct arena **out_arena)
{
	struct config_owner *owner = calloc(1, sizeof(*owner));

	if (owner == NULL)
		return NULL;
	atomic_init(&owner->refs, 1);
	owner->arena = arena_new(CONFIG_BYTES);
	if (owner->arena == NULL) {
		free(owner);
		return NULL;
	}
	owner->lines =
	    ARENA_ARRAY(owner->arena, config_table_count(), uint32_t);
	fill_defaults(&owner->cfg, owner->arena);
	if (arena_failed(owner->arena)) {
		config_unref(&owner->cfg);
		return NULL;
	}
	*out_arena = owner->arena;
	return &owner->cfg;
}

struct arena *
config_arena(const struct config *cfg)
{
	return owner_of(cfg)->arena;
}

uint32_t *
config_line_numbers(const struct config *cfg)
{
	return owner_of(cfg)->lines;
}

void
config_set_origins(const struct config *cfg, const struct config_origin *hosts,
    const struct config_origin *domains)
{
	owner_of(cfg)->hosts = hosts;
	owner_of(cfg)->domains = domains;
}

/* The lines of the section that made this site; NULL: no section did. */
static const uint32_t *
lines_of_site(const struct config *cfg, const struct config_site *site)
{
	const struct config_owner *owner = owner_of(cfg);

	for (size_t i = 0; owner->hosts != NULL && i < cfg->host_count; i++)
		if (site == &cfg->hosts[i])
			return owner->hosts[i].lines;
	for (size_t i = 0; owner->domains != NULL && i < cfg->domain_count; i++)
		if (site == &cfg->domains[i])
			return owner->domains[i].lines;
	return NULL;
}

uint32_t
config_line_of_site(
    const struct config *cfg, const struct config_site *site, struct str name)
{
	const struct config_key *key = config_table_find((struct str){0}, name);
	const uint32_t *lines = lines_of_site(cfg, site);

	ensure(key != NULL);
	if (lines != NULL && lines[config_table_index(key)] != 0)
		return lines[config_table_index(key)];
	return owner_of(cfg)->lines[config_table_index(key)];
}

uint32_t
config_line_of(const struct config *cfg, struct str name)
{
	const struct config_key *key = config_table_find((struct str){0}, name);

	ensure(key != NULL);
	return owner_of(cfg)->lines[config_table_index(key)];
}

static void
fill_site_gaps(struct config_site *site)
{
	bool has_imap_tls = site->imap_security == CONFIG_SECURITY_TLS;
	bool has_smtp_tls = site->smtp_security == CONFIG_SECURITY_TLS;

	if (str_is_empty(site->smtp_ca))
		site->smtp_ca = site->imap_ca;
	if (str_is_empty(site->key_password_file2))
		site->key_password_file2 = site->key_password_file;
	/* RFC 8314, 3; RFC 6409, 3.1 */
	if (site->imap_port == 0)
		site->imap_port = has_imap_tls ? 993 : 143;
	if (site->smtp_port == 0)
		site->smtp_port = has_smtp_tls ? 465 : 587;
}

void
config_fill_gaps(struct config *cfg, struct arena *arena)
{
	struct str parts[2] = {cfg->state_dir, STR("/iwebmsg.db")};

	if (str_is_empty(cfg->database)) {
		struct str joined = str_join(arena, parts, 2);
		const char *copy = str_dup_c(arena, joined);

		if (copy != NULL)
			cfg->database = str_of(copy, joined.len);
	}
	fill_site_gaps(&cfg->site);
	for (size_t i = 0; i < cfg->host_count; i++)
		fill_site_gaps(&cfg->hosts[i]);
	for (size_t i = 0; i < cfg->domain_count; i++)
		fill_site_gaps(&cfg->domains[i]);
}

const struct config *
config_defaults(struct err *err)
{
	struct arena *arena = NULL;
	struct config *cfg = config_new(&arena);

	if (cfg == NULL) {
		(void)err_set(err, ERR_NO_MEMORY, "out of memory", NULL);
		return NULL;
	}
	config_fill_gaps(cfg, arena);
	return cfg;
}

const struct config *
config_ref(const struct config *cfg)
{
	atomic_fetch_add(&owner_of(cfg)->refs, 1);
	return cfg;
}

void
config_unref(const struct config *cfg)
{
	struct config_owner *owner = owner_of(cfg);

	if (cfg == NULL || atomic_fetch_sub(&owner->refs, 1) != 1)
		return;
	arena_free(owner->arena);
	free(owner);
}

/*
 * Host = uri-host [ ":" port ] (RFC 9110, 7.2); a name may end in a dot
 * (RFC 3986, 3.2.2).
 */
static struct str
name_of_host(struct str host_header)
{
	struct str name = str_trim(host_header);
	size_t end = str_find_byte(name, ':', 0);

	if (str_starts(name, STR("[")))
		end = str_find_byte(name, ']', 0) + 1;
	name = str_slice(name, 0, end);
	if (str_ends(name, STR(".")))
		name = str_slice(name, 0, name.len - 1);
	return name;
}

const struct config_site *
config_site_get(const struct config *cfg, struct str host_header)
{
	struct str name = name_of_host(host_header);

	for (size_t i = 0; i < cfg->host_count; i++)
		if (str_eq_nocase(cfg->hosts[i].host, name))
			return &cfg->hosts[i];
	return &cfg->site;
}

const struct config_site *
config_mail_site(
    const struct config *cfg, const struct config_site *site, struct str login)
{
	size_t at = login.len;
	struct str domain = site->default_domain;

	if (site != &cfg->site)
		return site;
	while (at > 0 && login.ptr[at - 1] != '@')
		at--;
	if (at > 0)
		domain = str_slice(login, at, login.len);
	if (str_starts(domain, STR("@")))
		domain = str_slice(domain, 1, domain.len);
	for (size_t i = 0; i < cfg->domain_count; i++)
		if (config_domain_eq(cfg->domains[i].host, domain))
			return &cfg->domains[i];
	return site;
}
