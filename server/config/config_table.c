#include "config/config_table.h"

/* Further apart than this many letters, a word is another word. */
#define NEAR_MAX 3

#define KEY(section, name, field, type, def, min, max, help) \
	{#section, #name, CONFIG_IS_##type, false,           \
	    offsetof(struct config, field), def, min, max, help},
#define SITE(section, name, field, type, def, min, max, help) \
	{#section, #name, CONFIG_IS_##type, true,             \
	    offsetof(struct config_site, field), def, min, max, help},
static const struct config_key table[] = {
#include "config/config_keys.def"
};
#undef KEY
#undef SITE

#define TABLE_COUNT (sizeof(table) / sizeof(table[0]))

/* In the order of the enums in config.h. */
static const char *const tls_versions[] = {"TLSv1.2", "TLSv1.3", NULL};
static const char *const securities[] = {"tls", "starttls", "none", NULL};
static const char *const strengths[] = {
    "intermediate", "modern", "custom", NULL};
static const char *const verify_clients[] = {
    "none", "optional", "required", "explain", NULL};
static const char *const verify_servers[] = {"full", "chain", "off", NULL};
static const char *const stale_crls[] = {"refuse", "accept", NULL};
static const char *const cert_users[] = {"none", "email", "cn", NULL};
static const char *const auths[] = {"password", "external", NULL};
static const char *const log_levels[] = {
    "debug", "info", "warn", "error", NULL};
static const char *const log_targets[] = {"stderr", "journal", "file", NULL};

static const struct {
	const char *name;
	const char *const *words;
} choices[] = {
    {"MinProtocol", tls_versions},
    {"MaxProtocol", tls_versions},
    {"ImapMinProtocol", tls_versions},
    {"ImapMaxProtocol", tls_versions},
    {"SmtpMinProtocol", tls_versions},
    {"SmtpMaxProtocol", tls_versions},
    {"EncryptionStrength", strengths},
    {"ImapEncryptionStrength", strengths},
    {"SmtpEncryptionStrength", strengths},
    {"VerifyClient", verify_clients},
    {"ImapVerifyServer", verify_servers},
    {"SmtpVerifyServer", verify_servers},
    {"StaleCRL", stale_crls},
    {"ClientCertUser", cert_users},
    {"ImapAuth", auths},
    {"SmtpAuth", auths},
    {"ImapSecurity", securities},
    {"SmtpSecurity", securities},
    {"Level", log_levels},
    {"Target", log_targets},
};

const struct config_key *
config_table_row(size_t index)
{
	return index < TABLE_COUNT ? &table[index] : NULL;
}

size_t
config_table_count(void)
{
	return TABLE_COUNT;
}

size_t
config_table_index(const struct config_key *key)
{
	return (size_t)(key - table);
}

const char *const *
config_table_choices(const struct config_key *key)
{
	for (size_t i = 0; i < sizeof(choices) / sizeof(choices[0]); i++)
		if (strcmp(choices[i].name, key->name) == 0)
			return choices[i].words;
	ensure(key->type != CONFIG_IS_CHOICE);
	return NULL;
}

const struct config_key *
config_table_find(struct str section, struct str name)
{
	for (size_t i = 0; i < TABLE_COUNT; i++) {
		if (!str_is_empty(section) &&
		    !str_eq_nocase(section, str_c(table[i].section)))
			continue;
		if (str_eq_nocase(name, str_c(table[i].name)))
			return &table[i];
	}
	return NULL;
}

const char *
config_table_section(struct str name)
{
	for (size_t i = 0; i < TABLE_COUNT; i++)
		if (str_eq_nocase(name, str_c(table[i].section)))
			return table[i].section;
	return NULL;
}

/* Two letters swapped count as two; more than half of a word is no likeness. */
static size_t
near_max(struct str name)
{
	return name.len / 2 < NEAR_MAX ? name.len / 2 : NEAR_MAX;
}

const struct config_key *
config_table_near(struct str section, struct str name)
{
	const struct config_key *nearest = NULL;
	size_t best = near_max(name) + 1;

	for (size_t i = 0; i < TABLE_COUNT; i++) {
		size_t distance =
		    str_distance(name, str_c(table[i].name), near_max(name));
		bool is_here = str_eq_nocase(section, str_c(table[i].section));

		/* Of two as near, the one of this section. */
		if (distance < best ||
		    (distance == best && is_here && nearest != NULL)) {
			best = distance;
			nearest = &table[i];
		}
	}
	return nearest;
}

const char *
config_table_near_section(struct str name)
{
	const char *nearest = NULL;
	size_t best = near_max(name) + 1;

	for (size_t i = 0; i < TABLE_COUNT; i++) {
		size_t distance =
		    str_distance(name, str_c(table[i].section), near_max(name));

		if (distance < best) {
			best = distance;
			nearest = table[i].section;
		}
	}
	return nearest;
}

void *
config_table_place(
    const struct config_key *key, struct config *cfg, struct config_site *site)
{
	if (key->is_site)
		return (char *)site + key->offset;
	return (char *)cfg + key->offset;
}
