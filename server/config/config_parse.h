#ifndef CONFIG_PARSE_H
#define CONFIG_PARSE_H
/*
 * An ini file on its way to a struct config: lines, who said what where, and
 * the checks that look at more than one key. For this room only.
 */
#include "config/config_lines.h"
#include "config/config_table.h"

/* Which lines said something: one for the globals, one per section with a
 * name. Lives as long as the config. */
struct config_origin {
	uint32_t *lines; /* per row of the table; 0: not said */
};

enum config_kind {
	CONFIG_FOR_ALL,
	CONFIG_FOR_HOST,  /* [Host name] */
	CONFIG_FOR_DOMAIN /* [Domain name] */
};
/* The sections of one kind with a name, while they are read. */
struct config_group {
	struct config_site *sites;
	struct config_origin *origins;
	uint32_t *first_lines; /* where each section begins */
	size_t count;
};

/* One site and who said what of it: what a check looks at. */
struct config_scope {
	enum config_kind kind;
	struct config_site *site;
	const struct config_origin *origin;
};

struct config_draft {
	struct config *cfg;  /* being filled */
	struct arena *arena; /* the config's own */
	struct arena *scratch;
	struct config_report *report;
	struct config_lines lines;
	struct config_origin origin;
	struct config_group hosts, domains;
	struct str folder; /* of the ini file; relative paths start there */
	bool is_old;       /* an IWebMsg.ini of old */
};

/* config.c: all defaults; the caller holds the one count and may fill it. */
struct config *config_new(struct arena **out_arena);
/* config.c: to be written, while nobody else holds it. */
struct config *config_unshared(const struct config *cfg);
/* config.c: where its texts live; only before others hold it. */
struct arena *config_arena(const struct config *cfg);
/* config.c: room for a line number per row of the table, kept with cfg. */
uint32_t *config_line_numbers(const struct config *cfg);
/* config.c: which lines the sections of its hosts and domains said. */
void config_set_origins(const struct config *cfg,
    const struct config_origin *hosts, const struct config_origin *domains);
/* config.c: what empty settings mean, from others: Database, SmtpCA. */
void config_fill_gaps(struct config *cfg, struct arena *arena);

/* EnableSSL and ForceSSL, which any section may hold. NULL: another key. */
const struct config_key *config_find_switch(struct str name);

/* config_sites.c: the kind of "[Host name]", and its name ("" for all). */
enum config_kind config_kind_of_section(
    struct str section, struct str *out_name);
/* config_sites.c: fills hosts and domains of the draft with their names. */
void config_sites_find(struct config_draft *draft);
/* config_sites.c: every site begins as a copy of what holds for all. */
void config_sites_begin(struct config_draft *draft);
/* config_sites.c: the section's scope; false: its name was a mistake. */
bool config_sites_scope(struct config_draft *draft, enum config_kind kind,
    struct str name, struct config_scope *out);
/* config_sites.c: what a section takes with it when it says another key. */
void config_sites_settle(struct config_draft *draft);
/* config_sites.c: scope number `index`: all, hosts, domains; false: no more. */
bool config_sites_scope_at(
    struct config_draft *draft, size_t index, struct config_scope *out);

/* config_domain.c: letters, digits, -._ and any other alphabet. */
bool config_is_domain(struct str value);
/* config_domain.c: the same domain, upper or lower case, in any alphabet. */
bool config_domain_eq(struct str a, struct str b);

/* config_old.c: is this an IWebMsg.ini of IMail Web Messaging? */
bool config_is_old(struct str path, const struct config_lines *lines);
/* config_old.c: the certificate an old file cannot name. */
void config_old_complete(struct config_draft *draft);

/* config_check.c: the line of this scope that says the key; 0: none. */
uint32_t config_said(const struct config_scope *scope, const char *name);
/*
 * config_check.c: the last of these lines (names, ended by NULL). False: this
 * scope says none of them, and what is wrong was said of the one for all.
 */
bool config_said_last(const struct config_scope *scope,
    const char *const *names, uint32_t *out_line);
/*
 * config_check.c: two keys that come together. A named section must say both
 * or none: half of a pair cannot be inherited.
 */
void config_check_pair(struct config_draft *draft,
    const struct config_scope *scope, const char *first, const char *second);
/* config_check_ssl.c, config_check_mail.c: of one scope. */
void config_check_ssl(
    struct config_draft *draft, const struct config_scope *scope);
void config_check_mail(
    struct config_draft *draft, const struct config_scope *scope);

/* config_check_ssl.c: what one side of a TLS connection may negotiate. */
struct config_check_tls {
	const char *prefix; /* of the keys: "", "Imap", "Smtp" */
	int min, max;       /* enum config_tls_version */
	int strength;       /* enum config_strength */
	struct str cipher_list, cipher_suites;
};
void config_check_policy(struct config_draft *draft,
    const struct config_scope *scope, const struct config_check_tls *tls);

/* config_check_value.c: one value, where the table's type is not enough. */
void config_check_values(struct config_draft *draft);
/* config_check.c: what cannot be together. */
void config_check_combinations(struct config_draft *draft);

#endif
