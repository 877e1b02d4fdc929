#ifndef CONFIG_PARSE_H
#define CONFIG_PARSE_H
/*
 * An ini file on its way to a struct config: lines, who said what where, and
 * the checks that look at more than one key. For this room only.
 */
#include "config/config_lines.h"
#include "config/config_table.h"

/* Which lines said something: one for the globals, one per [Host name]. */
struct config_origin {
	uint32_t *lines; /* per row of the table; 0: not said */
};

struct config_draft {
	struct config *cfg;  /* being filled */
	struct arena *arena; /* the config's own */
	struct arena *scratch;
	struct config_report *report;
	struct config_lines lines;
	struct config_origin origin;
	struct config_origin *host_origins; /* as cfg->hosts */
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
/* config.c: what empty settings mean, from others: Database, SmtpCA. */
void config_fill_gaps(struct config *cfg, struct arena *arena);

/* The name of a "[Host name]" section; empty when it is none. */
struct str config_host_of_section(struct str section);
/* EnableSSL and ForceSSL, which any section may hold. NULL: another key. */
const struct config_key *config_find_switch(struct str name);

/* config_old.c: is this an IWebMsg.ini of IMail Web Messaging? */
bool config_is_old(struct str path, const struct config_lines *lines);
/* config_old.c: the certificate an old file cannot name. */
void config_old_complete(struct config_draft *draft);

/* config_check.c: one value, where the table's type is not enough. */
void config_check_values(struct config_draft *draft);
/* config_check.c: what cannot be together. */
void config_check_combinations(struct config_draft *draft);

#endif
