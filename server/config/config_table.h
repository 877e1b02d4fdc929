#ifndef CONFIG_TABLE_H
#define CONFIG_TABLE_H
/* The rows of config_keys.def as data: for this room only. */
#include "config/config.h"

enum config_type {
	CONFIG_IS_BOOL,
	CONFIG_IS_U32,
	CONFIG_IS_PORT,
	CONFIG_IS_DURATION,
	CONFIG_IS_BYTES,
	CONFIG_IS_TEXT,
	CONFIG_IS_PATH,
	CONFIG_IS_CHOICE
};

struct config_key {
	const char *section;
	const char *name;
	enum config_type type;
	bool is_site;    /* may stand in a [Host name] section too */
	size_t offset;   /* in struct config, or in struct config_site */
	const char *def; /* this and the range are written as in the ini file */
	const char *min;
	const char *max;
	const char *help;
};

/* Row number `index`, NULL past the last one. Sections stand together. */
const struct config_key *config_table_row(size_t index);
size_t config_table_count(void);
size_t config_table_index(const struct config_key *key);
/* The words of a CHOICE, in the order of its enum, ended by NULL. */
const char *const *config_table_choices(const struct config_key *key);
/* Case is ignored; an empty section: any. NULL: no such key. */
const struct config_key *config_table_find(struct str section, struct str name);
/* One of our sections, "Host" left out. NULL: no such section. */
const char *config_table_section(struct str name);
/* The nearest spelling, NULL when nothing comes near. */
const struct config_key *config_table_near(struct str section, struct str name);
const char *config_table_near_section(struct str name);

/* config_restart.c: a running server cannot take up another value. */
bool config_table_needs_restart(const struct config_key *key);

/* Where the value of a key lives: in `cfg`, or in `site` for a site key. */
void *config_table_place(
    const struct config_key *key, struct config *cfg, struct config_site *site);

#endif
